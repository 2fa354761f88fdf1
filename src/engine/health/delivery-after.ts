// How a delivery stands after a line of a report. In: the line, and how the delivery stood; out: how it stands, and whether it
// waits no more.

import { triggerOf } from '../attempt/classify.ts'
import type { RunProgress, Trigger } from '../model/index.ts'
import { hasEnded } from '../model/index.ts'
import type { ReportEntry } from '../ports/index.ts'
import { erasedState, filteredState, UNTRIED } from './runs.ts'

export type AttemptEntry = ReportEntry & { kind: 'attempt' }
/** What says how a delivery stands. */
export type TellingEntry = Exclude<ReportEntry, { kind: 'unanswered' | 'held' }>

const STATUS_AFTER = {
  done: 'delivered',
  retry: 'failing',
  divert: 'diverted',
  drop: 'dropped',
} as const

/** Where the delivery stands after an entry; null when that tells nothing new. */
export function stateAfter(
  entry: TellingEntry,
  known: RunProgress | undefined,
): RunProgress | null {
  // A late or repeated report never makes a delivered event look undelivered.
  if (known?.status === 'delivered') return null
  if (entry.kind === 'withdrawn') return withdrawn(entry, known)
  const carrier = known?.carrier ?? null
  if (entry.kind === 'erased') return known && hasEnded(known.status) ? null : erasedState(known)
  if (entry.kind === 'filtered')
    return known && hasEnded(known.status) ? null : filteredState(known)
  if (entry.kind !== 'attempt') {
    const kept = entry.kind === 'skipped' && entry.event ? 'diverted' : 'dropped'
    const status = entry.kind === 'unsendable' ? entry.kind : kept
    const { attempts, lastAttemptAt } = known ?? UNTRIED
    const reason = entry.message
    return { status, attempts, lastAttemptAt, nextAttemptAt: null, reason, carrier }
  }
  const { attempt, disposition } = entry
  // A report that comes after that of a later attempt has no news, unless it is a success, or the end of what seems to go
  // on: an attempt that was made without the monitor may bear a number that is too low.
  const isEarlier = known && attempt.outcome === 'failed' && attempt.attempt < known.attempts
  if (isEarlier && (disposition.kind === 'retry' || hasEnded(known.status))) return null
  const attempts = Math.max(attempt.attempt, known?.attempts ?? 0)
  const { at: lastAttemptAt, nextAttemptAt } = attempt
  // Its retry has come already, and ended the delivery: the webhook was disabled or suspended by then.
  if (known && hasEnded(known.status) && disposition.kind === 'retry') {
    const { status, reason } = known
    return { status, attempts, lastAttemptAt, nextAttemptAt: null, reason, carrier }
  }
  const status = STATUS_AFTER[disposition.kind]
  const isGivenUp = disposition.kind === 'divert' || disposition.kind === 'drop'
  const reason = isGivenUp ? whyOf(entry).message : null
  return { status, attempts, lastAttemptAt, nextAttemptAt, reason, carrier }
}

/** Its row is there for what is reported later, which then finds that the run has ended. */
function withdrawn(
  { carrier }: Pick<ReportEntry & { kind: 'withdrawn' }, 'carrier'>,
  known: RunProgress = UNTRIED,
): RunProgress | null {
  const isAskedSince = known.carrier !== null && known.carrier !== carrier
  if (isAskedSince || hasEnded(known.status)) return null
  const { attempts, lastAttemptAt } = known
  const reason = null
  return { status: 'withdrawn', attempts, lastAttemptAt, nextAttemptAt: null, reason, carrier }
}

/**
 * Whether a delivery that waits does so no more: it has ended, or its turn had come and its own message goes on. A failure that is
 * reported late tells nothing of one whose turn has not come.
 */
export function isAnswered(
  state: RunProgress | null,
  before: RunProgress | undefined,
  isReleased: boolean,
): boolean {
  const known = state ?? before
  return (isReleased && state !== null) || (known !== undefined && hasEnded(known.status))
}

/** Why an attempt failed, as its owner reads it. */
export function whyOf({ attempt, disposition }: AttemptEntry): {
  readonly trigger: Trigger
  readonly message: string
} {
  const message = attempt.error ?? 'The attempt failed.'
  const isExcluded = 'excluded' in disposition && disposition.excluded === true
  return {
    trigger: triggerOf(attempt.statusCode),
    message: isExcluded
      ? `${message} (Not retried, because it is not one of the triggers of the webhook.)`
      : message,
  }
}
