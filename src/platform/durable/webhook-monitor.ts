// The memory of one webhook: health, attempts, diverted events. One report is one transaction.

import { LOG, RETENTION } from '../../config.ts'
import { firstIdAt, newId } from '../../engine/ids.ts'
import type {
  Attempt,
  DeliveryState,
  DivertedEvent,
  Health,
  HealthReport,
  Run,
} from '../../engine/model.ts'
import { FIRST_RUN } from '../../engine/model.ts'
import { toDeliveryText } from '../../engine/pipeline/delivery-message.ts'
import { type Change, type Digest, digest, stateNotice } from '../../engine/pipeline/digest.ts'
import { INITIAL_HEALTH, resumedHealth } from '../../engine/pipeline/health.ts'
import type {
  AttemptQuery,
  DeliveryKey,
  DivertedQuery,
  MonitorState,
  Report,
  WebhookRef,
} from '../../engine/ports.ts'
import type { Env } from '../env.ts'
import { sendFirstBatch } from '../queue/first-batch.ts'
import { settingsOf } from '../settings.ts'
import type { AttemptPosition } from './cursor.ts'
import { type Payable, toPayable } from './debts.ts'
import { DeliveryStore, type StoredDelivery } from './delivery-store.ts'
import { DivertedStore } from './diverted-store.ts'
import { inTime } from './in-time.ts'
import { KeptObject } from './kept-object.ts'
import { Outbox } from './outbox.ts'
import type { Cut } from './page.ts'
import { keyOf, ReportStore } from './report-store.ts'
import { Resends } from './resends.ts'

export class WebhookMonitor extends KeptObject {
  private stores: ReturnType<typeof openStores>

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    this.stores = openStores(ctx.storage.sql, env)
  }

  /** Writes a report down: attempts, counts, suspension and diverted events together. */
  async report(report: Report): Promise<MonitorState> {
    await this.knowAlarm()
    if (this.purged) return toState(INITIAL_HEALTH)
    if (this.stores.reports.has(report.id)) return toState(this.stores.reports.health)
    const now = Date.now()
    const { delayScale } = settingsOf(this.env)
    const memory = {
      health: this.stores.reports.health,
      deliveriesOf: this.deliveriesOf(failedEvents(report)),
    }
    const result = digest(report, memory, { now, delayScale })
    this.transact(() => this.write(report, result, now))
    await (result.notices.length > 0 ? this.sendSoon() : this.pruneLater())
    return toState(result.health)
  }

  /**
   * What has a row and, for the events that failed, what was delivered at once and has none: a failure that is reported
   * late, or of an attempt made twice, must not hide it.
   */
  private deliveriesOf(failed: readonly string[]) {
    const { deliveries, reports } = this.stores
    const hasFirst = (rows: readonly StoredDelivery[]) => rows.some(({ run }) => run === FIRST_RUN)
    const unknown = failed.filter((eventId) => !hasFirst(deliveries.ofEvent(eventId)))
    const delivered = reports.findDelivered(unknown.map(firstKey))
    return (eventId: string): readonly StoredDelivery[] => {
      const rows = deliveries.ofEvent(eventId)
      const attempt = delivered.get(keyOf(firstKey(eventId)))
      return attempt ? [...rows, { ...deliveredBy(attempt), run: FIRST_RUN }] : rows
    }
  }

  private write(
    report: Report,
    { health, changes, notices, counts, latencies }: Digest,
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

  async states(keys: readonly DeliveryKey[]): Promise<DeliveryState[]> {
    const known = keys.map((key) => telling(this.stores.deliveries.ofEvent(key.eventId), key.run))
    const stateOf = this.statesWithoutRow(keys.filter((_, index) => known[index] === undefined))
    return keys.map((key, index) => {
      const row = known[index]
      return row ? withoutRun(row) : stateOf(key)
    })
  }

  async statesOfEvents(eventIds: readonly string[]): Promise<DeliveryState[]> {
    const known = eventIds.map((eventId) => decisive(this.stores.deliveries.ofEvent(eventId)))
    const open = eventIds.filter((_, index) => known[index]?.isFinal !== true)
    const firstOf = this.statesWithoutRow(open.map(firstKey))
    return eventIds.map((eventId, index) => {
      const { row, isFinal } = known[index] ?? NO_ROWS
      if (row && isFinal) return withoutRun(row)
      const first = firstOf(firstKey(eventId))
      return row && first.status !== 'delivered' ? withoutRun(row) : first
    })
  }

  /** What the attempts alone tell of each of the deliveries: delivered at once, or nothing yet. */
  private statesWithoutRow(keys: readonly DeliveryKey[]): (key: DeliveryKey) => DeliveryState {
    const delivered = this.stores.reports.findDelivered(keys)
    const status = this.purged ? 'dropped' : 'pending'
    return (key) => {
      const attempt = delivered.get(keyOf(key))
      return attempt
        ? deliveredBy(attempt)
        : { status, attempts: 0, lastAttemptAt: null, nextAttemptAt: null }
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
    await this.knowAlarm()
    const { health } = this.stores.reports
    if (this.purged || health.suspendedAt === null)
      return { state: toState(health), resumed: false }
    const now = Date.now()
    const next = resumedHealth(health)
    const about = { tenantId: ref.tenantId, webhookId: ref.id }
    const notice = stateNotice('webhook.resumed', 'resumed', about, next, now)
    this.transact(() => {
      const counts = { delivered: 0, failed: 0, diverted: 0 }
      this.stores.reports.insert(
        { id: newId(now), health: next, counts, latencies: [], attempts: [] },
        now,
      )
      this.stores.outbox.add([toDeliveryText({ kind: 'notice', notice })])
    })
    await this.sendSoon()
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

  async resendDiverted(ref: WebhookRef, query: DivertedQuery): Promise<number> {
    await this.knowAlarm()
    const run = newId(Date.now())
    const count = this.transact(() =>
      this.stores.resends.start(ref, run, () => this.stores.diverted.claim(query, run)),
    )
    if (count > 0) await this.sendSoon()
    return count
  }

  async resendOneDiverted(ref: WebhookRef, eventId: string): Promise<boolean> {
    await this.knowAlarm()
    const run = newId(Date.now())
    const claim = () => (this.stores.diverted.claimOne(eventId, run) ? 1 : 0)
    const count = this.transact(() => this.stores.resends.start(ref, run, claim))
    if (count > 0) await this.sendSoon()
    return count > 0
  }

  protected override reopen(): void {
    this.stores = openStores(this.ctx.storage.sql, this.env)
  }

  protected override owed(): readonly Payable[] {
    return [toPayable(this.stores.outbox), toPayable(this.stores.resends)]
  }

  protected override prune(now: number): boolean {
    const { reports, diverted, deliveries } = this.stores
    const left = [
      reports.prune(now - RETENTION.attemptSeconds * 1_000),
      diverted.prune(now - RETENTION.divertedSeconds * 1_000),
      deliveries.prune(firstIdAt(now - RETENTION.eventSeconds * 1_000)),
    ]
    return left.includes(true)
  }

  /** All of it or nothing, in storage and in memory. */
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
    if (entry.kind === 'skipped') return [entry.eventId]
    return entry.attempt.outcome === 'failed' ? [entry.attempt.eventId] : []
  })
}

function firstKey(eventId: string): DeliveryKey {
  return { eventId, run: FIRST_RUN }
}

function deliveredBy({ attempt: attempts, at: lastAttemptAt }: Attempt): DeliveryState {
  return { status: 'delivered', attempts, lastAttemptAt, nextAttemptAt: null }
}

/** Of an event's rows the one that says how a run of it stands. */
function telling(rows: readonly StoredDelivery[], run: Run): StoredDelivery | undefined {
  const known = rows.find((delivery) => delivery.run === run)
  const isOpen = run === FIRST_RUN && (known === undefined || known.status === 'failing')
  // Nobody waits for its own attempts once an event was sent again and delivered.
  const other = isOpen ? rows.find(({ status }) => status === 'delivered') : undefined
  return other ?? known
}

const NO_ROWS = { row: undefined, isFinal: false } as const

/**
 * Of an event's rows the one that says how it stands, and whether it does so for certain: what failed has a row, so that
 * only an event without one of its first run can have been delivered at once.
 */
function decisive(rows: readonly StoredDelivery[]) {
  const delivered = rows.find(({ status }) => status === 'delivered')
  if (delivered) return { row: delivered, isFinal: true }
  const row = rows.toSorted((a, b) => (a.lastAttemptAt ?? 0) - (b.lastAttemptAt ?? 0)).at(-1)
  return { row, isFinal: rows.some(({ run }) => run === FIRST_RUN) }
}

/** The state alone: which run it is of is the store's business. */
function withoutRun({ run: _, ...state }: StoredDelivery): DeliveryState {
  return state
}

function toState({ version, suspendedAt, lane }: Health): MonitorState {
  return { version, suspendedAt, lane }
}

function openStores(sql: SqlStorage, env: Env) {
  const diverted = new DivertedStore(sql)
  const send = (texts: readonly string[]) => inTime(sendFirstBatch(env.DELIVERIES, texts))
  return {
    reports: new ReportStore(sql),
    deliveries: new DeliveryStore(sql),
    diverted,
    outbox: new Outbox(sql, send),
    resends: new Resends(sql, diverted, send),
  }
}
