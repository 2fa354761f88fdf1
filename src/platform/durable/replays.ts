// Logged events on their way again: a job per replay, sent row by row of the log in steps that survive a crash. A
// step that was sent and not noted is sent again, in the same run, and the courier asks the log first.

import { z } from 'zod'
import { firstIdAt } from '../../engine/ids.ts'
import type { DeliveryState, Event, LoggedEvent, Run } from '../../engine/model.ts'
import { toDeliveryText, toRunMessage } from '../../engine/pipeline/delivery-message.ts'
import { matches, typeMatches } from '../../engine/pipeline/match.ts'
import type { ReplayRequest } from '../../engine/ports.ts'
import type { EventStore } from './event-store.ts'

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS replays (
    run TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL,
    request TEXT NOT NULL,
    -- The first id of the last row that was sent.
    sent_until TEXT NOT NULL
  ) WITHOUT ROWID`

const Request: z.ZodType<ReplayRequest> = z.object({
  webhookId: z.string(),
  eventTypes: z.array(z.string()),
  scope: z.record(z.string(), z.string()),
  since: z.number(),
  until: z.number(),
  onlyTypes: z.array(z.string()).optional(),
  onlyMissing: z.boolean(),
})

type Row = { run: Run; tenant_id: string; request: string; sent_until: string }
type StatesOf = (
  webhookId: string,
  eventIds: readonly string[],
) => Promise<readonly DeliveryState[]>

/** Rows of the log read in one step. */
const STEP_ROWS = 10

export class Replays {
  private readonly sql: SqlStorage
  private readonly events: EventStore
  private readonly statesOf: StatesOf

  constructor(sql: SqlStorage, events: EventStore, statesOf: StatesOf) {
    this.sql = sql
    this.events = events
    this.statesOf = statesOf
    sql.exec(SCHEMA)
  }

  /** How many events a replay would send now. */
  async count(request: ReplayRequest): Promise<number> {
    let count = 0
    let after = ''
    for (;;) {
      const { events, last } = this.read(request, after)
      if (last === null) return count
      count += (await this.wanted(events, request)).length
      after = last
    }
  }

  start(run: Run, tenantId: string, request: ReplayRequest): void {
    this.sql.exec(
      'INSERT INTO replays VALUES (?, ?, ?, ?)',
      run,
      tenantId,
      JSON.stringify(request),
      '',
    )
  }

  /** Sends what is left of every replay. Rejects when the queue or a monitor does; what was sent until then is noted. */
  async send(sendTexts: (texts: readonly string[]) => Promise<void>): Promise<void> {
    for (;;) {
      const [job] = this.sql.exec<Row>('SELECT * FROM replays LIMIT 1').toArray()
      if (job === undefined) return
      const request = Request.parse(JSON.parse(job.request))
      const { events, last } = this.read(request, job.sent_until)
      if (last === null) {
        this.sql.exec('DELETE FROM replays WHERE run = ?', job.run)
        continue
      }
      const wanted = await this.wanted(events, request)
      const ref = { tenantId: job.tenant_id, id: request.webhookId }
      await sendTexts(
        wanted.map((event) => toDeliveryText(toRunMessage(ref, job.run, toEvent(event)))),
      )
      this.sql.exec('UPDATE replays SET sent_until = ? WHERE run = ?', last, job.run)
    }
  }

  private read(request: ReplayRequest, after: string) {
    const [from, below] = [firstIdAt(request.since), firstIdAt(request.until)]
    const rows = this.events.rowsAfter(after, from, below, STEP_ROWS)
    return { events: rows.flatMap(({ events }) => events), last: rows.at(-1)?.first ?? null }
  }

  private async wanted(events: readonly LoggedEvent[], request: ReplayRequest): Promise<Event[]> {
    const { eventTypes, scope, onlyTypes } = request
    const matching = events.filter(
      (event) =>
        matches({ enabled: true, eventTypes, scope }, event) &&
        (onlyTypes === undefined || onlyTypes.some((entry) => typeMatches(entry, event.type))),
    )
    if (!request.onlyMissing || matching.length === 0) return matching
    const ids = matching.map(({ id }) => id)
    const states = await this.statesOf(request.webhookId, ids)
    return matching.filter((_, index) => states[index]?.status !== 'delivered')
  }
}

/** An event without what the log adds to it. */
function toEvent({ id, type, time, data, scope, actor, requestId }: Event): Event {
  return { id, type, time, data, scope, actor, requestId }
}
