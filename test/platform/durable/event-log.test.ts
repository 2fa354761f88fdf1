import { evictDurableObject, runDurableObjectAlarm } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { newId } from '../../../src/engine/ids.ts'
import type { LoggedEvent } from '../../../src/engine/model.ts'
import { fromDeliveryText } from '../../../src/engine/pipeline/delivery-message.ts'
import { createEventLogs } from '../../../src/platform/durable/index.ts'
import { anEvent } from '../../fixtures/bench.ts'

const DAY_MS = 86_400_000
const T = Date.now() - DAY_MS

function openLog() {
  const tenantId = newId(Date.now())
  const stub = env.EVENT_LOGS.getByName(tenantId)
  return { tenantId, stub, log: createEventLogs(env)(tenantId) }
}

type OpenLog = ReturnType<typeof openLog>

/** An event accepted so many milliseconds after T. */
function at(ms: number, fields: Partial<LoggedEvent> = {}): LoggedEvent {
  return { ...anEvent({ id: newId(T + ms) }), webhookIds: ['w'], ...fields }
}

/** Appends each group as a batch of its own. */
async function append({ log, tenantId }: OpenLog, groups: readonly (readonly LoggedEvent[])[]) {
  for (const group of groups) await log.append(tenantId, group)
}

type Query = Parameters<OpenLog['log']['list']>[0]

/** Ids of all pages. */
async function listed({ log }: OpenLog, query: Query): Promise<string[]> {
  const ids: string[] = []
  let cursor: string | undefined
  for (let pages = 0; pages < 100; pages += 1) {
    const page = await log.list({ ...query, cursor })
    expect(page.items.length).toBeLessThanOrEqual(query.limit)
    ids.push(...page.items.map(({ id }) => id))
    if (page.nextCursor === null) return ids
    cursor = page.nextCursor
  }
  throw new Error('The pages never end.')
}

/** Keeps what is sent to the deliveries queue from getting there. */
function interceptDeliveries() {
  const sent: unknown[] = []
  const spy = vi.spyOn(Object.getPrototypeOf(env.DELIVERIES), 'sendBatch')
  spy.mockImplementation(async (messages) => {
    sent.push(...(messages as { body: string }[]).map(({ body }) => fromDeliveryText(body)))
  })
  return { sent, spy }
}

afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

describe('appending', () => {
  it('keeps each event once, as it was first', async () => {
    const opened = openLog()
    const [first, second, third] = [at(0), at(1), at(2)]
    await append(opened, [
      [first, second],
      [{ ...second, webhookIds: ['x'] }, third, third],
      [first],
    ])
    expect(await listed(opened, { limit: 10 })).toEqual([third.id, second.id, first.id])
    expect(await opened.log.find(second.id)).toEqual(second)
    expect(await opened.log.find(newId(T))).toBeNull()
  })

  it('keeps payloads as they were written', async () => {
    const opened = openLog()
    const event = at(0, {
      data: '{"2":12345678901234567890,"1":1.10,\n"x":1e400,"u":"\\u00e9 é 📮"}',
      scope: { data: 'x', inbox: 'Grüße' },
    })
    await append(opened, [[event]])
    expect(await opened.log.find(event.id)).toEqual(event)
  })

  it('takes a batch of several megabytes', async () => {
    const opened = openLog()
    const data = `{"text":"${'x'.repeat(90_000)}"}`
    const events = Array.from({ length: 40 }, (_, n) => at(n, { data }))
    await append(opened, [events])
    expect(await opened.log.find(events[39]?.id ?? '')).toEqual(events[39])
    expect(await listed(opened, { limit: 15 })).toEqual(events.map(({ id }) => id).toReversed())
  })
})

describe('listing', () => {
  it.each([1, 2, 3, 7, 50])(
    'goes through overlapping batches in order, %d a page',
    async (limit) => {
      const opened = openLog()
      const events = Array.from({ length: 24 }, (_, n) => at(n * 4_000))
      // Batch k holds every fourth event: all overlap, over more than a minute.
      const groups = [0, 1, 2, 3].map((k) => events.filter((_, n) => n % 4 === k))
      await append(opened, [groups[2] ?? [], groups[0] ?? [], groups[3] ?? [], groups[1] ?? []])
      const ids = events.map(({ id }) => id)
      expect(await listed(opened, { limit })).toEqual(ids.toReversed())
    },
  )

  it('goes through batches that lie within each other and far apart', async () => {
    const opened = openLog()
    const [a, b, c, d, e] = [at(0), at(10), at(20), at(59_000), at(3_600_000)]
    await append(opened, [[e], [a, d], [b, c]])
    expect(await listed(opened, { limit: 2 })).toEqual([e.id, d.id, c.id, b.id, a.id])
  })

  it('stays within exclusive bounds of time, and within a type', async () => {
    const opened = openLog()
    const events = [at(0), at(1_000, { type: 'order.paid' }), at(2_000), at(3_000)]
    await append(opened, [events])
    const ids = events.map(({ id }) => id)
    const list = (query: Partial<Query>) => listed(opened, { limit: 1, ...query })
    expect(await list({ after: T, before: T + 3_000 })).toEqual([ids[2], ids[1]])
    expect(await list({ after: T - 1, before: T + 1 })).toEqual([ids[0]])
    expect(await list({ type: 'invoice.paid' })).toEqual([ids[3], ids[2], ids[0]])
    expect(await list({ type: 'order.paid' })).toEqual([ids[1]])
    expect(await list({ type: 'order' })).toEqual([])
    expect(await list({ after: T + 5_000 })).toEqual([])
  })

  it('is not misled by a payload that looks like a type', async () => {
    const opened = openLog()
    await append(opened, [[at(0, { data: '{"type":"order.paid"}' })]])
    expect(await listed(opened, { limit: 5, type: 'order.paid' })).toEqual([])
  })

  it.each(['x', 'W10', btoa('["no id"]'), btoa('[1,2]')])(
    'refuses a cursor that is none: %s',
    async (cursor) => {
      const { log } = openLog()
      await expect(log.list({ limit: 5, cursor })).rejects.toMatchObject({ code: 'invalid' })
    },
  )

  it('finds the events of a request', async () => {
    const opened = openLog()
    const requestId = crypto.randomUUID()
    const [one, two] = [at(0, { requestId }), at(1, { requestId })]
    await append(opened, [[one, at(2, { data: JSON.stringify({ requestId }) })], [two]])
    expect(await opened.log.listByRequest(requestId)).toEqual([one, two])
  })
})

describe('a replay', () => {
  const request = {
    webhookId: newId(T),
    eventTypes: ['*'],
    scope: {},
    since: T,
    until: T + 100_000,
    onlyMissing: false,
  }

  it('sends what matches, each once, in one run', async () => {
    const { sent } = interceptDeliveries()
    const opened = openLog()
    const events = Array.from({ length: 30 }, (_, n) => at(n * 1_000, { scope: { n: String(n) } }))
    const outside = [at(-1), at(100_000)]
    await append(opened, [...events.map((event) => [event]), outside])
    expect(await opened.log.replay(opened.tenantId, request)).toBe(30)
    await vi.waitFor(() => expect(sent).toHaveLength(30))
    const runs = new Set(sent.map((message) => (message as { run: string }).run))
    expect(runs.size).toBe(1)
    expect(sent[0]).toMatchObject({
      kind: 'deliver',
      tenantId: opened.tenantId,
      webhookId: request.webhookId,
      attempts: 0,
      standing: 'repetition',
    })
    expect(await opened.log.replay(opened.tenantId, { ...request, scope: { n: '7' } })).toBe(1)
    expect(
      await opened.log.replay(opened.tenantId, { ...request, onlyTypes: ['order.paid'] }),
    ).toBe(0)
  })

  it('goes on after its queue was down and its object died', async () => {
    const { sent, spy } = interceptDeliveries()
    spy.mockRejectedValueOnce(new Error('The queue is down.'))
    const opened = openLog()
    await append(opened, [[at(0), at(1)]])
    expect(await opened.log.replay(opened.tenantId, request)).toBe(2)
    await vi.waitFor(() => expect(spy).toHaveBeenCalledTimes(1))
    expect(sent).toEqual([])
    await evictDurableObject(opened.stub)
    expect(await runDurableObjectAlarm(opened.stub)).toBe(true)
    expect(sent).toHaveLength(2)
    await runDurableObjectAlarm(opened.stub)
    expect(sent).toHaveLength(2)
  })
})

describe('a relay', () => {
  it('goes on after its queue was down and its object died', async () => {
    const sent: unknown[] = []
    const spy = vi.spyOn(Object.getPrototypeOf(env.EVENTS), 'sendBatch')
    spy.mockRejectedValueOnce(new Error('The queue is down.'))
    spy.mockImplementation(async (messages) => {
      sent.push(...(messages as { body: string }[]).map(({ body }) => body))
    })
    const { stub } = openLog()
    const texts = Array.from({ length: 45 }, (_, n) => `text ${n}`)
    await stub.relay(texts)
    await vi.waitFor(() => expect(spy).toHaveBeenCalledTimes(1))
    await evictDurableObject(stub)
    await runDurableObjectAlarm(stub)
    expect(sent).toEqual(texts)
    await runDurableObjectAlarm(stub)
    expect(sent).toHaveLength(45)
  })
})

describe('retention', () => {
  it('removes what is 30 days old and keeps what is not', async () => {
    const opened = openLog()
    const old = at(DAY_MS - 31 * DAY_MS)
    const young = at(DAY_MS - 29 * DAY_MS)
    await append(opened, [[old, young], [at(0)]])
    expect(await runDurableObjectAlarm(opened.stub)).toBe(true)
    expect(await opened.log.find(old.id)).toBeNull()
    expect(await opened.log.find(young.id)).toEqual(young)
    expect(await listed(opened, { limit: 5 })).toHaveLength(2)
    expect(await runDurableObjectAlarm(opened.stub)).toBe(true)
  })
})

describe('a purged log', () => {
  it('forgets everything, takes nothing more, and disappears when no queue can know it', async () => {
    const { sent } = interceptDeliveries()
    const opened = openLog()
    const event = at(0)
    await append(opened, [[event]])
    await opened.log.purge()
    expect(await opened.log.find(event.id)).toBeNull()
    await append(opened, [[at(1)]])
    await opened.stub.relay(['text'])
    expect(await listed(opened, { limit: 5 })).toEqual([])
    await evictDurableObject(opened.stub)
    await append(opened, [[at(2)]])
    expect(await listed(opened, { limit: 5 })).toEqual([])
    await runDurableObjectAlarm(opened.stub)
    expect(await runDurableObjectAlarm(opened.stub)).toBe(false)
    expect(sent).toEqual([])
  })
})
