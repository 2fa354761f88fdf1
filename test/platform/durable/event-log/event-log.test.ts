import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { fromDeliveryText } from '../../../../src/engine/messages/delivery-message.ts'
import { fromEventMessage } from '../../../../src/engine/messages/event-message.ts'
import type { LoggedEvent } from '../../../../src/engine/model/index.ts'
import { createD1Stores } from '../../../../src/platform/d1/index.ts'
import { Intake } from '../../../../src/platform/durable/event-log/intake.ts'
import { createEventLogs } from '../../../../src/platform/durable/event-log-client.ts'
import { createVault } from '../../../../src/platform/vault.ts'
import { newId } from '../../../../src/primitives/ids.ts'
import { ACCEPTED } from '../../../../src/retention.ts'
import { NOON } from '../../../contracts/durable-fixtures.ts'
import { accept } from '../../../contracts/event-log-fixtures.ts'
import { aWebhook } from '../../../contracts/store-fixtures.ts'
import { anEvent } from '../../../fixtures/bench.ts'
import { interceptQueues } from '../../../fixtures/deliveries.ts'

const DAY_MS = 86_400_000
const T = Date.now() - DAY_MS

function openLog() {
  const tenantId = newId(Date.now())
  const stub = env.EVENT_LOGS.getByName(tenantId)
  return { tenantId, stub, log: createEventLogs(env, createVault(env.SECRETS_KEY))(tenantId) }
}

type OpenLog = ReturnType<typeof openLog>

/** An event accepted so many milliseconds after T. */
function at(ms: number, fields: Partial<LoggedEvent> = {}): LoggedEvent {
  return { ...anEvent({ id: newId(T + ms) }), webhookIds: ['w'], ...fields }
}

/** Has each group written as a batch of its own, for whom it says. */
async function append(
  { stub }: Pick<OpenLog, 'stub'>,
  groups: readonly (readonly LoggedEvent[])[],
) {
  for (const group of groups) await stub.append(group)
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

describe('an acceptance', () => {
  it('is refused when the stores were opened anew while it was prepared', async () => {
    const opened = openLog()
    const { stub, log, tenantId } = opened
    const { tenants } = createD1Stores(env.DB, createVault(env.SECRETS_KEY))
    await tenants.insert({
      id: tenantId,
      name: 'Acme',
      createdAt: T,
      uid: null,
      metadata: {},
      retentionDays: 30,
    })
    const goOn = Promise.withResolvers<void>()
    const { prepare } = Intake.prototype
    const preparing = vi.spyOn(Intake.prototype, 'prepare')
    preparing.mockImplementationOnce(async function (this: Intake, calls) {
      await goOn.promise
      return prepare.call(this, calls)
    })
    const event = anEvent()
    const accepted = accept(opened, [event])
    const refused = expect(accepted).rejects.toThrow('anew')
    await vi.waitFor(() => expect(preparing).toHaveBeenCalled())
    await runInDurableObject(stub, (_, { storage }) => {
      vi.spyOn(storage, 'transactionSync').mockImplementationOnce(() => {
        throw new Error('The disk is full.')
      })
    })
    const about = { eventId: event.id, eventType: event.type, webhookId: 'w', at: Date.now() }
    const recorded = await Promise.allSettled([log.record([{ ...about, delivered: null }])])
    expect(recorded).toMatchObject([{ status: 'rejected' }])
    goOn.resolve()
    await refused
    expect(await log.find(event.id)).toBeNull()
    expect(await accept(opened, [event])).toMatchObject({ answers: [{ id: event.id }] })
    expect(await log.find(event.id)).not.toBeNull()
  })
})

describe('what nobody took care of', () => {
  /** A log of a tenant with one webhook, at a time of its own, and what it sends to the queue of accepted events. */
  async function openTenant() {
    vi.useFakeTimers({ toFake: ['Date'], now: NOON })
    const { accepted } = interceptQueues()
    const opened = openLog()
    const { tenantId } = opened
    const { tenants, webhooks } = createD1Stores(env.DB, createVault(env.SECRETS_KEY))
    await tenants.insert({
      id: tenantId,
      name: 'Acme',
      createdAt: NOON,
      uid: null,
      metadata: {},
      retentionDays: 30,
    })
    await webhooks.insert(aWebhook(1, { tenantId, eventTypes: ['*'] }))
    const sentOn = () =>
      accepted
        .flatMap((text) => fromEventMessage(text)?.remaining ?? [])
        .map(({ event }) => event.id)
    const alarmAt = () => runInDurableObject(opened.stub, (_, { storage }) => storage.getAlarm())
    return { ...opened, sentOn, alarmAt }
  }

  it('is sent on by an object that was asleep', async () => {
    const { stub, sentOn, ...opened } = await openTenant()
    const event = anEvent({ id: newId(NOON) })
    await accept(opened, [event])
    await evictDurableObject(stub)
    vi.setSystemTime(NOON + ACCEPTED.lookSeconds * 1_000)
    await runDurableObjectAlarm(stub)
    expect(sentOn()).toEqual([event.id])
    await evictDurableObject(stub)
    await runDurableObjectAlarm(stub)
    expect(sentOn()).toEqual([event.id])
  })

  it('goes on being sent after the queue was down and the object died', async () => {
    const { stub, sentOn, ...opened } = await openTenant()
    const events = Array.from({ length: 120 }, () => anEvent({ id: newId(NOON) }))
    const sending = vi.mocked(Object.getPrototypeOf(env.ACCEPTED).sendBatch)
    sending.mockRejectedValueOnce(new Error('The queue is down.'))
    await accept(opened, events, { most: 1 })
    await vi.waitFor(() => expect(sending).toHaveBeenCalled())
    await evictDurableObject(stub)
    await runDurableObjectAlarm(stub)
    expect(new Set(sentOn())).toEqual(new Set(events.slice(1).map(({ id }) => id)))
  })

  it('is looked for as long as there may be something', async () => {
    const { stub, alarmAt, ...opened } = await openTenant()
    await accept(opened, [anEvent({ id: newId(NOON) })])
    const lookMs = ACCEPTED.lookSeconds * 1_000
    expect(await alarmAt()).toBe(NOON + lookMs)
    // It rings early, and again.
    await runDurableObjectAlarm(stub)
    expect(await alarmAt()).toBe(NOON + lookMs)
    vi.setSystemTime(NOON + lookMs)
    await runDurableObjectAlarm(stub)
    // What is left is to be forgotten when the cron says so.
    expect(await alarmAt()).toBeNull()
  })

  it('is looked for though its id is of long ago', async () => {
    const { stub, sentOn, alarmAt, ...opened } = await openTenant()
    const lookMs = ACCEPTED.lookSeconds * 1_000
    await accept(opened, [anEvent({ id: newId(NOON) })])
    vi.setSystemTime(NOON + lookMs)
    await runDurableObjectAlarm(stub)
    const old = anEvent({ id: newId(NOON + 1) })
    await accept(opened, [old])
    await runDurableObjectAlarm(stub)
    expect(sentOn()).not.toContain(old.id)
    expect(await alarmAt()).toBe(NOON + 2 * lookMs)
    vi.setSystemTime(NOON + 2 * lookMs)
    await runDurableObjectAlarm(stub)
    expect(sentOn()).toContain(old.id)
  })

  it('is nothing that a former version published', async () => {
    const { stub, sentOn, ...opened } = await openTenant()
    await append({ stub, ...opened }, [[at(0), at(1)]])
    await accept(opened, [anEvent({ id: newId(NOON) })])
    vi.setSystemTime(NOON + ACCEPTED.lookSeconds * 1_000)
    await runDurableObjectAlarm(stub)
    expect(sentOn()).toHaveLength(1)
    expect(sentOn()).not.toContain(at(0).id)
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
    await opened.log.sweep()
    expect(await opened.log.find(old.id)).toBeNull()
    expect(await opened.log.find(young.id)).toEqual(young)
    expect(await listed(opened)).toHaveLength(2)
    // An alarm for it would cost more than the events.
    expect(await runDurableObjectAlarm(opened.stub)).toBe(false)
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
