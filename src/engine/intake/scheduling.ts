// Events that are published before their time, on their way in (docs/scheduling.md).

import type { Issue } from '../../errors.ts'
import { SCHEDULING } from '../../limits.ts'
import { timeOf } from '../../primitives/ids.ts'
import { DAY_MS, formatTime } from '../../primitives/time.ts'
import { invalidInput } from '../../primitives/validate.ts'
import { LOG } from '../../tuning.ts'
import { type EventDraft, isTooFarAhead } from '../model/index.ts'

export const TOO_MANY_SCHEDULED = `At most ${SCHEDULING.events.toLocaleString('en')} scheduled events may wait, with ${SCHEDULING.bytes / 1_000_000_000} GB of JSON together.`

const TOO_FAR = `Expected at most ${(SCHEDULING.aheadSeconds * 1_000) / DAY_MS} days from now.`

/** Throws `invalid` for times that are too far ahead of when the events are published (Unix milliseconds); paths begin with the index where there are several. */
export function checkAhead(drafts: readonly EventDraft[], now: number): void {
  const issues = drafts.flatMap((draft, index): Issue[] => {
    if (!isTooFarAhead(draft, now)) return []
    const path = drafts.length === 1 ? ['deliverAt'] : [index, 'deliverAt']
    return [{ path, message: TOO_FAR }]
  })
  if (issues.length > 0) throw invalidInput(issues)
}

/** What a publish tells of an event's time: of one that was scheduled; null of others. A duplicate goes by the first one's. */
export function deliverAtTold(id: string, asked: number | undefined, now: number): string | null {
  const at = timeOf(id)
  return at === asked || at > now + LOG.clockSkewMs ? formatTime(at) : null
}
