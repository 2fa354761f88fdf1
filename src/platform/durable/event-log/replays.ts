// Logged events on their way again: a job per replay, which goes through the log row by row. What is sent is marked
// batch by batch; a batch that was sent and not marked is sent again, in the same run, and the deliveries consumer asks the monitor.

import { toDeliveryText, toReplayMessage } from '../../../engine/messages/delivery-message.ts'
import { asPublished, type LoggedEvent, type Run } from '../../../engine/model/index.ts'
import type { ReplayRequest } from '../../../engine/ports/index.ts'
import { AFTER_ALL_IDS, firstIdAt, timeOf } from '../../../primitives/ids.ts'
import { RETENTION } from '../../../retention.ts'
import { LOG } from '../../../tuning.ts'
import type { JobStore } from '../job-store.ts'
import { flush, noting, type Outbox, type Pending, type Step } from '../outbox.ts'
import { isKept } from './event-page.ts'
import type { EventStore, LogPosition } from './event-store.ts'
import {
  type AnswersOf,
  asksForStates,
  type StatesOf,
  selectForReplay,
} from './replay-selection.ts'
import { ReplayStore, type RunningReplay } from './replay-store.ts'

/** Rows of the log that a replay reads at once to send them. */
const STEP_ROWS = 10

interface Surroundings {
  readonly events: EventStore
  readonly jobs: JobStore
  readonly statesOf: StatesOf
  readonly answersOf: AnswersOf
  /** Days for which events are kept that do not say so themselves. */
  readonly tenantDays: () => number
  readonly send: Outbox['send']
  /** Within a transaction or not: notes webhooks to which events were sent that their publish did not mean. */
  readonly addWebhooks: (eventIds: readonly string[], webhookIds: readonly string[]) => void
}

interface Replayed extends Pending {
  readonly position: LogPosition
  /** Its publish meant the webhook, or an earlier sending did. */
  readonly wasMatched: boolean
  readonly isLate: boolean
}

export class Replays {
  private readonly store: ReplayStore
  private readonly around: Surroundings
  /** The last row that each replay has read, which may be ahead of what it noted as sent. */
  private readonly horizons = new Map<Run, string>()

  constructor(sql: SqlStorage, around: Surroundings) {
    this.store = new ReplayStore(sql)
    this.around = around
  }

  /** Whether as many are under way as may be. */
  areMany(): boolean {
    return this.store.all().length >= LOG.replays
  }

  /** Begins a job, whose id is the run that it sends events in. How many it will be only its end tells. */
  start(id: Run, tenantId: string, request: ReplayRequest, now: number): void {
    const about = { kind: 'replay', subject: request.webhookId, request: '' }
    const progress = { state: 'running', done: 0, total: null, error: null, endedAt: null } as const
    this.around.jobs.insert({ id, ...about, createdAt: now, progress })
    this.store.insert(id, tenantId, request)
  }

  cancel(id: Run, now: number): boolean {
    const isStopped = this.around.jobs.end(id, 'cancelled', now)
    if (isStopped) this.forget(id)
    return isStopped
  }

  /** The replays under way, each on its own: one whose webhook monitor cannot be asked holds up no other. */
  underWay(): readonly Step[] {
    const { jobs } = this.around
    return this.store.all().map((replay) =>
      noting(
        () => flush(this.outboxOf(replay)),
        (error) => jobs.note(replay.run, error),
      ),
    )
  }

  /** Rows were added to the log: a replay that has passed their place still takes them. */
  noteAdded(rows: readonly { readonly first: string; readonly last: string }[]): void {
    for (const { run, request, position } of this.store.all()) {
      const horizon = this.horizons.get(run) ?? ''
      const [from, below] = [firstIdAt(request.since), firstIdAt(request.until)]
      for (const { first, last } of rows) {
        const isPassed = first < position.row || first < horizon
        if (isPassed && last >= from && first < below) this.store.addLate(run, first)
      }
    }
  }

  private outboxOf(replay: RunningReplay): Outbox<Replayed> {
    return {
      pending: () => this.pending(replay),
      send: this.around.send,
      markSent: (sent) => this.markSent(replay, sent),
    }
  }

  private async pending(replay: RunningReplay): Promise<readonly Replayed[]> {
    const { run, tenantId, request } = replay
    const ref = { tenantId, id: request.webhookId }
    for (;;) {
      const step = this.read(replay)
      if (step === null) {
        this.around.jobs.end(run, 'done', Date.now())
        return []
      }
      const { rows, isLate } = step
      const rowOf = new Map(rows.flatMap(({ first, events }) => events.map((one) => [one, first])))
      const kept = [...rowOf.keys()].filter((event) => this.isSent(event, request))
      const wanted = await selectForReplay(kept, request, this.around)
      if (wanted.length === 0) this.finish(run, rows.at(-1)?.first ?? '', isLate)
      else {
        return wanted.map((event) => {
          const wasMatched = event.webhookIds.includes(ref.id)
          const about = { onlyMissing: request.onlyMissing, wasMatched }
          return {
            text: toDeliveryText(toReplayMessage(ref, run, asPublished(event), about)),
            position: { row: rowOf.get(event) ?? '', event: event.id },
            wasMatched,
            isLate,
          }
        })
      }
    }
  }

  /** The next rows; null when there are none left, and the replay is over. */
  private read({ run, request }: RunningReplay) {
    const position = this.store.positionOf(run)
    if (position === null) return null
    const rows = this.rowsBehind(position, request)
    const last = rows.at(-1)
    if (last !== undefined) {
      this.horizons.set(run, last.first)
      return { rows, isLate: false }
    }
    for (;;) {
      const late = this.store.latePositionOf(run)
      if (late === null) break
      const [row] = this.rowsBehind(late, request, 1)
      if (row?.first === late.row) return { rows: [row], isLate: true }
      this.store.deleteLate(run, late.row)
    }
    this.forget(run)
    return null
  }

  /** Whether an event is still kept. Of what is older than attempts are nobody knows how it stands. */
  private isSent(event: LoggedEvent, request: ReplayRequest): boolean {
    const knownSince = Date.now() - RETENTION.attemptSeconds * 1_000
    const isKnown = !asksForStates(request) || timeOf(event.id) >= knownSince
    return isKnown && isKept(event, this.around.tenantDays())
  }

  private forget(run: Run): void {
    this.store.delete(run)
    this.horizons.delete(run)
  }

  private finish(run: Run, row: string, isLate: boolean): void {
    if (isLate) this.store.deleteLate(run, row)
    else this.store.moveTo({ row, event: AFTER_ALL_IDS }, run)
  }

  private markSent({ run, request }: RunningReplay, sent: readonly Replayed[]): void {
    const last = sent.at(-1)
    if (last === undefined) return
    const added = sent.filter(({ wasMatched }) => !wasMatched).map(({ position }) => position.event)
    if (added.length > 0) this.around.addWebhooks(added, [request.webhookId])
    this.around.jobs.advance(run, sent.length)
    if (last.isLate) this.store.moveLateTo(last.position, run)
    else this.store.moveTo(last.position, run)
  }

  private rowsBehind(position: LogPosition, { since, until }: ReplayRequest, limit = STEP_ROWS) {
    return this.around.events.rowsBehind(position, firstIdAt(since), firstIdAt(until), limit)
  }
}
