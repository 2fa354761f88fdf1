// Pulling on a log that is told what to answer: how long a call waits, how often it asks, and where it ends.

import { expect, it } from 'vitest'
import { createDialectRuntimes } from '../../../src/compose.ts'
import { createPulling } from '../../../src/engine/configuration/pull.ts'
import { type LoggedEvent, ONE_SHARD, PULL_URL } from '../../../src/engine/model/index.ts'
import type { PullPage, PullQuery } from '../../../src/engine/ports/index.ts'
import { eventAt, NOON } from '../../contracts/durable-fixtures.ts'
import { aWebhook } from '../../contracts/store-fixtures.ts'
import { createMemoryStores } from '../../fakes/stores.ts'

const SECOND = 1_000
const webhook = aWebhook(7, { url: PULL_URL, createdAt: NOON, eventTypes: ['*'] })
const ref = { tenantId: webhook.tenantId, id: webhook.id }

interface Setup {
  /** What the log has, and when it has it. */
  readonly events?: readonly { readonly at: number; readonly event: LoggedEvent }[]
  /** Looks that find nothing, and yet go on. */
  readonly empty?: number
  readonly fields?: Partial<typeof webhook>
}

function open({ events = [], empty = 0, fields = {} }: Setup = {}) {
  let now = NOON
  let left = empty
  const asked: PullQuery[] = []
  const waits: number[] = []
  const noted: number[] = []
  let pulledAt = fields.pulledAt
  const pull = async (query: PullQuery): Promise<PullPage> => {
    asked.push(query)
    left -= 1
    if (left >= 0) return { items: [], position: String(asked.length), more: true }
    const behind = Number(query.position ?? 0)
    const found = events
      .map(({ at, event }, index) => ({ at, event, number: 1_000_000 + index }))
      .filter(({ at, number }) => at <= now && (number > behind || behind > NOON))
      .slice(0, query.limit)
    const items = found.map(({ event, number }) => ({ event, position: String(number) }))
    return { items, position: items.at(-1)?.position ?? String(now * 1_000), more: false }
  }
  const { pullConsumers } = createMemoryStores()
  const pulling = createPulling({
    clock: () => now,
    timer: (ms) => {
      waits.push(ms)
      now += ms
      return { over: Promise.resolve(), stop: () => {} }
    },
    dialectRuntimes: createDialectRuntimes(),
    eventLog: () => ({ pull }) as never,
    webhooks: {
      findByRef: async () => [{ ...webhook, ...fields, pulledAt, tenantName: 'Acme' }],
      notePull: async (_: unknown, at: number) => {
        pulledAt = at
        noted.push(at)
      },
    } as never,
    pullConsumers,
    settings: { shards: ONE_SHARD, variables: {} } as never,
  })
  const pass = (ms: number) => {
    now += ms
  }
  return { pulling, asked, waits, noted, pass, now: () => now }
}

const logged = (n: number, data = '{}'): LoggedEvent => ({
  ...eventAt(n, { data }),
  ...{ webhookIds: [], pullWebhookIds: [webhook.id] },
})

it('answers at once with what there is, and without waiting unless it is asked to', async () => {
  const one = open({ events: [{ at: NOON, event: logged(1) }] })
  const { items } = await one.pulling.pull(ref, { limit: 5, waitMs: 30 * SECOND })
  expect(items.map(({ event }) => event.id)).toEqual([logged(1).id])
  expect(one.waits).toEqual([])
  const none = open()
  await none.pulling.pull(ref, { limit: 5, waitMs: 0 })
  expect(none.asked).toHaveLength(1)
})

it('asks eleven times in thirty seconds in which nothing comes', async () => {
  const { pulling, asked, waits, now } = open()
  const { items, more } = await pulling.pull(ref, { limit: 5, waitMs: 30 * SECOND })
  expect([items, more]).toEqual([[], false])
  expect(waits).toEqual([250, 500, 1_000, 2_000, 4_000, 5_000, 5_000, 5_000, 5_000, 2_250])
  expect(asked).toHaveLength(11)
  expect(now()).toBe(NOON + 30 * SECOND)
})

it('ends its wait with the first that comes', async () => {
  const { pulling, now } = open({ events: [{ at: NOON + 3 * SECOND, event: logged(1) }] })
  const { items } = await pulling.pull(ref, { limit: 5, waitMs: 30 * SECOND })
  expect(items).toHaveLength(1)
  expect(now()).toBe(NOON + 3_750)
})

it('looks on over what is for others, and is short rather than endless', async () => {
  const few = open({ empty: 4, events: [{ at: NOON, event: logged(1) }] })
  expect((await few.pulling.pull(ref, { limit: 5, waitMs: 0 })).items).toHaveLength(1)
  const many = open({ empty: 99 })
  const page = await many.pulling.pull(ref, { limit: 5, waitMs: 0 })
  expect(page).toMatchObject({ items: [], more: true, cursor: 'pull.10' })
  expect(many.asked).toHaveLength(10)
})

it('ends a page where expressions have taken the steps of a call, and goes on there', async () => {
  const body = `{"count": $count([${'1,'.repeat(1_100)}1])}`
  const shapes = [{ filter: null, body, name: null, since: 0 }]
  const events = Array.from({ length: 20 }, (_, n) => ({ at: NOON, event: logged(n) }))
  const { pulling } = open({ events, fields: { shapes } })
  const first = await pulling.pull(ref, { limit: 20, waitMs: 0 })
  expect(first.more).toBe(true)
  expect(first.items.length).toBeGreaterThan(0)
  expect(first.items.length).toBeLessThan(20)
  expect(first.cursor).toBe(first.items.at(-1)?.cursor)
})

it.each([
  [30, null],
  [1, 'gone'],
] as const)(
  'takes a cursor of a day ago where events are kept for %d days: %s',
  async (days, code) => {
    const { pulling } = open({ fields: { tenantRetentionDays: days } as object })
    const cursor = `pull.${(NOON - 25 * 3_600 * SECOND) * 1_000}`
    const answer = pulling.pull(ref, { cursor, limit: 1, waitMs: 0 })
    await (code === null ? answer : expect(answer).rejects.toMatchObject({ code }))
  },
)

it('notes a pull of a webhook that may be deleted, once in five minutes', async () => {
  const fields = { deleteAfterIdleSeconds: 3_600 }
  const { pulling, noted, pass } = open({ fields })
  const pull = () => pulling.pull(ref, { limit: 5, waitMs: 0 })
  await pull()
  pass(299 * SECOND)
  await pull()
  pass(SECOND)
  await pull()
  expect(noted).toEqual([NOON, NOON + 300 * SECOND])
  const other = open()
  await other.pulling.pull(ref, { limit: 5, waitMs: 0 })
  expect(other.noted).toEqual([])
})
