// Events of a webhook with a `batch`, in one request: a joint delivery, which has an id, a run, attempts and retries of its own. In: what
// waits, and what is reported of the joint one; out: how many may begin, and what that means for each of its events. Runs inside the
// webhook's monitor.

import { timeOf } from '../../primitives/ids.ts'
import type { Attempt, Batch, Batching, Event, Health } from '../model/index.ts'
import { BATCH_LIMITS, batchOf, isPaused, JOINT_RUN } from '../model/index.ts'
import type { DeliverMessage, DeliveryKey, ReportEntry, SentPart } from '../ports/index.ts'
import type { HeldCounts } from './backlog.ts'
import type { AttemptEntry } from './delivery-after.ts'
import { withHold } from './health.ts'
import { slowStart } from './hold.ts'
import { waitedOut } from './pause.ts'
import { nameOf } from './rate.ts'

/** Health after somebody told of a batch, who may be late. What waits when there is none any more leaves as after a hold. */
export function toldBatching(
  health: Health,
  told: Batching | undefined,
  { waiting }: Pick<HeldCounts, 'waiting'>,
  now: number,
): Health {
  if (told === undefined || told.since <= (health.batching?.since ?? 0)) return health
  const next = { ...health, batching: told }
  const isOver = batchOf(health) !== null && batchOf(next) === null
  const isLeaving = isOver && waiting > 0 && !isPaused(health)
  return isLeaving && health.hold === null ? withHold(next, slowStart(now)) : next
}

/** Events that wait for others to go with. */
export interface WaitingParts {
  readonly count: number
  /** The id of the one that was accepted first; null: there is none. */
  readonly oldest: string | null
  /** Events that go with others already. */
  readonly joined: number
}

/** How many joint deliveries may be made of what waits, and when that may be more though nothing comes (Unix milliseconds). */
export function nextJoint(
  { maxEvents, maxWaitMs }: Batch,
  { count, oldest, joined }: WaitingParts,
  now: number,
): { readonly count: number; readonly lookAt: number | null } {
  // Each of those is known in memory: the others wait until some of them have ended.
  if (oldest === null || joined >= BATCH_LIMITS.mostJoined) return { count: 0, lookAt: null }
  const dueAt = timeOf(oldest) + maxWaitMs
  if (dueAt <= now) return { count: Math.ceil(count / maxEvents), lookAt: null }
  return { count: Math.floor(count / maxEvents), lookAt: dueAt }
}

/** How many events wait for others to go with: they make no full joint delivery, and may wait for one a while. */
export function waitingForOthers(batch: Batch, parts: WaitingParts, now: number): number {
  return Math.max(0, parts.count - nextJoint(batch, parts, now).count * batch.maxEvents)
}

/**
 * Which of some that wait, in their order, go together: as many as there is room for, each event once. None: the first of them is not
 * known to be one that goes with others, and has to be looked at by itself.
 */
export function firstTogether<
  T extends { readonly message: DeliverMessage; readonly chars: number },
>(waiting: readonly T[], { maxEvents }: Batch): readonly T[] {
  const chosen: T[] = []
  const events = new Set<string>()
  let chars = 0
  for (const one of waiting) {
    chars += one.chars
    const isFull = chosen.length === maxEvents || (chosen.length > 0 && chars > BATCH_LIMITS.chars)
    if (isFull || one.message.part === undefined) break
    if (events.has(one.message.event.id)) continue
    events.add(one.message.event.id)
    chosen.push(one)
  }
  return chosen
}

/** The event that stands for a joint delivery in its messages: what it brings its monitor knows. */
export function jointEvent(id: string, time: string): Event {
  return { id, type: 'batch', time, data: '{}', scope: {}, actor: null, requestId: null }
}

/** An entry about one event of a joint delivery. */
export type PartEntry = ReportEntry & { readonly isPart?: true }

/** Whether an entry tells of a joint delivery. */
export function isJoint(entry: ReportEntry): boolean {
  return (entry.kind === 'attempt' ? entry.attempt.run : entry.run) === JOINT_RUN
}

/**
 * What an entry about a joint delivery says of each of its events, as `parts` brought them: the same as of it, unless the receiver said
 * something else of that event. `toId`: ids for attempts.
 */
export function entriesOfParts(
  entry: ReportEntry,
  parts: readonly DeliverMessage[],
  toId: () => string,
): readonly PartEntry[] {
  const each = (toEntry: (message: DeliverMessage) => ReportEntry): readonly PartEntry[] =>
    parts.map((message) => ({ ...toEntry(message), isPart: true }))
  switch (entry.kind) {
    case 'attempt':
      return attemptsAt(entry, parts, toId)
    case 'skipped':
      return each((message) =>
        isEarly(entry, message)
          ? { kind: 'held', ...keyOf(message), message }
          : { ...entry, ...keyOf(message), event: entry.event === null ? null : message.event },
      )
    case 'unsendable':
      return each((message) => ({ ...entry, ...keyOf(message) }))
    case 'withdrawn':
      // Nobody has it any more: what was to go with it goes with another one.
      return each((message) => ({ kind: 'held', ...keyOf(message), message }))
    default:
      return []
  }
}

/** Whether it is one that may wait longer, beside another one that has waited for as long as any does. */
function isEarly(entry: ReportEntry & { kind: 'skipped' }, { event }: DeliverMessage): boolean {
  const isOfWaiting = entry.trigger === 'paused' || entry.trigger === 'rate'
  return isOfWaiting && !waitedOut(event, entry.at)
}

/** Of what was answered each event keeps its share. */
function withShortExcerpt(entry: AttemptEntry, parts: number): AttemptEntry {
  const { responseExcerpt } = entry.attempt
  const most = Math.floor(BATCH_LIMITS.excerptChars / Math.max(1, parts))
  if (responseExcerpt === null || responseExcerpt.length <= most) return entry
  return {
    ...entry,
    attempt: { ...entry.attempt, responseExcerpt: responseExcerpt.slice(0, most) },
  }
}

/**
 * An attempt at each. At what was sent with them and has left since, because somebody had it sent again, or cancelled it, the attempt was
 * made as well: a failure says nothing of what comes next, which somebody else brings.
 */
function attemptsAt(
  entry: AttemptEntry,
  parts: readonly DeliverMessage[],
  toId: () => string,
): readonly PartEntry[] {
  const left = new Map((entry.sent ?? []).map((part) => [nameOf(part), part]))
  for (const message of parts) left.delete(nameOf(keyOf(message)))
  const told = withShortExcerpt(entry, parts.length + left.size)
  const present = parts.map(({ event, run, attempts }) => {
    const part = { eventId: event.id, eventType: event.type, run, attempts }
    const { attempt, disposition } = resultOf(told, part, toId())
    const kept = disposition.kind === 'divert' ? event : null
    return { kind: 'attempt', attempt, disposition, event: kept, isPart: true } as const
  })
  const former = [...left.values()].map((part) => {
    const { attempt, disposition } = resultOf(told, part, toId())
    const next = disposition.kind === 'done' ? disposition : LEFT
    const made = { ...attempt, nextAttemptAt: null }
    return { kind: 'attempt', attempt: made, disposition: next, event: null, isPart: true } as const
  })
  return [...present, ...former]
}

/** Whoever had it leave brings it again, if anybody does. */
const LEFT = { kind: 'retry', delaySeconds: 0 } as const

/** What an attempt at a joint delivery was for one of its events. */
function resultOf(entry: AttemptEntry, part: SentPart, id: string) {
  const { eventId, eventType, run, attempts } = part
  const result = entry.parts?.find((one) => one.eventId === eventId)
  const own: Pick<Attempt, 'outcome' | 'statusCode' | 'error'> =
    result ??
    (entry.parts ? { ...entry.attempt, outcome: 'delivered', error: null } : entry.attempt)
  const { outcome, statusCode, error } = own
  const taken = entry.parts ? ({ kind: 'done' } as const) : entry.disposition
  const disposition = result?.disposition ?? taken
  const { attempt, eventId: batchId, nextAttemptAt, ...request } = entry.attempt
  const made: Attempt = {
    ...request,
    ...{ outcome, statusCode, error, id, batchId, eventId, run, eventType },
    attempt: attempts + attempt,
    nextAttemptAt: disposition.kind === 'retry' ? nextAttemptAt : null,
  }
  return { attempt: made, disposition }
}

function keyOf({ event, run }: DeliverMessage): DeliveryKey {
  return { eventId: event.id, run }
}
