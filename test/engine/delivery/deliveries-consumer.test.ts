import { describe, expect, it, vi } from 'vitest'
import { toDeliveryText } from '../../../src/engine/messages/delivery-message.ts'
import type { Event, Webhook } from '../../../src/engine/model/index.ts'
import { newId } from '../../../src/primitives/ids.ts'
import { createMemoryDeployment } from '../../fakes/deployment.ts'
import {
  aDelivery,
  anEvent,
  Bench,
  broken,
  failedWith,
  handledBy,
  inbound,
  never,
  noTime,
} from '../../fixtures/bench.ts'

const ACK = { kind: 'ack' }
const DAY_MS = 86_400_000
const fail500 = () => failedWith(500)
/** Without taking time, so that a retry at once is due at once. */
const fail500AtOnce = () => ({ ...fail500(), durationMs: 0 })

describe('a delivery', () => {
  it('is sent once, acknowledged and written down', async () => {
    const bench = await Bench.open()
    const webhook = await bench.webhook()
    const event = anEvent()
    expect(await bench.consumeDelivery(aDelivery(webhook, event))).toEqual(ACK)
    expect(bench.requests).toHaveLength(1)
    expect(bench.requests[0]?.body).toBe(
      '{"type":"invoice.paid","timestamp":"2026-11-22T10:00:00.000Z","data":{"total":1.10}}',
    )
    expect(await bench.fate(event, webhook)).toMatchObject({ status: 'delivered', attempts: 1 })
  })

  it('stays in its message for a retry, with the same body and id and the count of attempts', async () => {
    const bench = await Bench.open()
    bench.respond = fail500AtOnce
    const webhook = await bench.webhook({
      failureHandling: handledBy({ retry: { type: 'linear', intervalSeconds: 0, attempts: 5 } }),
    })
    const event = anEvent({ data: '{"2":12345678901234567890,"1":1e400}' })
    const message = aDelivery(webhook, event)
    for (const attempts of [1, 2, 3]) {
      expect(await bench.consumeDelivery(message, { attempts })).toEqual({
        kind: 'retry',
        delaySeconds: 0,
      })
      expect(await bench.fate(event, webhook)).toMatchObject({ status: 'failing', attempts })
    }
    expect(new Set(bench.requests.map(({ body }) => body)).size).toBe(1)
    const ids = bench.requests.map(({ headers }) => new Map(headers).get('webhook-id'))
    expect(ids).toEqual([event.id, event.id, event.id])
  })

  it('follows its schedule and is diverted at its end', async () => {
    const bench = await Bench.open()
    bench.respond = fail500AtOnce
    const webhook = await bench.webhook({
      failureHandling: handledBy({ retry: { type: 'schedule', delaysSeconds: [0, 300] } }),
    })
    const event = anEvent()
    const message = aDelivery(webhook, event)
    expect(await bench.consumeDelivery(message)).toEqual({ kind: 'retry', delaySeconds: 0 })
    expect(await bench.consumeDelivery(message, { attempts: 2 })).toEqual({
      kind: 'retry',
      delaySeconds: 300,
    })
    const later = bench.with({
      clock: () => Date.now() + 301_000,
      send: async () => failedWith(503),
    })
    expect(await later.consumeDelivery(message, { attempts: 3 })).toEqual(ACK)
    expect(await bench.fate(event, webhook)).toMatchObject({ status: 'diverted', attempts: 3 })
    const diverted = await bench.engine.webhooks.getDiverted(bench.ref(webhook), event.id)
    expect(diverted).toMatchObject({
      event,
      trigger: 503,
      message: 'The receiver responded with status 503.',
    })
  })

  it('is dropped at the end of its schedule when its webhook wants that', async () => {
    const bench = await Bench.open()
    bench.respond = fail500
    const webhook = await bench.webhook({
      failureHandling: handledBy({ retry: null, divert: false }),
    })
    const event = anEvent()
    expect(await bench.consumeDelivery(aDelivery(webhook, event))).toEqual(ACK)
    expect(await bench.fate(event, webhook)).toMatchObject({ status: 'dropped', attempts: 1 })
    expect((await bench.engine.webhooks.diverted(bench.ref(webhook), { limit: 5 })).items).toEqual(
      [],
    )
  })

  it('waits when its message comes before it is due', async () => {
    const bench = await Bench.open()
    bench.respond = fail500
    const webhook = await bench.webhook()
    const now = Date.now()
    const fixed = bench.with({ clock: () => now, send: async () => failedWith(500) })
    const message = aDelivery(webhook, anEvent())
    await fixed.consumeDelivery(message)
    expect(await fixed.consumeDelivery(message, { attempts: 2 })).toEqual({
      kind: 'retry',
      delaySeconds: 5.005,
    })
  })

  it('takes the present url, headers and secret of its webhook', async () => {
    const bench = await Bench.open()
    bench.respond = fail500AtOnce
    const webhook = await bench.webhook({
      failureHandling: handledBy({ retry: { type: 'linear', intervalSeconds: 0, attempts: 5 } }),
    })
    const message = aDelivery(webhook, anEvent())
    await bench.consumeDelivery(message)
    await bench.engine.webhooks.update(bench.ref(webhook), (current) => ({
      ...current,
      url: 'https://moved.example/there',
      secrets: {
        ...current.secrets,
        headers: [['x-team', 'blue']],
        signing: [{ secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', expiresAt: null }],
      },
    }))
    await bench.consumeDelivery(message, { attempts: 2 })
    const [before, after] = bench.requests
    expect(before?.url).toBe('https://receiver.example/hook')
    expect(new Map(before?.headers).has('webhook-signature')).toBe(false)
    expect(after?.url).toBe('https://moved.example/there')
    expect(new Map(after?.headers).get('x-team')).toBe('blue')
    expect(new Map(after?.headers).get('webhook-signature')).toMatch(/^v1,/)
  })

  it('ends with its webhook', async () => {
    const bench = await Bench.open()
    bench.respond = fail500
    const webhook = await bench.webhook()
    const message = aDelivery(webhook, anEvent())
    await bench.consumeDelivery(message)
    await bench.engine.webhooks.delete(bench.ref(webhook))
    expect(await bench.consumeDelivery(message, { attempts: 2 })).toEqual(ACK)
    expect(bench.requests).toHaveLength(1)
  })

  it.each([
    ['diverted', true],
    ['dropped', false],
  ])('ends as %s when its webhook was disabled, as divert says', async (status, divert) => {
    const bench = await Bench.open()
    bench.respond = fail500
    const webhook = await bench.webhook({ failureHandling: handledBy({ divert }) })
    const event = anEvent()
    await bench.consumeDelivery(aDelivery(webhook, event))
    await bench.engine.webhooks.update(bench.ref(webhook), (current) => ({
      ...current,
      enabled: false,
    }))
    expect(await bench.consumeDelivery(aDelivery(webhook, event), { attempts: 2 })).toEqual(ACK)
    expect(bench.requests).toHaveLength(1)
    const reason = 'The webhook is disabled.'
    expect(await bench.fate(event, webhook)).toMatchObject({ status, attempts: 1, reason })
  })

  it.each([
    [true, 'diverted', 1],
    [false, 'dropped', 0],
  ])(
    'is not sent while its webhook is suspended (divert: %j): %s',
    async (divert, status, kept) => {
      const bench = await Bench.open()
      bench.respond = () => failedWith(410)
      const webhook = await bench.webhook({ failureHandling: handledBy({ divert }) })
      await bench.consumeDelivery(aDelivery(webhook, anEvent({ type: 'invoice.first' })))
      const event = anEvent()
      expect(await bench.consumeDelivery(aDelivery(webhook, event, { attempts: 1 }))).toEqual(ACK)
      expect(bench.requests).toHaveLength(1)
      expect(await bench.fate(event, webhook)).toMatchObject({ status })
      const { items } = await bench.engine.webhooks.diverted(bench.ref(webhook), { limit: 5 })
      expect(items.filter((one) => one.event.id === event.id)).toHaveLength(kept)
    },
  )
})

describe('a redelivered message', () => {
  it('does not send what the log shows as delivered', async () => {
    const bench = await Bench.open()
    const webhook = await bench.webhook()
    const message = aDelivery(webhook, anEvent())
    await bench.consumeDelivery(message)
    expect(await bench.consumeDelivery(message, { attempts: 2 })).toEqual(ACK)
    expect(bench.requests).toHaveLength(1)
  })

  it('sends when the log cannot be reached', async () => {
    const bench = await Bench.open()
    const webhook = await bench.webhook()
    const message = aDelivery(webhook, anEvent())
    await bench.consumeDelivery(message)
    const blind = bench.with(bench.monitorsWhere({ states: broken }))
    expect(await blind.consumeDelivery(message, { attempts: 2 })).toEqual(ACK)
    expect(blind.requests).toHaveLength(1)
  })

  it('counts only attempts that were surely made, and paces those that may have been, without the log', async () => {
    const bench = await Bench.open()
    const webhook = await bench.webhook({
      failureHandling: handledBy({ retry: { type: 'schedule', delaysSeconds: [5, 60, 300] } }),
    })
    const event = anEvent()
    const blind = bench.with(bench.monitorsWhere({ states: broken }))
    blind.respond = fail500
    const message = aDelivery(webhook, event, { attempts: 1 })
    expect(await blind.consumeDelivery(message, { attempts: 9 })).toEqual({
      kind: 'retry',
      delaySeconds: 300,
    })
    expect(await bench.fate(event, webhook)).toMatchObject({ status: 'failing', attempts: 2 })
  })

  it('does not make a delivered event look undelivered when it had to send blindly and failed', async () => {
    const bench = await Bench.open()
    const webhook = await bench.webhook()
    const event = anEvent()
    const message = aDelivery(webhook, event)
    await bench.consumeDelivery(message)
    const blind = bench.with(bench.monitorsWhere({ states: broken }))
    blind.respond = fail500
    await blind.consumeDelivery(message, { attempts: 2 })
    expect(await bench.fate(event, webhook)).toMatchObject({ status: 'delivered' })
    expect(await bench.consumeDelivery(message, { attempts: 3 })).toEqual(ACK)
    expect(bench.requests).toHaveLength(1)
  })
})

describe('a message of a replay of what is missing', () => {
  const replayed = { role: 'duplicate', onlyMissing: true } as const
  const [one, other] = [
    '01a2028c-0000-7000-8000-000000000001',
    '01a2028c-0000-7000-8000-000000000002',
  ]

  it.each([
    ['at once', {}],
    ['by another replay', { run: other }],
  ])('ends when its event was delivered %s', async (_, before) => {
    const bench = await Bench.open()
    const webhook = await bench.webhook()
    const event = anEvent()
    await bench.consumeDelivery(aDelivery(webhook, event, before))
    const message = aDelivery(webhook, event, { run: one, ...replayed })
    expect(await bench.consumeDelivery(message)).toEqual(ACK)
    expect(bench.requests).toHaveLength(1)
  })

  it('makes the next attempt of another replay that tried and failed', async () => {
    const deployment = createMemoryDeployment()
    const bench = await Bench.open({}, deployment)
    bench.respond = fail500
    const webhook = await bench.webhook()
    const event = anEvent()
    await bench.consumeDelivery(aDelivery(webhook, event, { run: other }))
    const sent = deployment.sentByObjects
    expect(
      await bench.consumeDelivery(aDelivery(webhook, event, { run: one, ...replayed })),
    ).toEqual(ACK)
    await vi.waitFor(() => expect(sent).toHaveLength(1))
    const [message] = sent
    expect(message).toMatchObject({ run: other, attempts: 1, carrier: expect.any(String) })
    if (message) await bench.consumeDelivery(message)
    expect(bench.requests).toHaveLength(2)
    expect(await bench.fate(event, webhook)).toMatchObject({ status: 'failing', attempts: 2 })
  })

  it.each([
    ['is not sent beside that of another replay when they meet in a batch', {}, 1],
    ['nor when both were tried before', { attempts: 1 }, 2],
  ])('%s', async (_, tried, arrival) => {
    const bench = await Bench.open()
    const webhook = await bench.webhook()
    const event = anEvent()
    const both = [one, other].map((run) =>
      aDelivery(webhook, event, { run, ...replayed, ...tried }),
    )
    const [, second] = both
    const verdicts = await bench.engine.consumers.slowDeliveries(
      both.map((message) => inbound(toDeliveryText(message), { attempts: arrival })),
    )
    expect(verdicts).toEqual([ACK, { kind: 'retry', delaySeconds: 1 }])
    if (second) expect(await bench.consumeDelivery(second, { attempts: arrival + 1 })).toEqual(ACK)
    expect(bench.requests).toHaveLength(1)
  })

  it('is sent though a late one comes with it of a replay that ended without delivering', async () => {
    const bench = await Bench.open()
    bench.respond = fail500
    const webhook = await bench.webhook({ failureHandling: handledBy({ retry: null }) })
    const event = anEvent()
    const [ended, asked] = [one, other].map((run) =>
      aDelivery(webhook, event, { run, ...replayed }),
    )
    if (ended === undefined || asked === undefined) throw new Error('Two were made.')
    expect(await bench.consumeDelivery(ended)).toEqual(ACK)
    const verdicts = await bench.engine.consumers.slowDeliveries([
      inbound(toDeliveryText(ended), { attempts: 2 }),
      inbound(toDeliveryText(asked)),
    ])
    expect(verdicts).toEqual([ACK, ACK])
    expect(bench.requests).toHaveLength(2)
  })
})

describe('messages of one delivery that meet in a batch', () => {
  it('lead to one attempt', async () => {
    const bench = await Bench.open()
    const webhook = await bench.webhook()
    const event = anEvent()
    const duplicates = [aDelivery(webhook, event), aDelivery(webhook, event, { role: 'duplicate' })]
    const verdicts = await bench.engine.consumers.slowDeliveries(
      duplicates.map((duplicate) => inbound(toDeliveryText(duplicate))),
    )
    expect(verdicts).toEqual([ACK, ACK])
    expect(bench.requests).toHaveLength(1)
  })

  it('lead to one retry, carried by the message that gives way to no other', async () => {
    const bench = await Bench.open()
    bench.respond = fail500
    const webhook = await bench.webhook()
    const event = anEvent()
    const duplicates = [
      aDelivery(webhook, event, { role: 'duplicate' }),
      aDelivery(webhook, event, { role: 'watchdog' }),
    ]
    const verdicts = await bench.engine.consumers.slowDeliveries(
      duplicates.map((duplicate) => inbound(toDeliveryText(duplicate))),
    )
    expect(verdicts).toEqual([ACK, { kind: 'retry', delaySeconds: 5 }])
  })

  it('keep their retry when the queue brings one of them twice', async () => {
    const bench = await Bench.open()
    bench.respond = fail500
    const message = inbound(toDeliveryText(aDelivery(await bench.webhook(), anEvent())))
    const verdicts = await bench.engine.consumers.slowDeliveries([message, message])
    expect(verdicts).toEqual(Array(2).fill({ kind: 'retry', delaySeconds: 5 }))
    expect(bench.requests).toHaveLength(1)
  })

  it('come again together', async () => {
    const bench = await Bench.open()
    const webhook = await bench.webhook()
    const duplicate = aDelivery(webhook, anEvent())
    const down = bench.with({
      webhooks: { ...bench.ports.webhooks, findByRef: async () => broken() },
    })
    const verdicts = await down.engine.consumers.slowDeliveries(
      [duplicate, duplicate].map((one) => inbound(toDeliveryText(one))),
    )
    expect(verdicts.map(({ kind }) => kind)).toEqual(['retry', 'retry'])
  })

  describe('of different runs', () => {
    async function carryBoth(answers: readonly ReturnType<typeof failedWith>[]) {
      const bench = await Bench.open()
      const webhook = await bench.webhook()
      const event = anEvent()
      const given = [...answers]
      bench.respond = async () =>
        given.shift() ?? ({ kind: 'delivered', statusCode: 204, durationMs: 1 } as const)
      const later = aDelivery(webhook, event, { run: 'run-2', role: 'watchdog' })
      const runs = [later, aDelivery(webhook, event)]
      const texts = runs.map((one) => inbound(toDeliveryText(one)))
      const verdicts = await bench.engine.consumers.slowDeliveries(texts)
      return { bench, event, webhook, later, verdicts }
    }

    it('begin one after the other: both send an event that the receiver takes', async () => {
      const { bench, event, webhook, later, verdicts } = await carryBoth([])
      expect(verdicts).toEqual([{ kind: 'retry', delaySeconds: 1 }, ACK])
      expect(bench.requests).toHaveLength(1)
      expect(await bench.consumeDelivery(later, { attempts: 2 })).toEqual(ACK)
      expect(bench.requests).toHaveLength(2)
      expect(await bench.fate(event, webhook)).toMatchObject({ status: 'delivered' })
    })

    it('share the schedule of the first when its attempt failed', async () => {
      const { bench, event, webhook, later } = await carryBoth([failedWith(500)])
      expect(await bench.consumeDelivery(later, { attempts: 2 })).toEqual(ACK)
      expect(bench.requests).toHaveLength(1)
      expect(await bench.fate(event, webhook)).toMatchObject({ status: 'failing', attempts: 1 })
    })
  })
})

describe('an attempt that is not answered within the slot', () => {
  it('is insured, finishes in the background, and is not made again', async () => {
    const bench = (await Bench.open()).with(noTime)
    const webhook = await bench.webhook()
    const event = anEvent()
    const { promise, resolve } = Promise.withResolvers<ReturnType<typeof failedWith>>()
    bench.respond = () => promise
    const message = aDelivery(webhook, event)
    expect(await bench.consumeDelivery(message)).toEqual({ kind: 'retry', delaySeconds: 18 })
    expect(await bench.fate(event, webhook)).toMatchObject({ status: 'pending', attempts: 0 })
    resolve({ kind: 'delivered', statusCode: 204, durationMs: 9_000 })
    await bench.settled()
    expect(await bench.fate(event, webhook)).toMatchObject({ status: 'delivered', attempts: 1 })
    expect(await bench.consumeDelivery(message, { attempts: 2 })).toEqual(ACK)
    expect(bench.requests).toHaveLength(1)
    const { items } = await bench.engine.webhooks.attempts(bench.ref(webhook), { limit: 9 })
    expect(items).toHaveLength(1)
  })

  it('is made again when nobody saw its end', async () => {
    const bench = await Bench.open()
    const webhook = await bench.webhook()
    const event = anEvent()
    const message = aDelivery(webhook, event)
    const dying = bench.with(noTime)
    dying.respond = never
    await dying.consumeDelivery(message)
    expect(await bench.consumeDelivery(message, { attempts: 2 })).toEqual(ACK)
    expect(bench.requests).toHaveLength(1)
    expect(await bench.fate(event, webhook)).toMatchObject({ status: 'delivered', attempts: 1 })
  })

  it('leads to a retry when it is due, if it failed', async () => {
    const now = Date.now()
    const bench = (await Bench.open()).with({ ...noTime, clock: () => now })
    const webhook = await bench.webhook({
      failureHandling: handledBy({ retry: { type: 'schedule', delaysSeconds: [300] } }),
    })
    bench.respond = fail500
    const message = aDelivery(webhook, anEvent())
    expect(await bench.consumeDelivery(message)).toMatchObject({ kind: 'retry', delaySeconds: 18 })
    await bench.settled()
    expect(await bench.consumeDelivery(message, { attempts: 2 })).toEqual({
      kind: 'retry',
      delaySeconds: 300.005,
    })
    expect(bench.requests).toHaveLength(1)
  })

  it('does not come before those of webhooks that answer quickly', async () => {
    const bench = (await Bench.open()).with(noTime)
    bench.respond = never
    const quick = await bench.webhook({ url: 'https://quick.example/' })
    const slow = await bench.webhook()
    await bench.ports.webhooks.setState(bench.ref(slow), {
      version: 1,
      suspendedAt: null,
      lane: 'slow',
    })
    const webhooks = [slow, slow, slow, slow, slow, slow, quick]
    await bench.engine.consumers.slowDeliveries(
      webhooks.map((webhook) => inbound(toDeliveryText(aDelivery(webhook, anEvent())))),
    )
    expect(bench.requests[0]?.url).toBe('https://quick.example/')
    expect(bench.requests).toHaveLength(5)
  })

  it.each([
    [1, 5],
    [1 / 3_600, 0],
  ])(
    'lets those of its lane that had no turn come later, by DELAY_SCALE: %d',
    async (delayScale, expected) => {
      const opened = await Bench.open()
      const settings = { ...opened.ports.settings, delayScale }
      const bench = opened.with({ ...noTime, settings })
      bench.respond = never
      const slow = await bench.webhook()
      const state = { version: 1, suspendedAt: null, lane: 'slow' } as const
      await bench.ports.webhooks.setState(bench.ref(slow), state)
      const messages = Array.from({ length: 6 }, () =>
        inbound(toDeliveryText(aDelivery(slow, anEvent()))),
      )
      const verdicts = await bench.engine.consumers.slowDeliveries(messages)
      expect(verdicts.at(-1)).toEqual({ kind: 'retry', delaySeconds: expected })
    },
  )

  it('lets the others of its batch wait for nothing but the slot', async () => {
    const bench = (await Bench.open()).with(noTime)
    bench.respond = never
    const webhook = await bench.webhook()
    const messages = Array.from({ length: 8 }, () =>
      inbound(toDeliveryText(aDelivery(webhook, anEvent()))),
    )
    const verdicts = await bench.engine.consumers.slowDeliveries(messages)
    expect(verdicts.map((verdict) => verdict.kind === 'retry' && verdict.delaySeconds)).toEqual([
      18, 18, 18, 18, 18, 0, 0, 0,
    ])
    expect(bench.requests).toHaveLength(5)
  })
})

describe('a message that came often or is old', () => {
  const often = { attempts: 90 }
  const old = { attempts: 2, timestamp: Date.now() - 2 * DAY_MS }
  const fresh = { attempts: 2, timestamp: Date.now() - DAY_MS }

  it.each([
    ['came 90 times', often, 1],
    ['is two days old', old, 1],
    ['is a day old', fresh, 0],
  ])('and %s gets a successor with its count when it fails: %j', async (_, how, successors) => {
    const bench = await Bench.open()
    bench.respond = fail500
    const webhook = await bench.webhook()
    const message = aDelivery(webhook, anEvent())
    await bench.consumeDelivery(message)
    const later = bench.with({ clock: () => Date.now() + 60_000 })
    later.respond = fail500
    const verdict = await later.consumeDelivery(message, {
      ...how,
      timestamp: (how as typeof old).timestamp ?? Date.now(),
    })
    expect(later.handedOver).toHaveLength(successors)
    if (successors === 0) return expect(verdict).toEqual({ kind: 'retry', delaySeconds: 300 })
    expect(verdict).toEqual(ACK)
    expect(later.handedOver[0]).toMatchObject({
      delaySeconds: 300,
      message: { kind: 'deliver', attempts: 2, event: message.event },
    })
  })

  it('and is not answered gets a successor that carries it on', async () => {
    const bench = (await Bench.open()).with(noTime)
    bench.respond = never
    const webhook = await bench.webhook()
    const message = aDelivery(webhook, anEvent(), { attempts: 4 })
    expect(await bench.consumeDelivery(message, often)).toEqual(ACK)
    expect(bench.takeHandedOver()).toMatchObject({
      delaySeconds: 18,
      message: { kind: 'deliver', role: 'watchdog' },
    })
  })

  it('and is not yet due gets a successor that waits', async () => {
    const bench = await Bench.open()
    bench.respond = fail500
    const webhook = await bench.webhook({
      failureHandling: handledBy({ retry: { type: 'schedule', delaysSeconds: [86_400] } }),
    })
    const now = Date.now()
    const fixed = bench.with({ clock: () => now, send: async () => failedWith(500) })
    const message = aDelivery(webhook, anEvent())
    await fixed.consumeDelivery(message)
    expect(await fixed.consumeDelivery(message, often)).toEqual(ACK)
    expect(fixed.takeHandedOver()).toMatchObject({
      delaySeconds: 86_400.005,
      message: { kind: 'deliver', attempts: 1 },
    })
  })

  it('and was not begun gets a successor that is due', async () => {
    const bench = (await Bench.open()).with(noTime)
    bench.respond = never
    const webhook = await bench.webhook()
    const messages = Array.from({ length: 6 }, () =>
      inbound(toDeliveryText(aDelivery(webhook, anEvent(), { attempts: 3 })), often),
    )
    expect((await bench.engine.consumers.slowDeliveries(messages)).at(-1)).toEqual(ACK)
    expect(bench.handedOver.filter(({ delaySeconds }) => delaySeconds === 0)).toHaveLength(1)
  })

  it('stays when its successor cannot be sent', async () => {
    const bench = (await Bench.open()).with({ deliveries: { send: async () => broken() } })
    bench.respond = fail500
    const webhook = await bench.webhook()
    const message = aDelivery(webhook, anEvent())
    expect(await bench.consumeDelivery(message, often)).toMatchObject({ kind: 'retry' })
  })
})

describe('a report that cannot be written', () => {
  it('becomes a message, which writes it once however often it comes', async () => {
    const bench = await Bench.open()
    const webhook = await bench.webhook()
    const event = anEvent()
    const mute = bench.with(bench.monitorsWhere({ report: broken }))
    expect(await mute.consumeDelivery(aDelivery(webhook, event))).toEqual(ACK)
    const { message, delaySeconds } = mute.takeHandedOver()
    expect(delaySeconds).toBe(10)
    expect(await bench.fate(event, webhook)).toMatchObject({ status: 'pending' })
    for (const attempts of [1, 2])
      expect(await bench.consumeDelivery(message, { attempts })).toEqual(ACK)
    expect(await bench.fate(event, webhook)).toMatchObject({ status: 'delivered', attempts: 1 })
    const { items } = await bench.engine.webhooks.attempts(bench.ref(webhook), { limit: 9 })
    expect(items).toHaveLength(1)
  })

  it('is written once when its answer was lost', async () => {
    const bench = await Bench.open()
    const webhook = await bench.webhook()
    let calls = 0
    const lossy = bench.with({
      monitor: (id) => ({
        ...bench.ports.monitor(id),
        async report(report) {
          const state = await bench.ports.monitor(id).report(report)
          calls += 1
          return calls === 1 ? broken() : state
        },
      }),
    })
    await lossy.consumeDelivery(aDelivery(webhook, anEvent()))
    const { items } = await bench.engine.webhooks.attempts(bench.ref(webhook), { limit: 9 })
    expect(items).toHaveLength(1)
    expect(calls).toBe(2)
  })

  it('does not undo what a later attempt came to', async () => {
    const bench = await Bench.open()
    const webhook = await bench.webhook({
      failureHandling: handledBy({ retry: { type: 'linear', intervalSeconds: 0, attempts: 5 } }),
    })
    const event = anEvent()
    const mute = bench.with(bench.monitorsWhere({ report: broken }))
    mute.respond = fail500AtOnce
    expect(await mute.consumeDelivery(aDelivery(webhook, event))).toEqual({
      kind: 'retry',
      delaySeconds: 0,
    })
    expect(await bench.consumeDelivery(aDelivery(webhook, event), { attempts: 2 })).toEqual(ACK)
    const { message } = mute.takeHandedOver()
    await bench.consumeDelivery(message)
    const [state] = await bench.ports.monitor(webhook.id).states([{ eventId: event.id, run: '' }])
    expect(state).toMatchObject({ status: 'delivered' })
  })

  it('makes its message come again when there is no other way, but never before it is due', async () => {
    const bench = await Bench.open()
    const webhook = await bench.webhook()
    const mute = bench.with({
      ...bench.monitorsWhere({ report: broken }),
      deliveries: { send: async () => broken() },
    })
    expect(await mute.consumeDelivery(aDelivery(webhook, anEvent()))).toEqual({
      kind: 'retry',
      delaySeconds: 10,
    })
    expect(mute.lines).toContainEqual({
      event: 'batch.unrecorded',
      queue: 'deliveries',
      messages: 1,
      error: 'Error: down',
    })
    const patient = await bench.webhook({
      failureHandling: handledBy({ retry: { type: 'schedule', delaysSeconds: [300] } }),
    })
    mute.respond = fail500
    expect(await mute.consumeDelivery(aDelivery(patient, anEvent()))).toEqual({
      kind: 'retry',
      delaySeconds: 300,
    })
  })
})

describe('a component that is down', () => {
  it('makes messages come later, more rarely the longer it lasts', async () => {
    const bench = await Bench.open()
    const webhook = await bench.webhook()
    const down = bench.with({
      webhooks: { ...bench.ports.webhooks, findByRef: async () => broken() },
    })
    const message = aDelivery(webhook, anEvent())
    const delays = []
    for (const attempts of [1, 2, 3, 50]) {
      const verdict = await down.consumeDelivery(message, { attempts })
      delays.push(verdict?.kind === 'retry' && verdict.delaySeconds)
    }
    expect(delays).toEqual([10, 20, 40, 900])
    expect(down.requests).toEqual([])
  })
})

describe('a message that is not ours', () => {
  it.each([
    ['text', 'hello', 'hello'],
    ['an object', { kind: 'deliver' }, '{"kind":"deliver"}'],
    ['bytes', new TextEncoder().encode('hello').buffer, 'hello'],
    ['a number no JSON has', { n: 1n }, '{"n":"1"}'],
  ])('is kept where a person sees it and blocks nobody: %s', async (_, body, text) => {
    const bench = await Bench.open()
    const webhook = await bench.webhook()
    const event = anEvent()
    const strange = inbound(body)
    const verdicts = await bench.engine.consumers.slowDeliveries([
      strange,
      inbound(toDeliveryText(aDelivery(webhook, event))),
    ])
    expect(verdicts).toEqual([ACK, ACK])
    expect(bench.requests).toHaveLength(1)
    const letters = await bench.engine.administration.listDeadLetters({ limit: 50, before: null })
    expect(letters.find(({ id }) => id === strange.id)).toMatchObject({
      queue: 'deliveries',
      body: text,
    })
  })
})

describe('a replay of an event whose first attempt is under way', () => {
  const replayOf = (webhook: Webhook, event: Event) =>
    ({
      ...aDelivery(webhook, event, { run: newId(Date.now()), role: 'duplicate' }),
      wasMatched: true,
    }) as const

  it('waits for it, and joins its run when it failed', async () => {
    const bench = await Bench.open()
    const webhook = await bench.webhook()
    const event = anEvent()
    const replay = replayOf(webhook, event)
    expect(await bench.consumeDelivery(replay)).toMatchObject({ kind: 'retry' })
    expect(bench.requests).toEqual([])
    bench.respond = () => failedWith(500)
    await bench.consumeDelivery(aDelivery(webhook, event))
    expect(await bench.consumeDelivery(replay, { attempts: 2 })).toEqual(ACK)
    expect(bench.requests).toHaveLength(1)
  })

  it('sends it again when it was delivered', async () => {
    const bench = await Bench.open()
    const webhook = await bench.webhook()
    const event = anEvent()
    await bench.consumeDelivery(aDelivery(webhook, event))
    expect(await bench.consumeDelivery(replayOf(webhook, event))).toEqual(ACK)
    expect(bench.requests).toHaveLength(2)
  })

  it('makes it when nothing was heard of it for a minute', async () => {
    const bench = await Bench.open()
    const webhook = await bench.webhook()
    const event = anEvent({ id: newId(Date.now() - 61_000) })
    expect(await bench.consumeDelivery(replayOf(webhook, event))).toEqual(ACK)
    expect(bench.requests).toHaveLength(1)
  })
})
