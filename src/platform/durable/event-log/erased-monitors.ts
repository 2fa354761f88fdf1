// The monitors that an erasure tells: first those of the webhooks that its events were for, then all of the tenant's are asked what they
// still have, because the log may have forgotten an event, or never heard that it was sent to a webhook, too.

import { isExpunged, type LoggedEvent } from '../../../engine/model/index.ts'
import { inTime } from '../in-time.ts'
import type { Content, ContentPosition } from '../webhook-monitor/erase.ts'
import type { WebhookMonitor } from '../webhook-monitor/webhook-monitor.ts'
import { isWithin } from './erased-scope.ts'
import type { Erasure } from './erasure-store.ts'

/** Monitors that are told at the same time. */
const TOLD_AT_ONCE = 20

/** Pages that one step reads of what a monitor has. */
const PAGES_A_STEP = 10

/** The monitors of a tenant's webhooks, as far as an erasure calls them. */
export interface ErasedMonitors {
  /** `wherePresent`: only of those events that it has something of. */
  readonly erase: (
    webhookId: string,
    eventIds: readonly string[],
    wherePresent: boolean,
  ) => Promise<void>
  readonly eraseExcerpts: (webhookId: string, eventIds: readonly string[]) => Promise<void>
  /** Tells it for how many days the tenant's events are kept. */
  readonly retain: (webhookId: string, days: number) => Promise<void>
  /** What it has of events that were published until a time (Unix milliseconds). */
  readonly contents: (
    webhookId: string,
    from: ContentPosition | null,
    until: number,
  ) => Promise<{ readonly items: readonly Content[]; readonly next: ContentPosition | null }>
  /** The next of the tenant's webhooks behind one, by their ids. */
  readonly webhooksBehind: (webhookId: string, limit: number) => Promise<readonly string[]>
}

/** What an event log finds monitors by. */
export interface MonitorSurroundings {
  readonly MONITORS: DurableObjectNamespace<WebhookMonitor>
  readonly DB: D1Database
}

/** Those of a tenant, which is null until the log was told. `onCall` hears of each call that is made. */
export function monitorsOf(
  { MONITORS, DB }: MonitorSurroundings,
  tenantId: () => string | null,
  onCall: () => void,
): ErasedMonitors {
  const monitor = (webhookId: string) => {
    onCall()
    return MONITORS.getByName(webhookId)
  }
  return {
    erase: (webhookId, ids, wherePresent) => inTime(monitor(webhookId).erase(ids, wherePresent)),
    eraseExcerpts: (webhookId, ids) => inTime(monitor(webhookId).eraseExcerpts(ids)),
    retain: (webhookId, days) => inTime(monitor(webhookId).retain(days)),
    contents: (webhookId, from, until) => inTime(monitor(webhookId).contents(from, until)),
    async webhooksBehind(webhookId, limit) {
      onCall()
      const query = DB.prepare(
        'SELECT id FROM webhooks WHERE tenant_id = ? AND id > ? ORDER BY id LIMIT ?',
      )
      const found = query.bind(tenantId(), webhookId, limit).all<{ id: string }>()
      const { results } = await inTime(found)
      return results.map(({ id }) => id)
    },
  }
}

/** What the log knows of an event; null for one that it has not. */
type Find = (eventId: string) => LoggedEvent | null

/** Webhooks whose monitors did not answer, and what went wrong first; null when nothing did. */
export interface Missed {
  readonly webhookIds: readonly string[]
  readonly failure: unknown
}

/** Tells the monitors of the webhooks that these events were for, of `only` some or of all, also when one does not answer. */
export async function tellOfErased(
  events: readonly LoggedEvent[],
  only: readonly string[] | null,
  monitors: ErasedMonitors,
): Promise<Missed> {
  const byWebhook = new Map<string, string[]>()
  for (const { id, webhookIds } of events) {
    for (const webhookId of webhookIds) {
      const ids = byWebhook.get(webhookId)
      if (ids) ids.push(id)
      else byWebhook.set(webhookId, [id])
    }
  }
  return missedOf(among([...byWebhook.keys()], only), (webhookId) =>
    monitors.erase(webhookId, byWebhook.get(webhookId) ?? [], false),
  )
}

/**
 * Has the next webhooks behind one erase what they still have: the last of them, null when there are none, whom it missed, and where those
 * stand that have so much that the next step goes on with them. `isOwn`: whether an event would be in this log.
 */
export async function askForContents(
  erasure: Erasure,
  behind: string,
  log: { readonly find: Find; readonly isOwn: (eventId: string) => boolean },
  monitors: ErasedMonitors,
): Promise<{
  readonly last: string | null
  readonly missed: Missed
  readonly reading: Erasure['reading']
}> {
  const { reading } = erasure
  const left: Record<string, ContentPosition> = {}
  const isGoingOn = Object.keys(reading).length > 0
  const next = isGoingOn ? [] : await monitors.webhooksBehind(behind, TOLD_AT_ONCE)
  const own = erasure.eventIds.filter(log.isOwn)
  const forgotten = own.filter((id) => log.find(id) === null)
  const known = own.filter((id) => !forgotten.includes(id))
  const webhookIds = isGoingOn ? Object.keys(reading) : among(next, erasure.only)
  const readOn = async (webhookId: string) => {
    const position = await askOne(erasure, webhookId, log, monitors)
    if (position !== null) left[webhookId] = position
  }
  const missed = await missedOf(webhookIds, async (webhookId) => {
    if (isGoingOn) return readOn(webhookId)
    if (erasure.days !== null) await monitors.retain(webhookId, erasure.days)
    if (forgotten.length > 0) await monitors.erase(webhookId, forgotten, false)
    if (known.length > 0) await monitors.erase(webhookId, known, true)
    if (erasure.scope.length > 0) await readOn(webhookId)
  })
  return { last: isGoingOn ? behind : (next.at(-1) ?? null), missed, reading: left }
}

/** Of an erasure by scope: some of what one monitor has, page by page; where the next step goes on. */
async function askOne(
  erasure: Erasure,
  webhookId: string,
  log: { readonly find: Find; readonly isOwn: (eventId: string) => boolean },
  monitors: ErasedMonitors,
): Promise<ContentPosition | null> {
  const digests = new Map<string, string>()
  let from = erasure.reading[webhookId] ?? null
  for (let page = 0; page < PAGES_A_STEP; page += 1) {
    const { items, next } = await monitors.contents(webhookId, from, erasure.at)
    const [erased, nobodys]: [string[], string[]] = [[], []]
    for (const { eventId, scope, kind } of items.filter((one) => log.isOwn(one.eventId))) {
      const event = log.find(eventId)
      const isMeant =
        event === null ? await isWithin(scope ?? {}, erasure, digests) : isExpunged(event)
      if (isMeant) erased.push(eventId)
      // Whose event that was nobody can tell any more.
      else if (event === null && kind === 'excerpt') nobodys.push(eventId)
    }
    if (erased.length > 0) await monitors.erase(webhookId, erased, false)
    if (nobodys.length > 0) await monitors.eraseExcerpts(webhookId, nobodys)
    from = next
    if (from === null) break
  }
  return from
}

/** Those of some webhooks that are among others; null: all of them. */
function among(webhookIds: readonly string[], others: readonly string[] | null) {
  if (others === null) return webhookIds
  const meant = new Set(others)
  return webhookIds.filter((id) => meant.has(id))
}

/** Does work for each, some at a time. */
async function missedOf(
  webhookIds: readonly string[],
  work: (webhookId: string) => Promise<void>,
): Promise<Missed> {
  const missed: string[] = []
  let failure: unknown = null
  for (let from = 0; from < webhookIds.length; from += TOLD_AT_ONCE) {
    const some = webhookIds.slice(from, from + TOLD_AT_ONCE)
    const done = await Promise.allSettled(some.map(work))
    for (const [index, one] of done.entries()) {
      if (one.status === 'fulfilled') continue
      missed.push(...some.slice(index, index + 1))
      failure ??= one.reason
    }
  }
  return { webhookIds: missed, failure }
}
