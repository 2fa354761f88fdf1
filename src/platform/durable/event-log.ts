// What one tenant published, its replays, and publishes too large for one batch of the queue.

import { LOG, RETENTION } from '../../config.ts'
import { firstIdAt, newId } from '../../engine/ids.ts'
import type { LoggedEvent } from '../../engine/model.ts'
import type { EventQuery, ReplayRequest } from '../../engine/ports.ts'
import type { Env } from '../env.ts'
import { sendFirstBatch } from '../queue/first-batch.ts'
import { type Payable, toPayable } from './debts.ts'
import { AFTER_ALL_IDS, EventStore } from './event-store.ts'
import { inTime } from './in-time.ts'
import { KeptObject } from './kept-object.ts'
import { Outbox } from './outbox.ts'
import { type Cut, cutPage } from './page.ts'
import { Replays } from './replays.ts'

export class EventLog extends KeptObject {
  private stores: ReturnType<typeof openStores>

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    this.stores = openStores(ctx.storage.sql, env)
  }

  async append(events: readonly LoggedEvent[]): Promise<void> {
    await this.knowAlarm()
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
    { type, after, before, order, limit }: EventQuery,
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
      inOrder.filter(({ id }) => id !== position),
      limit,
    )
  }

  async listByRequest(requestId: string, after: string | null): Promise<Cut<LoggedEvent>> {
    return cutPage(this.stores.events.ofRequest(requestId, after ?? ''), LOG.requestEvents)
  }

  async replay(tenantId: string, request: ReplayRequest): Promise<number | 'busy'> {
    if (this.stores.replays.areMany()) return 'busy'
    const count = await this.stores.replays.count(request)
    await this.knowAlarm()
    if (count === 0 || this.purged) return 0
    // Others may have been asked for meanwhile.
    if (this.stores.replays.areMany()) return 'busy'
    this.stores.replays.start(newId(Date.now()), tenantId, request)
    await this.sendSoon()
    return count
  }

  /** Takes messages for the events queue, all or none. */
  async relay(texts: readonly string[]): Promise<void> {
    await this.knowAlarm()
    if (this.purged) return
    this.ctx.storage.transactionSync(() => this.stores.outbox.add(texts))
    await this.sendSoon()
  }

  protected override reopen(): void {
    this.stores = openStores(this.ctx.storage.sql, this.env)
  }

  protected override owed(): readonly Payable[] {
    return [toPayable(this.stores.outbox), ...this.stores.replays.jobs()]
  }

  protected override prune(now: number): boolean {
    return this.stores.events.prune(firstIdAt(now - RETENTION.eventSeconds * 1_000))
  }
}

function later(id: string, position: string | null): string {
  return position !== null && position > id ? position : id
}

function earlier(id: string, position: string | null): string {
  return position !== null && position < id ? position : id
}

function openStores(sql: SqlStorage, env: Env) {
  const events = new EventStore(sql)
  return {
    events,
    outbox: new Outbox(sql, (texts) => inTime(sendFirstBatch(env.EVENTS, texts))),
    replays: new Replays(sql, {
      events,
      statesOf: (id, eventIds) => inTime(env.MONITORS.getByName(id).statesOfEvents(eventIds)),
      send: (texts) => inTime(sendFirstBatch(env.DELIVERIES, texts)),
    }),
  }
}
