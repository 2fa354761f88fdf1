import { evictDurableObject, runDurableObjectAlarm } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { fromDeliveryText } from '../../../../src/engine/messages/delivery-message.ts'
import type { LoggedEvent } from '../../../../src/engine/model/index.ts'
import { createEventLogs } from '../../../../src/platform/durable/clients.ts'
import { newId } from '../../../../src/primitives/ids.ts'
import { anEvent } from '../../../fixtures/bench.ts'

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

async function listed({ log }: OpenLog): Promise<string[]> {
  return (await log.list({ limit: 50 })).items.map(({ id }) => id)
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

describe('a replay', () => {
  const request = {
    webhookId: newId(T),
    eventTypes: ['*'],
    scope: {},
    since: T,
    until: T + 100_000,
    onlyMissing: false,
  }

  it('goes on after its queue was down and its object died', async () => {
    const { sent, spy } = interceptDeliveries()
    spy.mockRejectedValueOnce(new Error('The queue is down.'))
    const opened = openLog()
    await append(opened, [[at(0), at(1)]])
    await opened.log.replay(opened.tenantId, newId(T), request)
    await vi.waitFor(() => expect(spy).toHaveBeenCalledTimes(1))
    expect(sent).toEqual([])
    await evictDurableObject(opened.stub)
    expect(await runDurableObjectAlarm(opened.stub)).toBe(true)
    expect(sent).toHaveLength(2)
    await runDurableObjectAlarm(opened.stub)
    expect(sent).toHaveLength(2)
  })

  it('is one of twenty that may be under way, however many are asked for at once', async () => {
    const { spy } = interceptDeliveries()
    spy.mockRejectedValue(new Error('The queue is down.'))
    const opened = openLog()
    await append(opened, [[at(0), at(1)]])
    const ask = () => opened.log.replay(opened.tenantId, newId(Date.now()), request)
    const answers = await Promise.all(Array.from({ length: 30 }, ask))
    expect(answers.filter((answer) => answer === 'started')).toHaveLength(20)
    expect(answers.filter((answer) => answer === 'busy')).toHaveLength(10)
    spy.mockRestore()
    const { sent } = interceptDeliveries()
    await runDurableObjectAlarm(opened.stub)
    expect(sent).toHaveLength(40)
    expect(await ask()).toBe('started')
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
    expect(await listed(opened)).toHaveLength(2)
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
    expect(await listed(opened)).toEqual([])
    await evictDurableObject(opened.stub)
    await append(opened, [[at(2)]])
    expect(await listed(opened)).toEqual([])
    vi.useFakeTimers({ toFake: ['Date'] })
    vi.setSystemTime(Date.now() + 14 * DAY_MS)
    await runDurableObjectAlarm(opened.stub)
    expect(await runDurableObjectAlarm(opened.stub)).toBe(false)
    expect(sent).toEqual([])
  })
})
