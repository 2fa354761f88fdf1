// The webhook monitor, one object per webhook: health, attempts, diverted events. One report is one transaction.

import { keysOfEvents } from '../../../engine/attempt/order-key.ts'
import { type Batching, type Ordering, orderOf, type Pause } from '../../../engine/model/index.ts'
import type {
  DivertedQuery,
  Monitor,
  MonitorState,
  OrderedDeliveries,
  PendingFilter,
  Report,
  ToldRate,
  WebhookRef,
} from '../../../engine/ports/index.ts'
import { finishDeletion, handOverDeliveries, isDeletion, toDeletion } from './deletion.ts'
import { erase } from './erase.ts'
import {
  overdueReport,
  releaseUnordered,
  takeDeliveries,
  toNoteOrdering,
  toOwnReport,
} from './line-up.ts'
import { ReadableMonitor } from './readable-monitor.ts'
import { pruneStores, stepsOf } from './stores.ts'
import { toWrite, toWriteResend, toWriteResumed } from './writes.ts'

export class WebhookMonitor extends ReadableMonitor {
  /** Writes a report down: attempts, counts, suspension and diverted events together. */
  async report(report: Report): Promise<MonitorState & { isNew: boolean }> {
    await this.loadAlarm()
    const { stores, known } = this
    const { version, ordering } = stores.reports.health
    if (this.purged || stores.reports.has(report.id)) {
      return { ...stores.reports.state, isNew: false }
    }
    const now = Date.now()
    const written = toWrite(report, stores, known, this.env, now)
    const toTell = stores.told.daysOfReport(now)
    this.transact(written.write)
    this.ctx.waitUntil(stores.told.tell(toTell))
    await (written.tells ? this.workSoon() : this.goOn(ordering))
    return { ...this.stores.reports.state, isNew: written.health.version !== version }
  }

  async erase(eventIds: readonly string[], wherePresent = false): Promise<void> {
    await this.loadAlarm()
    if (this.purged) return
    const isAny = this.transact(() => erase(eventIds, wherePresent, this.stores, Date.now()))
    if (!isAny) return
    await this.pruneLater()
    // What waited for it has its turn.
    await this.goOn(this.stores.reports.health.ordering)
  }

  async eraseExcerpts(eventIds: readonly string[]): Promise<void> {
    this.transact(() => this.stores.reports.eraseExcerpts(eventIds))
  }

  async eraseExcerpt(eventId: string, attemptId: string): Promise<void> {
    this.transact(() => this.stores.reports.eraseExcerpts([eventId], attemptId))
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

  async noteOrdering(ordering: Ordering): Promise<MonitorState> {
    return this.note((now) => toNoteOrdering(this.stores, ordering, now))
  }

  async noteBatching(batching: Batching): Promise<MonitorState> {
    return this.note((now) => this.stores.joints.toNote(batching, now))
  }

  /** Takes what comes in order from an event log, as far as there is room and an invocation has steps for its keys. */
  async lineUp(asked: OrderedDeliveries): Promise<number> {
    await this.loadAlarm()
    const { ref, log, webhook, deliveries } = asked
    if (this.purged) return deliveries.at(-1)?.number ?? 0
    const fresh = deliveries.filter(({ number }) => number > this.stores.places.upTo(log))
    if (this.stores.places.isFull || fresh.length === 0) return this.stores.places.upTo(log)
    const keys = await keysOfEvents(fresh.map(keyed), { ...webhook, id: ref.id })
    if (this.purged) return fresh.at(-1)?.number ?? 0
    await this.loadAlarm()
    const now = Date.now()
    const { ordering } = this.stores.reports.health
    this.transact(() => {
      const ended = takeDeliveries({ ...asked, deliveries: fresh }, keys, this.stores, now)
      if (ended.length > 0) this.writeOwn(toOwnReport(ref, ended, now), now)
    })
    await this.goOn(ordering)
    return this.stores.places.upTo(log)
  }

  /** Goes on with a key that is blocked; false where it is not. */
  async skipBlocked(key: string): Promise<boolean> {
    await this.loadAlarm()
    const isSkipped = !this.purged && this.transact(() => this.stores.places.skip(key))
    if (isSkipped) await this.workSoon()
    return isSkipped
  }

  async permit(...[ask]: Parameters<Monitor['permit']>): ReturnType<Monitor['permit']> {
    await this.loadAlarm()
    if (this.purged) return { kind: 'unknown' }
    const { ordering } = this.stores.reports.health
    const answer = this.transact(() => this.stores.rates.answer(ask, Date.now()))
    // By the time of its way there may be room for what came too early, or for the next: nobody would say so later.
    await this.goOn(ordering)
    return answer
  }

  async endRequest(...[key]: Parameters<Monitor['endRequest']>): Promise<void> {
    await this.loadAlarm()
    if (this.purged) return
    this.stores.rates.end(key)
    await this.goOn(this.stores.reports.health.ordering)
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
      await handOverDeliveries(this.stores, statesOf, deletion.subject, keeper)
    }
    await super.purge()
  }

  async cancelJob(id: string): Promise<boolean> {
    return this.transact(() => this.stores.resends.cancel(id, Date.now()))
  }

  override async alarm(): Promise<void> {
    await super.alarm()
    if (!this.purged) await this.stores.told.tellAtAlarm(Date.now())
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
    return [...others, async () => this.transact(() => this.leaveOrder(Date.now())), release]
  }

  /** Some of what waits for others and does no more; false: nothing does. */
  private leaveOrder(now: number): boolean {
    const overdue = overdueReport(this.stores, now)
    if (overdue !== null) this.writeOwn(overdue, now)
    return releaseUnordered(this.stores) || overdue !== null
  }

  /** Within a transaction: what it says itself. */
  private writeOwn(report: Report, now: number): void {
    toWrite(report, this.stores, this.known, this.env, now).write()
  }

  /** What its owner changed; null: it is nothing new. */
  private async note(toNote: (now: number) => (() => void) | null): Promise<MonitorState> {
    await this.loadAlarm()
    const write = toNote(Date.now())
    if (write !== null && !this.purged) {
      this.transact(write)
      await this.workSoon()
    }
    return this.stores.reports.state
  }

  /** Releases what may be released now, and what another order than before lets go; or looks again later. */
  private async goOn(before: Ordering | undefined): Promise<void> {
    const isOther = this.stores.reports.health.ordering !== before
    await (isOther || this.stores.holds.next().count > 0 ? this.workSoon() : this.lookLater())
  }

  private async lookLater(): Promise<void> {
    const { lookAt } = this.stores.holds.next()
    await (lookAt === null ? this.pruneLater() : this.scheduleAlarm(lookAt))
  }

  protected override prune(now: number): boolean {
    return pruneStores(this.stores, now)
  }
}

function keyed({ event, ordering }: OrderedDeliveries['deliveries'][number]) {
  return { event, order: orderOf({ ordering }) }
}
