import { describe, expect, it } from 'vitest'
import { newEventIds } from '../../../src/engine/intake/event-ids.ts'
import {
  formerShardsOfKey,
  newIdIn,
  ONE_SHARD,
  readShardSchedule,
  type ShardSchedule,
  shardCount,
  shardOf,
  shardOfKey,
} from '../../../src/engine/model/index.ts'
import { PUBLISH } from '../../../src/limits.ts'
import { newId } from '../../../src/primitives/ids.ts'

const NOON = Date.UTC(2026, 11, 1, 12)
const HOUR = 3_600_000

function scheduleOf(text: string): ShardSchedule {
  const schedule = readShardSchedule(text)
  if (schedule === null) throw new Error(`It is no schedule: ${text}`)
  return schedule
}

describe('a schedule of shards', () => {
  it.each([
    ['1', [{ shards: 1, since: 0 }]],
    ['32', [{ shards: 32, since: 0 }]],
    [
      '1, 4 from 2026-12-01T12:00Z',
      [
        { shards: 1, since: 0 },
        { shards: 4, since: NOON },
      ],
    ],
    [
      ' 4,2 from 2026-12-01T12:00:00Z , 3 from 2026-12-03T12:00Z',
      [
        { shards: 4, since: 0 },
        { shards: 2, since: NOON },
        { shards: 3, since: NOON + 48 * HOUR },
      ],
    ],
  ])('is read from "%s"', (text, expected) => {
    expect(readShardSchedule(text)).toEqual(expected)
  })

  it.each([
    [''],
    ['0'],
    ['33'],
    ['1.5'],
    ['two'],
    ['2 from 2026-12-01T12:00Z'],
    ['1, 2'],
    ['1, 2 from tomorrow'],
    ['1, 2 from 2026-12-01T12:00+01:00'],
    ['1, 2 from 2026-13-01T12:00Z'],
    // A key may stand in two shards, never in three.
    ['1, 2 from 2026-12-01T12:00Z, 4 from 2026-12-03T11:59Z'],
    ['1, 2 from 2026-12-03T12:00Z, 4 from 2026-12-01T12:00Z'],
  ])('is not read from "%s"', (text) => {
    expect(readShardSchedule(text)).toBeNull()
  })

  it.each([
    ['1', 1],
    ['1, 4 from 2026-12-01T12:00Z', 4],
    ['4, 1 from 2026-12-01T12:00Z', 4],
  ])('"%s" is of as many shards as it ever has: %d', (text, expected) => {
    expect(shardCount(scheduleOf(text))).toBe(expected)
  })
})

describe('the shard of an event', () => {
  it('is the first where there is one', () => {
    expect(shardOf(newId(NOON), ONE_SHARD)).toBe(0)
  })

  it.each([
    ['01940000-0000-7000-8000-000000000001', 0],
    ['01940000-0000-7000-8000-000000000002', 1],
    ['01940000-0000-7000-8000-000000000003', 1],
    ['01940000-0000-7000-8000-000000000004', 2],
    ['01940000-0000-7000-8000-000000000005', 0],
  ])('of %s is the same in every version: %d of 3', (id, expected) => {
    expect(shardOf(id, scheduleOf('3'))).toBe(expected)
  })

  it('follows from the number that there was when its id was made', () => {
    const raised = scheduleOf('1, 4 from 2026-12-01T12:00Z')
    const lowered = scheduleOf('4, 1 from 2026-12-01T12:00Z')
    for (let n = 0; n < 50; n += 1) {
      const [before, after] = [newId(NOON - 1), newId(NOON)]
      expect(shardOf(before, raised)).toBe(0)
      expect(shardOf(after, raised)).toBe(shardOf(after, scheduleOf('4')))
      expect(shardOf(before, lowered)).toBe(shardOf(before, scheduleOf('4')))
      expect(shardOf(after, lowered)).toBe(0)
    }
  })

  it('takes every shard in its turn', () => {
    const counts = [0, 0, 0, 0]
    for (let n = 0; n < 4_000; n += 1) {
      const shard = shardOf(newId(NOON), scheduleOf('4'))
      counts[shard] = (counts[shard] ?? 0) + 1
    }
    for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(150)
  })

  it('can be chosen with its id', () => {
    for (const shard of [0, 1, 2, 3]) {
      expect(shardOf(newIdIn(shard, NOON, scheduleOf('4')), scheduleOf('4'))).toBe(shard)
    }
  })
})

describe('the shard of a key', () => {
  const raised = scheduleOf('1, 2 from 2026-12-01T12:00Z')
  const name = ['a', 'b', 'c', 'd'].find((one) => shardOfKey(one, NOON, raised) === 1) ?? ''

  it.each([
    [-1, 0, []],
    [0, 1, [0]],
    [PUBLISH.deduplicationSeconds * 1_000, 1, [0]],
    [2 * PUBLISH.deduplicationSeconds * 1_000 - 1, 1, [0]],
    [2 * PUBLISH.deduplicationSeconds * 1_000, 1, []],
  ])('%d ms after the number was raised is %d, and before that %j', (ms, shard, former) => {
    expect(shardOfKey(name, NOON + ms, raised)).toBe(shard)
    expect(formerShardsOfKey(name, NOON + ms, raised)).toEqual(former)
  })
})

describe('new ids', () => {
  const four = scheduleOf('4')
  const draft = (deduplicationKey: string | null) => ({ deduplicationKey })

  it('are of the shard of their key, and all others of that of the request', () => {
    const drafts = ['a', null, 'b', null, 'c', 'd', 'e'].map(draft)
    const ids = newEventIds(drafts, 'request', NOON, four)
    expect(ids.map((id) => shardOf(id, four))).toEqual(
      drafts.map(({ deduplicationKey: key }) =>
        shardOfKey(key === null ? 'request:request' : `event:${key}`, NOON, four),
      ),
    )
  })

  it('are of one shard where nothing has a key, whichever it is', () => {
    const shards = Array.from({ length: 50 }, () => {
      const ids = newEventIds([draft(null), draft(null), draft(null)], null, NOON, four)
      return new Set(ids.map((id) => shardOf(id, four)))
    })
    for (const of of shards) expect(of.size).toBe(1)
    expect(new Set(shards.flatMap((of) => [...of])).size).toBe(4)
  })

  it('ascend', () => {
    const ids = newEventIds(['a', null, 'b', 'c', null].map(draft), null, NOON, four)
    expect(ids).toEqual(ids.toSorted())
  })
})
