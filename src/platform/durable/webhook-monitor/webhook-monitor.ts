// The webhook monitor, one object per webhook: health, attempts, diverted events. One report is one transaction.

import type {
  Attempt,
  DeliveryState,
  DivertedEvent,
  HourActivity,
  JobProgress,
  Pause,
  RunState,
} from '../../../engine/model/index.ts'
import type {
  AskedDelivery,
  AttemptQuery,
  DivertedQuery,
  LastAnswer,
  Monitor,
  MonitorState,
  PendingFilter,
  Report,
  ToldRate,
  WebhookRef,
} from '../../../engine/ports/index.ts'
import type { Cut } from '../../../primitives/pack.ts'
import { LOG } from '../../../tuning.ts'
import type { Bindings } from '../../bindings.ts'
import { BaseObject } from '../base-object.ts'
import type { AttemptPosition } from '../cursor.ts'
import {
  type DeliveryKeeper,
  finishDeletion,
  handOverDeliveries,
  isDeletion,
  toDeletion,
} from './deletion.ts'
import { asKept, type Content, type ContentPosition, contentsBehind, erase } from './erase.ts'
import { KnownDeliveries } from './known-deliveries.ts'
import {
  type MonitorStores,
  openMonitorStores,
  pruneStores,
  reloadStores,
  stepsOf,
} from './stores.ts'
import { toWrite, toWriteResend, toWriteResumed } from './writes.ts'

interface Surroundings extends Bindings {
  readonly EVENT_LOGS: { getByName(tenantId: string): DeliveryKeeper }
}

export class WebhookMonitor extends BaseObject<Surroundings> {
  private stores: MonitorStores
  private known: KnownDeliveries

  constructor(ctx: DurableObjectState, env: Surroundings) {
    super(ctx, env)
    this.stores = openMonitorStores(ctx.storage, env)
    this.known = new KnownDeliveries(this.stores, this.purged)
  }

  /** Writes a report down: attempts, counts, suspension and diverted events together. */
  async report(report: Report): Promise<MonitorState & { isNew: boolean }> {
    await this.loadAlarm()
    const { stores, known } = this
    const { version } = stores.reports.health
    if (this.purged || stores.reports.has(report.id)) {
      return { ...stores.reports.state, isNew: false }
    }
    const now = Date.now()
    const written = toWrite(asKept(report, stores), stores, known, this.env, now)
    const toTell = stores.told.daysOfReport(now)
    this.transact(written.write)
    this.ctx.waitUntil(stores.told.tell(toTell))
    await (written.tells || this.stores.holds.next().count > 0 ? this.workSoon() : this.lookLater())
    return { ...this.stores.reports.state, isNew: written.health.version !== version }
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
    const since = Date.now() - LOG.healthWindowSeconds * 1_000
    const { reports, held } = this.stores
    const waiting = held.waiting + held.underWay
    return { health: reports.health, waiting, underWay: held.underWay, ...reports.summarize(since) }
  }

  async oldestUndelivered(): Promise<number | null> {
    return this.known.oldestUndelivered()
  }

  async activity(since: number): Promise<readonly HourActivity[]> {
    return this.stores.told.between(since, Date.now() + LOG.clockSkewMs)
  }

  async erase(eventIds: readonly string[], wherePresent = false): Promise<void> {
    await this.loadAlarm()
    if (this.purged) return
    const isAny = this.transact(() => erase(eventIds, wherePresent, this.stores, Date.now()))
    if (isAny) await this.pruneLater()
  }

  async eraseExcerpts(eventIds: readonly string[]): Promise<void> {
    this.transact(() => this.stores.reports.eraseExcerpts(eventIds))
  }

  async eraseExcerpt(eventId: string, attemptId: string): Promise<void> {
    this.transact(() => this.stores.reports.eraseExcerpts([eventId], attemptId))
  }

  async contents(
    from: ContentPosition | null,
    until: number,
  ): Promise<{ items: readonly Content[]; next: ContentPosition | null }> {
    return contentsBehind(from, until, this.stores)
  }

  /** For how many days the tenant's events are kept from now on. */
  async retain(days: number): Promise<void> {
    await this.loadAlarm()
    if (this.purged) return
    this.transact(() => this.stores.retention.tell(days))
    await this.pruneLater()
  }

  async resume(ref: WebhookRef): Promise<{ state: MonitorState; resumed: boolean }> {
    await this.loadAlarm()
    const { health } = this.stores.reports
    const isAsked = health.hold !== null || health.allowed !== undefined
    if (this.purged || (health.suspendedAt === null && !isAsked)) {
      return { state: this.stores.reports.state, resumed: false }
    }
    this.transact(toWriteResumed(ref, this.stores, Date.now()))
    await this.workSoon()
    return { state: this.stores.reports.state, resumed: health.suspendedAt !== null }
  }

  async notePause(pause: Pause): Promise<MonitorState> {
    return this.note((now) => this.stores.pauses.toNote(pause, now))
  }

  async noteRate(told: ToldRate): Promise<MonitorState> {
    return this.note((now) => this.stores.rates.toNote(told, now))
  }

  async permit(...[ask]: Parameters<Monitor['permit']>): ReturnType<Monitor['permit']> {
    await this.loadAlarm()
    if (this.purged) return { kind: 'unknown' }
    const answer = this.transact(() => this.stores.rates.answer(ask, Date.now()))
    await this.lookLater()
    return answer
  }

  async cancel(
    filter: PendingFilter,
    from: string | null,
  ): Promise<{ cancelled: number; next: string | null }> {
    await this.loadAlarm()
    const done = this.transact(() => this.stores.pending.cancel(filter, from))
    if (done.cancelled > 0) await this.workSoon()
    return done
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

  async deleteDiverted(eventId: string): Promise<boolean> {
    return this.stores.diverted.delete(eventId)
  }

  async resend(...[ref, event, asked]: Parameters<Monitor['resend']>): Promise<boolean> {
    await this.loadAlarm()
    if (this.purged || this.stores.erased.has(event.id)) return true
    const write = toWriteResend(ref, event, asked, this.stores, this.known)
    if (write === null) return false
    this.transact(write)
    await this.workSoon()
    return true
  }

  async resendDiverted(
    ref: WebhookRef,
    jobId: string,
    query: DivertedQuery,
  ): Promise<number | null> {
    await this.loadAlarm()
    if (this.purged) return 0
    const count = this.transact(() => this.stores.resends.start(ref, jobId, query, Date.now()))
    if (count !== 0) await this.workSoon()
    else if (this.stores.jobs.find(jobId) !== null) await this.pruneLater()
    return count
  }

  async expectDeletion(ref: WebhookRef): Promise<void> {
    await this.loadAlarm()
    if (this.purged) return
    this.stores.jobs.insert(toDeletion(ref, Date.now()))
    await this.wakeLater()
  }

  /** Of a webhook whose deletion was announced, the event log keeps how its deliveries stood: what was delivered stays delivered. */
  override async purge(): Promise<void> {
    const deletion = this.stores.jobs.running().find(isDeletion)
    if (deletion && !this.purged) {
      const keeper = this.env.EVENT_LOGS.getByName(deletion.request)
      const statesOf = (ids: readonly string[]) => this.known.statesOfEvents(ids)
      await handOverDeliveries(this.ctx.storage.sql, statesOf, deletion.subject, keeper)
    }
    await super.purge()
  }

  async job(id: string): Promise<JobProgress | null> {
    return this.stores.jobs.find(id)?.progress ?? null
  }

  async cancelJob(id: string): Promise<boolean> {
    return this.transact(() => this.stores.resends.cancel(id, Date.now()))
  }

  override async alarm(): Promise<void> {
    await super.alarm()
    if (!this.purged) await this.stores.told.tellAtAlarm(Date.now())
  }

  protected override reopen(): void {
    this.stores = openMonitorStores(this.ctx.storage, this.env)
    this.known = new KnownDeliveries(this.stores, this.purged)
  }

  protected override steps() {
    const deletions = this.stores.jobs.running().filter(isDeletion)
    const others = stepsOf(this.stores, deletions, (job) =>
      finishDeletion(job, this.env.DB, {
        forget: () => this.purge(),
        wait: () => this.wakeLater(),
        cancel: () => this.stores.jobs.end(job.id, 'cancelled', Date.now()),
      }),
    )
    const release = this.stores.holds.release({
      transact: (work) => this.transact(work),
      lookAt: (at) => this.scheduleAlarm(at),
    })
    return [...others, release]
  }

  /** What its owner changed; null: it is nothing new. */
  private async note(toWrite: (now: number) => (() => void) | null): Promise<MonitorState> {
    await this.loadAlarm()
    const write = toWrite(Date.now())
    if (write !== null && !this.purged) {
      this.transact(write)
      await this.workSoon()
    }
    return this.stores.reports.state
  }

  private async lookLater(): Promise<void> {
    const { lookAt } = this.stores.holds.next()
    await (lookAt === null ? this.pruneLater() : this.scheduleAlarm(lookAt))
  }

  protected override prune(now: number): boolean {
    return pruneStores(this.stores, now)
  }

  /** All of it or nothing, in storage and in what the stores keep of it. */
  private transact<T>(work: () => T): T {
    try {
      return this.ctx.storage.transactionSync(work)
    } catch (error) {
      reloadStores(this.stores)
      throw error
    }
  }
}
