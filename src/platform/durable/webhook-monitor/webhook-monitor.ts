// The webhook monitor, one object per webhook: health, attempts, diverted events. One report is one transaction.

import {
  type AppliedReport,
  applyReport,
  type Change,
  stateNotice,
} from '../../../engine/health/apply-report.ts'
import { INITIAL_HEALTH, resumedHealth } from '../../../engine/health/health.ts'
import {
  hasFirst,
  isToldByRows,
  runThatTells,
  runToJoin,
  stateOfEvent,
  UNTRIED,
  withFirst,
} from '../../../engine/health/runs.ts'
import { toDeliveryText, toResendMessage } from '../../../engine/messages/delivery-message.ts'
import type {
  Attempt,
  DeliveryState,
  DivertedEvent,
  Event,
  Health,
  HealthReport,
  JobProgress,
  RunState,
} from '../../../engine/model/index.ts'
import { FIRST_RUN } from '../../../engine/model/index.ts'
import type {
  AttemptQuery,
  DeliveryKey,
  DivertedQuery,
  MonitorState,
  Report,
  WebhookRef,
} from '../../../engine/ports/index.ts'
import { firstIdAt, newId } from '../../../primitives/ids.ts'
import type { Cut } from '../../../primitives/pack.ts'
import { LOG, RETENTION } from '../../../tuning.ts'
import type { Bindings } from '../../bindings.ts'
import { sendFirstBatch } from '../../queues/first-batch.ts'
import { settingsOf } from '../../settings.ts'
import { BaseObject } from '../base-object.ts'
import type { AttemptPosition } from '../cursor.ts'
import { inTime } from '../in-time.ts'
import { JobStore, type StoredJob } from '../job-store.ts'
import { type MigratedStorage, migrate } from '../migrate.ts'
import { flush, type Step, StoredOutbox } from '../outbox.ts'
import { DeliveryStore } from './delivery-store.ts'
import { DivertedStore } from './diverted-store.ts'
import { keyOf, type Made, NO_COUNTS, ReportStore } from './report-store.ts'
import { Resends } from './resends.ts'
import { MONITOR_SCHEMA } from './schema.ts'

/** A job that waits for the webhook to be gone. */
const DELETION = 'deletion'

export class WebhookMonitor extends BaseObject {
  private stores: ReturnType<typeof openStores>

  constructor(ctx: DurableObjectState, env: Bindings) {
    super(ctx, env)
    this.stores = openStores(ctx.storage, env)
  }

  /** Writes a report down: attempts, counts, suspension and diverted events together. */
  async report(report: Report): Promise<MonitorState> {
    await this.loadAlarm()
    if (this.purged) return toState(INITIAL_HEALTH)
    if (this.stores.reports.has(report.id)) return toState(this.stores.reports.health)
    const now = Date.now()
    const { delayScale } = settingsOf(this.env)
    const known = {
      health: this.stores.reports.health,
      deliveriesOf: this.deliveriesOf(failedEvents(report)),
    }
    const result = applyReport(report, known, { now, delayScale })
    this.transact(() => this.write(report, result, now))
    await (result.notices.length > 0 ? this.workSoon() : this.pruneLater())
    return toState(result.health)
  }

  /** The runs of the events that a report tells a failure of, with what was delivered at once and has no row. */
  private deliveriesOf(failed: readonly string[]) {
    const { deliveries } = this.stores
    const open = failed.filter((eventId) => !hasFirst(deliveries.ofEvent(eventId)))
    const firstOf = this.statesWithoutRow(open.map(firstKey))
    return (eventId: string) => withFirst(deliveries.ofEvent(eventId), firstOf(firstKey(eventId)))
  }

  private write(
    report: Report,
    { health, changes, notices, counts, latencies }: AppliedReport,
    now: number,
  ) {
    const attempts = report.entries.flatMap((entry) =>
      entry.kind === 'attempt' ? [entry.attempt] : [],
    )
    this.stores.reports.insert({ id: report.id, health, counts, latencies, attempts }, now)
    for (const change of changes) this.apply(change)
    this.stores.outbox.add(notices.map((notice) => toDeliveryText({ kind: 'notice', notice })))
  }

  private apply(change: Change): void {
    const { deliveries, diverted } = this.stores
    if (change.kind === 'delivery') deliveries.put(change.key, change.state)
    else if (change.kind === 'divert') diverted.put(change.diverted)
    else if (change.kind === 'undivert') diverted.delete(change.eventId)
    else diverted.release(change.eventId, change.run)
  }

  async states(keys: readonly DeliveryKey[]): Promise<RunState[]> {
    const { deliveries } = this.stores
    const known = keys.map((key) => runThatTells(deliveries.ofEvent(key.eventId), key.run))
    const stateOf = this.statesWithoutRow(keys.filter((_, index) => known[index] === undefined))
    return keys.map((key, index) => known[index] ?? { ...stateOf(key), run: key.run })
  }

  async statesOfEvents(eventIds: readonly string[]): Promise<DeliveryState[]> {
    const known = eventIds.map((eventId) => this.stores.deliveries.ofEvent(eventId))
    const open = eventIds.filter((_, index) => !isToldByRows(known[index] ?? []))
    const firstOf = this.statesWithoutRow(open.map(firstKey))
    return eventIds.map((id, index) => stateOfEvent(known[index] ?? [], firstOf(firstKey(id))))
  }

  /** What the attempts alone tell of each of the deliveries: delivered at once, or nothing yet. */
  private statesWithoutRow(keys: readonly DeliveryKey[]): (key: DeliveryKey) => DeliveryState {
    const delivered = this.stores.reports.findDelivered(keys)
    const status = this.purged ? 'dropped' : 'pending'
    return (key) => {
      const attempt = delivered.get(keyOf(key))
      return attempt ? deliveredBy(attempt) : { ...UNTRIED, status }
    }
  }

  async attempts(
    query: AttemptQuery,
    from: AttemptPosition | null,
  ): Promise<{ items: readonly Attempt[]; next: AttemptPosition | null }> {
    return this.stores.reports.list(query, from)
  }

  async health(): Promise<HealthReport> {
    const since = Date.now() - LOG.healthWindowSeconds * 1_000
    return { health: this.stores.reports.health, ...this.stores.reports.summarize(since) }
  }

  async resume(ref: WebhookRef): Promise<{ state: MonitorState; resumed: boolean }> {
    await this.loadAlarm()
    const { health } = this.stores.reports
    if (this.purged || health.suspendedAt === null)
      return { state: toState(health), resumed: false }
    const now = Date.now()
    const next = resumedHealth(health)
    const about = { tenantId: ref.tenantId, webhookId: ref.id }
    const notice = stateNotice('webhook.resumed', 'resumed', about, next, now)
    this.transact(() => {
      const empty = { counts: NO_COUNTS, latencies: [], attempts: [] }
      this.stores.reports.insert({ id: newId(now), health: next, ...empty }, now)
      this.stores.outbox.add([toDeliveryText({ kind: 'notice', notice })])
    })
    await this.workSoon()
    return { state: toState(next), resumed: true }
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

  async resend(ref: WebhookRef, event: Event, wasMatched: boolean): Promise<boolean> {
    await this.loadAlarm()
    if (this.purged) return true
    const { deliveries, diverted } = this.stores
    const known = runToJoin(deliveries.ofEvent(event.id), diverted.runOf(event.id))
    if (known === undefined && wasMatched && this.isUnseen(event.id)) return false
    const carrier = newId(Date.now())
    const { run, ...state } = known ?? { ...UNTRIED, run: carrier }
    const about = { run, attempts: state.attempts, carrier }
    this.transact(() => {
      deliveries.put({ eventId: event.id, run }, { ...state, carrier })
      this.stores.outbox.add([toDeliveryText(toResendMessage(ref, event, about))])
    })
    await this.workSoon()
    return true
  }

  /** Whether nothing was written of an event at all. */
  private isUnseen(eventId: string): boolean {
    const key = firstKey(eventId)
    const hasRows = this.stores.deliveries.ofEvent(eventId).length > 0
    return !hasRows && this.statesWithoutRow([key])(key).status === 'pending'
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

  async expectDeletion({ tenantId, id }: WebhookRef): Promise<void> {
    await this.loadAlarm()
    if (this.purged) return
    const now = Date.now()
    const progress = { state: 'running', done: 0, total: 1, error: null, endedAt: null } as const
    const about = { kind: DELETION, subject: id, request: tenantId, createdAt: now, progress }
    this.stores.jobs.insert({ id: newId(now), ...about })
    await this.wakeLater()
  }

  /** Forgets everything once the webhook is gone; when it is still there after a while, it was not deleted after all. */
  private async finishDeletion({ id, subject, request, createdAt }: StoredJob): Promise<boolean> {
    const query = this.env.DB.prepare('SELECT 1 FROM webhooks WHERE tenant_id = ? AND id = ?')
    if ((await inTime(query.bind(request, subject).first())) === null) await this.purge()
    else if (Date.now() < createdAt + RETENTION.deletionSeconds * 1_000) await this.wakeLater()
    else this.stores.jobs.end(id, 'cancelled', Date.now())
    return false
  }

  async job(id: string): Promise<JobProgress | null> {
    return this.stores.jobs.find(id)?.progress ?? null
  }

  async cancelJob(id: string): Promise<boolean> {
    return this.transact(() => this.stores.resends.cancel(id, Date.now()))
  }

  protected override reopen(): void {
    this.stores = openStores(this.ctx.storage, this.env)
  }

  protected override steps(): readonly Step[] {
    const { outbox, resends, jobs } = this.stores
    const deletions = jobs.running().filter(({ kind }) => kind === DELETION)
    return [
      () => flush(outbox),
      ...resends.underWay(),
      ...deletions.map((job) => () => this.finishDeletion(job)),
    ]
  }

  protected override prune(now: number): boolean {
    const { reports, diverted, deliveries, jobs } = this.stores
    const left = [
      jobs.prune(now - RETENTION.eventSeconds * 1_000),
      reports.prune(now - RETENTION.attemptSeconds * 1_000),
      diverted.prune(now - RETENTION.divertedSeconds * 1_000),
      deliveries.prune(firstIdAt(now - RETENTION.eventSeconds * 1_000)),
    ]
    return left.includes(true)
  }

  /** All of it or nothing, in storage and in what the stores keep of it. */
  private transact<T>(work: () => T): T {
    try {
      return this.ctx.storage.transactionSync(work)
    } catch (error) {
      this.stores.reports.reload()
      throw error
    }
  }
}

/** Events of which the report tells a failure. */
function failedEvents({ entries }: Report): readonly string[] {
  return entries.flatMap((entry) => {
    if (entry.kind === 'unanswered') return []
    if (entry.kind !== 'attempt') return [entry.eventId]
    return entry.attempt.outcome === 'failed' ? [entry.attempt.eventId] : []
  })
}

function firstKey(eventId: string): DeliveryKey {
  return { eventId, run: FIRST_RUN }
}

function deliveredBy({ attempt: attempts, at: lastAttemptAt }: Made): DeliveryState {
  return { ...UNTRIED, status: 'delivered', attempts, lastAttemptAt }
}

function toState({ version, suspendedAt, lane }: Health): MonitorState {
  return { version, suspendedAt, lane }
}

function openStores(storage: MigratedStorage, env: Bindings) {
  migrate(storage, MONITOR_SCHEMA)
  const { sql } = storage
  const diverted = new DivertedStore(sql)
  const deliveries = new DeliveryStore(sql)
  const jobs = new JobStore(sql)
  const send = (texts: readonly string[]) => inTime(sendFirstBatch(env.DELIVERIES, texts))
  return {
    reports: new ReportStore(sql),
    deliveries,
    diverted,
    jobs,
    outbox: new StoredOutbox(sql, send),
    resends: new Resends({ diverted, deliveries, jobs }, send),
  }
}
