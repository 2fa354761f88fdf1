import { evictDurableObject, runDurableObjectAlarm } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { newId } from '../../../src/engine/ids.ts'
import type { Attempt, Event } from '../../../src/engine/model.ts'
import { fromDeliveryText } from '../../../src/engine/pipeline/delivery-message.ts'
import { DEFAULT_FAILURE_HANDLING } from '../../../src/engine/pipeline/failure-handling.ts'
import type { Report, ReportEntry } from '../../../src/engine/ports.ts'
import { createMonitors } from '../../../src/platform/durable/index.ts'
import { anEvent } from '../../fixtures/bench.ts'

const DAY_MS = 86_400_000
const tenantId = '01940000-0000-7000-8000-000000000001'

function openMonitor() {
  const webhookId = newId(Date.now())
  const stub = env.MONITORS.getByName(webhookId)
  const monitor = createMonitors(env)(webhookId)
  const report = (entries: readonly ReportEntry[], fields: Partial<Report> = {}) =>
    monitor.report({
      id: newId(Date.now()),
      again: false,
      tenantId,
      webhookId,
      failureHandling: { ...DEFAULT_FAILURE_HANDLING, suspend: null },
      entries,
      ...fields,
    })
  return { webhookId, stub, monitor, report, ref: { tenantId, id: webhookId } }
}

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
    error: isDelivered ? null : 'answered 500',
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
  it('is written once however often it comes, whole or in pieces', async () => {
    interceptDeliveries()
    const { monitor, report } = openMonitor()
    const id = newId(Date.now())
    const entries = [tried(anEvent()), tried(anEvent())]
    await report(entries, { id })
    await report(entries, { id, again: true })
    await report(entries.slice(1), { id: `${id}/1`, again: true })
    expect((await monitor.attempts({ limit: 9 })).items).toHaveLength(2)
    expect((await monitor.health()).totals).toEqual({ delivered: 2, failed: 0, diverted: 0 })
  })

  it('is all there after the object died', async () => {
    interceptDeliveries()
    const { monitor, report, stub } = openMonitor()
    const event = anEvent()
    const state = await report([tried(event, { statusCode: 410 }, 'divert')])
    expect(state.suspendedAt).not.toBeNull()
    await evictDurableObject(stub)
    expect(await monitor.health()).toMatchObject({ health: state })
    expect(await monitor.findDiverted(event.id)).toMatchObject({ event })
    expect(await monitor.states([{ eventId: event.id, run: '' }])).toMatchObject([
      { status: 'diverted', attempts: 1 },
    ])
  })

  it('owes its notices until the queue takes them', async () => {
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

describe('what is known of a delivery', () => {
  it('is nothing, or delivered at once, or the last of its run', async () => {
    const { monitor, report } = openMonitor()
    const [unknown, quick, slow] = [anEvent(), anEvent(), anEvent()]
    await report([tried(quick), tried(slow, {}, 'retry')])
    await report([tried(slow, { attempt: 2 }, 'retry')])
    const keys = [unknown, quick, slow].map(({ id: eventId }) => ({ eventId, run: '' }))
    expect(await monitor.states(keys)).toMatchObject([
      { status: 'pending', attempts: 0 },
      { status: 'delivered', attempts: 1 },
      { status: 'failing', attempts: 2 },
    ])
  })

  it('belongs to its run, and over all runs a success counts', async () => {
    interceptDeliveries()
    const { monitor, report } = openMonitor()
    const event = anEvent()
    const run = newId(Date.now())
    await report([diverted(event)])
    await report([tried(event, { run })])
    const of = (one: string) => monitor.states([{ eventId: event.id, run: one }])
    expect(await of('')).toMatchObject([{ status: 'diverted' }])
    expect(await of(run)).toMatchObject([{ status: 'delivered' }])
    expect(await of(newId(Date.now()))).toMatchObject([{ status: 'pending' }])
    expect(await monitor.statesOfEvents([event.id])).toMatchObject([{ status: 'delivered' }])
    await report([tried(event, { run: newId(Date.now()) }, 'retry')])
    expect(await monitor.statesOfEvents([event.id])).toMatchObject([{ status: 'delivered' }])
  })

  it('of an event delivered at once is not undone by a failure of a resend', async () => {
    const { monitor, report } = openMonitor()
    const event = anEvent()
    await report([tried(event)])
    await report([tried(event, { run: newId(Date.now()) }, 'retry')])
    expect(await monitor.statesOfEvents([event.id])).toMatchObject([{ status: 'delivered' }])
  })
})

describe('the list of attempts', () => {
  const now = Date.now()

  it.each([1, 2, 3, 50])('is newest first, %d a page', async (limit) => {
    const { monitor, report } = openMonitor()
    const events = Array.from({ length: 7 }, () => anEvent())
    const entries = events.map((event, n) => tried(event, { at: now + n }))
    await report(entries.slice(0, 3))
    await report(entries.slice(3, 4))
    await report([])
    await report(entries.slice(4))
    const ids: string[] = []
    let cursor: string | undefined
    do {
      const page = await monitor.attempts({ limit, cursor })
      expect(page.items.length).toBeLessThanOrEqual(limit)
      ids.push(...page.items.map(({ eventId }) => eventId))
      cursor = page.nextCursor ?? undefined
    } while (cursor !== undefined)
    expect(ids).toEqual(events.map(({ id }) => id).toReversed())
  })

  it('is filtered by outcome and exclusive bounds of time, page by page', async () => {
    const { monitor, report } = openMonitor()
    const events = Array.from({ length: 6 }, () => anEvent())
    const entries = events.map((event, n) =>
      tried(event, { at: now + n }, n % 2 === 0 ? 'done' : 'retry'),
    )
    await report(entries.slice(0, 3))
    await report(entries.slice(3))
    const list = async (query: object) => {
      const first = await monitor.attempts({ limit: 1, ...query })
      const cursor = first.nextCursor ?? undefined
      const rest = cursor ? await monitor.attempts({ limit: 9, ...query, cursor }) : { items: [] }
      return [...first.items, ...rest.items].map(({ at }) => at - now)
    }
    expect(await list({ outcome: 'failed' })).toEqual([5, 3, 1])
    expect(await list({ outcome: 'delivered' })).toEqual([4, 2, 0])
    expect(await list({ after: now + 1, before: now + 4 })).toEqual([3, 2])
    expect(await list({ outcome: 'failed', after: now + 1, before: now + 4 })).toEqual([3])
    expect(await list({ before: now })).toEqual([])
  })

  it.each(['x', btoa('[1]'), btoa('[-1,0]'), btoa('["a",0]')])(
    'refuses a cursor that is none: %s',
    async (cursor) => {
      const { monitor } = openMonitor()
      await expect(monitor.attempts({ limit: 5, cursor })).rejects.toMatchObject({
        code: 'invalid',
      })
    },
  )
})

describe('diverted events', () => {
  it('are listed newest first, by cursor and by offset', async () => {
    interceptDeliveries()
    const { monitor, report } = openMonitor()
    const events = Array.from({ length: 5 }, () => anEvent())
    await report(events.map(diverted))
    const ids = events.map(({ id }) => id).toReversed()
    const first = await monitor.diverted({ limit: 2 })
    const second = await monitor.diverted({ limit: 2, cursor: first.nextCursor ?? '' })
    const third = await monitor.diverted({ limit: 2, cursor: second.nextCursor ?? '' })
    const shown = [first, second, third].flatMap(({ items }) => items.map(({ event }) => event.id))
    expect(shown).toEqual(ids)
    expect(third.nextCursor).toBeNull()
    const { items } = await monitor.diverted({ limit: 2, offset: 3 })
    expect(items.map(({ event }) => event.id)).toEqual(ids.slice(3))
  })

  it('are resent once in bulk, those of the asked types and times', async () => {
    const { resent } = interceptDeliveries()
    const { monitor, report, ref } = openMonitor()
    const now = Date.now()
    const [a, b, c] = [anEvent(), anEvent(), anEvent({ type: 'order.paid' })]
    const ended = (event: Event, ms: number) => tried(event, { at: now + ms }, 'divert')
    await report([ended(a, 0), ended(b, 1_000), ended(c, 2_000)])
    const count = (query: object) => monitor.resendDiverted(ref, query)
    expect(await count({ until: now })).toBe(0)
    expect(await count({ eventTypes: ['order.paid'] })).toBe(1)
    expect(await count({ since: now + 1_010, until: now + 1_011 })).toBe(1)
    expect(await count({})).toBe(1)
    expect(await count({})).toBe(0)
    await vi.waitFor(() => expect(resent()).toHaveLength(3))
    expect(resent().map(({ event }) => event.id)).toEqual([c.id, b.id, a.id])
  })

  it('are resent step by step when they are many', async () => {
    const { resent } = interceptDeliveries()
    const { monitor, report, ref } = openMonitor()
    await report(Array.from({ length: 250 }, () => diverted(anEvent())))
    expect(await monitor.resendDiverted(ref, {})).toBe(250)
    await vi.waitFor(() => expect(resent()).toHaveLength(250))
    expect(new Set(resent().map(({ event }) => event.id)).size).toBe(250)
    expect(new Set(resent().map(({ run }) => run)).size).toBe(1)
  })

  it('are resent one by one, again if asked', async () => {
    const { resent } = interceptDeliveries()
    const { monitor, report, ref } = openMonitor()
    const event = anEvent()
    await report([diverted(event)])
    expect(await monitor.resendOneDiverted(ref, event.id)).toBe(true)
    expect(await monitor.resendOneDiverted(ref, event.id)).toBe(true)
    expect(await monitor.resendOneDiverted(ref, newId(Date.now()))).toBe(false)
    await vi.waitFor(() => expect(resent()).toHaveLength(2))
  })

  it('go on being resent after the queue was down and the object died', async () => {
    const { resent, spy } = interceptDeliveries()
    const { monitor, report, ref, stub } = openMonitor()
    const event = anEvent()
    await report([diverted(event)])
    await vi.waitFor(() => expect(spy).toHaveBeenCalledTimes(1))
    spy.mockRejectedValueOnce(new Error('The queue is down.'))
    await monitor.resendDiverted(ref, {})
    await vi.waitFor(() => expect(spy).toHaveBeenCalledTimes(2))
    expect(resent()).toEqual([])
    await evictDurableObject(stub)
    await runDurableObjectAlarm(stub)
    expect(resent()).toMatchObject([{ event: { id: event.id }, standing: 'repetition' }])
    await runDurableObjectAlarm(stub)
    expect(resent()).toHaveLength(1)
  })
})

describe('resuming', () => {
  it('lifts a suspension once and tells so once', async () => {
    const { sent } = interceptDeliveries()
    const { monitor, report, webhookId } = openMonitor()
    expect(await monitor.resume(tenantId, webhookId)).toMatchObject({ resumed: false })
    await report([tried(anEvent(), { statusCode: 410 }, 'divert')])
    expect(await monitor.resume(tenantId, webhookId)).toMatchObject({
      resumed: true,
      state: { version: 2, suspendedAt: null },
    })
    expect(await monitor.resume(tenantId, webhookId)).toMatchObject({ resumed: false })
    await vi.waitFor(() => expect(sent).toHaveLength(3))
  })
})

describe('health', () => {
  it('shows the last 24 hours', async () => {
    interceptDeliveries()
    const { monitor, report } = openMonitor()
    const now = Date.now()
    setTime(now - DAY_MS - 60_000)
    await report([tried(anEvent(), { durationMs: 9_000 }), diverted(anEvent())])
    setTime(now)
    const durations = [10, 20, 30, 40]
    await report(durations.map((durationMs) => tried(anEvent(), { durationMs })))
    expect(await monitor.health()).toMatchObject({
      totals: { delivered: 4, failed: 0, diverted: 0 },
      latencyMs: { p50: 20, p95: 40 },
    })
  })
})

describe('retention', () => {
  it('removes what is 30 days old, keeps what is not, and never forgets the health', async () => {
    interceptDeliveries()
    const { monitor, report, stub } = openMonitor()
    const now = Date.now()
    setTime(now - 31 * DAY_MS)
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
    expect(await monitor.resendDiverted(ref, {})).toBe(0)
    expect(await monitor.resume(tenantId, webhookId)).toMatchObject({ resumed: false })
    expect(await monitor.statesOfEvents([event.id])).toMatchObject([{ status: 'dropped' }])
    await runDurableObjectAlarm(stub)
    expect(await runDurableObjectAlarm(stub)).toBe(false)
    expect(resent()).toEqual([])
  })
})
