// What a webhook monitor tells of its webhook: nothing here writes.

import { ORDER } from '../../../engine/expressions/bounds.ts'
import type {
  Attempt,
  DeliveryState,
  DivertedEvent,
  HourActivity,
  JobProgress,
  RunState,
} from '../../../engine/model/index.ts'
import type {
  AskedDelivery,
  AttemptQuery,
  DeliverMessage,
  LastAnswer,
} from '../../../engine/ports/index.ts'
import type { Cut } from '../../../primitives/pack.ts'
import { LOG } from '../../../tuning.ts'
import type { Bindings } from '../../bindings.ts'
import { BaseObject } from '../base-object.ts'
import type { AttemptPosition } from '../cursor.ts'
import type { DeliveryKeeper } from './deletion.ts'
import { type Content, type ContentPosition, contentsBehind } from './erase.ts'
import { KnownDeliveries } from './known-deliveries.ts'
import { type MonitorStores, openMonitorStores, reloadStores } from './stores.ts'

interface Surroundings extends Bindings {
  readonly EVENT_LOGS: { getByName(tenantId: string): DeliveryKeeper }
}

export abstract class ReadableMonitor extends BaseObject<Surroundings> {
  protected stores: MonitorStores
  protected known: KnownDeliveries

  constructor(ctx: DurableObjectState, env: Surroundings) {
    super(ctx, env)
    this.stores = openMonitorStores(ctx.storage, env)
    this.known = new KnownDeliveries(this.stores, this.purged)
  }

  async states(keys: readonly AskedDelivery[]): Promise<RunState[]> {
    return this.known.states(keys, Date.now())
  }

  async lastAnswers(eventIds: readonly string[]): Promise<(LastAnswer | null)[]> {
    return this.known.lastAnswers(eventIds)
  }

  async statesOfEvents(eventIds: readonly string[]): Promise<DeliveryState[]> {
    return this.known.statesOfEvents(eventIds)
  }

  async attempts(
    query: AttemptQuery,
    from: AttemptPosition | null,
  ): Promise<{ items: readonly Attempt[]; next: AttemptPosition | null }> {
    return this.stores.reports.list(query, from)
  }

  async health() {
    const now = Date.now()
    const since = now - LOG.healthWindowSeconds * 1_000
    const { reports, joints, places } = this.stores
    const order = { waiting: places.waiting, blocked: places.blocked(ORDER.blockedShown) }
    const { health } = reports
    return { health, ...joints.eventCounts(now), order, ...reports.summarize(since) }
  }

  /** What goes together in a joint delivery, and has not ended. */
  async partsOf(jointId: string): Promise<readonly DeliverMessage[]> {
    return this.stores.joint.partsOf(jointId).map(({ message }) => message)
  }

  async oldestUndelivered(): Promise<number | null> {
    return this.known.oldestUndelivered()
  }

  async activity(since: number): Promise<readonly HourActivity[]> {
    return this.stores.told.between(since, Date.now() + LOG.clockSkewMs)
  }

  async contents(
    from: ContentPosition | null,
    until: number,
  ): Promise<{ items: readonly Content[]; next: ContentPosition | null }> {
    return contentsBehind(from, until, this.stores)
  }

  async diverted(page: {
    limit: number
    offset: number
    before: string | null
  }): Promise<Cut<DivertedEvent>> {
    return this.stores.diverted.list(page)
  }

  async findDiverted(eventId: string): Promise<DivertedEvent | null> {
    return this.stores.diverted.find(eventId)
  }

  async job(id: string): Promise<JobProgress | null> {
    return this.stores.jobs.find(id)?.progress ?? null
  }

  protected override reopen(): void {
    const { stores } = this
    this.stores = openMonitorStores(this.ctx.storage, this.env)
    this.known = new KnownDeliveries(this.stores, this.purged)
    // What is still under way with those of before finds nothing, instead of tables that are gone.
    reloadStores(stores)
  }

  /** All of it or nothing, in storage and in what the stores keep of it. */
  protected transact<T>(work: () => T): T {
    try {
      return this.ctx.storage.transactionSync(work)
    } catch (error) {
      reloadStores(this.stores)
      throw error
    }
  }
}
