import { afterEach, describe, expect, it, vi } from 'vitest'
import type { EventDraft } from '../../../src/engine/model/index.ts'
import type { Ports } from '../../../src/engine/ports/index.ts'
import { Bench, broken, never, timerOver, unreachable } from '../../fixtures/bench.ts'
import { anEventDraft } from '../../fixtures/event-drafts.ts'

const DAY_MS = 86_400_000

const keyed = anEventDraft({ deduplicationKey: 'order-42' })

afterEach(() => void vi.useRealTimers())

const publish = (bench: Bench, ...drafts: EventDraft[]) =>
  bench.engine.events.publish(bench.tenantId, drafts)

/** Ids that receivers were sent, in order. */
const sentIds = ({ requests }: Bench) =>
  requests.map(({ headers }) => new Headers([...headers]).get('webhook-id'))

async function openWithWebhook() {
  const bench = await Bench.open()
  return { bench, webhook: await bench.webhook() }
}

/** Nobody can reach the event log of this bench, in which `calls` were made. */
function cutOff(bench: Bench, calls = { count: 0 }) {
  const accept = async () => {
    calls.count += 1
    return unreachable()
  }
  return bench.with(bench.eventLogsWhere({ accept }))
}

describe('a publish', () => {
  it('has its events in the log when it is answered, and sends them after that, through no queue', async () => {
    const { bench, webhook } = await openWithWebhook()
    const answers = await publish(bench, anEventDraft(), anEventDraft({ type: 'order.late' }))
    expect(bench.requests).toEqual([])
    const { items } = await bench.engine.events.list(bench.tenantId, { limit: 9 })
    expect(items.toReversed()).toMatchObject([
      { id: answers[0]?.id, type: 'invoice.paid', data: '{"total":1}', webhookIds: [webhook.id] },
      { id: answers[1]?.id, type: 'order.late', webhookIds: [] },
    ])
    await bench.settled()
    expect(sentIds(bench)).toEqual([answers[0]?.id])
    expect([bench.published, bench.handedOver]).toEqual([[], []])
    expect(await bench.fate({ id: answers[0]?.id ?? '' }, webhook)).toMatchObject({
      status: 'delivered',
      attempts: 1,
    })
  })

  it('gives an event without a time the time of its acceptance', async () => {
    const bench = (await Bench.open()).with({ clock: () => 1_795_341_600_123 })
    await publish(bench, anEventDraft(), anEventDraft({ time: '2020-01-01T00:00:00.000Z' }))
    const { items } = await bench.engine.events.list(bench.tenantId, { limit: 9 })
    expect(items.map(({ time }) => time)).toEqual([
      '2020-01-01T00:00:00.000Z',
      '2026-11-22T10:00:00.123Z',
    ])
  })

  it('leaves to the queue what is more than it attempts itself, in one message', async () => {
    const { bench, webhook } = await openWithWebhook()
    const few = bench.with({ firstAttempts: 2 })
    const answers = await publish(few, ...Array.from({ length: 5 }, () => anEventDraft()))
    await few.settled()
    const ids = answers.map(({ id }) => id)
    expect(sentIds(few)).toEqual(ids.slice(0, 2))
    expect(few.published).toMatchObject([
      { redelivered: false, webhookIds: Array(3).fill([webhook.id]) },
    ])
    expect(few.published[0]?.events.map(({ id }) => id)).toEqual(ids.slice(2))
    // The event log need not look after them.
    for (const id of ids) expect(await bench.noted({ id }, webhook)).not.toBeNull()
  })

  it('sends nothing itself where it may attempt nothing', async () => {
    const { bench, webhook } = await openWithWebhook()
    const none = bench.with({ firstAttempts: 0 })
    const [answer] = await publish(none, anEventDraft())
    await none.settled()
    expect(none.requests).toEqual([])
    expect(none.published).toMatchObject([
      { events: [{ id: answer?.id }], webhookIds: [[webhook.id]] },
    ])
    const [sent] = none.published
    expect(await bench.consumeEvents(sent?.events ?? [], sent)).toEqual({ kind: 'ack' })
    expect(sentIds(bench)).toEqual([answer?.id])
  })

  it('for a tenant that there is not is refused', async () => {
    const bench = await Bench.open()
    const nobody = bench.as('01940000-0000-7000-8000-00000000ffff')
    await expect(publish(nobody, anEventDraft())).rejects.toMatchObject({ code: 'not_found' })
    await nobody.settled()
    expect([nobody.requests, nobody.published]).toEqual([[], []])
  })
})

describe('a publish whose event log cannot be reached', () => {
  it('goes through the queue, for the event log to accept later, once', async () => {
    const { bench, webhook } = await openWithWebhook()
    const down = cutOff(bench)
    const [answer, other] = await publish(down, anEventDraft(), anEventDraft())
    expect(answer).toEqual({ id: expect.any(String), type: 'invoice.paid', duplicate: false })
    await down.settled()
    expect(down.requests).toEqual([])
    expect(down.published).toMatchObject([
      { redelivered: true, events: [{ id: answer?.id }, { id: other?.id }] },
    ])
    expect(down.published[0]?.webhookIds).toBeUndefined()
    expect(down.lines).toEqual([
      { event: 'publish.queued', tenantId: bench.tenantId, events: 2, error: expect.any(String) },
    ])
    const [sent] = down.published
    for (const attempts of [1, 2]) {
      const how = { redelivered: true, attempts }
      expect(await bench.consumeEvents(sent?.events ?? [], how)).toEqual({ kind: 'ack' })
    }
    expect(sentIds(bench)).toEqual([answer?.id, other?.id])
    expect(await bench.fate({ id: answer?.id ?? '' }, webhook)).toMatchObject({ attempts: 1 })
  })

  it('does so after five seconds when that neither answers nor fails', async () => {
    const { bench } = await openWithWebhook()
    const { promise, resolve } = Promise.withResolvers<void>()
    const accept = () => {
      resolve()
      return never()
    }
    const timer: Ports['timer'] = (ms) => timerOver(ms === 5_000 ? promise : never())
    const hanging = bench.with({ timer, ...bench.eventLogsWhere({ accept }) })
    const [answer] = await publish(hanging, anEventDraft())
    expect(hanging.published).toMatchObject([{ redelivered: true, events: [{ id: answer?.id }] }])
  })

  it('is not sent twice when that has accepted it all the same', async () => {
    const { bench, webhook } = await openWithWebhook()
    const { accept } = bench.ports.eventLog(bench.tenantId)
    const lossy = bench.with(
      bench.eventLogsWhere({
        accept: async (...args) => {
          await accept(...args)
          return unreachable()
        },
      }),
    )
    const [answer] = await publish(lossy, anEventDraft())
    const { items } = await bench.engine.events.list(bench.tenantId, { limit: 9 })
    expect(items.map(({ id }) => id)).toEqual([answer?.id])
    await bench.consumeEvents(lossy.published[0]?.events ?? [], { redelivered: true })
    expect(sentIds(bench)).toEqual([answer?.id])
    expect(await bench.fate({ id: answer?.id ?? '' }, webhook)).toMatchObject({ attempts: 1 })
  })

  it.each<[string, Parameters<Bench['engine']['events']['publish']>]>([
    ['with a key of its own', ['', [anEventDraft(), keyed]]],
    [
      'with the key of its request',
      ['', [anEventDraft()], { idempotency: { key: 'request-1', contentHash: 'a'.repeat(64) } }],
    ],
  ])('is refused as unavailable %s: nobody can say whether it is new', async (_, [, ...args]) => {
    const { bench } = await openWithWebhook()
    const down = cutOff(bench)
    await expect(down.engine.events.publish(bench.tenantId, ...args)).rejects.toMatchObject({
      code: 'unavailable',
      retryAfterSeconds: 5,
    })
    await down.settled()
    expect([down.published, down.requests]).toEqual([[], []])
    const again = await bench.engine.events.publish(bench.tenantId, ...args)
    expect(again.map(({ duplicate }) => duplicate)).not.toContain(true)
  })

  it('is refused as unavailable, with a time to wait, when the queue is down as well', async () => {
    const { bench } = await openWithWebhook()
    const down = bench.with({
      ...bench.eventLogsWhere({ accept: async () => unreachable() }),
      events: { send: async () => broken() },
    })
    await expect(publish(down, anEventDraft())).rejects.toMatchObject({
      code: 'unavailable',
      retryAfterSeconds: 5,
    })
  })
})

describe('a repeated publish', () => {
  it('is a duplicate, and sends nothing', async () => {
    const { bench } = await openWithWebhook()
    const [first] = await publish(bench, keyed)
    await bench.settled()
    const [again] = await publish(bench, keyed)
    await bench.settled()
    expect(again).toEqual({ id: first?.id, type: 'invoice.paid', duplicate: true })
    expect(sentIds(bench)).toEqual([first?.id])
  })

  it('of which the first answer was lost is a duplicate of what the event log looks after', async () => {
    const { bench } = await openWithWebhook()
    const { accept } = bench.ports.eventLog(bench.tenantId)
    const lossy = bench.with(
      bench.eventLogsWhere({
        accept: async (...args) => {
          await accept(...args)
          return unreachable()
        },
      }),
    )
    await expect(publish(lossy, keyed)).rejects.toMatchObject({ code: 'unavailable' })
    const [again] = await publish(bench, keyed)
    const { items } = await bench.engine.events.list(bench.tenantId, { limit: 9 })
    expect(items).toMatchObject([{ id: again?.id }])
    expect(again).toMatchObject({ duplicate: true })
  })

  it('after 24 hours is another event', async () => {
    const { bench } = await openWithWebhook()
    const [first] = await publish(bench, keyed)
    await bench.settled()
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + DAY_MS + 1_000 })
    const [second] = await publish(bench, { ...keyed, data: '{"total":2}' })
    await bench.settled()
    expect(second?.duplicate).toBe(false)
    expect(sentIds(bench)).toEqual([first?.id, second?.id])
  })

  it.each([
    ['other data', { data: '{"total":2}' }],
    ['the same data written differently', { data: '{"total": 1}' }],
    ['another type', { type: 'invoice.late' }],
  ])('with %s is a conflict, and nothing of it is accepted', async (_, fields) => {
    const { bench } = await openWithWebhook()
    const [first] = await publish(bench, keyed)
    await expect(publish(bench, anEventDraft(), { ...keyed, ...fields })).rejects.toMatchObject({
      code: 'conflict',
      issues: [{ path: [1, 'id'] }],
    })
    await bench.settled()
    expect(sentIds(bench)).toEqual([first?.id])
    const { items } = await bench.engine.events.list(bench.tenantId, { limit: 9 })
    expect(items.map(({ id }) => id)).toEqual([first?.id])
  })

  it('in another tenant is another event', async () => {
    const one = await Bench.open()
    const two = await one.neighbour()
    await publish(one, keyed)
    const [answer] = await publish(two, keyed)
    expect(answer?.duplicate).toBe(false)
    expect((await two.engine.events.list(two.tenantId, { limit: 9 })).items).toHaveLength(1)
  })
})

describe('a repeated request', () => {
  const idempotency = { key: 'request-1', contentHash: 'a'.repeat(64) }
  const request = (bench: Bench, contentHash = idempotency.contentHash) =>
    bench.engine.events.publish(bench.tenantId, [anEventDraft(), keyed], {
      idempotency: { ...idempotency, contentHash },
    })

  it('gets the first answer and sends nothing', async () => {
    const { bench } = await openWithWebhook()
    const first = await request(bench)
    await bench.settled()
    expect(await request(bench)).toEqual(first)
    await bench.settled()
    expect(sentIds(bench)).toEqual(first.map(({ id }) => id))
  })

  it('completes the first under its ids when that died before it sent anything', async () => {
    const { bench } = await openWithWebhook()
    const dying = bench.with({ background: () => {} })
    const first = await request(dying)
    expect(await request(bench)).toEqual(first)
    const { items } = await bench.engine.events.list(bench.tenantId, { limit: 9 })
    expect(items.map(({ id }) => id).toReversed()).toEqual(first.map(({ id }) => id))
  })

  it('with other content is a conflict', async () => {
    const { bench } = await openWithWebhook()
    await request(bench)
    await expect(request(bench, 'b'.repeat(64))).rejects.toMatchObject({
      code: 'idempotency_mismatch',
    })
  })
})
