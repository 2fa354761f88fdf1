import { describe, expect, it } from 'vitest'
import type { EventDraft } from '../../../src/engine/model/index.ts'
import { Bench } from '../../fixtures/bench.ts'

const DAY_MS = 86_400_000

function aDraft(fields: Partial<EventDraft> = {}): EventDraft {
  return {
    type: 'invoice.paid',
    data: '{"total":1}',
    deduplicationKey: null,
    time: null,
    scope: {},
    actor: null,
    requestId: null,
    ...fields,
  }
}

const keyed = aDraft({ deduplicationKey: 'order-42' })

function broken(): never {
  throw new Error('down')
}

const publish = (bench: Bench, ...drafts: EventDraft[]) =>
  bench.engine.events.publish(bench.tenantId, drafts)

describe('a publish', () => {
  it('sends its events in one go, and asks no log', async () => {
    const bench = await Bench.open()
    const answers = await publish(bench, aDraft(), aDraft({ type: 'invoice.late' }))
    expect(bench.published).toHaveLength(1)
    expect(bench.published[0]).toMatchObject({
      redelivered: false,
      events: [
        { id: answers[0]?.id, type: 'invoice.paid', data: '{"total":1}' },
        { id: answers[1]?.id, type: 'invoice.late' },
      ],
    })
  })

  it('gives an event without a time the time of its acceptance', async () => {
    const bench = (await Bench.open()).with({ clock: () => 1_795_341_600_123 })
    await publish(bench, aDraft(), aDraft({ time: '2020-01-01T00:00:00.000Z' }))
    expect(bench.published[0]?.events.map(({ time }) => time)).toEqual([
      '2026-11-22T10:00:00.123Z',
      '2020-01-01T00:00:00.000Z',
    ])
  })

  it.each([
    ['the queue', { events: { send: async () => broken() } }],
    ['the keys', { deduplication: { claim: async () => broken() } }],
  ])('is refused as unavailable, with a time to wait, when %s is down', async (_, fault) => {
    const bench = await Bench.open()
    const down = bench.with(fault as never)
    await expect(publish(down, keyed)).rejects.toMatchObject({
      code: 'unavailable',
      retryAfterSeconds: 5,
    })
    expect(bench.published).toEqual([])
  })
})

describe('a repeated publish', () => {
  it('of what was stored and not confirmed sends the same event, which asks the log', async () => {
    const bench = await Bench.open()
    const { deduplication } = bench.ports
    const forgetful = bench.with({
      deduplication: { ...deduplication, confirm: async () => broken() },
    })
    const [first] = await publish(forgetful, keyed)
    await forgetful.settled()
    expect(forgetful.lines.map(({ event }) => event)).toEqual(['deduplication.unconfirmed'])
    const [second] = await publish(bench, keyed)
    expect(second).toEqual({ id: first?.id, type: 'invoice.paid', duplicate: true })
    expect(bench.published).toEqual([{ redelivered: true, events: forgetful.published[0]?.events }])
  })

  it('of what was confirmed sends nothing', async () => {
    const bench = await Bench.open()
    await publish(bench, keyed)
    await bench.settled()
    const [again] = await publish(bench, keyed)
    expect(again).toMatchObject({ duplicate: true })
    expect(bench.published).toHaveLength(1)
  })

  it('after 24 hours is another event', async () => {
    const bench = await Bench.open()
    const [first] = await publish(bench, keyed)
    await bench.settled()
    const later = bench.with({ clock: () => Date.now() + DAY_MS + 1_000 })
    const [second] = await publish(later, { ...keyed, data: '{"total":2}' })
    expect(second?.duplicate).toBe(false)
    expect(second?.id).not.toBe(first?.id)
    expect(later.published).toHaveLength(1)
  })

  it.each([
    ['other data', { data: '{"total":2}' }],
    ['the same data written differently', { data: '{"total": 1}' }],
    ['another type', { type: 'invoice.late' }],
  ])('with %s is a conflict', async (_, fields) => {
    const bench = await Bench.open()
    await publish(bench, keyed)
    await expect(publish(bench, aDraft(), { ...keyed, ...fields })).rejects.toMatchObject({
      code: 'conflict',
      issues: [{ path: [1, 'id'] }],
    })
    expect(bench.published).toHaveLength(1)
  })

  it('in another tenant is another event', async () => {
    const one = await Bench.open()
    const two = await one.neighbour()
    await publish(one, keyed)
    const [answer] = await publish(two, keyed)
    expect(answer?.duplicate).toBe(false)
    expect(two.published).toHaveLength(1)
  })
})

describe('a repeated request', () => {
  const idempotency = { key: 'request-1', contentHash: 'a'.repeat(64) }
  const request = (bench: Bench, contentHash = idempotency.contentHash) =>
    bench.engine.events.publish(bench.tenantId, [aDraft(), keyed], {
      idempotency: { ...idempotency, contentHash },
    })

  it('gets the first answer and sends nothing', async () => {
    const bench = await Bench.open()
    const first = await request(bench)
    await bench.settled()
    expect(await request(bench)).toEqual(first)
    expect(bench.published).toHaveLength(1)
  })

  it('completes the first under its ids when that died half-way', async () => {
    const bench = await Bench.open()
    const sent: string[] = []
    const dying = bench.with({
      events: {
        async send(_, events) {
          sent.push(...events.map(({ id }) => id))
          broken()
        },
      },
    })
    await expect(request(dying)).rejects.toMatchObject({ code: 'unavailable' })
    const answers = await request(bench)
    expect(answers.map(({ id }) => id)).toEqual(sent)
    expect(bench.published).toMatchObject([{ redelivered: true }])
  })

  it('with other content is a conflict', async () => {
    const bench = await Bench.open()
    await request(bench)
    await expect(request(bench, 'b'.repeat(64))).rejects.toMatchObject({
      code: 'idempotency_mismatch',
    })
  })
})
