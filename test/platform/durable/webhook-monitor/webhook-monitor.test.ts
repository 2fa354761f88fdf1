import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { DEFAULT_FAILURE_HANDLING } from '../../../../src/engine/attempt/failure-handling.ts'
import { fromDeliveryText } from '../../../../src/engine/messages/delivery-message.ts'
import type { Attempt, Event } from '../../../../src/engine/model/index.ts'
import type { Report, ReportEntry } from '../../../../src/engine/ports/index.ts'
import { createMonitors } from '../../../../src/platform/durable/monitor-client.ts'
import type { WebhookMonitor } from '../../../../src/platform/durable/webhook-monitor/webhook-monitor.ts'
import { newId } from '../../../../src/primitives/ids.ts'
import { anEvent } from '../../../fixtures/bench.ts'

const DAY_MS = 86_400_000
const tenantId = '01940000-0000-7000-8000-000000000001'

function openMonitor() {
  const webhookId = newId(Date.now())
  const stub = env.MONITORS.getByName(webhookId)
  const monitor = createMonitors(env)(webhookId)
  const report = (entries: readonly ReportEntry[], fields: Partial<Report> = {}) =>
    monitor.report({ ...toReport(entries), webhookId, ...fields })
  return { webhookId, stub, monitor, report, ref: { tenantId, id: webhookId } }
}

const toReport = (entries: readonly ReportEntry[]): Report => ({
  id: newId(Date.now()),
  tenantId,
  webhookId: '01940000-0000-7000-8000-000000000002',
  failureHandling: { ...DEFAULT_FAILURE_HANDLING, suspend: null },
  entries,
})

function tried(
  event: Event,
  fields: Partial<Attempt> = {},
  kind: 'done' | 'retry' | 'divert' = 'done',
) {
  const isDelivered = kind === 'done'
  const disposition =
    kind === 'retry'
      ? ({ kind, delaySeconds: 5 } as const)
      : kind === 'divert'
        ? ({ kind, trigger: 500 } as const)
        : ({ kind } as const)
  const attempt: Attempt = {
    id: newId(Date.now()),
    eventId: event.id,
    eventType: event.type,
    run: '',
    attempt: 1,
    at: Date.now(),
    outcome: isDelivered ? 'delivered' : 'failed',
    statusCode: isDelivered ? 200 : 500,
    durationMs: 10,
    error: isDelivered ? null : 'The receiver responded with status 500.',
    responseExcerpt: null,
    nextAttemptAt: null,
    ...fields,
  }
  return { kind: 'attempt', attempt, disposition, event: kind === 'divert' ? event : null } as const
}

const diverted = (event: Event) => tried(event, {}, 'divert')

function interceptDeliveries() {
  const sent: { kind: string; run: string; event: Event }[] = []
  const spy = vi.spyOn(Object.getPrototypeOf(env.DELIVERIES), 'sendBatch')
  spy.mockImplementation(async (messages) => {
    const bodies = (messages as { body: string }[]).map(({ body }) => fromDeliveryText(body))
    sent.push(...(bodies as unknown as typeof sent))
  })
  const resent = () => sent.filter(({ kind }) => kind === 'deliver')
  return { sent, resent, spy }
}

function setTime(ms: number) {
  vi.useFakeTimers({ toFake: ['Date'] })
  vi.setSystemTime(ms)
}

afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

describe('a report', () => {
  it('is all there after the object died', async () => {
    interceptDeliveries()
    const { monitor, report, stub } = openMonitor()
    const event = anEvent()
    const state = await report([tried(event, { statusCode: 410 }, 'divert')])
    expect(state.suspendedAt).not.toBeNull()
    await evictDurableObject(stub)
    const { version, suspendedAt, lane } = state
    expect(await monitor.health()).toMatchObject({ health: { version, suspendedAt, lane } })
    expect(await monitor.findDiverted(event.id)).toMatchObject({ event })
    expect(await monitor.states([{ eventId: event.id, run: '' }])).toMatchObject([
      { status: 'diverted', attempts: 1 },
    ])
  })

  it('keeps its notices until the queue takes them', async () => {
    const { sent, spy } = interceptDeliveries()
    spy.mockRejectedValueOnce(new Error('The queue is down.'))
    const { report, stub } = openMonitor()
    await report([diverted(anEvent())])
    await vi.waitFor(() => expect(spy).toHaveBeenCalledTimes(1))
    expect(sent).toEqual([])
    await evictDurableObject(stub)
    await runDurableObjectAlarm(stub)
    expect(sent.map(({ kind }) => kind)).toEqual(['notice'])
  })
})

describe('diverted events', () => {
  it('go on being resent after the queue was down and the object died', async () => {
    const { resent, spy } = interceptDeliveries()
    const { monitor, report, ref, stub } = openMonitor()
    const event = anEvent()
    await report([diverted(event)])
    await vi.waitFor(() => expect(spy).toHaveBeenCalledTimes(1))
    spy.mockRejectedValueOnce(new Error('The queue is down.'))
    await monitor.resendDiverted(ref, newId(Date.now()), {})
    await vi.waitFor(() => expect(spy).toHaveBeenCalledTimes(2))
    expect(resent()).toEqual([])
    await evictDurableObject(stub)
    await runDurableObjectAlarm(stub)
    expect(resent()).toMatchObject([{ event: { id: event.id }, role: 'duplicate' }])
    await runDurableObjectAlarm(stub)
    expect(resent()).toHaveLength(1)
  })
})

describe('retention', () => {
  it('removes what was 30 days old five days ago, shows nothing older than 30, and never forgets the health', async () => {
    interceptDeliveries()
    const { monitor, report, stub } = openMonitor()
    const now = Date.now()
    setTime(now - 36 * DAY_MS)
    const [old, oldRetry] = [anEvent(), anEvent()]
    await report([diverted(old), tried(oldRetry, {}, 'retry')])
    setTime(now - 29 * DAY_MS)
    const young = anEvent()
    await report([diverted(young)])
    setTime(now)
    expect(await runDurableObjectAlarm(stub)).toBe(true)
    const { items } = await monitor.diverted({ limit: 9 })
    expect(items.map(({ event }) => event.id)).toEqual([young.id])
    expect((await monitor.attempts({ limit: 9 })).items.map(({ eventId }) => eventId)).toEqual([
      young.id,
    ])
    expect(await monitor.statesOfEvents([old.id, oldRetry.id, young.id])).toMatchObject([
      { status: 'pending' },
      { status: 'failing' },
      { status: 'diverted' },
    ])
    setTime(now + 40 * DAY_MS)
    await runDurableObjectAlarm(stub)
    expect((await monitor.diverted({ limit: 9 })).items).toEqual([])
    await evictDurableObject(stub)
    expect((await monitor.health()).health.consecutiveFailures).toBe(3)
  })
})

describe('a question about many events', () => {
  /** Reports an event delivered at once, each in a report of its own; counts how often the reports are gone through. */
  async function openBusy(count: number) {
    const { monitor, report, stub } = openMonitor()
    const events = Array.from({ length: count }, () => anEvent())
    for (const event of events) await report([tried(event)])
    const scans = (ask: (object: WebhookMonitor) => Promise<unknown>) =>
      runInDurableObject(stub, async (object: WebhookMonitor, { storage }) => {
        const exec = vi.spyOn(Object.getPrototypeOf(storage.sql), 'exec')
        const answer = await ask(object)
        const queries = exec.mock.calls.map(([query]) => String(query))
        exec.mockRestore()
        return {
          answer,
          scans: queries.filter((query) => query.includes('attempts FROM reports')).length,
        }
      })
    return { monitor, report, events, scans }
  }
  const pending = () => Array.from({ length: 30 }, () => anEvent())

  it('goes through the reports once, whatever became of them', async () => {
    interceptDeliveries()
    const { events, scans } = await openBusy(30)
    const ids = [...events, ...pending()].map(({ id }) => id)
    const asked = await scans((object) => object.statesOfEvents(ids))
    expect(asked.scans).toBe(1)
    expect(asked.answer).toMatchObject([
      ...Array(30).fill({ status: 'delivered', attempts: 1 }),
      ...Array(30).fill({ status: 'pending', attempts: 0 }),
    ])
  })

  it('goes through them once when it is about deliveries', async () => {
    interceptDeliveries()
    const { events, scans } = await openBusy(30)
    const keys = [...events, ...pending()].map(({ id }) => ({ eventId: id, run: '' }))
    const asked = await scans((object) => object.states(keys))
    expect(asked.scans).toBe(1)
    expect(asked.answer).toMatchObject([
      ...Array(30).fill({ status: 'delivered', attempts: 1 }),
      ...Array(30).fill({ status: 'pending', attempts: 0 }),
    ])
  })

  it('goes through them once when a report tells that a replay of all of them failed', async () => {
    interceptDeliveries()
    const { monitor, events, scans } = await openBusy(30)
    const run = newId(Date.now())
    const entries = events.map((event) => tried(event, { run }, 'retry'))
    const failed = await scans((object) => object.report(toReport(entries)))
    expect(failed.scans).toBe(1)
    expect(await monitor.statesOfEvents(events.map(({ id }) => id))).toMatchObject(
      Array(30).fill({ status: 'delivered' }),
    )
  })
})

describe('a purged monitor', () => {
  it('forgets everything, takes no report, and disappears when no queue can know it', async () => {
    const { resent } = interceptDeliveries()
    const { monitor, report, ref, stub, webhookId } = openMonitor()
    const event = anEvent()
    await report([diverted(event)])
    await monitor.purge()
    await report([diverted(event)])
    await evictDurableObject(stub)
    await report([diverted(event)])
    expect(await monitor.findDiverted(event.id)).toBeNull()
    expect((await monitor.attempts({ limit: 5 })).items).toEqual([])
    expect(await monitor.resendDiverted(ref, newId(Date.now()), {})).toBe(0)
    expect(await monitor.resume(tenantId, webhookId)).toMatchObject({ resumed: false })
    expect(await monitor.statesOfEvents([event.id])).toMatchObject([{ status: 'dropped' }])
    setTime(Date.now() + 14 * DAY_MS)
    await runDurableObjectAlarm(stub)
    expect(await runDurableObjectAlarm(stub)).toBe(false)
    expect(resent()).toEqual([])
  })
})
