// What one tenant published: accepted here, for the webhooks that are copied here, with what became of it at first; its replays.

import type {
  Attempt,
  FirstOutcome,
  KeptDelivery,
  LoggedEvent,
  UnmatchedWebhook,
} from '../../../engine/model/index.ts'
import type {
  AttemptQuery,
  DialectRuntimes,
  EventQuery,
  JobEntry,
  KeyClaim,
  LogPage,
  MonitorState,
  ReplayRequest,
  Successes,
  UnmatchedQuery,
  Usage,
} from '../../../engine/ports/index.ts'
import { timeOf } from '../../../primitives/ids.ts'
import type { Cut } from '../../../primitives/pack.ts'
import { ACCEPTED, RETENTION } from '../../../tuning.ts'
import { BaseObject } from '../base-object.ts'
import { toJobEntry } from '../job-store.ts'
import { flush, type Step } from '../outbox.ts'
import { eventPage, keptSince, requestPage } from './event-page.ts'
import { GroupCommit } from './group-commit.ts'
import { type AcceptAnswer, type AcceptCall, Intake } from './intake.ts'
import { type EventLogStores, openEventLogStores, type Surroundings } from './stores.ts'

export abstract class EventLogObject extends BaseObject<Surroundings> {
  private stores: EventLogStores
  private intake: Intake
  private readonly accepting = new GroupCommit<AcceptCall, AcceptAnswer>(
    (calls) => this.acceptAll(calls),
    () => this.ctx.storage.sync(),
  )
  private readonly recording = new GroupCommit<readonly FirstOutcome[], true>(
    (groups) => this.recordAll(groups),
    () => this.ctx.storage.sync(),
  )

  constructor(ctx: DurableObjectState, env: Surroundings) {
    super(ctx, env)
    this.stores = this.open()
    this.intake = this.openIntake()
  }

  /** What the deployment's dialects say of an event and a webhook. */
  protected abstract dialectRuntimes(): DialectRuntimes

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
    const claim = this.purged ? null : await this.intake.prepareClaims(tenantId, claims)
    return claim === null || this.purged ? claims.map(() => null) : this.transact(claim)
  }

  /** Notes what became of first deliveries, together with others that come meanwhile. */
  async record(outcomes: readonly FirstOutcome[]): Promise<void> {
    await this.recording.join(outcomes)
  }

  /** What an earlier version of the Worker, still running somewhere, has published by itself. */
  async append(events: readonly LoggedEvent[]): Promise<void> {
    await this.loadAlarm()
    if (this.purged) return
    this.transact(() => {
      const { events: log, replays } = this.stores
      replays.noteAdded(log.append(events, 0, Date.now()))
    })
  }

  async firstOutcomes(
    keys: readonly { readonly eventId: string; readonly webhookId: string }[],
  ): Promise<readonly (FirstOutcome | null)[]> {
    const found = this.stores.outcomes.find(keys)
    return keys.map(({ eventId, webhookId }) => found.get(`${eventId}/${webhookId}`) ?? null)
  }

  async keepDeliveries(webhookId: string, deliveries: readonly KeptDelivery[]): Promise<void> {
    if (!this.purged) this.stores.kept.add(webhookId, deliveries)
  }

  async keptDeliveries(
    eventId: string,
    webhookIds: readonly string[],
  ): Promise<readonly (KeptDelivery | null)[]> {
    return webhookIds.map((webhookId) => this.stores.kept.find(eventId, webhookId))
  }

  async firstAttempts(
    webhookId: string,
    query: AttemptQuery,
    from: string | null,
  ): Promise<{ readonly items: readonly Attempt[]; readonly next: string | null }> {
    return this.stores.outcomes.list(webhookId, query, from)
  }

  async successes(webhookId: string, since: number): Promise<Successes> {
    const { latencies, ...rest } = this.stores.outcomes.summarize(webhookId, since)
    return { ...rest, latencies: latencies.toPairs() }
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
  }

  /** Reads the webhooks anew: somebody cannot use what is known of them. */
  async refresh(): Promise<void> {
    if (!this.purged) await this.intake.copyOf(null).refresh()
  }

  async addWebhooks(eventIds: readonly string[], webhookIds: readonly string[]): Promise<void> {
    await this.loadAlarm()
    if (this.purged) return
    this.transact(() => this.stores.addWebhooks(eventIds, webhookIds))
  }

  async find(id: string): Promise<LoggedEvent | null> {
    return timeOf(id) < keptSince() ? null : this.stores.events.find(id)
  }

  async unmatched(
    tenantId: string,
    query: UnmatchedQuery,
    after: string | null,
  ): Promise<Cut<UnmatchedWebhook>> {
    const isKept = !this.purged && timeOf(query.eventId) >= keptSince()
    return isKept ? this.intake.unmatched(tenantId, query, after) : { items: [], more: false }
  }

  async list(query: EventQuery, position: string | null): Promise<Omit<LogPage, 'nextCursor'>> {
    return eventPage(this.stores.events, query, position)
  }

  async listByRequest(
    requestId: string,
    after: string | null,
    share = 1,
  ): Promise<Cut<LoggedEvent>> {
    return requestPage(this.stores.events, requestId, after, share)
  }

  async usage(since: number): Promise<Usage> {
    return this.stores.events.numbers.usage(since, Date.now())
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
  }

  /** Forgets what was kept long enough, and reads the webhooks once more, should anybody have changed them unannounced. */
  async sweep(): Promise<void> {
    if (this.purged) return
    this.prune(Date.now())
    if (this.stores.copy.tenantId !== null) await this.intake.copyOf(null).refresh()
  }

  async jobs(page: { limit: number; before: string | null }): Promise<readonly JobEntry[]> {
    return this.stores.jobs.list(page).map(toJobEntry)
  }

  async job(id: string): Promise<JobEntry | null> {
    const job = this.stores.jobs.find(id)
    return job && toJobEntry(job)
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

  override async alarm(): Promise<void> {
    const now = Date.now()
    this.stores.untended.look(now)
    await super.alarm()
    if (!this.purged && this.stores.untended.hasRecent(now)) await this.lookLater()
  }

  protected override reopen(): void {
    this.intake.close()
    this.stores = this.open()
    this.intake = this.openIntake()
  }

  protected override steps(): readonly Step[] {
    return [
      () => flush(this.stores.outbox),
      ...this.stores.replays.underWay(),
      ...this.stores.untended.steps(() => this.stores.copy.tenantId),
    ]
  }

  protected override prune(now: number): boolean {
    const { copy, events, kept, outcomes, keys, jobs } = this.stores
    copy.prune(now)
    kept.prune(now)
    return [
      events.prune(now),
      outcomes.prune(now - RETENTION.attemptSeconds * 1_000),
      keys.prune(now),
      jobs.prune(now - RETENTION.eventSeconds * 1_000),
    ].includes(true)
  }

  private async acceptAll(calls: readonly AcceptCall[]): Promise<readonly AcceptAnswer[]> {
    await this.loadAlarm()
    if (this.purged) return calls.map(() => ({ kind: 'no_tenant' }))
    const ready = await this.intake.prepare(calls)
    if (this.purged || ready === null) return calls.map(() => ({ kind: 'no_tenant' }))
    const { answers, isLeft } = this.transact(() => ready.write(Date.now()))
    await (isLeft ? this.workSoon() : this.lookLater())
    return answers
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

  /** The deployment's sweep comes once a week: an alarm of its own would cost a quiet tenant more than its events. */
  protected override async pruneLater(): Promise<void> {}

  /** Makes sure that the alarm looks for what nobody took care of. */
  private lookLater(): Promise<void> {
    return this.scheduleAlarm(Date.now() + ACCEPTED.lookSeconds * 1_000)
  }

  private open(): EventLogStores {
    return openEventLogStores(this.ctx.storage, this.env, (write) => this.transact(write))
  }

  private openIntake(): Intake {
    return new Intake(this.stores, this.env, () => this.dialectRuntimes())
  }

  private transact<Result>(write: () => Result): Result {
    try {
      return this.ctx.storage.transactionSync(write)
    } catch (error) {
      // The stores remember what they wrote, and that is undone.
      this.reopen()
      throw error
    }
  }
}
