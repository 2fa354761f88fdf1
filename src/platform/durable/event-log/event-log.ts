// What one tenant published, its replays, and publishes too large for one batch of the queue.

import type { LoggedEvent } from '../../../engine/model/index.ts'
import { isSystemEventType } from '../../../engine/model/index.ts'
import type { EventQuery, JobEntry, ReplayRequest } from '../../../engine/ports/index.ts'
import { firstIdAt } from '../../../primitives/ids.ts'
import type { Cut } from '../../../primitives/pack.ts'
import { LOG, RETENTION } from '../../../tuning.ts'
import type { Bindings } from '../../bindings.ts'
import { sendFirstBatch } from '../../queues/first-batch.ts'
import { BaseObject } from '../base-object.ts'
import { inTime } from '../in-time.ts'
import { JobStore, type StoredJob } from '../job-store.ts'
import { type MigratedStorage, migrate } from '../migrate.ts'
import { flush, type Step, StoredOutbox } from '../outbox.ts'
import { cutPage } from '../page.ts'
import type { WebhookMonitor } from '../webhook-monitor/webhook-monitor.ts'
import { AFTER_ALL_IDS, EventStore } from './event-store.ts'
import { Replays } from './replays.ts'
import { EVENT_LOG_SCHEMA } from './schema.ts'

/** It asks the webhook monitors what was delivered. */
interface Surroundings extends Bindings {
  readonly MONITORS: DurableObjectNamespace<WebhookMonitor>
}

export class EventLogObject extends BaseObject<Surroundings> {
  private stores: ReturnType<typeof openStores>

  constructor(ctx: DurableObjectState, env: Surroundings) {
    super(ctx, env)
    this.stores = openStores(ctx.storage, env)
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

  async find(id: string): Promise<LoggedEvent | null> {
    return this.stores.events.find(id)
  }

  async list(
    { type, after, before, order, limit, withoutSystem = false }: EventQuery,
    position: string | null,
  ): Promise<Cut<LoggedEvent>> {
    // Both bounds are exclusive: the first id of the millisecond behind `after`, and of `before` itself.
    const from = after === undefined ? firstIdAt(0) : firstIdAt(after + 1)
    const below = before === undefined ? AFTER_ALL_IDS : firstIdAt(before)
    const { events } = this.stores
    const inOrder =
      order === 'oldest'
        ? events.oldestFirst(later(from, position), below, type ?? null)
        : events.newestFirst(from, earlier(below, position), type ?? null)
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
    this.stores = openStores(this.ctx.storage, this.env)
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

function later(id: string, position: string | null): string {
  return position !== null && position > id ? position : id
}

function earlier(id: string, position: string | null): string {
  return position !== null && position < id ? position : id
}

/** Only replays are done here: what else is listed a webhook monitor does. */
function toEntry({ id, kind, subject: webhookId, createdAt, progress }: StoredJob): JobEntry {
  return { id, kind: kind === 'replay' ? kind : 'resend', webhookId, createdAt, progress }
}

function openStores(storage: MigratedStorage, env: Surroundings) {
  migrate(storage, EVENT_LOG_SCHEMA)
  const { sql } = storage
  const events = new EventStore(sql)
  const jobs = new JobStore(sql)
  return {
    events,
    jobs,
    outbox: new StoredOutbox(sql, (texts) => inTime(sendFirstBatch(env.EVENTS, texts))),
    replays: new Replays(sql, {
      events,
      jobs,
      statesOf: (id, eventIds) => inTime(env.MONITORS.getByName(id).statesOfEvents(eventIds)),
      send: (texts) => inTime(sendFirstBatch(env.DELIVERIES, texts)),
    }),
  }
}
