// The attempts that delivered to a webhook, newest first, and those of one time by id. A position is an id: it holds whatever
// is moved or added between two pages.

import { isAskedFor } from '../../../engine/health/attempt-filter.ts'
import { type Attempt, FIRST_RUN, type FirstOutcome } from '../../../engine/model/index.ts'
import type {
  AttemptQuery,
  AttemptTo,
  DeliveredSince,
  DeliveredSpan,
} from '../../../engine/ports/index.ts'
import { AFTER_ALL_IDS, firstIdAt, idNamed, timeOf } from '../../../primitives/ids.ts'
import { LOG } from '../../../tuning.ts'
import { OUTCOMES } from '../../tuning.ts'
import type { OutcomeRuns, SegmentRow } from './outcome-runs.ts'
import { seqAt, type WaitingOutcomes } from './waiting-outcomes.ts'

/** `next`: what follows has ids below this one; null when nothing does. */
export interface DeliveredPage {
  readonly items: readonly Attempt[]
  readonly next: string | null
}

interface Stored {
  readonly waiting: WaitingOutcomes
  readonly runs: OutcomeRuns
}

/** Earlier than any attempt: nothing is unread. */
const NOTHING = -1

/** A page from a position on, null being the begin. It may be short, or empty, and go on all the same. */
export function listDelivered(
  { waiting, runs }: Stored,
  webhookId: string,
  asked: AttemptQuery,
  from: string | null,
): DeliveredPage {
  if (asked.outcome === 'failed') return { items: [], next: null }
  const below = upperBound(asked, from)
  const until = below === AFTER_ALL_IDS ? Number.MAX_SAFE_INTEGER : timeOf(below)
  const { eventId, after = 0 } = asked
  // No attempt is older than its event.
  const oldest = eventId === undefined ? after : Math.max(after, timeOf(eventId) - LOG.clockSkewMs)
  const written = seqAt(oldest)
  const events = [eventId ?? '', eventId ?? AFTER_ALL_IDS] as const
  const reach = { events, times: [oldest, until] } as const

  const page = new Page(asked.limit)
  const take = (outcomes: Iterable<FirstOutcome>) => {
    for (const one of outcomes) {
      const attempt = one.webhookId === webhookId && one.at <= until ? toFirstAttempt(one) : null
      if (attempt && attempt.id < below && isAskedFor(attempt, asked)) page.take(attempt)
    }
  }

  take(waiting.since(written, webhookId))
  const further = runs.select(written, reach, 'DESC')
  let run = further.next()
  let segments: readonly SegmentRow[] = []
  let rows = 0
  for (;;) {
    const [segment, ...others] = segments
    const inRuns = run.done ? NOTHING : run.value.highest_at
    const inSegments = segment?.last_at ?? NOTHING
    const unread = Math.max(inRuns, inSegments)
    if (!page.fill(unread)) return { items: page.items, next: page.items.at(-1)?.id ?? below }
    if (unread === NOTHING) return { items: page.items, next: null }
    // Whatever is unread has a lower id; a page that would not get below its begin reads on.
    const next = firstIdAt(unread + 1)
    if (rows >= OUTCOMES.pageRows && next < below) return { items: page.items, next }
    rows += 1
    if (segment && inSegments > inRuns) {
      segments = others
      take(runs.outcomesOf(segment, webhookId))
    } else if (!run.done) {
      const found = runs.ofWebhook(run.value.run, webhookId, reach)
      segments = [...segments, ...found].sort((a, b) => b.last_at - a.last_at)
      rows += found.length
      run = further.next()
    }
  }
}

/** The newest that ended in a span, to whichever webhook, of what was noted lately; what was moved to runs since is left out. */
export function deliveredSince(
  { waiting, runs }: Stored,
  { after, until, limit }: DeliveredSpan,
): Omit<DeliveredSince, 'troubled'> {
  const written = Math.max(0, after - OUTCOMES.notedMs) * 1_000
  const found = new Map<string, AttemptTo>()
  for (const outcome of waiting.since(written, '')) {
    const attempt = toFirstAttempt(outcome)
    const endedAt = outcome.at + (outcome.delivered?.durationMs ?? 0)
    if (attempt === null || endedAt <= after || endedAt > until) continue
    found.set(attempt.id, { webhookId: outcome.webhookId, attempt })
  }
  const wasMoved = (runs.newest()?.run ?? 0) >= written
  return { attempts: [...found.values()].slice(-limit), isCut: wasMoved || found.size > limit }
}

/** What ids are below. */
function upperBound({ before }: AttemptQuery, from: string | null): string {
  const bound = before === undefined ? AFTER_ALL_IDS : firstIdAt(before)
  return from !== null && from < bound ? from : bound
}

/** Attempts that were found, and of them those that nothing unread can come before. */
class Page {
  readonly items: Attempt[] = []
  private readonly limit: number
  private found: Attempt[] = []

  constructor(limit: number) {
    this.limit = limit
  }

  take(attempt: Attempt): void {
    this.found.push(attempt)
  }

  /** Goes on with what was made after all that is unread; false once there is more than the page holds. */
  fill(unread: number): boolean {
    this.found.sort((a, b) => (a.id < b.id ? 1 : -1))
    let index = 0
    for (const attempt of this.found) {
      if (attempt.at <= unread) break
      // One that was recorded twice.
      const isNew = attempt.id !== this.items.at(-1)?.id
      if (isNew && this.items.length === this.limit) return false
      if (isNew) this.items.push(attempt)
      index += 1
    }
    this.found = this.found.slice(index)
    return true
  }
}

/** Null of a hand-over. Its id is not stored: it follows from the rest. */
export function toFirstAttempt({
  eventId,
  eventType,
  webhookId,
  at,
  delivered,
}: FirstOutcome): Attempt | null {
  if (delivered === null) return null
  return {
    id: idNamed(at, `${eventId}/${webhookId}`),
    eventId,
    eventType,
    run: FIRST_RUN,
    attempt: 1,
    at,
    outcome: 'delivered',
    ...delivered,
    error: null,
    responseExcerpt: null,
    nextAttemptAt: null,
  }
}
