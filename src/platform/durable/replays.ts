// Logged events on their way again: a job per replay, which goes through the log row by row. What is sent is noted
// batch by batch; a batch that was sent and not noted is sent again, in the same run, and the courier asks the log.

import { LOG } from '../../config.ts'
import { firstIdAt } from '../../engine/ids.ts'
import type { Event, LoggedEvent, Run } from '../../engine/model.ts'
import { toDeliveryText, toRunMessage } from '../../engine/pipeline/delivery-message.ts'
import type { ReplayRequest } from '../../engine/ports.ts'
import { type Debt, type Debts, type Payable, toPayable } from './debts.ts'
import { AFTER_ALL_IDS, type EventStore, LOG_START, type LogPosition } from './event-store.ts'
import { type StatesOf, selectForReplay } from './replay-selection.ts'
import { type Replay, ReplayStore } from './replay-store.ts'

/** Rows of the log that a replay reads at once to send them. */
const STEP_ROWS = 10

interface Surroundings {
  readonly events: EventStore
  readonly statesOf: StatesOf
  readonly send: Debts['send']
}

interface Replayed extends Debt {
  readonly position: LogPosition
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

  /** How many events a replay would send now. */
  async count(request: ReplayRequest): Promise<number> {
    let count = 0
    let position = LOG_START
    for (;;) {
      const rows = this.rowsBehind(position, request, LOG.askedEvents)
      const last = rows.at(-1)
      if (last === undefined) return count
      const events = rows.flatMap((row) => row.events)
      count += (await selectForReplay(events, request, this.around.statesOf)).length
      position = { row: last.first, event: AFTER_ALL_IDS }
    }
  }

  /** Whether as many are under way as may be. */
  areMany(): boolean {
    return this.store.all().length >= LOG.replays
  }

  start(run: Run, tenantId: string, request: ReplayRequest): void {
    this.store.insert(run, tenantId, request)
  }

  /** The replays under way, each on its own: one whose webhook's memory cannot be asked holds up no other. */
  jobs(): readonly Payable[] {
    return this.store.all().map((replay) =>
      toPayable({
        next: () => this.next(replay),
        send: this.around.send,
        settle: (sent) => this.settle(replay.run, sent.at(-1)),
      }),
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

  private async next(replay: Replay): Promise<readonly Replayed[]> {
    const { run, tenantId, request } = replay
    const ref = { tenantId, id: request.webhookId }
    for (;;) {
      const step = this.read(replay)
      if (step === null) return []
      const { rows, isLate } = step
      const rowOf = new Map(rows.flatMap(({ first, events }) => events.map((one) => [one, first])))
      const wanted = await selectForReplay([...rowOf.keys()], request, this.around.statesOf)
      if (wanted.length === 0) this.finish(run, rows.at(-1)?.first ?? '', isLate)
      else {
        return wanted.map((event) => ({
          text: toDeliveryText(toRunMessage(ref, run, toEvent(event), request)),
          position: { row: rowOf.get(event) ?? '', event: event.id },
          isLate,
        }))
      }
    }
  }

  /** The next rows; null when there are none left, and the replay is over. */
  private read({ run, request }: Replay) {
    const rows = this.rowsBehind(this.store.positionOf(run), request)
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
    this.store.delete(run)
    this.horizons.delete(run)
    return null
  }

  private finish(run: Run, row: string, isLate: boolean): void {
    if (isLate) this.store.deleteLate(run, row)
    else this.store.moveTo({ row, event: AFTER_ALL_IDS }, run)
  }

  private settle(run: Run, last: Replayed | undefined): void {
    if (last === undefined) return
    if (last.isLate) this.store.moveLateTo(last.position, run)
    else this.store.moveTo(last.position, run)
  }

  private rowsBehind(position: LogPosition, { since, until }: ReplayRequest, limit = STEP_ROWS) {
    return this.around.events.rowsBehind(position, firstIdAt(since), firstIdAt(until), limit)
  }
}

/** An event without what the log adds to it. */
function toEvent({ id, type, time, data, scope, actor, requestId }: LoggedEvent): Event {
  return { id, type, time, data, scope, actor, requestId }
}
