// A publish for several tenants: all or none, completed by its repetition, and sent in one window.

import { describe, expect, it } from 'vitest'
import type { EventDraft } from '../../../src/engine/model/index.ts'
import { createMemoryDeployment } from '../../fakes/deployment.ts'
import { Bench, unreachable } from '../../fixtures/bench.ts'
import { anEventDraft } from '../../fixtures/event-drafts.ts'

const keyed = (key: string, fields: Partial<EventDraft> = {}) =>
  anEventDraft({ deduplicationKey: key, ...fields })

/** Benches of as many tenants of one deployment, each with a webhook. */
async function openTenants(count: number): Promise<readonly [Bench, ...Bench[]]> {
  const deployment = createMemoryDeployment()
  const benches = await Promise.all(
    Array.from({ length: count }, async () => {
      const bench = await Bench.open({}, deployment)
      await bench.webhook()
      return bench
    }),
  )
  return benches as unknown as readonly [Bench, ...Bench[]]
}

const idsIn = async ({ engine, tenantId }: Bench) =>
  (await engine.events.list(tenantId, { limit: 250 })).items.map(({ id }) => id).toReversed()

/** Calls of the event logs of some tenants fail, as often as `isDown` says. */
function failing(bench: Bench, isDown: (tenantId: string) => boolean): Bench {
  const { eventLog } = bench.ports
  return bench.with({
    eventLog: (tenantId) => ({
      ...eventLog(tenantId),
      accept: async (...args) =>
        isDown(tenantId) ? unreachable() : eventLog(tenantId).accept(...args),
    }),
  })
}

const SEVERAL = 3

describe('a publish for several tenants', () => {
  it('answers in the order of the request, and each tenant has its own events', async () => {
    const benches = await openTenants(SEVERAL)
    const [first] = benches
    const order = [2, 0, 1, 0, 2]
    const events = order.map((n, index) => ({
      tenantId: benches[n]?.tenantId ?? '',
      draft: anEventDraft({ data: `{"n":${index}}` }),
    }))
    const answers = await first.engine.publishToTenants(events)
    expect(new Set(answers.map(({ id }) => id)).size).toBe(order.length)
    for (const [n, bench] of benches.entries()) {
      const expected = answers.filter((_, index) => order[index] === n).map(({ id }) => id)
      expect(await idsIn(bench)).toEqual(expected)
    }
    await first.settled()
    const sent = first.requests.map(({ headers }) => new Headers([...headers]).get('webhook-id'))
    expect(sent.toSorted()).toEqual(answers.map(({ id }) => id).toSorted())
  })

  it('has nothing accepted when a key of any tenant stands for something else', async () => {
    const benches = await openTenants(SEVERAL)
    const [first, second, third] = benches
    await third?.engine.events.publish(third.tenantId, [keyed('order-1')])
    const of = (bench: Bench | undefined, draft: EventDraft) => ({
      tenantId: bench?.tenantId ?? '',
      draft,
    })
    const publishing = first.engine.publishToTenants([
      of(first, anEventDraft()),
      of(second, keyed('order-1')),
      of(third, keyed('order-1', { data: '{"total":2}' })),
    ])
    await expect(publishing).rejects.toMatchObject({
      code: 'conflict',
      issues: [{ path: [2, 'id'] }],
    })
    expect(await idsIn(first)).toEqual([])
    // A key of one tenant says nothing to another.
    const [answer] = await first.engine.publishToTenants([
      of(second, keyed('order-1', { data: '{"total":3}' })),
      of(first, anEventDraft()),
    ])
    expect(answer?.duplicate).toBe(false)
  })

  it('has nothing accepted when two events of one key and tenant differ', async () => {
    const [first, second] = await openTenants(2)
    const publishing = first.engine.publishToTenants([
      { tenantId: first.tenantId, draft: anEventDraft() },
      { tenantId: second?.tenantId ?? '', draft: keyed('k') },
      { tenantId: second?.tenantId ?? '', draft: keyed('k', { type: 'invoice.void' }) },
    ])
    await expect(publishing).rejects.toMatchObject({
      code: 'conflict',
      issues: [{ path: [2, 'id'] }],
    })
    expect(await idsIn(first)).toEqual([])
  })

  it('that failed half-way is completed by its repetition, under the ids of the first', async () => {
    const benches = await openTenants(SEVERAL)
    const [first, , third] = benches
    const events = benches.map(({ tenantId }, n) => ({ tenantId, draft: keyed(`order-${n}`) }))
    const down = failing(first, (tenantId) => tenantId === third?.tenantId)
    await expect(down.engine.publishToTenants(events)).rejects.toMatchObject({
      code: 'unavailable',
      retryAfterSeconds: 5,
    })
    await down.settled()
    const accepted = await idsIn(first)
    expect(accepted).toHaveLength(1)
    const answers = await first.engine.publishToTenants(events)
    expect(answers.map(({ duplicate }) => duplicate)).toEqual([true, true, false])
    expect(answers[0]?.id).toBe(accepted[0])
    for (const [n, bench] of benches.entries()) {
      expect(await idsIn(bench)).toEqual([answers[n]?.id])
    }
  })

  it('of one key is one publish, and another one under that key is refused as a whole', async () => {
    const benches = await openTenants(SEVERAL)
    const [first] = benches
    const events = benches.map(({ tenantId }) => ({ tenantId, draft: anEventDraft() }))
    const under = (contentHash: string) => ({ idempotency: { key: 'request-1', contentHash } })
    const answers = await first.engine.publishToTenants(events, under('one'))
    const again = await first.engine.publishToTenants(events, under('one'))
    expect(again.map(({ id }) => id)).toEqual(answers.map(({ id }) => id))
    await expect(first.engine.publishToTenants(events, under('two'))).rejects.toMatchObject({
      code: 'idempotency_mismatch',
    })
    for (const bench of benches) expect(await idsIn(bench)).toHaveLength(1)
  })

  it('without keys waits in the queue for a log that cannot be reached', async () => {
    const [first, second] = await openTenants(2)
    const events = [first, second].map((bench) => ({
      tenantId: bench?.tenantId ?? '',
      draft: anEventDraft(),
    }))
    const down = failing(first, (tenantId) => tenantId === second?.tenantId)
    const answers = await down.engine.publishToTenants(events)
    expect(answers).toHaveLength(2)
    expect(down.published.flatMap(({ events }) => events.map(({ id }) => id))).toEqual([
      answers[1]?.id,
    ])
  })

  it('names the events of a tenant that is not there', async () => {
    const [first] = await openTenants(1)
    const nobody = '01900000-0000-7000-8000-000000000000'
    const publishing = first.engine.publishToTenants([
      { tenantId: first.tenantId, draft: anEventDraft() },
      { tenantId: nobody, draft: anEventDraft() },
      { tenantId: nobody, draft: anEventDraft() },
    ])
    await expect(publishing).rejects.toMatchObject({
      code: 'invalid',
      issues: [{ path: [1, 'tenant'] }, { path: [2, 'tenant'] }],
    })
  })

  it('for one tenant is a publish like any other', async () => {
    const [first] = await openTenants(1)
    const { tenantId } = first
    await first.engine.publishToTenants([{ tenantId, draft: keyed('k') }])
    const differs = [anEventDraft(), keyed('k', { data: '{"total":2}' })]
    await expect(
      first.engine.publishToTenants(differs.map((draft) => ({ tenantId, draft }))),
    ).rejects.toMatchObject({ code: 'conflict', issues: [{ path: [1, 'id'] }] })
  })

  it('asks logs a few at a time, each once where there are no keys', async () => {
    const benches = await openTenants(120)
    const [first] = benches
    const { eventLog } = first.ports
    const calls = { all: 0, atOnce: 0, most: 0, looks: 0 }
    const counting = first.with({
      eventLog: (tenantId) => ({
        ...eventLog(tenantId),
        findKeys: async (...args) => {
          calls.looks += 1
          return eventLog(tenantId).findKeys(...args)
        },
        accept: async (...args) => {
          calls.all += 1
          calls.atOnce += 1
          calls.most = Math.max(calls.most, calls.atOnce)
          await Promise.resolve()
          try {
            return await eventLog(tenantId).accept(...args)
          } finally {
            calls.atOnce -= 1
          }
        },
      }),
    })
    const events = benches.map(({ tenantId }) => ({ tenantId, draft: anEventDraft() }))
    expect(await counting.engine.publishToTenants(events)).toHaveLength(120)
    expect(calls).toMatchObject({ all: 120, most: 50, looks: 0 })
  })
})
