// The memory of a webhook, in memory: the same digest as the Durable Object, on plain maps. What it owes the
// deliveries queue waits in `owed` until the world sends it, as the object's outbox would.

import { newId } from '../../src/engine/ids.ts'
import type { Attempt, DeliveryState, DivertedEvent, Health, Run } from '../../src/engine/model.ts'
import { FIRST_RUN } from '../../src/engine/model.ts'
import { type Change, digest, stateNotice } from '../../src/engine/pipeline/digest.ts'
import { INITIAL_HEALTH, resumedHealth } from '../../src/engine/pipeline/health.ts'
import type { DeliveryMessage, Monitor, MonitorState } from '../../src/engine/ports.ts'

interface Kept {
  readonly diverted: DivertedEvent
  readonly run: Run | null
}

export interface MonitorSurroundings {
  readonly clock: () => number
  readonly delayScale: number
  readonly owe: (message: DeliveryMessage) => void
}

const NO_TOTALS = { delivered: 0, failed: 0, diverted: 0 }

export function createMemoryMonitor({ clock, delayScale, owe }: MonitorSurroundings): Monitor {
  let purged = false
  let health: Health = INITIAL_HEALTH
  let totals = NO_TOTALS
  const reportIds = new Set<string>()
  const attempts: Attempt[] = []
  const deliveries = new Map<
    string,
    DeliveryState & { readonly eventId: string; readonly run: Run }
  >()
  const diverted = new Map<string, Kept>()

  const toState = ({ version, suspendedAt, lane }: Health): MonitorState => ({
    version,
    suspendedAt,
    lane,
  })
  const deliveriesOf = (eventId: string) =>
    [...deliveries.values()].filter((delivery) => delivery.eventId === eventId)

  const apply = (change: Change) => {
    if (change.kind === 'delivery') {
      const { eventId, run } = change.key
      deliveries.set(`${eventId}/${run}`, { ...change.state, eventId, run })
    } else if (change.kind === 'divert') {
      diverted.set(change.diverted.event.id, { diverted: change.diverted, run: null })
    } else if (change.kind === 'undivert') diverted.delete(change.eventId)
    else {
      const kept = diverted.get(change.eventId)
      if (kept?.run === change.run) diverted.set(change.eventId, { ...kept, run: null })
    }
  }

  const firstAttempt = (eventId: string, run: Run): DeliveryState => {
    const found = attempts.find(
      (one) => one.eventId === eventId && one.run === run && one.outcome === 'delivered',
    )
    const none = { lastAttemptAt: null, nextAttemptAt: null, attempts: 0 }
    if (!found) return { ...none, status: purged ? 'dropped' : 'pending' }
    const { attempt, at } = found
    return { status: 'delivered', attempts: attempt, lastAttemptAt: at, nextAttemptAt: null }
  }

  const toPlain = ({ status, attempts: made, lastAttemptAt, nextAttemptAt }: DeliveryState) => ({
    status,
    attempts: made,
    lastAttemptAt,
    nextAttemptAt,
  })

  const resend = (tenantId: string, webhookId: string, eventId: string, run: Run) => {
    const kept = diverted.get(eventId)
    if (!kept) return
    diverted.set(eventId, { ...kept, run })
    const { event } = kept.diverted
    owe({ kind: 'deliver', tenantId, webhookId, run, event, attempts: 0, standing: 'repetition' })
  }

  return {
    async report(report) {
      if (purged) return toState(INITIAL_HEALTH)
      const whole = report.id.split('/')[0] ?? report.id
      if (report.again && (reportIds.has(report.id) || reportIds.has(whole))) return toState(health)
      reportIds.add(report.id)
      const result = digest(report, { health, deliveriesOf }, { now: clock(), delayScale })
      for (const entry of report.entries) if (entry.kind === 'attempt') attempts.push(entry.attempt)
      for (const change of result.changes) apply(change)
      for (const notice of result.notices) owe({ kind: 'notice', notice })
      health = result.health
      totals = {
        delivered: totals.delivered + result.counts.delivered,
        failed: totals.failed + result.counts.failed,
        diverted: totals.diverted + result.counts.diverted,
      }
      return toState(health)
    },
    states: async (keys) =>
      keys.map(({ eventId, run }) => {
        const known = deliveries.get(`${eventId}/${run}`)
        return known ? toPlain(known) : firstAttempt(eventId, run)
      }),
    statesOfEvents: async (ids) =>
      ids.map((id) => {
        const runs = deliveriesOf(id)
        const delivered = runs.find(({ status }) => status === 'delivered')
        if (delivered) return toPlain(delivered)
        const first = firstAttempt(id, FIRST_RUN)
        if (first.status === 'delivered') return first
        const latest = runs
          .toSorted((a, b) => (a.lastAttemptAt ?? 0) - (b.lastAttemptAt ?? 0))
          .at(-1)
        return latest ? toPlain(latest) : first
      }),
    async attempts({ outcome, after, before, limit, cursor }) {
      const from = Number(cursor ?? '0')
      const found = attempts
        .toReversed()
        .filter(
          (one) =>
            (outcome === undefined || one.outcome === outcome) &&
            (after === undefined || one.at > after) &&
            (before === undefined || one.at < before),
        )
      const more = found.length > from + limit
      return {
        items: found.slice(from, from + limit),
        nextCursor: more ? String(from + limit) : null,
      }
    },
    health: async () => ({ health, totals, latencyMs: { p50: null, p95: null } }),
    async resume(tenantId, webhookId) {
      if (purged || health.suspendedAt === null) return { state: toState(health), resumed: false }
      health = resumedHealth(health)
      const about = { tenantId, webhookId }
      const notice = stateNotice('webhook.resumed', 'resumed', about, health, clock())
      owe({ kind: 'notice', notice })
      return { state: toState(health), resumed: true }
    },
    async diverted({ limit, cursor, offset = 0 }) {
      const sorted = [...diverted.values()]
        .map((kept) => kept.diverted)
        .toSorted((a, b) => (a.event.id < b.event.id ? 1 : -1))
        .filter(({ event }) => cursor === undefined || event.id < cursor)
        .slice(offset)
      const items = sorted.slice(0, limit)
      const last = items.at(-1)
      return { items, nextCursor: sorted.length > limit && last ? last.event.id : null }
    },
    findDiverted: async (eventId) => diverted.get(eventId)?.diverted ?? null,
    deleteDiverted: async (eventId) => diverted.delete(eventId),
    async resendDiverted(
      { tenantId, id },
      { since = 0, until = Number.MAX_SAFE_INTEGER, eventTypes },
    ) {
      const run = newId(clock())
      const claimed = [...diverted.values()].filter(
        (kept) =>
          kept.run === null &&
          kept.diverted.divertedAt >= since &&
          kept.diverted.divertedAt < until &&
          (eventTypes === undefined || eventTypes.includes(kept.diverted.event.type)),
      )
      for (const kept of claimed) resend(tenantId, id, kept.diverted.event.id, run)
      return claimed.length
    },
    async resendOneDiverted({ tenantId, id }, eventId) {
      if (!diverted.has(eventId)) return false
      resend(tenantId, id, eventId, newId(clock()))
      return true
    },
    async purge() {
      purged = true
      health = INITIAL_HEALTH
      totals = NO_TOTALS
      reportIds.clear()
      attempts.length = 0
      deliveries.clear()
      diverted.clear()
    },
  }
}
