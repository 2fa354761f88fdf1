// A tenant's event log in several shards: what it does that one object does of itself, and that raising their number under
// traffic loses nothing and accepts nothing twice that has a key.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createDialectRuntimes } from '../../../src/compose.ts'
import { chosenEventIds, newEventIds } from '../../../src/engine/intake/event-ids.ts'
import { readShardSchedule, type ShardSchedule } from '../../../src/engine/model/index.ts'
import type { EventLog, Submission } from '../../../src/engine/ports/index.ts'
import { shardedEventLogs } from '../../../src/platform/shards/event-logs.ts'
import { derivedId } from '../../../src/primitives/ids.ts'
import { eventAt, NOON, nextJobId } from '../../contracts/durable-fixtures.ts'
import { aWebhook } from '../../contracts/store-fixtures.ts'
import { createMemoryEventLog } from '../../fakes/event-log.ts'
import { createMemoryStores, raiseEpoch, readWebhooks, Tables } from '../../fakes/stores.ts'

const TENANT = '01940000-0000-7000-8000-000000000001'
const WEBHOOK = 'webhook-1'

function scheduleOf(text: string): ShardSchedule {
  const schedule = readShardSchedule(text)
  if (schedule === null) throw new Error(`It is no schedule: ${text}`)
  return schedule
}

/** A tenant with one webhook, whose shards a test may look at, and let fail. */
async function openShards() {
  let now = NOON
  const tables = new Tables()
  const stores = createMemoryStores(tables)
  const shards = new Map<number, EventLog>()
  /** Says of a call whether it fails, before or after it was done. */
  let fails = (_: number, __: string): 'before' | 'after' | null => null
  const open = () =>
    createMemoryEventLog({
      clock: () => now,
      delayScale: 1,
      send: async (texts) => texts.length,
      scheduleAlarm: () => {},
      goOn: () => {},
      isConfigured: async () => true,
      pauseOf: async () => null,
      statesOf: async () => [],
      answersOf: async () => [],
      readWebhooks: async (id) => readWebhooks(tables, id),
      raiseEpoch: async (id, epoch) => raiseEpoch(tables, id, epoch),
      sendAccepted: async (texts) => texts.length,
      dialectRuntimes: createDialectRuntimes(),
    })
  const shardAt = (shard: number) => {
    const log = shards.get(shard) ?? open()
    shards.set(shard, log)
    return log
  }
  const failing = (shard: number): EventLog =>
    new Proxy(shardAt(shard), {
      get: (log, name) => {
        const method: unknown = Reflect.get(log, name)
        if (typeof method !== 'function') return method
        return async (...args: readonly unknown[]) => {
          const failure = fails(shard, String(name))
          if (failure === 'before') throw new Error('The shard cannot be reached.')
          const result: unknown = await Reflect.apply(method, log, args)
          if (failure === 'after') throw new Error('The shard did not answer.')
          return result
        }
      },
    })
  await stores.tenants.insert({
    id: TENANT,
    name: 'Acme',
    createdAt: NOON,
    uid: null,
    metadata: {},
    retentionDays: 30,
  })
  await stores.webhooks.insert(
    aWebhook(1, { id: WEBHOOK, tenantId: TENANT, eventTypes: ['invoice.paid'] }),
  )
  return {
    ...stores,
    shardAt,
    logOf: (schedule: ShardSchedule) =>
      shardedEventLogs(schedule, (_, shard) => failing(shard))(TENANT),
    setTime: (ms: number) => {
      now = NOON + ms
    },
    setFailures: (next: typeof fails) => {
      fails = next
    },
  }
}

/** Submissions as a publish makes them; `null`: an event without a key. */
function toSubmissions(ids: readonly string[], keys: readonly (string | null)[]): Submission[] {
  return keys.map((key, index) => ({
    event: eventAt(0, { id: ids[index] ?? '', data: JSON.stringify({ key }) }),
    key: key === null ? null : { key, contentHash: `hash of ${key}` },
  }))
}

function publishAt(
  log: EventLog,
  schedule: ShardSchedule,
  at: number,
  keys: readonly (string | null)[],
  requestKey: string | null = null,
) {
  const drafts = keys.map((deduplicationKey) => ({ deduplicationKey }))
  const submissions = toSubmissions(newEventIds(drafts, requestKey, at, schedule), keys)
  const request = requestKey === null ? null : { key: requestKey, contentHash: 'request' }
  return log.accept(TENANT, { submissions, requestKey: request, most: 1_000 })
}

async function allIn(log: EventLog) {
  return (await log.list({ limit: 1_000 })).items
}

const KEYS = ['a', 'b', 'c', 'd', 'e', 'f']
const TWO = scheduleOf('2')

describe('an array that spans several shards', () => {
  it('is accepted by each in part, and answered as one, once', async () => {
    const { logOf, shardAt } = await openShards()
    const log = logOf(TWO)
    const first = await publishAt(log, TWO, NOON, [...KEYS, null, null], 'request')
    if (first.kind !== 'accepted') throw new Error(first.kind)
    expect(first.answers.map(({ duplicate }) => duplicate)).toEqual(Array(8).fill(false))
    expect(first.deliveries).toHaveLength(8)
    const parts = [await allIn(shardAt(0)), await allIn(shardAt(1))]
    for (const part of parts) expect(part.length).toBeGreaterThan(0)
    expect(parts.flat()).toHaveLength(8)
    const again = await publishAt(log, TWO, NOON + 1, [...KEYS, null, null], 'request')
    expect(again).toEqual({ ...first, deliveries: [] })
  })

  it('is looked through whole before any of it is accepted', async () => {
    const { logOf } = await openShards()
    const log = logOf(TWO)
    await publishAt(log, TWO, NOON, ['f'])
    const ids = newEventIds(
      KEYS.map((deduplicationKey) => ({ deduplicationKey })),
      null,
      NOON + 1,
      TWO,
    )
    const submissions = toSubmissions(ids, KEYS).map((one) =>
      one.key?.key === 'f' ? { ...one, key: { key: 'f', contentHash: 'other' } } : one,
    )
    const answer = await log.accept(TENANT, { submissions, requestKey: null, most: 1_000 })
    expect(answer).toEqual({ kind: 'conflict', index: 5 })
    expect(await allIn(log)).toHaveLength(1)
  })

  it('refuses another request under its key, and accepts nothing of it', async () => {
    const { logOf } = await openShards()
    const log = logOf(TWO)
    await publishAt(log, TWO, NOON, KEYS, 'request')
    const submissions = toSubmissions(
      newEventIds([{ deduplicationKey: 'g' }, { deduplicationKey: null }], 'request', NOON, TWO),
      ['g', null],
    )
    const requestKey = { key: 'request', contentHash: 'other' }
    expect(await log.accept(TENANT, { submissions, requestKey, most: 9 })).toEqual({
      kind: 'mismatch',
    })
    expect(await allIn(log)).toHaveLength(6)
  })

  it.each([
    [0, 'before'],
    [0, 'after'],
    [1, 'before'],
    [1, 'after'],
  ] as const)(
    'is completed by its repetition when shard %d fails %s accepting',
    async (shard, when) => {
      const { logOf, setFailures } = await openShards()
      const log = logOf(TWO)
      setFailures((of, name) => (of === shard && name === 'accept' ? when : null))
      const keys = [...KEYS, null]
      await expect(publishAt(log, TWO, NOON, keys, 'request')).rejects.toMatchObject({
        code: 'unavailable',
        message: expect.stringContaining('Some of the events may have been accepted'),
      })
      setFailures(() => null)
      const again = await publishAt(log, TWO, NOON + 1, keys, 'request')
      const listed = await allIn(log)
      expect(listed).toHaveLength(7)
      if (again.kind !== 'accepted') throw new Error(again.kind)
      expect(again.answers.map(({ id }) => id).toSorted()).toEqual(
        listed.map(({ id }) => id).toSorted(),
      )
    },
  )
})

describe('a change of webhooks', () => {
  it('is told to each shard, and written in the lowest epoch that one told', async () => {
    const { logOf, shardAt, setTime, webhooks } = await openShards()
    const log = logOf(TWO)
    for (const shard of [0, 1]) await shardAt(shard).announce(TENANT, nextJobId(), false)
    // One of them waits for its change no longer, and has the epoch raised.
    setTime(60_000)
    const raised = await shardAt(0).announce(TENANT, nextJobId(), true)
    const former = await shardAt(1).announce(TENANT, nextJobId(), false)
    expect(raised).toBeGreaterThan(former)
    const changeId = nextJobId()
    const epoch = await log.announce(TENANT, changeId, false)
    expect(epoch).toBe(former)
    const late = aWebhook(2, { id: 'late', tenantId: TENANT })
    await expect(webhooks.insert(late, undefined, epoch)).rejects.toMatchObject({
      code: 'unavailable',
    })
    expect(await log.announce(TENANT, changeId, true)).toBe(raised)
  })

  it('is seen by whatever shard accepts an event that is published after it', async () => {
    const { logOf, webhooks } = await openShards()
    const log = logOf(TWO)
    await publishAt(log, TWO, NOON, KEYS)
    const changeId = nextJobId()
    const epoch = await log.announce(TENANT, changeId, false)
    await webhooks.insert(
      aWebhook(2, { id: 'new', tenantId: TENANT, eventTypes: ['invoice.paid'] }),
      undefined,
      epoch,
    )
    await log.confirm(changeId)
    const answer = await publishAt(log, TWO, NOON + 1, ['g', 'h', 'i', 'j', 'k', 'l'])
    if (answer.kind !== 'accepted') throw new Error(answer.kind)
    expect(
      answer.deliveries.map(({ webhooks: all }) => all.map(({ id }) => id).toSorted()),
    ).toEqual(Array(6).fill(['new', WEBHOOK]))
  })
})

describe('a replay', () => {
  it('that one shard refuses is refused by all', async () => {
    const { logOf, shardAt } = await openShards()
    const request = {
      ...{ webhookId: WEBHOOK, eventTypes: ['*'], scope: {}, onlyMissing: false },
      ...{ since: NOON, until: NOON + 1 },
    }
    const full = shardAt(1)
    shardAt(1).replay = async () => 'busy'
    expect(full).toBe(shardAt(1))
    const id = nextJobId()
    expect(await logOf(TWO).replay(TENANT, id, request)).toBe('busy')
    expect((await logOf(TWO).job(id))?.progress?.state).not.toBe('running')
  })
})

/** What happens next: a publish of some keys, of a request or of a message that is as late as that, and what fails meanwhile. */
const publication = fc.record({
  /** Milliseconds since the last one. */
  pause: fc.constantFrom(0, 1, 500, 30_000, 3_600_000, 20 * 3_600_000),
  keys: fc.array(fc.constantFrom(null, ...KEYS), { minLength: 1, maxLength: 4 }),
  requestKey: fc.constantFrom(null, null, 'r', 's'),
  lateMs: fc.constantFrom(0, 0, 0, 60_000, 7_200_000),
  failures: fc.array(fc.constantFrom(null, null, null, 'before' as const, 'after' as const), {
    maxLength: 12,
  }),
})

describe('raising or lowering the number under traffic', () => {
  it.each([
    ['1, 2 from 2096-01-02T12:00Z'],
    ['2, 1 from 2096-01-02T12:00Z'],
    ['1, 3 from 2096-01-02T12:00Z'],
    ['2'],
  ])('loses nothing and doubles no keyed event: "%s"', async (text) => {
    const schedule = scheduleOf(text)
    const property = fc.asyncProperty(fc.array(publication, { maxLength: 12 }), async (all) => {
      const { logOf, setTime, setFailures } = await openShards()
      const log = logOf(schedule)
      let ms = 20 * 3_600_000
      /** When each key was published first and last since then, and the id that was answered. */
      const answered = new Map<string, { readonly id: string; readonly at: number }>()
      const accepted = new Set<string>()
      const seen: string[] = []
      let cursor: string | undefined
      let messages = 0
      const readOn = async () => {
        for (;;) {
          const page = await log.list({ limit: 2, order: 'oldest', cursor })
          seen.push(...page.items.map(({ id }) => id))
          if (page.nextCursor === null) return
          cursor = page.nextCursor
        }
      }
      for (const [turn, { pause, keys, requestKey: key, lateMs, failures }] of all.entries()) {
        ms += pause
        setTime(ms)
        const drafts = keys.map((deduplicationKey) => ({ deduplicationKey }))
        // A key of a request stands for the same request.
        const requestKey = lateMs > 0 || key === null ? null : `${key}${turn}`
        messages += 1
        const message = { id: `message-${messages}`, timestamp: NOON + ms - lateMs }
        const idsOf = (isLate: boolean, at: number) =>
          isLate
            ? chosenEventIds(drafts, message.id, message.timestamp, schedule, (index, _, n) =>
                derivedId(message, index, n),
              )
            : newEventIds(drafts, requestKey, at, schedule)
        const left = [...failures]
        setFailures((_, name) => (/accept|Keys/.test(name) ? (left.shift() ?? null) : null))
        // Repeated until it is accepted; a request that is none by key or message is given up when its answer is lost.
        for (;;) {
          const submissions = toSubmissions(await idsOf(lateMs > 0, NOON + ms), keys)
          const contentHash = `request ${keys.join()}`
          try {
            const answer = await log.accept(TENANT, {
              submissions,
              requestKey: requestKey === null ? null : { key: requestKey, contentHash },
              most: 1_000,
            })
            if (answer.kind !== 'accepted') throw new TypeError(answer.kind)
            expect(answer.answers).toHaveLength(keys.length)
            for (const [index, { id }] of answer.answers.entries()) {
              accepted.add(id)
              const named = keys[index] ?? null
              if (named === null) continue
              const before = answered.get(named)
              // Within the window of a key it stands for the one event.
              const isKnown = before !== undefined && NOON + ms - before.at < 24 * 3_600_000
              if (isKnown) expect(id).toBe(before.id)
              else answered.set(named, { id, at: NOON + ms })
            }
            break
          } catch (error) {
            if (error instanceof TypeError || !(error instanceof Error)) throw error
            if (/expected/.test(error.message)) throw error
            if (left.length === 0) setFailures(() => null)
          }
        }
        setFailures(() => null)
        await readOn()
      }
      for (const id of accepted) expect((await log.find(id))?.id).toBe(id)
      const listed = (await allIn(log)).map(({ id }) => id)
      expect(new Set(listed).size).toBe(listed.length)
      // A reader with a cursor has seen each of them once.
      expect(seen.toSorted()).toEqual(listed.toSorted())
      for (const id of accepted) expect(seen).toContain(id)
    })
    await fc.assert(property, { numRuns: 300 })
  })
})
