import { describe, expect, it } from 'vitest'
import { toDeliveryText } from '../../../src/engine/messages/delivery-message.ts'
import { FIRST_RUN, unsent, withoutResponse } from '../../../src/engine/model/index.ts'
import { newId } from '../../../src/primitives/ids.ts'
import { HOLD } from '../../../src/tuning.ts'
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
  ok,
  timerOver,
} from '../../fixtures/bench.ts'

const ACK = { kind: 'ack' }
const LATER = { kind: 'retry', delaySeconds: 10 }

describe('an event', () => {
  it('goes to every webhook that matches and to no other, and is logged with them', async () => {
    const bench = await Bench.open()
    const first = await bench.webhook({ url: 'https://first.example/' })
    const second = await bench.webhook({ url: 'https://second.example/', eventTypes: ['*'] })
    await bench.webhook({ eventTypes: ['order.*'] })
    await bench.webhook({ scope: { inbox: 'a' } })
    await bench.webhook({ enabled: false })
    await (await bench.neighbour()).webhook()
    const event = anEvent()
    expect(await bench.consumeEvents([event])).toEqual(ACK)
    expect(bench.requests.map(({ url }) => url).toSorted()).toEqual([
      'https://first.example/',
      'https://second.example/',
    ])
    expect(await bench.engine.events.get(bench.tenantId, event.id)).toEqual({
      ...event,
      webhookIds: [first.id, second.id],
    })
    expect(await bench.engine.events.deliveries(bench.tenantId, event.id)).toMatchObject([
      { webhookId: first.id, status: 'delivered', attempts: 1 },
      { webhookId: second.id, status: 'delivered', attempts: 1 },
    ])
  })

  it('leaves a line in the log for each attempt, which says what went wrong, without its payload', async () => {
    const bench = await Bench.open()
    await bench.webhook()
    await bench.consumeEvents([anEvent()])
    bench.respond = () => failedWith(500)
    await bench.consumeEvents([anEvent()])
    bench.respond = () => withoutResponse('No response within 10000 ms.', 10_000)
    await bench.consumeEvents([anEvent()])
    expect(bench.lines).toMatchObject([
      { event: 'attempt', statusCode: 204 },
      { event: 'attempt', statusCode: 500, error: 'The receiver responded with status 500.' },
      { event: 'attempt', statusCode: null, error: 'No response within 10000 ms.' },
    ])
    expect(bench.lines[0]).not.toHaveProperty('error')
    expect(JSON.stringify(bench.lines)).not.toContain('1.10')
  })

  it.each<[string, (bench: Bench) => void]>([
    ['made', (bench) => (bench.respond = () => Promise.reject(new Error('A damaged secret.')))],
    ['allowed', (bench) => (bench.respond = () => unsent('The address is not public.'))],
  ])('does not put its webhook on hold when no request can be %s', async (_, break_) => {
    const bench = await Bench.open()
    const { id } = await bench.webhook()
    const hold = async () =>
      (await bench.engine.webhooks.health({ tenantId: bench.tenantId, id })).health.hold
    const many = () => Array.from({ length: HOLD.silentAttempts }, () => anEvent())
    break_(bench)
    await bench.consumeEvents(many())
    expect(await hold()).toBeNull()
    bench.respond = () => withoutResponse('No response within 10000 ms.', 10_000)
    await bench.consumeEvents(many())
    expect(await hold()).toMatchObject({ reason: 'no_answer' })
  })

  it('is logged when nobody wants it', async () => {
    const bench = await Bench.open()
    const event = anEvent()
    expect(await bench.consumeEvents([event])).toEqual(ACK)
    expect(await bench.engine.events.get(bench.tenantId, event.id)).toEqual({
      ...event,
      webhookIds: [],
    })
  })

  it('is handed over for its retry when it fails', async () => {
    const bench = await Bench.open()
    bench.respond = () => failedWith(500)
    const webhook = await bench.webhook()
    const event = anEvent()
    expect(await bench.consumeEvents([event])).toEqual(ACK)
    expect(bench.takeHandedOver()).toEqual({
      delaySeconds: 5,
      message: aDelivery(webhook, event, { attempts: 1 }),
    })
    expect(await bench.fate(event, webhook)).toMatchObject({ status: 'failing', attempts: 1 })
  })

  it('is diverted, not sent, at a suspended webhook', async () => {
    const bench = await Bench.open()
    bench.respond = () => failedWith(410)
    const webhook = await bench.webhook()
    await bench.consumeEvents([anEvent()])
    const event = anEvent()
    expect(await bench.consumeEvents([event])).toEqual(ACK)
    expect(bench.requests).toHaveLength(1)
    expect(bench.handedOver).toEqual([])
    const diverted = await bench.engine.webhooks.getDiverted(bench.ref(webhook), event.id)
    expect(diverted).toMatchObject({ event, trigger: 'suspended' })
  })

  it('is handed over at once when its webhook is in the slow lane', async () => {
    const bench = await Bench.open()
    bench.respond = () => failedWith(500, 1_500)
    const slow = await bench.webhook({ url: 'https://slow.example/' })
    await bench.consumeEvents([anEvent(), anEvent()])
    bench.handedOver.length = 0
    const quick = await bench.webhook({ url: 'https://quick.example/' })
    bench.respond = () => ok
    const event = anEvent()
    await bench.consumeEvents([event])
    expect(bench.requests.at(-1)?.url).toBe('https://quick.example/')
    expect(bench.requests).toHaveLength(3)
    expect(await bench.fate(event, quick)).toMatchObject({ status: 'delivered' })
    const message = aDelivery(slow, event, { role: 'watchdog' })
    expect(bench.takeHandedOver()).toEqual({ delaySeconds: 0, message, lane: 'slow' })
  })

  it('waits with its webhook when a pause was asked for before its turn in the slow lane came', async () => {
    const bench = await Bench.open()
    bench.respond = () => failedWith(500, 1_500)
    const slow = await bench.webhook()
    await bench.consumeEvents([anEvent(), anEvent()])
    bench.handedOver.length = 0
    const [first, second] = [anEvent(), anEvent()]
    await bench.consumeEvents([first, second])
    const [one, another] = bench.handedOver.splice(0)
    bench.respond = () => ({ ...failedWith(429), retryAfterSeconds: 3_600 })
    if (one !== undefined) await bench.consumeDelivery(one.message)
    expect(bench.requests).toHaveLength(3)
    if (another !== undefined) await bench.consumeDelivery(another.message)
    expect(bench.requests).toHaveLength(3)
    expect(await bench.fate(second, slow)).toMatchObject({ status: 'held', attempts: 0 })
  })

  it('is left to a later batch beyond the five thousandth attempt', async () => {
    const bench = (await Bench.open()).with({ timer: () => timerOver(never()) })
    for (let index = 0; index < 60; index += 1) await bench.webhook()
    await bench.consumeEvents(Array.from({ length: 84 }, () => anEvent()))
    expect(bench.requests).toHaveLength(5_000)
    expect(bench.handedOver).toEqual([])
    expect(
      bench.published.map(({ webhookIds, redelivered }) => [
        webhookIds?.flat().length,
        redelivered,
      ]),
    ).toEqual([[40, false]])
  })

  it('waits for the hanging receiver of another no longer than the slot', async () => {
    const bench = (await Bench.open()).with(noTime)
    const { promise, resolve } = Promise.withResolvers<typeof ok>()
    bench.respond = () => promise
    const webhook = await bench.webhook()
    const events = Array.from({ length: 8 }, () => anEvent())
    expect(await bench.consumeEvents(events)).toEqual(ACK)
    expect(
      bench.handedOver.map(({ message, delaySeconds }) => [
        message.kind === 'deliver' && message.role,
        delaySeconds,
      ]),
    ).toEqual(Array(5).fill(['watchdog', 18]))
    expect(bench.published).toEqual([
      { events: events.slice(5), redelivered: false, webhookIds: Array(3).fill([webhook.id]) },
    ])
    resolve(ok)
    await bench.settled()
    const [first] = events
    const [insurance] = bench.handedOver
    if (!first || !insurance) throw new Error('There is no insurance.')
    expect(await bench.fate(first, webhook)).toMatchObject({ status: 'delivered', attempts: 1 })
    expect(await bench.consumeDelivery(insurance.message)).toEqual(ACK)
    expect(bench.requests).toHaveLength(5)
  })
})

describe('a message that comes again', () => {
  it('does not send what the log shows as delivered', async () => {
    const bench = await Bench.open()
    await bench.webhook()
    const event = anEvent()
    await bench.consumeEvents([event])
    expect(await bench.consumeEvents([event], { attempts: 2 })).toEqual(ACK)
    expect(await bench.consumeEvents([event], { redelivered: true })).toEqual(ACK)
    expect(bench.requests).toHaveLength(1)
  })

  it('sends what the event log does not show, to nobody that came since', async () => {
    const bench = await Bench.open()
    const first = await bench.webhook({ url: 'https://first.example/' })
    await bench.webhook({ url: 'https://second.example/' })
    const event = anEvent()
    const { record } = bench.ports.eventLog(bench.tenantId)
    const dying = bench.with(
      bench.eventLogsWhere({
        record: (outcomes) => record(outcomes.filter(({ webhookId }) => webhookId === first.id)),
      }),
    )
    await dying.consumeEvents([event])
    expect(dying.requests).toHaveLength(2)
    await bench.webhook({ url: 'https://new.example/' })
    await bench.consumeEvents([event], { attempts: 2 })
    expect(bench.requests.map(({ url }) => url)).toEqual(['https://second.example/'])
  })

  it('sends what was not noted, and only that, when the monitors cannot be reached', async () => {
    const bench = await Bench.open()
    const webhook = await bench.webhook()
    const event = anEvent()
    await bench.with(bench.eventLogsWhere({ record: async () => {} })).consumeEvents([event])
    const blind = bench.with(bench.monitorsWhere({ states: broken }))
    await blind.consumeEvents([event], { attempts: 2 })
    expect(blind.requests).toHaveLength(1)
    expect(await bench.noted(event, webhook)).toMatchObject({ delivered: { statusCode: 204 } })
    await blind.consumeEvents([event], { attempts: 3 })
    expect(blind.requests).toHaveLength(1)
  })

  it('does not send what the log shows as delivered when its duplicate is in the batch', async () => {
    const bench = await Bench.open()
    await bench.webhook()
    const event = anEvent()
    await bench.consumeEvents([event])
    const text = bench.eventMessage([event])
    await bench.engine.consumers.events([inbound(text, { attempts: 2 }), inbound(text)])
    expect(bench.requests).toHaveLength(1)
  })

  it('is sent once when its duplicate is in the batch', async () => {
    const bench = await Bench.open()
    await bench.webhook()
    const text = bench.eventMessage([anEvent()])
    expect(await bench.engine.consumers.events([inbound(text), inbound(text)])).toEqual([ACK, ACK])
    expect(bench.requests).toHaveLength(1)
  })

  it('leaves diverted and dropped events alone', async () => {
    const bench = await Bench.open()
    bench.respond = () => failedWith(500)
    await bench.webhook({ failureHandling: handledBy({ retry: null }) })
    await bench.webhook({ failureHandling: handledBy({ retry: null, divert: false }) })
    const event = anEvent()
    await bench.consumeEvents([event])
    await bench.consumeEvents([event], { attempts: 2 })
    expect(bench.requests).toHaveLength(2)
    expect(bench.handedOver).toEqual([])
  })

  it('brings back the retry that could not be handed over, without an attempt', async () => {
    const now = Date.now()
    const bench = (await Bench.open()).with({ clock: () => now })
    bench.respond = () => failedWith(500)
    const webhook = await bench.webhook()
    const event = anEvent()
    const stuck = bench.with({ clock: () => now, deliveries: { send: async () => broken() } })
    stuck.respond = () => failedWith(500)
    expect(await stuck.consumeEvents([event])).toEqual(LATER)
    expect(await bench.consumeEvents([event], { attempts: 2 })).toEqual(ACK)
    expect(bench.requests).toEqual([])
    expect(bench.takeHandedOver()).toEqual({
      delaySeconds: expect.closeTo(15.005, 9),
      message: aDelivery(webhook, event, { attempts: 1, role: 'duplicate' }),
    })
  })

  it('is sent when its event log can accept it, and not before', async () => {
    const bench = await Bench.open()
    await bench.webhook()
    const event = anEvent()
    const closed = bench.with(bench.eventLogsWhere({ accept: async () => broken() }))
    expect(await closed.consumeEvents([event])).toEqual(LATER)
    expect(closed.requests).toEqual([])
    expect(await bench.consumeEvents([event], { attempts: 2 })).toEqual(ACK)
    expect(bench.requests).toHaveLength(1)
    expect(await bench.engine.events.get(bench.tenantId, event.id)).toMatchObject({ id: event.id })
  })

  it('is noted when it could not be noted before, and not sent again', async () => {
    const bench = await Bench.open()
    const webhook = await bench.webhook()
    const event = anEvent()
    const forgetful = bench.with(bench.eventLogsWhere({ record: async () => broken() }))
    expect(await forgetful.consumeEvents([event])).toEqual(LATER)
    expect(forgetful.requests).toHaveLength(1)
    expect(await bench.noted(event, webhook)).toBeNull()
    expect(await bench.consumeEvents([event], { attempts: 2 })).toEqual(ACK)
    expect(bench.requests).toEqual([])
    expect(await bench.fate(event, webhook)).toMatchObject({ status: 'delivered', attempts: 1 })
  })

  it('tells the event log once more when that fails once', async () => {
    const bench = await Bench.open()
    const webhook = await bench.webhook()
    const event = anEvent()
    const { record } = bench.ports.eventLog(bench.tenantId)
    let calls = 0
    const shaky = bench.with(
      bench.eventLogsWhere({
        record: async (outcomes) => {
          calls += 1
          return calls === 1 ? broken() : record(outcomes)
        },
      }),
    )
    expect(await shaky.consumeEvents([event])).toEqual(ACK)
    expect(calls).toBe(2)
    expect(await bench.noted(event, webhook)).toMatchObject({ delivered: { statusCode: 204 } })
  })
})

describe('a component that is down', () => {
  it('makes every message come again while the event log cannot be reached', async () => {
    const bench = await Bench.open()
    await bench.webhook()
    const down = bench.with(bench.eventLogsWhere({ accept: async () => broken() }))
    const event = anEvent()
    expect(await down.consumeEvents([event])).toEqual(LATER)
    expect(await down.consumeEvents([event], { attempts: 3 })).toEqual({
      kind: 'retry',
      delaySeconds: 40,
    })
    expect(down.requests).toEqual([])
    expect(down.lines).toContainEqual({ event: 'subscribers.unreadable', error: 'Error: down' })
  })

  it('makes what is left of a message come again while the webhooks cannot be read', async () => {
    const bench = await Bench.open()
    const webhook = await bench.webhook()
    const down = bench.with({
      webhooks: { ...bench.ports.webhooks, findByRef: async () => broken() },
    })
    const left = { webhookIds: [[webhook.id]] }
    expect(await down.consumeEvents([anEvent()], left)).toEqual(LATER)
    expect(await down.consumeEvents([anEvent()])).toEqual(ACK)
    expect(down.requests).toHaveLength(1)
  })

  it('leaves the events of other tenants alone', async () => {
    const bench = await Bench.open()
    await bench.webhook()
    const other = await bench.neighbour()
    const down = other.with({
      eventLog: (id) => {
        const log = bench.ports.eventLog(id)
        return id === bench.tenantId ? { ...log, accept: async () => broken() } : log
      },
    })
    await other.webhook()
    const messages = [bench, other].map((one) => inbound(one.eventMessage([anEvent()])))
    expect(await down.engine.consumers.events(messages)).toEqual([LATER, ACK])
    expect(down.requests).toHaveLength(1)
  })

  it('makes nothing come again while the deliveries queue takes the report', async () => {
    const bench = await Bench.open()
    const webhook = await bench.webhook()
    const event = anEvent()
    const mute = bench.with(bench.monitorsWhere({ report: broken }))
    mute.respond = () => failedWith(500)
    expect(await mute.consumeEvents([event])).toEqual(ACK)
    const sent = mute.handedOver.map(({ message }) => message)
    expect(sent.map(({ kind }) => kind)).toEqual(['deliver', 'record'])
    for (const message of sent) if (message.kind === 'record') await bench.consumeDelivery(message)
    expect(await bench.fate(event, webhook)).toMatchObject({ status: 'failing', attempts: 1 })
  })

  it('is not missed by a success of a healthy webhook, where it is a monitor', async () => {
    const bench = await Bench.open()
    const webhook = await bench.webhook()
    const event = anEvent()
    const mute = bench.with(bench.monitorsWhere({ report: broken }))
    expect(await mute.consumeEvents([event])).toEqual(ACK)
    expect(mute.handedOver).toEqual([])
    expect(await bench.fate(event, webhook)).toMatchObject({ status: 'delivered', attempts: 1 })
  })

  it('makes every message come again when nothing can be written down', async () => {
    const bench = await Bench.open()
    await bench.webhook()
    const mute = bench.with({
      ...bench.monitorsWhere({ report: broken }),
      ...bench.eventLogsWhere({ record: async () => broken() }),
      deliveries: { send: async () => broken() },
    })
    expect(await mute.consumeEvents([anEvent()])).toEqual(LATER)
    expect(mute.requests).toHaveLength(1)
    expect(mute.lines).toContainEqual({
      event: 'batch.unrecorded',
      queue: 'events',
      messages: 1,
      error: 'Error: down',
    })
  })
})

describe('a message of another Worker', () => {
  const events = [{ type: 'invoice.paid', data: { total: 1 } }]

  it.each([
    ['an object', (body: object) => body],
    ['its JSON text', (body: object) => JSON.stringify(body)],
    ['text with white space around it', (body: object) => ` \n${JSON.stringify(body, null, 2)}\n`],
  ])('is published from %s', async (_, write) => {
    const bench = await Bench.open()
    const webhook = await bench.webhook()
    const message = inbound(write({ v: 1, tenantId: bench.tenantId, events }))
    expect(await bench.engine.consumers.events([message])).toEqual([ACK])
    expect(bench.requests).toHaveLength(1)
    const { items } = await bench.engine.events.list(bench.tenantId, { limit: 5 })
    expect(items).toMatchObject([{ type: 'invoice.paid', webhookIds: [webhook.id] }])
  })

  it('reaches the receiver as its text was written', async () => {
    const bench = await Bench.open()
    await bench.webhook()
    const data = '{ "2":12345678901234567890, "1":1.10,\n"x":1e400,"u":"\\u00e9 é"}'
    const event = `{"type":"invoice.paid","data":${data}}`
    const text = `{"v":1,"tenantId":"${bench.tenantId}","events":[${event}]}`
    await bench.engine.consumers.events([inbound(text)])
    expect(bench.requests[0]?.body).toContain(`"data":${data}}`)
  })

  it('keeps its ids when it comes again, and is not sent again', async () => {
    const bench = await Bench.open()
    await bench.webhook()
    const message = inbound({ v: 1, tenantId: bench.tenantId, events: [...events, ...events] })
    await bench.engine.consumers.events([message])
    await bench.engine.consumers.events([{ ...message, attempts: 2 }])
    expect(bench.requests).toHaveLength(2)
    const { items } = await bench.engine.events.list(bench.tenantId, { limit: 5 })
    expect(items).toHaveLength(2)
  })

  it('is deduplicated by the keys of its events, across doors', async () => {
    const bench = await Bench.open()
    await bench.webhook()
    const keyed = [{ ...events[0], id: 'order-42' }]
    for (let round = 0; round < 2; round += 1) {
      const message = inbound({ v: 1, tenantId: bench.tenantId, events: keyed })
      expect(await bench.engine.consumers.events([message])).toEqual([ACK])
    }
    expect(bench.requests).toHaveLength(1)
    const [answer] = await bench.engine.events.publish(bench.tenantId, [
      {
        type: 'invoice.paid',
        data: '{"total":1}',
        deduplicationKey: 'order-42',
        time: null,
        scope: {},
        actor: null,
        requestId: null,
      },
    ])
    expect(answer).toMatchObject({ id: expect.any(String), duplicate: true })
    expect(bench.published).toEqual([])
  })

  it.each<[string, (tenantId: string) => unknown]>([
    ['text that is no JSON', () => '{"v":1,'],
    ['no object', () => 42],
    ['nothing', () => null],
    ['a later version', (tenantId) => ({ v: 2, tenantId, events })],
    ['a field too much', (tenantId) => ({ v: 1, tenantId, events, more: 1 })],
    ['no events', (tenantId) => ({ v: 1, tenantId, events: [] })],
    ['a bad event', (tenantId) => ({ v: 1, tenantId, events: [...events, { type: 'a b' }] })],
    [
      'a reserved type',
      (tenantId) => ({ v: 1, tenantId, events: [{ type: 'webhook.suspended', data: {} }] }),
    ],
    [
      'an unknown tenant',
      () => ({ v: 1, tenantId: '01940000-0000-7000-8000-00000000ffff', events }),
    ],
    ['a damaged frame', () => 'frame/1 {"tenantId":"x"'],
    [
      'a number no JSON has',
      (tenantId) => ({ v: 1, tenantId, events: [{ type: 'a', data: { n: 1n } }] }),
    ],
    [
      'a circle',
      () => {
        const circle: Record<string, unknown> = {}
        circle.self = circle
        return circle
      },
    ],
    ['bytes', () => new TextEncoder().encode('{}').buffer],
    [
      'deep nesting',
      (tenantId) =>
        `{"v":1,"tenantId":"${tenantId}","events":${'['.repeat(50_000)}${']'.repeat(50_000)}}`,
    ],
  ])('is kept as a dead letter and blocks no neighbour: %s', async (_, write) => {
    const bench = await Bench.open()
    await bench.webhook()
    const strange = inbound(write(bench.tenantId))
    const good = inbound({ v: 1, tenantId: bench.tenantId, events })
    expect(await bench.engine.consumers.events([strange, good])).toEqual([ACK, ACK])
    expect(bench.requests).toHaveLength(1)
    const letters = await bench.engine.administration.listDeadLetters({ limit: 100, before: null })
    const kept = letters.find(({ id }) => id === strange.id)
    expect(kept).toMatchObject({ queue: 'events', reason: expect.stringMatching(/./) })
    expect(bench.lines.filter(({ event }) => event === 'message.kept')).toHaveLength(1)
  })

  it.each([
    ['text that is no JSON', '{"v":1,"events":[{"password":hunter2}]}'],
    ['a damaged frame', 'frame/1 {"events":[{"password":hunter2}]}\n'],
  ])('is not quoted in the log: %s', async (_, body) => {
    const bench = await Bench.open()
    expect(await bench.engine.consumers.events([inbound(body)])).toEqual([ACK])
    expect(JSON.stringify(bench.lines)).not.toContain('hunter2')
  })

  it('comes again when it can be neither kept nor read', async () => {
    const bench = await Bench.open()
    const down = bench.with({
      deadLetters: { ...bench.ports.deadLetters, insert: async () => broken() },
      ...bench.eventLogsWhere({ accept: async () => broken() }),
    })
    const messages = [inbound('?'), inbound({ v: 1, tenantId: bench.tenantId, events })]
    expect(await down.engine.consumers.events(messages)).toEqual([LATER, LATER])
  })
})

describe('a message in the dead-letter queue', () => {
  it('of events is diverted at its webhooks, even at those that drop', async () => {
    const bench = await Bench.open()
    const keeping = await bench.webhook()
    const dropping = await bench.webhook({ failureHandling: handledBy({ divert: false }) })
    const event = anEvent()
    const message = inbound(bench.eventMessage([event]))
    expect(await bench.engine.consumers.deadEvents([message])).toEqual([ACK])
    expect(bench.requests).toEqual([])
    for (const webhook of [keeping, dropping]) {
      const diverted = await bench.engine.webhooks.getDiverted(bench.ref(webhook), event.id)
      expect(diverted).toMatchObject({ event, trigger: 'crashed' })
    }
    expect(await bench.engine.events.get(bench.tenantId, event.id)).toMatchObject({
      webhookIds: [keeping.id, dropping.id],
    })
  })

  it('that another Worker sent gets its turn among ours', async () => {
    const bench = await Bench.open()
    const webhook = await bench.webhook()
    const event = { type: 'invoice.paid', data: {}, id: 'order-1' }
    const message = inbound({ v: 1, tenantId: bench.tenantId, events: [event] })
    expect(await bench.engine.consumers.deadEvents([message])).toEqual([ACK])
    const [sent, ...others] = bench.published.splice(0)
    expect(others).toEqual([])
    expect(sent).toMatchObject({ redelivered: false, webhookIds: [[webhook.id]] })
    expect(bench.requests).toEqual([])
    expect(await bench.consumeEvents(sent?.events ?? [], sent)).toEqual(ACK)
    expect(bench.requests).toHaveLength(1)
    const { items } = await bench.engine.webhooks.diverted(bench.ref(webhook), { limit: 9 })
    expect(items).toEqual([])
    // Its key is taken: another message with it brings nothing new.
    const again = inbound({ v: 1, tenantId: bench.tenantId, events: [event] })
    expect(await bench.engine.consumers.deadEvents([again])).toEqual([ACK])
    expect(bench.published.flatMap(({ events }) => events)).toEqual([])
  })

  it('that another Worker sent, and that was accepted, gets its turn as what may have been sent', async () => {
    const bench = await Bench.open()
    const webhook = await bench.webhook()
    const events = [{ type: 'invoice.paid', data: {} }]
    const message = inbound({ v: 1, tenantId: bench.tenantId, events })
    const forgetful = bench.with(bench.eventLogsWhere({ record: async () => broken() }))
    expect(await forgetful.engine.consumers.events([message])).toEqual([LATER])
    expect(forgetful.requests).toHaveLength(1)
    expect(await bench.engine.consumers.deadEvents([message])).toEqual([ACK])
    const [sent] = bench.published.splice(0)
    expect(sent).toMatchObject({ redelivered: true, webhookIds: [[webhook.id]] })
    expect(await bench.consumeEvents(sent?.events ?? [], sent)).toEqual(ACK)
    expect(bench.requests).toEqual([])
  })

  it('from another Worker may name its tenant in upper case', async () => {
    const bench = await Bench.open()
    await bench.webhook()
    const tenantId = bench.tenantId.toUpperCase()
    const events = [{ type: 'invoice.paid', data: {} }]
    await bench.engine.consumers.events([inbound({ v: 1, tenantId, events })])
    expect(bench.requests).toHaveLength(1)
  })

  it('of events leaves alone what was delivered', async () => {
    const bench = await Bench.open()
    const webhook = await bench.webhook()
    const event = anEvent()
    await bench.consumeEvents([event])
    await bench.engine.consumers.deadEvents([inbound(bench.eventMessage([event]))])
    expect(await bench.fate(event, webhook)).toMatchObject({ status: 'delivered' })
  })

  it('of a delivery is diverted', async () => {
    const bench = await Bench.open()
    const webhook = await bench.webhook()
    const event = anEvent()
    const message = inbound(toDeliveryText(aDelivery(webhook, event, { attempts: 3 })))
    expect(await bench.engine.consumers.deadDeliveries([message])).toEqual([ACK])
    const [state] = await bench.ports
      .monitor(webhook.id)
      .states([{ eventId: event.id, run: FIRST_RUN }])
    expect(state).toMatchObject({ status: 'diverted' })
  })

  it('of events goes on with what failed, where its retry may never have been sent', async () => {
    const bench = await Bench.open()
    const webhook = await bench.webhook()
    const event = anEvent()
    const stuck = bench.with({ deliveries: { send: async () => broken() } })
    stuck.respond = () => failedWith(500)
    expect(await stuck.consumeEvents([event])).toEqual(LATER)
    await bench.engine.consumers.deadEvents([inbound(bench.eventMessage([event]))])
    expect(await bench.fate(event, webhook)).toMatchObject({ status: 'failing', attempts: 1 })
    expect(bench.takeHandedOver().message).toEqual(
      aDelivery(webhook, event, { attempts: 1, role: 'duplicate' }),
    )
  })

  it('of events leaves alone what was handed over', async () => {
    const bench = await Bench.open()
    bench.respond = () => failedWith(500)
    const webhook = await bench.webhook()
    const event = anEvent()
    await bench.consumeEvents([event])
    bench.takeHandedOver()
    await bench.engine.consumers.deadEvents([inbound(bench.eventMessage([event]))])
    expect(await bench.fate(event, webhook)).toMatchObject({ status: 'failing', attempts: 1 })
    expect(bench.handedOver).toEqual([])
  })

  it('of a replay that made attempts of its own is diverted, since nothing else carries it', async () => {
    const bench = await Bench.open()
    bench.respond = () => failedWith(500)
    const webhook = await bench.webhook()
    const event = anEvent()
    const run = newId(Date.now())
    const message = aDelivery(webhook, event, { run, role: 'duplicate', ifConcerned: true })
    await bench.consumeDelivery(message)
    expect(await bench.fate(event, webhook)).toMatchObject({ status: 'failing' })
    await bench.engine.consumers.deadDeliveries([inbound(toDeliveryText(message))])
    expect(await bench.fate(event, webhook)).toMatchObject({ status: 'diverted' })
  })

  it.each([
    ['whose event was delivered, which it was only to complete', () => ok, { onlyMissing: true }],
    ['whose event is under way in another run', () => failedWith(500), {}],
  ])('of a replay %s leaves that alone', async (_, respond, fields) => {
    const bench = await Bench.open()
    bench.respond = respond
    const webhook = await bench.webhook()
    const event = anEvent()
    await bench.consumeEvents([event])
    const before = await bench.fate(event, webhook)
    const replayed = { run: newId(Date.now()), role: 'duplicate', ifConcerned: true } as const
    const message = aDelivery(webhook, event, { ...replayed, ...fields })
    expect(await bench.engine.consumers.deadDeliveries([inbound(toDeliveryText(message))])).toEqual(
      [ACK],
    )
    expect(await bench.fate(event, webhook)).toEqual(before)
    const { items } = await bench.engine.webhooks.diverted(bench.ref(webhook), { limit: 9 })
    expect(items).toEqual([])
  })

  it('of a replay that gave way to another run ends it: a late report does not take it up again', async () => {
    const bench = await Bench.open()
    bench.respond = () => failedWith(500)
    const webhook = await bench.webhook()
    const event = anEvent()
    const run = newId(Date.now())
    const message = aDelivery(webhook, event, { run, role: 'duplicate', ifConcerned: true })
    const mute = bench.with(bench.monitorsWhere({ report: broken }))
    mute.respond = () => failedWith(500)
    await mute.consumeDelivery(message)
    await bench.consumeEvents([event])
    await bench.engine.consumers.deadDeliveries([inbound(toDeliveryText(message))])
    await bench.consumeDelivery(mute.takeHandedOver().message)
    const [state] = await bench.ports.monitor(webhook.id).states([{ eventId: event.id, run }])
    expect(state).toMatchObject({ status: 'withdrawn' })
  })

  it('of a replay leaves the first attempt of its event alone that may be under way', async () => {
    const bench = await Bench.open()
    const webhook = await bench.webhook()
    const event = anEvent()
    const fields = { run: newId(Date.now()), role: 'duplicate', ifConcerned: true } as const
    const message = aDelivery(webhook, event, { ...fields, wasMatched: true })
    await bench.engine.consumers.deadDeliveries([inbound(toDeliveryText(message))])
    expect(await bench.fate(event, webhook)).toMatchObject({ status: 'pending' })
    const { items } = await bench.engine.webhooks.diverted(bench.ref(webhook), { limit: 9 })
    expect(items).toEqual([])
  })

  const ASKED = { wasMatched: true, isChosen: false }

  it('of a retry goes on behind a resend that was asked for since', async () => {
    const bench = await Bench.open()
    bench.respond = () => failedWith(500)
    const webhook = await bench.webhook()
    const event = anEvent()
    await bench.consumeEvents([event])
    const retry = bench.takeHandedOver().message
    await bench.ports.monitor(webhook.id).resend(bench.ref(webhook), event, ASKED)
    await bench.engine.consumers.deadDeliveries([inbound(toDeliveryText(retry))])
    expect(await bench.fate(event, webhook)).toMatchObject({ status: 'failing' })
    const behind = bench.takeHandedOver()
    expect(behind.message).toEqual(aDelivery(webhook, event, { attempts: 1, role: 'watchdog' }))
    expect(behind.delaySeconds).toBeGreaterThan(10)
  })

  it('of many events asks each monitor once', async () => {
    const bench = await Bench.open()
    const webhook = await bench.webhook()
    let asked = 0
    const { states } = bench.ports.monitor(webhook.id)
    const counting = bench.with(
      bench.monitorsWhere({
        states: (keys) => {
          asked += 1
          return states(keys)
        },
      }),
    )
    const events = Array.from({ length: 50 }, () => anEvent())
    const message = inbound(bench.eventMessage(events))
    expect(await counting.engine.consumers.deadEvents([message])).toEqual([ACK])
    expect(asked).toBe(1)
    const { items } = await bench.engine.webhooks.diverted(bench.ref(webhook), { limit: 99 })
    expect(items).toHaveLength(50)
  })

  it('of events is diverted where it can be, and comes again for a webhook whose monitor is silent', async () => {
    const bench = await Bench.open()
    const mute = await bench.webhook()
    const other = await bench.webhook()
    const { monitor } = bench.ports
    const partly = bench.with({
      monitor: (id) => (id === mute.id ? { ...monitor(id), states: broken } : monitor(id)),
    })
    const event = anEvent()
    const message = inbound(bench.eventMessage([event]))
    expect(await partly.engine.consumers.deadEvents([message])).toEqual([LATER])
    expect(await bench.fate(event, other)).toMatchObject({ status: 'diverted' })
    expect(await bench.engine.consumers.deadEvents([message])).toEqual([ACK])
    expect(await bench.fate(event, mute)).toMatchObject({ status: 'diverted' })
  })

  it('that tells the end of a delivery is heard', async () => {
    const bench = await Bench.open()
    const webhook = await bench.webhook({ failureHandling: handledBy({ retry: null }) })
    const event = anEvent()
    const mute = bench.with(bench.monitorsWhere({ report: broken }))
    mute.respond = () => failedWith(500)
    await mute.consumeDelivery(aDelivery(webhook, event))
    const text = toDeliveryText(mute.takeHandedOver().message)
    expect(await mute.engine.consumers.deadDeliveries([inbound(text)])).toEqual([LATER])
    expect(await bench.engine.consumers.deadDeliveries([inbound(text)])).toEqual([ACK])
    expect(await bench.fate(event, webhook)).toMatchObject({ status: 'diverted' })
  })

  it('that could not be read until the end is kept whole', async () => {
    const bench = await Bench.open()
    const down = bench.with(bench.eventLogsWhere({ accept: async () => broken() }))
    const body = { v: 1, tenantId: bench.tenantId, events: [{ type: 'invoice.paid', data: {} }] }
    const message = inbound(body)
    expect(await down.engine.consumers.deadEvents([message])).toEqual([LATER])
    expect(await down.engine.consumers.deadEvents([{ ...message, attempts: 90 }])).toEqual([ACK])
    const letters = await bench.engine.administration.listDeadLetters({ limit: 9, before: null })
    expect(letters.map(({ id }) => id)).toContain(message.id)
  })

  it.each(['deadEvents', 'deadDeliveries'] as const)(
    'that nobody can read is kept whole (%s)',
    async (consumer) => {
      const bench = await Bench.open()
      const message = inbound('?')
      expect(await bench.engine.consumers[consumer]([message])).toEqual([ACK])
      const letters = await bench.engine.administration.listDeadLetters({ limit: 9, before: null })
      expect(letters.find(({ id }) => id === message.id)).toMatchObject({ body: '?' })
    },
  )

  it('that cannot be diverted comes again, and is kept whole in the end', async () => {
    const bench = await Bench.open()
    const webhook = await bench.webhook()
    const text = toDeliveryText(aDelivery(webhook, anEvent()))
    const mute = bench.with(bench.monitorsWhere({ states: broken }))
    const first = inbound(text)
    expect(await mute.engine.consumers.deadDeliveries([first])).toEqual([LATER])
    expect(await mute.engine.consumers.deadDeliveries([{ ...first, attempts: 90 }])).toEqual([ACK])
    const letters = await bench.engine.administration.listDeadLetters({ limit: 9, before: null })
    expect(letters.find(({ id }) => id === first.id)).toMatchObject({ body: text })
  })
})
