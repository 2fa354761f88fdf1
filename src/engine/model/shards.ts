// Which shard of a tenant's event log has what. An event's shard follows from its id alone: from the time in it, which tells how many
// shards there were, and from a hash. So whoever knows an id finds the event, nothing need be looked up, and nothing moves when the
// number is changed: it is changed from a time on, which everybody learns before it comes.

import { PUBLISH } from '../../limits.ts'
import { hash32 } from '../../primitives/hash.ts'
import { newId, timeOf } from '../../primitives/ids.ts'

interface ShardPeriod {
  readonly shards: number
  /** Ids made at or after it (Unix milliseconds), until the next period begins. */
  readonly since: number
}

/** How many shards an event log has, and had: one period at least, in order of time, the first since ever. */
export type ShardSchedule = readonly ShardPeriod[]

/** An event log is one object, as long as nobody says otherwise. */
export const ONE_SHARD: ShardSchedule = [{ shards: 1, since: 0 }]

/** A list or a change of webhooks asks each of them. */
const MOST_SHARDS = 32
/** Two periods may claim a deduplication key at a time, never three. */
const SHORTEST_PERIOD_MS = 2 * PUBLISH.deduplicationSeconds * 1_000

const ENTRY = /^(\d+)(?: from (\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?Z))?$/

/**
 * What a deployment says of its shards: a number, and behind commas later numbers, each with the time from which on it counts
 * (`1, 4 from 2026-12-01T10:00Z`). Null for a text that cannot be meant.
 */
export function readShardSchedule(text: string): ShardSchedule | null {
  const periods = text.split(',').map((entry) => toPeriod(entry.trim()))
  const read = periods.filter((period) => period !== null)
  const isOrdered = read.every(({ since }, index) => {
    const before = read[index - 1]
    if (before === undefined) return since === 0
    return since >= before.since + SHORTEST_PERIOD_MS
  })
  return read.length === periods.length && isOrdered ? read : null
}

function toPeriod(entry: string): ShardPeriod | null {
  const found = ENTRY.exec(entry)
  const shards = Number(found?.[1])
  const since = found?.[2] === undefined ? 0 : Date.parse(found[2])
  const isCount = Number.isInteger(shards) && shards >= 1 && shards <= MOST_SHARDS
  return isCount && Number.isInteger(since) ? { shards, since } : null
}

/** How many shards may have something, or will: all of them are read, and told of changes. */
export function shardCount(schedule: ShardSchedule): number {
  return Math.max(...schedule.map(({ shards }) => shards))
}

/** The shard of an event. */
export function shardOf(id: string, schedule: ShardSchedule): number {
  return shardAmong(id, shardsAt(timeOf(id), schedule))
}

/** The shard that decides about a deduplication key of something whose id was made at `at`; `name`: of the key's kind and text. */
export function shardOfKey(name: string, at: number, schedule: ShardSchedule): number {
  return shardAmong(name, shardsAt(at, schedule))
}

/** The other shards in which the key may stand since an earlier period, until its time is over. */
export function formerShardsOfKey(
  name: string,
  at: number,
  schedule: ShardSchedule,
): readonly number[] {
  // A key counts from when it was accepted, which may be a day after its id was made.
  const from = at - SHORTEST_PERIOD_MS
  const present = shardOfKey(name, at, schedule)
  const former = shardOfKey(name, from, schedule)
  return former === present ? [] : [former]
}

/** A new id of this shard. */
export function newIdIn(shard: number, now: number, schedule: ShardSchedule): string {
  for (;;) {
    const id = newId(now)
    if (shardOf(id, schedule) === shard) return id
  }
}

function shardsAt(ms: number, schedule: ShardSchedule): number {
  return schedule.findLast(({ since }) => since <= ms)?.shards ?? 1
}

function shardAmong(text: string, shards: number): number {
  return shards === 1 ? 0 : hash32(text) % shards
}
