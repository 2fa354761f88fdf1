// The memory of a webhook, in memory: the same digest as the Durable Object, on plain maps, and the same way of sending
// what it owes.

import { LOG } from '../../src/config.ts'
import { CURSORS } from '../../src/engine/cursor.ts'
import { newId } from '../../src/engine/ids.ts'
import type { Attempt, DeliveryState, DivertedEvent, Health, Run } from '../../src/engine/model.ts'
import { FIRST_RUN } from '../../src/engine/model.ts'
import { toDeliveryText, toRunMessage } from '../../src/engine/pipeline/delivery-message.ts'
import { type Change, type Digest, digest, stateNotice } from '../../src/engine/pipeline/digest.ts'
import { INITIAL_HEALTH, resumedHealth } from '../../src/engine/pipeline/health.ts'
import type { Monitor, MonitorState, Notice, WebhookRef } from '../../src/engine/ports.ts'
import { readAttemptCursor, readDivertedCursor } from '../../src/platform/durable/cursor.ts'
import { toPayable } from '../../src/platform/durable/debts.ts'
import { cutPage } from '../../src/platform/durable/page.ts'
import { KeptMemory, type Surroundings } from './kept-memory.ts'

/** Milliseconds that `health` looks back. */
const DAY_MS = 86_400_000

interface Written {
  readonly at: number
  readonly attempts: readonly Attempt[]
  readonly counts: Digest['counts']
  readonly latencies: Digest['latencies']
}

interface Kept {
  readonly diverted: DivertedEvent
  readonly run: Run | null
  /** The resend's message is sent. */
  readonly sent: boolean
}

interface Resent {
  readonly text: string
  readonly eventId: string
  readonly run: Run
}

export interface MemoryMonitor extends Monitor {
  readonly object: KeptMemory
  /** What it knows of an event, run by run. */
  readonly runsOf: (eventId: string) => readonly (DeliveryState & { readonly run: Run })[]
}

export function createMemoryMonitor(around: Surroundings): MemoryMonitor {
  const { clock, delayScale, send } = around
  let purged = false
  let health: Health = INITIAL_HEALTH
  const reportIds = new Set<string>()
  const written: Written[] = []
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
  /** With what was delivered at once, which a failure reported late must not hide. */
  const knownOf = (eventId: string) => {
    const known = deliveriesOf(eventId)
    const first = firstAttempt(eventId, FIRST_RUN)
    const hasFirst = known.some(({ run }) => run === FIRST_RUN)
    return hasFirst || first.status !== 'delivered'
      ? known
      : [...known, { ...first, run: FIRST_RUN }]
  }

  const apply = (change: Change) => {
    if (change.kind === 'delivery') {
      const { eventId, run } = change.key
      deliveries.set(`${eventId}/${run}`, { ...change.state, eventId, run })
    } else if (change.kind === 'divert') {
      const { id } = change.diverted.event
      const { run = null, sent = false } = diverted.get(id) ?? {}
      diverted.set(id, { diverted: change.diverted, run, sent })
    } else if (change.kind === 'undivert') diverted.delete(change.eventId)
    else {
      const kept = diverted.get(change.eventId)
      if (kept?.run === change.run)
        diverted.set(change.eventId, { ...kept, run: null, sent: false })
    }
  }

  const firstAttempt = (eventId: string, run: Run): DeliveryState => {
    const found = written
      .flatMap(({ attempts }) => attempts)
      .find((one) => one.eventId === eventId && one.run === run && one.outcome === 'delivered')
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

  const outbox: { readonly text: string }[] = []
  const resends = new Map<Run, WebhookRef>()
  const object = new KeptMemory(
    () => [
      toPayable({
        next: async () => outbox.slice(),
        send,
        settle: (sent) => outbox.splice(0, sent.length),
      }),
      toPayable<Resent>({ next: unsent, send, settle: markSent }),
    ],
    around,
  )
  const owe = (notice: Notice) => {
    outbox.push({ text: toDeliveryText({ kind: 'notice', notice }) })
  }

  async function unsent(): Promise<readonly Resent[]> {
    return [...diverted.values()]
      .flatMap(({ diverted: { event }, run, sent }) => {
        const ref = run === null || sent ? undefined : resends.get(run)
        if (run === null || ref === undefined) return []
        return [{ text: toDeliveryText(toRunMessage(ref, run, event)), run, eventId: event.id }]
      })
      .slice(0, LOG.jobStepMessages)
  }

  function markSent(sent: readonly Resent[]) {
    for (const { eventId, run } of sent) {
      const kept = diverted.get(eventId)
      if (kept?.run === run) diverted.set(eventId, { ...kept, sent: true })
    }
  }

  const resend = (ref: WebhookRef, ids: readonly string[]) => {
    if (ids.length === 0) return
    const run = newId(clock())
    resends.set(run, ref)
    for (const id of ids) {
      const kept = diverted.get(id)
      if (kept) diverted.set(id, { ...kept, run, sent: false })
    }
    object.sendSoon()
  }

  return {
    object,
    runsOf: knownOf,
    async report(report) {
      if (purged) return toState(INITIAL_HEALTH)
      const whole = report.id.split('/')[0] ?? report.id
      const isKnown = reportIds.has(report.id) || reportIds.has(whole)
      // A whole of which a piece was written: all pieces are on their way.
      const isPieced = [...reportIds].some((id) => id.startsWith(`${report.id}/`))
      if (isKnown || isPieced) return toState(health)
      reportIds.add(report.id)
      const now = clock()
      const result = digest(report, { health, deliveriesOf: knownOf }, { now, delayScale })
      const { counts, latencies } = result
      const attempts = report.entries.flatMap((entry) =>
        entry.kind === 'attempt' ? [entry.attempt] : [],
      )
      written.push({ at: now, attempts, counts, latencies })
      for (const change of result.changes) apply(change)
      for (const notice of result.notices) owe(notice)
      health = result.health
      if (result.notices.length > 0) object.sendSoon()
      return toState(health)
    },
    states: async (keys) =>
      keys.map(({ eventId, run }) => {
        const known = deliveries.get(`${eventId}/${run}`)
        const isOpen = run === FIRST_RUN && (known === undefined || known.status === 'failing')
        const other = deliveriesOf(eventId).find(({ status }) => status === 'delivered')
        const telling = isOpen && other ? other : known
        return telling ? toPlain(telling) : firstAttempt(eventId, run)
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
      // A position counts from the oldest, so that what is reported meanwhile does not move it.
      const [end] = readAttemptCursor(cursor) ?? []
      const oldestFirst = written.flatMap(({ attempts }) =>
        attempts.toSorted((a, b) => a.at - b.at),
      )
      const found = [...oldestFirst.entries()]
        .slice(0, end)
        .toReversed()
        .filter(
          ([, one]) =>
            (outcome === undefined || one.outcome === outcome) &&
            (after === undefined || one.at > after) &&
            (before === undefined || one.at < before),
        )
      const shown = found.slice(0, limit)
      const last = shown.at(-1)
      const nextCursor = found.length > limit && last ? CURSORS.attempts.write(last[0], 0) : null
      return { items: shown.map(([, one]) => one), nextCursor }
    },
    async health() {
      const lately = written.filter(({ at }) => at >= clock() - DAY_MS)
      const sum = (name: keyof Digest['counts']) =>
        lately.reduce((total, { counts }) => total + counts[name], 0)
      const latencies = lately.flatMap((one) => one.latencies).toSorted((a, b) => a - b)
      const rank = (fraction: number) =>
        latencies[Math.ceil(latencies.length * fraction) - 1] ?? null
      return {
        health,
        totals: { delivered: sum('delivered'), failed: sum('failed'), diverted: sum('diverted') },
        latencyMs: { p50: rank(0.5), p95: rank(0.95) },
      }
    },
    async resume(tenantId, webhookId) {
      if (purged || health.suspendedAt === null) return { state: toState(health), resumed: false }
      health = resumedHealth(health)
      const about = { tenantId, webhookId }
      const notice = stateNotice('webhook.resumed', 'resumed', about, health, clock())
      owe(notice)
      object.sendSoon()
      return { state: toState(health), resumed: true }
    },
    async diverted({ limit, cursor, offset = 0 }) {
      const before = readDivertedCursor(cursor) ?? undefined
      const found = [...diverted.values()]
        .map((kept) => kept.diverted)
        .toSorted((a, b) => (a.event.id < b.event.id ? 1 : -1))
        .filter(({ event }) => before === undefined || event.id < before)
        .slice(offset)
      const { items, more } = cutPage(found, limit)
      const last = items.at(-1)
      return { items, nextCursor: more && last ? CURSORS.diverted.write(last.event.id) : null }
    },
    findDiverted: async (eventId) => diverted.get(eventId)?.diverted ?? null,
    deleteDiverted: async (eventId) => diverted.delete(eventId),
    async resendDiverted(
      { tenantId, id },
      { since = 0, until = Number.MAX_SAFE_INTEGER, eventTypes },
    ) {
      const claimed = [...diverted.values()].filter(
        (kept) =>
          kept.run === null &&
          kept.diverted.divertedAt >= since &&
          kept.diverted.divertedAt < until &&
          (eventTypes === undefined || eventTypes.includes(kept.diverted.event.type)),
      )
      const ids = claimed.map((kept) => kept.diverted.event.id)
      resend({ tenantId, id }, ids)
      return ids.length
    },
    async resendOneDiverted({ tenantId, id }, eventId) {
      if (!diverted.has(eventId)) return false
      resend({ tenantId, id }, [eventId])
      return true
    },
    async purge() {
      purged = true
      health = INITIAL_HEALTH
      reportIds.clear()
      written.length = 0
      deliveries.clear()
      diverted.clear()
      outbox.length = 0
    },
  }
}
