// Where an event log keeps its copy of the webhooks: a row for each, so that an object that sleeps need not ask the database when
// it wakes, and the changes that are announced.

import { z } from 'zod'
import { isPaused, type Standing, type Webhook } from '../../../engine/model/index.ts'
import type { MonitorState } from '../../../engine/ports/index.ts'
import { RETENTION_DAYS } from '../../../limits.ts'
import { TAIL } from '../../../tuning.ts'
import { SealedWebhook, type TenantWebhooks } from '../../d1/tenant-webhooks.ts'
import { jsonText, rowOf, rowsOf } from '../rows.ts'
import type { Announcement, CopyStorage, Snapshot } from './webhook-copy.ts'
import {
  knownSince,
  Moments,
  nextPeriod,
  type Period,
  type Rules,
  rulesAt,
  WebhookHistory,
} from './webhook-history.ts'

/** A webhook as the copy has it. */
export interface CopiedWebhook {
  readonly number: number
  readonly sealed: SealedWebhook
  readonly state: CopiedState
}

interface CopiedState extends MonitorState {
  /** When it was told to be failing or held, and was not before, Unix milliseconds; null: it is not, or nobody knows since when. */
  readonly waitsSince: number | null
}

const State: z.ZodType<CopiedState> = z.object({
  version: z.number().default(0),
  suspendedAt: z.number().nullable().default(null),
  lane: z.enum(['fast', 'slow']).default('fast'),
  // Of a webhook that nobody told of yet: its monitor may count failures.
  isTroubled: z.boolean().default(true),
  isHeld: z.boolean().default(false),
  waitsSince: z.number().nullable().default(null),
})

const TenantRow = z
  .object({
    id: z.string(),
    name: z.string(),
    epoch: z.number(),
    retention_days: z.number().nullable(),
  })
  .transform(({ retention_days: days, ...tenant }) => {
    return { ...tenant, retentionDays: days ?? undefined }
  })
const TENANT = 'SELECT id, name, epoch, retention_days FROM copied_tenant'
const WebhookRow = z.object({
  number: z.number(),
  sealed: jsonText(SealedWebhook),
  state: jsonText(State),
  since: z.number().default(0),
  made: z.number().default(0),
})
const AnnouncementRow = z.object({ id: z.string(), at: z.number(), epoch: z.number() })

/** As far as it takes to tell whether an event is for it: its secrets stay closed. */
export function toOpen(
  { sealed: _, version: __, ...outline }: SealedWebhook,
  { suspendedAt, lane }: MonitorState,
): Webhook {
  const secrets: Webhook['secrets'] = { signing: [], headers: [], attributes: {} }
  return { ...outline, suspendedAt, lane, secrets }
}

/** Whether its monitor hears more of a webhook than its failures. */
function isInTrouble({ version, isTroubled, isHeld, lane }: MonitorState): boolean {
  return version > 0 && (isTroubled || isHeld || lane === 'slow')
}

function isFailing({ version, suspendedAt, lane, isTroubled }: MonitorState): boolean {
  return version > 0 && isTroubled && suspendedAt === null && lane === 'fast'
}

/** Whether events of it wait until their next attempt. */
function waits(state: MonitorState): boolean {
  return isFailing(state) || state.isHeld
}

export class CopyStore implements CopyStorage<CopiedWebhook> {
  /** Null until it was told; known to an object that slept since then. */
  tenantId: string | null
  private readonly sql: SqlStorage
  private readonly history: WebhookHistory
  private readonly onRetention: (days: number) => void
  private moments = new Moments(0)
  private webhooks = new Map<string, CopiedWebhook>()
  private periods = new Map<string, Period>()
  /** When it was last told of webhooks that they were in trouble. */
  private readonly troubledAt = new Map<string, number>()
  private newest = 0
  private days: number | undefined
  /** Whether the webhooks were ever read. */
  private isRead = false

  /** `onRetention` is told, in the transaction that saves it, that the tenant's events are kept for another number of days. */
  constructor(sql: SqlStorage, onRetention: (days: number) => void) {
    this.sql = sql
    this.onRetention = onRetention
    this.history = new WebhookHistory(sql)
    const tenant = rowOf(sql, TenantRow, TENANT)
    this.tenantId = tenant?.id ?? null
    this.days = tenant?.retentionDays
  }

  /** Days for which events are kept that do not say so themselves. */
  get retentionDays(): number {
    return this.days ?? RETENTION_DAYS.unlessTold
  }

  load() {
    const tenant = rowOf(this.sql, TenantRow, TENANT)
    const announcements: Announcement[] = [
      ...rowsOf(this.sql, AnnouncementRow, 'SELECT id, at, epoch FROM announcements'),
    ]
    const query = 'SELECT number, sealed, state, since, made FROM copied_webhooks'
    const rows = [...rowsOf(this.sql, WebhookRow, query)]
    const webhooks = rows.map(({ since: _, made: __, ...webhook }) => webhook)
    this.webhooks = new Map(webhooks.map((one) => [one.sealed.id, one]))
    this.moments = new Moments(Math.max(0, ...rows.map(({ since }) => since)))
    this.periods = new Map(
      rows.map(({ sealed, since, made }) => {
        const known = since > 0 ? since : knownSince(sealed, Date.now() * 1_000)
        return [sealed.id, { since: known, made }]
      }),
    )
    this.newest = Math.max(0, ...webhooks.map(({ number }) => number))
    this.isRead = tenant !== undefined
    if (tenant === undefined) return { snapshot: null, announcements }
    const { name: tenantName, epoch, retentionDays } = tenant
    this.days = retentionDays
    return { snapshot: { tenantName, epoch, retentionDays, webhooks }, announcements }
  }

  /** Writes what is new of them. */
  save(snapshot: Snapshot<CopiedWebhook> | null): void {
    if (snapshot === null) {
      this.sql.exec('DELETE FROM copied_tenant')
      return
    }
    const { tenantName, epoch, retentionDays, webhooks } = snapshot
    const tenant = rowOf(this.sql, TenantRow, TENANT)
    const isSame = tenant?.name === tenantName && tenant.epoch === epoch
    if (!isSame || tenant.retentionDays !== retentionDays) {
      const query = `INSERT OR REPLACE INTO copied_tenant (only, id, name, epoch, retention_days)
        VALUES (1, ?, ?, ?, ?)`
      this.sql.exec(query, this.tenantId, tenantName, epoch, retentionDays ?? null)
    }
    const isKnown = tenant !== undefined && retentionDays !== undefined
    if (isKnown && tenant.retentionDays !== retentionDays) this.onRetention(retentionDays)
    this.days = retentionDays
    const next = new Map(webhooks.map((one) => [one.sealed.id, one]))
    for (const id of this.webhooks.keys()) if (!next.has(id)) this.delete(id)
    const at = this.moments.changing(Date.now())
    for (const [id, one] of next) if (this.webhooks.get(id) !== one) this.replace(one, at)
    this.webhooks = next
    this.isRead = true
  }

  announce({ id, at, epoch }: Announcement): void {
    const query = 'INSERT OR REPLACE INTO announcements (id, at, epoch) VALUES (?, ?, ?)'
    this.sql.exec(query, id, at, epoch)
  }

  forget(ids: readonly string[]): void {
    for (const id of ids) this.sql.exec('DELETE FROM announcements WHERE id = ?', id)
  }

  /** What was read, numbered: what is the same as before keeps its number and what its monitor told since. */
  numbered(
    { tenantName, epoch, retentionDays, webhooks }: TenantWebhooks,
    now: number,
  ): Snapshot<CopiedWebhook> {
    return {
      tenantName,
      epoch,
      retentionDays,
      webhooks: webhooks.map(({ sealed, state }) => {
        const before = this.webhooks.get(sealed.id)
        const isNewer = before === undefined || state.version > before.state.version
        // The database does not say whether it is troubled. One that is new is not; of others only their monitors know.
        const isTroubled = state.version > 0 || !this.isRead
        const read = { ...state, isTroubled }
        const isSame =
          before !== undefined && JSON.stringify(before.sealed) === JSON.stringify(sealed)
        if (isSame && !isNewer) return before
        return {
          number: isSame ? before.number : this.nextNumber(now),
          sealed,
          state: isNewer ? State.parse(read) : before.state,
        }
      }),
    }
  }

  /** Null when that tells nothing new. */
  noteState(id: string, state: MonitorState): CopiedWebhook | null {
    const before = this.webhooks.get(id)
    if (isInTrouble(state) || (before && isInTrouble(before.state))) {
      this.troubledAt.set(id, Date.now())
    }
    if (before === undefined || state.version < before.state.version) return null
    const waitedSince = waits(before.state) ? before.state.waitsSince : Date.now()
    const told = State.parse({ ...state, waitsSince: waits(state) ? waitedSince : null })
    if (JSON.stringify(told) === JSON.stringify(before.state)) return null
    const after = { ...before, state: told }
    this.put(after)
    this.webhooks.set(id, after)
    return after
  }

  /** How many count failures, how many are held, and which has been either for the longest time. */
  get standing(): Standing {
    const all = [...this.webhooks.values()]
    const waiting = all
      .filter(({ state }) => waits(state))
      .toSorted((one, other) => (one.state.waitsSince ?? 0) - (other.state.waitsSince ?? 0))
    return {
      // What its owner has wait is told of its monitor like what fails, and does not.
      failing: all.filter(({ sealed, state }) => isFailing(state) && !isPaused(sealed)).length,
      held: all.filter(({ state }) => state.isHeld).length,
      longest: waiting[0]?.sealed.id ?? null,
    }
  }

  /**
   * Of which webhooks a monitor has heard more than failures since a time (Unix milliseconds): those that were not simply delivered to at
   * once. Of one that is well again only a life of the object knows.
   */
  troubledSince(after: number): readonly string[] {
    const forgotten = Date.now() - 2 * TAIL.reachMs
    for (const [id, at] of this.troubledAt) if (at < forgotten) this.troubledAt.delete(id)
    const wasInTrouble = (id: string) => (this.troubledAt.get(id) ?? 0) > after
    return [...this.webhooks].flatMap(([id, { state }]) =>
      isInTrouble(state) || wasInTrouble(id) ? [id] : [],
    )
  }

  /** The moment at which events are accepted now. */
  momentOfAcceptance(now: number): number {
    return this.moments.accepting(now)
  }

  /** What decided at a moment which events a webhook got, or why nobody knows. */
  rulesAt({ sealed }: CopiedWebhook, at: number): Rules | 'created_later' | 'unknown' {
    const period = this.periods.get(sealed.id)
    if (period === undefined) return 'unknown'
    const version = at < period.since ? this.history.endedAfter(sealed.id, at) : null
    return rulesAt(at, { sealed, period }, version)
  }

  /** Forgets how webhooks were before any event that is still kept. */
  prune(now: number): void {
    this.history.prune(now)
  }

  private replace(one: CopiedWebhook, at: number): void {
    const { id } = one.sealed
    const [former, known] = [this.webhooks.get(id), this.periods.get(id)]
    const before = former && known ? { sealed: former.sealed, period: known } : null
    const isFirstRead = !this.isRead
    const { period, ended } = nextPeriod(before, one.sealed, { at, isFirstRead })
    if (ended !== null) this.history.add(id, ended)
    this.periods.set(id, period)
    this.put(one)
  }

  private delete(id: string): void {
    this.sql.exec('DELETE FROM copied_webhooks WHERE id = ?', id)
    this.history.forget(id)
    this.periods.delete(id)
  }

  /** Names a version for good, in whichever life of the object: from its clock. */
  private nextNumber(now: number): number {
    this.newest = Math.max(this.newest + 1, now * 1_000)
    return this.newest
  }

  private put({ number, sealed, state }: CopiedWebhook): void {
    const { since = 0, made = 0 } = this.periods.get(sealed.id) ?? {}
    this.sql.exec(
      `INSERT OR REPLACE INTO copied_webhooks (id, number, sealed, state, since, made)
        VALUES (?, ?, ?, ?, ?, ?)`,
      sealed.id,
      number,
      JSON.stringify(sealed),
      JSON.stringify(state),
      since,
      made,
    )
  }
}
