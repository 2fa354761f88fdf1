// Diverted events on their way again: a job for each request, sent in batches that are noted one by one. A batch that was
// sent and not noted is sent again, in the same runs, and the courier asks the log first.

import { LOG } from '../../config.ts'
import { describeError } from '../../engine/errors.ts'
import type { JobProgress, Run } from '../../engine/model.ts'
import { toDeliveryText, toResendMessage } from '../../engine/pipeline/delivery-message.ts'
import type { DivertedQuery, WebhookRef } from '../../engine/ports.ts'
import { type Debt, type Debts, type Payable, toPayable } from './debts.ts'
import type { DeliveryStore } from './delivery-store.ts'
import type { DivertedStore } from './diverted-store.ts'
import { type JobStore, noting } from './job-store.ts'

/** As 0.1.0 made it; its rows became jobs (webhook-monitor.ts). */
export const RESENDS_TABLE = `
  CREATE TABLE IF NOT EXISTS resends (
    run TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL,
    webhook_id TEXT NOT NULL
  ) WITHOUT ROWID`

interface Resent extends Debt {
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
  private readonly send: Debts['send']

  constructor(stores: Stores, send: Debts['send']) {
    this.stores = stores
    this.send = send
  }

  /** Begins a job; returns how many events it is about. One that was begun before stays as it is. */
  start(
    { tenantId, id: subject }: WebhookRef,
    id: string,
    query: DivertedQuery,
    now: number,
  ): number {
    const { diverted, jobs } = this.stores
    const known = jobs.find(id)
    if (known) return known.progress?.total ?? 0
    const total = diverted.claim(query, id)
    // One event that is not there: nobody is told of a job.
    if (total === 0 && query.eventId !== undefined) return 0
    const isOver = total === 0
    const progress: JobProgress = {
      state: isOver ? 'done' : 'running',
      ...{ done: 0, total, error: null, endedAt: isOver ? now : null },
    }
    jobs.insert({ id, kind: 'resend', subject, request: tenantId, createdAt: now, progress })
    return total
  }

  cancel(id: string, now: number): boolean {
    const isStopped = this.stores.jobs.end(id, 'cancelled', now)
    if (isStopped) this.stores.diverted.unclaim(id)
    return isStopped
  }

  /** The jobs under way, each on its own. */
  underWay(): readonly Payable[] {
    const { jobs } = this.stores
    const own = jobs.running().filter(({ kind }) => kind === 'resend')
    return own.map(({ id, subject, request: tenantId }) =>
      noting(
        toPayable({
          next: async () => this.next(id, { tenantId, id: subject }),
          send: this.send,
          settle: (sent) => this.settle(id, sent),
        }),
        (error) => jobs.note(id, describeError(error)),
      ),
    )
  }

  private next(job: string, ref: WebhookRef): readonly Resent[] {
    const { diverted, deliveries, jobs } = this.stores
    const step = diverted.unsent(job, LOG.jobStepMessages)
    if (step.length === 0) jobs.end(job, 'done', Date.now())
    return step.map(({ run, diverted: { event } }) => {
      const known = deliveries.ofEvent(event.id).find((one) => one.run === run)
      const about = { run, attempts: known?.attempts ?? 0, carrier: job }
      return { text: toDeliveryText(toResendMessage(ref, event, about)), run, eventId: event.id }
    })
  }

  private settle(job: string, sent: readonly Resent[]): void {
    for (const { eventId } of sent) this.stores.diverted.markSent(eventId, job)
    this.stores.jobs.advance(job, sent.length)
  }
}
