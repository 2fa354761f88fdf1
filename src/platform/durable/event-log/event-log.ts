// What one tenant published: accepted here, for the webhooks that are copied here, with what became of it at first; its replays.

import type {
  ErasureRequest,
  FirstOutcome,
  KeptDelivery,
  LoggedEvent,
} from '../../../engine/model/index.ts'
import type {
  JobEntry,
  KeyClaim,
  MonitorState,
  ReplayRequest,
} from '../../../engine/ports/index.ts'
import { ACCEPTED, RETENTION } from '../../../retention.ts'
import { flush, type Step } from '../outbox.ts'
import { tellActivity } from '../tell-activity.ts'
import type { AcceptAnswer, AcceptCall } from './accept-answer.ts'
import { acceptDue } from './due-events.ts'
import { withoutErased } from './erased-scope.ts'
import { ONLY_SHARD, type ShardPlace } from './erasure-store.ts'
import { GroupCommit } from './group-commit.ts'
import { handOverOwn } from './line-up.ts'
import { ReadableEventLog } from './readable-event-log.ts'
import { daysToTell, lastDay } from './told-activity.ts'

/** What is written together of several calls: while it is, the object serves nobody else. Outcomes take less than events; ours. */
const GROUP_MOST = { events: 500, outcomes: 4_000 } as const

export abstract class EventLogObject extends ReadableEventLog {
  private readonly accepting = new GroupCommit<AcceptCall, AcceptAnswer>({
    write: (calls) => this.acceptAll(calls),
    sync: () => this.ctx.storage.sync(),
    sizeOf: ({ submissions }) => submissions.length,
    most: GROUP_MOST.events,
  })
  private readonly recording = new GroupCommit<readonly FirstOutcome[], true>({
    write: (groups) => this.recordAll(groups),
    sync: () => this.ctx.storage.sync(),
    sizeOf: ({ length }) => length,
    most: GROUP_MOST.outcomes,
  })

  /** Accepts events, together with others that come meanwhile. */
  async accept(call: AcceptCall): Promise<AcceptAnswer> {
    return this.accepting.join(call)
  }

  /** What keys stand for, by their names, in order. */
  async findKeys(tenantId: string, names: readonly string[]) {
    return this.purged ? names.map(() => null) : this.intake.findKeys(tenantId, names)
  }

  /** Has keys stand for what they are claimed for, unless they stand for something, which is the answer. */
  async claimKeys(tenantId: string, claims: readonly KeyClaim[]) {
    await this.loadAlarm()
    for (;;) {
      const claim = this.purged ? null : await this.intake.prepareClaims(tenantId, claims)
      if (claim === null || this.purged) return claims.map(() => null)
      if (!claim.isOutdated()) return this.transact(claim.write)
    }
  }

  /** Notes what became of first deliveries, together with others that come meanwhile. */
  async record(outcomes: readonly FirstOutcome[]): Promise<void> {
    await this.recording.join(outcomes)
  }

  /** What an earlier version of the Worker, still running somewhere, has published by itself. */
  async append(events: readonly LoggedEvent[]): Promise<void> {
    await this.loadAlarm()
    const { erasures } = this.stores
    const { asked } = erasures
    const erased = await erasures.among(events.map((event) => ({ event })))
    if (this.purged) return
    if (erasures !== this.stores.erasures || erasures.asked !== asked) return this.append(events)
    this.transact(() => {
      const { events: log, replays } = this.stores
      replays.noteAdded(log.append(withoutErased(events, erased), 0, Date.now()))
    })
  }

  async keepDeliveries(webhookId: string, deliveries: readonly KeptDelivery[]): Promise<void> {
    if (!this.purged) this.stores.kept.add(webhookId, deliveries)
  }

  async noteState(webhookId: string, state: MonitorState): Promise<void> {
    if (this.purged) return
    this.intake.noteState(webhookId, state)
  }

  async announce(tenantId: string, changeId: string, isFenced: boolean): Promise<number> {
    return this.purged ? 0 : this.intake.copyOf(tenantId).announce(changeId, isFenced)
  }

  async confirm(changeId: string): Promise<void> {
    // Nobody announced anything to a log that was told of no tenant.
    if (this.purged || this.stores.copy.tenantId === null) return
    await this.intake.copyOf(null).confirm(changeId)
    await this.tellSoon()
  }

  /** Reads the webhooks anew: somebody cannot use what is known of them. */
  async refresh(): Promise<void> {
    if (this.purged) return
    await this.intake.copyOf(null).refresh()
    await this.tellSoon()
  }

  async addWebhooks(eventIds: readonly string[], webhookIds: readonly string[]): Promise<void> {
    await this.loadAlarm()
    if (this.purged) return
    this.transact(() => this.stores.addWebhooks(eventIds, webhookIds))
    await this.tellSoon()
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

  /** Expunges the content of events, in a job; of those that are named it is gone from here when this resolves. `place`: which shard this is. */
  async erase(
    tenantId: string,
    jobId: string,
    request: ErasureRequest,
    place: ShardPlace = ONLY_SHARD,
  ): Promise<void> {
    await this.loadAlarm()
    if (this.purged || this.stores.jobs.find(jobId) !== null) return
    const { stores } = this
    stores.copy.tenantId ??= tenantId
    const write = await stores.erasures.toStart(jobId, request, place)
    // The stores were opened anew meanwhile.
    if (stores !== this.stores) return this.erase(tenantId, jobId, request, place)
    this.transact(() => write(Date.now()))
    await this.workSoon()
  }

  /** Forgets the keys that stand for events which another shard erases, since a time (Unix milliseconds). */
  async forgetKeysOf(eventIds: readonly string[], at: number): Promise<void> {
    await this.loadAlarm()
    if (!this.purged) this.transact(() => this.stores.erasures.forgetKeysOf(new Set(eventIds), at))
  }

  async noteJob({ webhookId, ...entry }: JobEntry): Promise<void> {
    await this.loadAlarm()
    if (this.purged) return
    this.stores.jobs.insert({ ...entry, subject: webhookId ?? '', request: '' })
  }

  /** Forgets what was kept long enough, and reads the webhooks once more, should anybody have changed them unannounced. */
  async sweep(): Promise<void> {
    if (this.purged) return
    const now = Date.now()
    this.prune(now)
    await this.tell(lastDay(this.stores, now), now)
    await this.wakeForNext()
    if (this.stores.copy.tenantId !== null) await this.refresh()
  }

  async cancelJob(id: string): Promise<boolean> {
    return this.ctx.storage.transactionSync(() => this.stores.replays.cancel(id, Date.now()))
  }

  /** Takes messages for the events queue, all or none. */
  async relay(texts: readonly string[]): Promise<void> {
    await this.loadAlarm()
    const { erasures } = this.stores
    const { asked } = erasures
    const kept = await erasures.withoutErased(texts)
    if (this.purged) return
    if (erasures !== this.stores.erasures || erasures.asked !== asked) return this.relay(texts)
    this.ctx.storage.transactionSync(() => this.stores.outbox.add(kept))
    await this.workSoon()
  }

  /** Has a scheduled event be for nobody, unless it was accepted already. */
  async cancelScheduled(id: string): Promise<'cancelled' | 'gone' | null> {
    const isCancelled = this.transact(() => this.stores.scheduled.cancel(id, Date.now()))
    const event = await this.find(id)
    if (isCancelled || event?.cancelledAt !== undefined) return 'cancelled'
    return event === null ? null : 'gone'
  }

  override async alarm(): Promise<void> {
    const now = Date.now()
    this.stores.untended.look(now)
    await super.alarm()
    if (!this.purged) await this.tell(daysToTell(this.stores, now), now)
    if (!this.purged && this.stores.untended.hasRecent(now)) await this.lookLater()
  }

  protected override steps(): readonly Step[] {
    return [
      () => flush(this.stores.outbox),
      () => this.acceptDue(),
      () => this.handOver(),
      ...this.stores.replays.underWay(),
      ...this.stores.erasures.underWay((at) => this.scheduleAlarm(at)),
      ...this.stores.untended.steps(() => this.stores.copy.tenantId),
    ]
  }

  protected override prune(now: number): boolean {
    const { copy, erasures, events, kept, outcomes, keys, jobs } = this.stores
    copy.prune(now)
    kept.prune(now)
    return [
      events.prune(now, this.days),
      erasures.prune(now),
      outcomes.prune(now - RETENTION.attemptSeconds * 1_000),
      keys.prune(now),
      jobs.prune(now - RETENTION.eventSeconds * 1_000),
    ].includes(true)
  }

  private async acceptAll(calls: readonly AcceptCall[]): Promise<readonly AcceptAnswer[]> {
    await this.loadAlarm()
    if (this.purged) return calls.map(() => ({ kind: 'no_tenant' }))
    const ready = await this.intake.prepare(calls)
    if (ready?.isOutdated()) return this.acceptAll(calls)
    if (this.purged || ready === null) return calls.map(() => ({ kind: 'no_tenant' }))
    const { answers, isLeft, isOrdered, scheduled } = this.transact(() => ready.write(Date.now()))
    // Each sets the alarm before anything is waited for.
    const waking = scheduled === 'none' ? null : this.wakeForNext()
    if (isLeft || isOrdered) await this.workSoon()
    else if (scheduled !== 'all') await this.lookLater()
    await waking
    return answers
  }

  /** Hands over what comes in order to the monitors of its webhooks. */
  private async handOver(): Promise<boolean> {
    const webhooks = () => this.intake.copyOf(null).current()
    const isLeft = await handOverOwn(this.stores, webhooks, this.env, this.ctx.id.toString())
    if (isLeft) await this.wakeLater()
    return false
  }

  /** Goes on with the scheduled events whose time has come. */
  private async acceptDue(): Promise<boolean> {
    const accepted = await acceptDue(this.stores, (call) => this.accept(call))
    if (accepted === 'no_tenant') await this.lookLater()
    else if (accepted === 'none') await this.wakeForNext()
    return accepted === 'some'
  }

  /** Makes sure that the alarm rings when the next scheduled event is due. */
  private async wakeForNext(): Promise<void> {
    const { next } = this.stores.scheduled
    if (next !== null) await this.scheduleAlarm(next)
  }

  private async recordAll(groups: readonly (readonly FirstOutcome[])[]): Promise<readonly true[]> {
    if (!this.purged) {
      const { outcomes, untended } = this.stores
      const now = Date.now()
      this.transact(() => outcomes.add(groups.flat(), untended.watermark, now))
      while (outcomes.isDue(now)) this.stores.compact(now)
    }
    return groups.map(() => true)
  }

  /** Hands over what was counted on days; what could not be is told with the next. */
  private async tell(days: readonly number[], now: number): Promise<void> {
    const { tenantId } = this.stores.copy
    if (tenantId === null) return
    for (const day of days) await tellActivity(this.env, tenantId, this.activityOn(day, now))
  }

  /** Goes on with what webhooks are to be told. */
  private async tellSoon(): Promise<void> {
    if (!this.purged && this.stores.erasures.isUnderWay) await this.workSoon()
  }

  /** Makes sure that the alarm looks for what nobody took care of. */
  private lookLater(): Promise<void> {
    return this.scheduleAlarm(Date.now() + ACCEPTED.lookSeconds * 1_000)
  }

  /**
   * The deployment's sweep comes once a week: an alarm of its own would cost a quiet tenant more than its events. Only what says for how
   * long it is kept goes when its time has come.
   */
  protected override async pruneLater(): Promise<void> {
    const { nextEnd } = this.stores.events.tables
    if (nextEnd !== null) await this.scheduleAlarm(nextEnd)
  }
}
