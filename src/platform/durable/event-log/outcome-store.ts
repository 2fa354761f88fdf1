// What became of first deliveries: written as it comes, one row per call; moved to segments by webhook once there is enough
// of it; forgotten in whole tables and whole runs. What is read is of both.
//
// An object that could not commit opens its store anew: the store remembers what it wrote.

import type { FirstOutcome, HourActivity } from '../../../engine/model/index.ts'
import type { AttemptQuery, DeliveredSince, DeliveredSpan } from '../../../engine/ports/index.ts'
import { Histogram } from '../../../primitives/histogram.ts'
import { AFTER_ALL_IDS, timeOf } from '../../../primitives/ids.ts'
import { LOG } from '../../../tuning.ts'
import type { MigratedStorage } from '../migrate.ts'
import { type DeliveredPage, deliveredSince, listDelivered } from './delivered-attempts.ts'
import { deliveredByHour } from './delivered-by-hour.ts'
import { DeliveredDays, toHours } from './delivered-days.ts'
import { isEnd, toOutcomeRows } from './outcome-row.ts'
import { OutcomeRuns, type SegmentRow } from './outcome-runs.ts'
import { boundsOf, inOrder, toSegments } from './outcome-segment.ts'
import { seqAt, WaitingOutcomes } from './waiting-outcomes.ts'

interface OutcomeKey {
  readonly eventId: string
  readonly webhookId: string
}

/** No bounds. */
const ALL = { events: ['', AFTER_ALL_IDS], times: [0, Number.MAX_SAFE_INTEGER] } as const

export class OutcomeStore {
  private readonly storage: MigratedStorage
  private readonly runs: OutcomeRuns
  private readonly days: DeliveredDays
  private opened: WaitingOutcomes | null = null

  constructor(storage: MigratedStorage) {
    this.storage = storage
    this.runs = new OutcomeRuns(storage.sql)
    this.days = new DeliveredDays(storage.sql)
  }

  private get waiting(): WaitingOutcomes {
    this.opened ??= new WaitingOutcomes(this.storage.sql)
    return this.opened
  }

  /**
   * Adds to the present transaction, as one row, or as few as hold it. An attempt later than the clock here can show is
   * taken for one of now, so that times say where to look.
   */
  add(outcomes: readonly FirstOutcome[], watermark: string, now: number): void {
    const latest = now + LOG.clockSkewMs
    const made = outcomes.map((one) => (one.at > latest ? { ...one, at: now } : one))
    for (const row of toOutcomeRows(made)) this.waiting.add(row, watermark, this.nextSeq(now))
  }

  /** That of the newest row; '' when there is none. */
  get watermark(): string {
    const [row, run] = [this.waiting.newest, this.runs.newest()]
    return (run && run.run > (row?.seq ?? 0) ? run.watermark : row?.watermark) ?? ''
  }

  private nextSeq(now: number): number {
    const latest = Math.max(this.waiting.newest?.seq ?? 0, this.runs.newest()?.run ?? 0)
    return Math.max(now * 1_000, latest + 1)
  }

  /** Of each of these an end, or else the latest hand-over, by `eventId/webhookId`. */
  find(keys: readonly OutcomeKey[]): ReadonlyMap<string, FirstOutcome> {
    const found = new Map<string, FirstOutcome>()
    const events = boundsOf(keys.map(({ eventId }) => eventId))
    if (events === null) return found
    const missing = new Set(keys.map(keyOf))
    for (const outcome of this.candidates(keys, events)) {
      const key = keyOf(outcome)
      const isLater = outcome.at >= (found.get(key)?.at ?? 0)
      if (!missing.has(key) || (!isEnd(outcome) && !isLater)) continue
      found.set(key, outcome)
      if (isEnd(outcome)) missing.delete(key)
      if (missing.size === 0) break
    }
    return found
  }

  /** What rows have that can tell of these; no outcome is older than its event. */
  private *candidates(
    keys: readonly OutcomeKey[],
    events: readonly [first: string, last: string],
  ): Generator<FirstOutcome> {
    const since = seqAt(timeOf(events[0]))
    yield* this.waiting.since(since, events[0] === events[1] ? events[0] : '')
    for (const { run } of this.runs.select(since, { ...ALL, events }, 'ASC')) {
      for (const row of this.runs.ofEvents(run, ...events)) {
        const near = keys.filter((key) => canHave(row, key)).map(({ webhookId }) => webhookId)
        const wanted = new Set(near)
        if (wanted.size > 0) yield* this.runs.read(row, wanted)
      }
    }
  }

  /** All outcomes of an event and of those after it, in no order. To be read at once: nothing may be written between. */
  *since(eventId: string): Generator<FirstOutcome> {
    const written = eventId === '' ? 0 : seqAt(timeOf(eventId))
    for (const one of this.waiting.since(written, '')) if (one.eventId >= eventId) yield one
    const events = [eventId, AFTER_ALL_IDS] as const
    for (const { run } of this.runs.select(written, { ...ALL, events }, 'ASC')) {
      for (const row of this.runs.ofEvents(run, ...events)) {
        for (const one of this.runs.read(row, null)) if (one.eventId >= eventId) yield one
      }
    }
  }

  /**
   * The attempts that delivered to a webhook, newest first, as first attempts of the first run. A page may be short, or
   * empty, and yet say where it goes on, so that one call reads so much at most; nothing is missed or shown twice.
   */
  list(webhookId: string, asked: AttemptQuery, from: string | null): DeliveredPage {
    return listDelivered({ waiting: this.waiting, runs: this.runs }, webhookId, asked, from)
  }

  /** The newest attempts that delivered and ended in a span, to whichever webhook, of what was noted lately; what was moved since is left out. */
  ended(span: DeliveredSpan): Omit<DeliveredSince, 'troubled'> {
    return deliveredSince({ waiting: this.waiting, runs: this.runs }, span)
  }

  /** What was delivered to a webhook since a time (Unix milliseconds): how often, how fast, and when last. */
  summarize(webhookId: string, since: number) {
    const latencies = new Histogram()
    let [delivered, lastSuccessAt] = [0, 0]
    const count = (outcomes: readonly FirstOutcome[]) => {
      for (const one of outcomes) {
        if (one.webhookId !== webhookId || one.delivered === null || one.at < since) continue
        delivered += 1
        latencies.add(one.delivered.durationMs)
        lastSuccessAt = Math.max(lastSuccessAt, one.at)
      }
    }
    const mine = [...this.waiting.since(seqAt(since), webhookId)].filter(
      (one) => one.webhookId === webhookId,
    )
    count(inOrder(mine))
    const reach = { ...ALL, times: [since, Number.MAX_SAFE_INTEGER] } as const
    for (const { run } of this.runs.select(seqAt(since), reach, 'ASC')) {
      for (const row of this.runs.ofWebhook(run, webhookId, reach)) {
        const head = this.runs.headOf(row, webhookId)
        if (head === undefined || head.delivered === 0 || head.last < since) continue
        if (head.first < since) count(this.runs.outcomesOf(row, webhookId))
        else {
          delivered += head.delivered
          latencies.merge(head.latencies)
          lastSuccessAt = Math.max(lastSuccessAt, head.last)
        }
      }
    }
    return { delivered, latencies, lastSuccessAt: delivered === 0 ? null : lastSuccessAt }
  }

  /** What was delivered on a day (its beginning), by hour, and what noting it cost. */
  deliveredOn(day: number): readonly HourActivity[] {
    return [...this.days.of(day), ...toHours(this.waiting.rowsSince(seqAt(day)), day)]
  }

  /** What was delivered to a webhook since a time (Unix milliseconds), by hour. */
  deliveredTo(webhookId: string, since: number): readonly HourActivity[] {
    return deliveredByHour({ waiting: this.waiting, runs: this.runs }, webhookId, since)
  }

  /** Whether there is something to `compact`. */
  isDue(now: number): boolean {
    return this.waiting.due(now) !== undefined
  }

  /**
   * Moves one table of what waits to segments, if one is due, all or nothing. Returns how many of its rows were lost
   * because this version cannot read them.
   */
  compact(now: number): number {
    try {
      return this.storage.transactionSync(() => this.moveOne(now))
    } catch (error) {
      this.opened = null
      this.days.reload()
      throw error
    }
  }

  private moveOne(now: number): number {
    const table = this.waiting.due(now)
    if (table === undefined) return 0
    const { outcomes, byRow, unreadable } = this.waiting.read(table)
    const run = this.nextSeq(now)
    this.runs.add(run, toSegments(outcomes), this.watermark)
    this.days.add(toHours(byRow))
    this.waiting.markMoved(table, run)
    return unreadable
  }

  /**
   * Forgets what was delivered before a time (Unix milliseconds), a table or a run at once and so up to `OUTCOMES.tableMs`
   * late; whether anything is left.
   */
  prune(before: number): boolean {
    this.waiting.prune(before)
    return this.runs.prune(before) || !this.waiting.isEmpty
  }
}

function canHave(row: SegmentRow, { eventId, webhookId }: OutcomeKey): boolean {
  return (
    webhookId >= row.first_webhook &&
    webhookId <= row.last_webhook &&
    eventId >= row.first_event &&
    eventId <= row.last_event
  )
}

function keyOf({ eventId, webhookId }: OutcomeKey): string {
  return `${eventId}/${webhookId}`
}
