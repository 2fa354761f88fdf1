// What one tenant published, its replays, and publishes too large for one batch of the queue.

import type { LoggedEvent } from '../../../engine/model/index.ts'
import { isSystemEventType } from '../../../engine/model/index.ts'
import type { EventQuery, JobEntry, ReplayRequest } from '../../../engine/ports/index.ts'
import { firstIdAt } from '../../../primitives/ids.ts'
import type { Cut } from '../../../primitives/pack.ts'
import { LOG, RETENTION } from '../../../tuning.ts'
import { BaseObject } from '../base-object.ts'
import type { StoredJob } from '../job-store.ts'
import { flush, type Step } from '../outbox.ts'
import { cutPage } from '../page.ts'
import { type EventLogStores, openEventLogStores, type Surroundings } from './stores.ts'

export class EventLogObject extends BaseObject<Surroundings> {
  private stores: EventLogStores

  constructor(ctx: DurableObjectState, env: Surroundings) {
    super(ctx, env)
    this.stores = openEventLogStores(ctx.storage, env)
  }

  async append(events: readonly LoggedEvent[]): Promise<void> {
    await this.loadAlarm()
    if (this.purged) return
    try {
      this.ctx.storage.transactionSync(() => {
        const { events: log, replays } = this.stores
        replays.noteAdded(log.append(events))
      })
    } catch (error) {
      // The store remembers what it wrote, and that is undone.
      this.reopen()
      throw error
    }
    await this.pruneLater()
  }

  async addWebhooks(eventIds: readonly string[], webhookIds: readonly string[]): Promise<void> {
    await this.loadAlarm()
    if (this.purged) return
    this.ctx.storage.transactionSync(() => this.stores.events.addWebhooks(eventIds, webhookIds))
  }

  async find(id: string): Promise<LoggedEvent | null> {
    return this.stores.events.find(id)
  }

  async list(
    { type, after, before, order, limit, withoutSystem = false }: EventQuery,
    position: string | null,
  ): Promise<Cut<LoggedEvent>> {
    const inOrder = this.stores.events.select({ type, after, before, order }, position)
    // Going up, the position itself is the first id of what is left.
    return cutPage(
      inOrder.filter(
        (event) => event.id !== position && !(withoutSystem && isSystemEventType(event.type)),
      ),
      limit,
    )
  }

  async listByRequest(requestId: string, after: string | null): Promise<Cut<LoggedEvent>> {
    return cutPage(this.stores.events.ofRequest(requestId, after ?? ''), LOG.requestEvents)
  }

  async replay(
    tenantId: string,
    jobId: string,
    request: ReplayRequest,
  ): Promise<'started' | 'busy'> {
    await this.loadAlarm()
    if (this.purged || this.stores.jobs.find(jobId) !== null) return 'started'
    if (this.stores.replays.areMany()) return 'busy'
    this.ctx.storage.transactionSync(() =>
      this.stores.replays.start(jobId, tenantId, request, Date.now()),
    )
    await this.workSoon()
    return 'started'
  }

  async noteJob({ webhookId: subject, ...entry }: JobEntry): Promise<void> {
    await this.loadAlarm()
    if (this.purged) return
    this.stores.jobs.insert({ ...entry, subject, request: '' })
    await this.pruneLater()
  }

  async jobs(page: { limit: number; before: string | null }): Promise<readonly JobEntry[]> {
    return this.stores.jobs.list(page).map(toEntry)
  }

  async job(id: string): Promise<JobEntry | null> {
    const job = this.stores.jobs.find(id)
    return job && toEntry(job)
  }

  async cancelJob(id: string): Promise<boolean> {
    return this.ctx.storage.transactionSync(() => this.stores.replays.cancel(id, Date.now()))
  }

  /** Takes messages for the events queue, all or none. */
  async relay(texts: readonly string[]): Promise<void> {
    await this.loadAlarm()
    if (this.purged) return
    this.ctx.storage.transactionSync(() => this.stores.outbox.add(texts))
    await this.workSoon()
  }

  protected override reopen(): void {
    this.stores = openEventLogStores(this.ctx.storage, this.env)
  }

  protected override steps(): readonly Step[] {
    return [() => flush(this.stores.outbox), ...this.stores.replays.underWay()]
  }

  protected override prune(now: number): boolean {
    const before = now - RETENTION.eventSeconds * 1_000
    const left = [this.stores.events.prune(firstIdAt(before)), this.stores.jobs.prune(before)]
    return left.includes(true)
  }
}

/** Only replays are done here: what else is listed a webhook monitor does. */
function toEntry({ id, kind, subject: webhookId, createdAt, progress }: StoredJob): JobEntry {
  return { id, kind: kind === 'replay' ? kind : 'resend', webhookId, createdAt, progress }
}
