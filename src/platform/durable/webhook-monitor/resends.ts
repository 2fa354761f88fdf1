// Diverted events on their way again: a job for each request, which marks them as its own, many at a time, and sends them in
// batches that are marked one by one. A batch that was sent and not marked is sent again, in the same runs, and the deliveries
// consumer asks the monitor first.

import { z } from 'zod'
import { toDeliveryText, toResendMessage } from '../../../engine/messages/delivery-message.ts'
import type { JobProgress, Run } from '../../../engine/model/index.ts'
import type { DivertedQuery, WebhookRef } from '../../../engine/ports/index.ts'
import { LOG } from '../../../tuning.ts'
import type { JobStore, StoredJob } from '../job-store.ts'
import type { Table } from '../migrate.ts'
import { flush, noting, type Outbox, type Pending, type Step } from '../outbox.ts'
import { jsonText } from '../rows.ts'
import type { DeliveryStore } from './delivery-store.ts'
import type { DivertedStore } from './diverted-store.ts'

/** As 0.1.0 made it; its rows became jobs (schema.ts). */
export const RESENDS_TABLE = `
  CREATE TABLE IF NOT EXISTS resends (
    run TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL,
    webhook_id TEXT NOT NULL
  ) WITHOUT ROWID`

export const RESENDS: Table = {
  name: 'resends',
  // Whose events they are is lost: what was claimed can be asked for again.
  columns: {
    tenant_id: { sql: "TEXT NOT NULL DEFAULT ''", restored: 'DELETE FROM resends' },
    webhook_id: { sql: "TEXT NOT NULL DEFAULT ''", restored: 'DELETE FROM resends' },
  },
  until: 2,
}

const Request = z.object({
  tenantId: z.string(),
  /** What is not marked yet: events of the query behind this one, and how many were marked before; null when all are. */
  rest: z
    .object({
      query: z.object({
        since: z.number().optional(),
        until: z.number().optional(),
        eventTypes: z.array(z.string()).optional(),
      }),
      after: z.string(),
      marked: z.number(),
    })
    .nullable()
    .default(null),
})
type Request = z.infer<typeof Request>
const RequestText = jsonText(Request)

interface Resent extends Pending {
  readonly run: Run
  readonly eventId: string
}

interface Stores {
  readonly diverted: DivertedStore
  readonly deliveries: DeliveryStore
  readonly jobs: JobStore
}

export class Resends {
  private readonly stores: Stores
  private readonly send: Outbox['send']

  constructor(stores: Stores, send: Outbox['send']) {
    this.stores = stores
    this.send = send
  }

  /**
   * Begins a job; returns how many events it is about, null when they are too many to be counted at once. One that was begun
   * before stays as it is.
   */
  start(
    { tenantId, id: subject }: WebhookRef,
    id: string,
    query: DivertedQuery,
    now: number,
  ): number | null {
    const { diverted, jobs } = this.stores
    const known = jobs.find(id)
    if (known) return known.progress?.total ?? null
    const { count, last: after, isAll } = diverted.claim(query, id, '')
    // One event that is not there: nobody is told of a job.
    if (count === 0 && query.eventId !== undefined) return 0
    // What the job itself brings back is not its own again; another machine's clock may be ahead.
    const { since, until = now + LOG.clockSkewMs, eventTypes } = query
    const types = eventTypes && [...eventTypes]
    const rest = isAll ? null : { query: { since, until, eventTypes: types }, after, marked: count }
    const total = isAll ? count : null
    const isOver = total === 0
    const progress: JobProgress = {
      state: isOver ? 'done' : 'running',
      ...{ done: 0, total, error: null, endedAt: isOver ? now : null },
    }
    const request = toText({ tenantId, rest })
    jobs.insert({ id, kind: 'resend', subject, request, createdAt: now, progress })
    return total
  }

  cancel(id: string, now: number): boolean {
    const isStopped = this.stores.jobs.end(id, 'cancelled', now)
    if (isStopped) this.stores.diverted.unclaim(id)
    return isStopped
  }

  /** The jobs under way, each on its own. */
  underWay(): readonly Step[] {
    const { jobs } = this.stores
    const own = jobs.running().filter(({ kind }) => kind === 'resend')
    return own.map(({ id }) =>
      noting(
        () => flush(this.outboxOf(id)),
        (error) => jobs.note(id, error),
      ),
    )
  }

  private outboxOf(id: string): Outbox<Resent> {
    return {
      pending: async () => this.pending(id),
      send: this.send,
      markSent: (sent) => this.markSent(id, sent),
    }
  }

  private pending(id: string): readonly Resent[] {
    const { diverted, deliveries, jobs } = this.stores
    const job = jobs.find(id)
    if (job?.progress?.state !== 'running') return []
    const { tenantId, rest } = RequestText.parse(job.request)
    const ref = { tenantId, id: job.subject }
    let step = diverted.unsent(id, LOG.jobStepMessages)
    if (step.length === 0 && rest !== null) {
      this.markMore(job, tenantId, rest)
      step = diverted.unsent(id, LOG.jobStepMessages)
    }
    if (step.length === 0) jobs.end(id, 'done', Date.now())
    return step.map(({ run, diverted: { event } }) => {
      const runs = deliveries.ofEvent(event.id)
      const known = runs.find((one) => one.run === run)
      // What was attempted has passed the filter, or somebody chose it in spite of that.
      const isChosen = runs.some(({ attempts }) => attempts > 0)
      const about = { run, attempts: known?.attempts ?? 0, carrier: id, isChosen }
      return { text: toDeliveryText(toResendMessage(ref, event, about)), run, eventId: event.id }
    })
  }

  /** Marks the next events of a job. All that is written between two awaits is written together. */
  private markMore(
    { id, progress }: StoredJob,
    tenantId: string,
    { query, after, marked }: NonNullable<Request['rest']>,
  ): void {
    const { diverted, jobs } = this.stores
    const { count, last, isAll } = diverted.claim(query, id, after)
    const total = marked + count
    const rest = isAll ? null : { query, after: last, marked: total }
    const far = { done: progress?.done ?? 0, total: isAll ? total : null }
    jobs.update(id, toText({ tenantId, rest }), far)
  }

  private markSent(job: string, sent: readonly Resent[]): void {
    for (const { eventId } of sent) this.stores.diverted.markSent(eventId, job)
    this.stores.jobs.advance(job, sent.length)
  }
}

function toText(request: Request): string {
  return JSON.stringify(request)
}
