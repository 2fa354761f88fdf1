// What one tenant published, its replays, and publishes too large for one batch of the queue.

import { RETENTION } from '../../config.ts'
import { firstIdAt, newId } from '../../engine/ids.ts'
import type { LoggedEvent } from '../../engine/model.ts'
import type { EventQuery, ReplayRequest } from '../../engine/ports.ts'
import type { Env } from '../env.ts'
import { sendDeliveryTexts } from '../queue/delivery-queue.ts'
import { sendEventTexts } from '../queue/event-queue.ts'
import { AFTER_ALL_IDS, EventStore } from './event-store.ts'
import { KeptObject } from './kept-object.ts'
import { Outbox } from './outbox.ts'
import { Replays } from './replays.ts'

export class EventLog extends KeptObject {
  private stores: ReturnType<typeof openStores>

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    this.stores = openStores(ctx.storage.sql, env)
  }

  async append(events: readonly LoggedEvent[]): Promise<void> {
    if (this.purged) return
    this.ctx.storage.transactionSync(() => this.stores.events.append(events))
    await this.pruneLater()
  }

  async find(id: string): Promise<LoggedEvent | null> {
    return this.stores.events.find(id)
  }

  async list(
    { type, after, before, order, limit }: EventQuery,
    position: string | null,
  ): Promise<LoggedEvent[]> {
    // Both bounds are exclusive: the first id of the millisecond behind `after`, and of `before` itself.
    const from = after === undefined ? firstIdAt(0) : firstIdAt(after + 1)
    const below = before === undefined ? AFTER_ALL_IDS : firstIdAt(before)
    const { events } = this.stores
    const inOrder =
      order === 'oldest'
        ? events.oldestFirst(later(from, position), below, type ?? null)
        : events.newestFirst(from, earlier(below, position), type ?? null)
    const found: LoggedEvent[] = []
    for (const event of inOrder) {
      // Going up, the position itself is the first id of what is left.
      if (event.id === position) continue
      found.push(event)
      if (found.length === limit) break
    }
    return found
  }

  async listByRequest(requestId: string): Promise<LoggedEvent[]> {
    return this.stores.events.ofRequest(requestId)
  }

  async replay(tenantId: string, request: ReplayRequest): Promise<number> {
    const count = await this.stores.replays.count(request)
    if (count === 0) return 0
    this.stores.replays.start(newId(Date.now()), tenantId, request)
    await this.sendSoon()
    return count
  }

  /** Takes messages for the events queue, all or none. */
  async relay(texts: readonly string[]): Promise<void> {
    if (this.purged) return
    this.ctx.storage.transactionSync(() => this.stores.outbox.add(texts))
    await this.sendSoon()
  }

  protected override reopen(): void {
    this.stores = openStores(this.ctx.storage.sql, this.env)
  }

  protected override async sendOwed(): Promise<void> {
    await this.stores.outbox.drain()
    await this.stores.replays.send((texts) => sendDeliveryTexts(this.env.DELIVERIES, texts))
  }

  protected override prune(now: number): void {
    this.stores.events.prune(firstIdAt(now - RETENTION.eventSeconds * 1_000))
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
  const outbox = new Outbox(sql, (texts) => sendEventTexts(env.EVENTS, texts))
  const replays = new Replays(sql, events, (webhookId, ids) =>
    env.MONITORS.getByName(webhookId).statesOfEvents(ids),
  )
  return { events, outbox, replays }
}
