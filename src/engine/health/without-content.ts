// What a report leaves of events whose content was expunged before it came. In: a report; out: the same without their content. Runs
// inside the monitor, which knows of which events that is.

import { type Disposition, withoutResponseContent } from '../model/index.ts'
import { eventIdOf, type Report, type ReportEntry } from '../ports/index.ts'

/** Nothing of an erased event is kept, and what would go on ends as `erased`. */
export function withoutContent(report: Report, isErased: (eventId: string) => boolean): Report {
  const entries = report.entries.flatMap((entry): readonly ReportEntry[] =>
    isErased(eventIdOf(entry)) ? erased(entry) : [entry],
  )
  return { ...report, entries }
}

function erased(entry: ReportEntry): readonly ReportEntry[] {
  if (entry.kind === 'held' || entry.kind === 'skipped') return [endOf(entry)]
  if (entry.kind !== 'attempt') return [entry]
  const { attempt, disposition } = entry
  const bare = {
    ...entry,
    attempt: withoutResponseContent(attempt),
    disposition: notKept(disposition),
    event: null,
  }
  return bare.disposition.kind === 'retry' ? [bare, endOf(attempt)] : [bare]
}

/** What would be kept would not have ended: it counts as what is tried again, and ends as that does. */
function notKept(disposition: Disposition): Disposition {
  return disposition.kind === 'divert' ? { kind: 'retry', delaySeconds: 0 } : disposition
}

function endOf({
  eventId,
  run,
}: Pick<ReportEntry & { kind: 'held' | 'skipped' }, 'eventId' | 'run'>) {
  return { kind: 'erased', eventId, run } as const
}
