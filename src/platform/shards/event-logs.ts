// The event log of a tenant that is several, its shards: what concerns one event is asked of its shard (engine/model/shards.ts),
// what concerns all of them of each, and put together. With one shard, that is the event log, and nothing of this is in its way.

import { addHours, type ShardSchedule, shardCount, shardOf } from '../../engine/model/index.ts'
import type { EventLog, EventQuery, LogPage } from '../../engine/ports/index.ts'
import { CURSORS } from '../../primitives/cursor.ts'
import { Histogram } from '../../primitives/histogram.ts'
import { LOG } from '../../tuning.ts'
import { readEventPositions, readFirstAttemptCursor } from '../durable/cursor.ts'
import { acceptAcross } from './accept.ts'
import { mergeJobs, mergeParts, mergeUsage, placeOf, toOneJob } from './merge.ts'
import { pullAcross } from './pull.ts'

/** The event log of each tenant, whose shards `shardOfTenant` gives, by their numbers from 0. */
export function shardedEventLogs(
  schedule: ShardSchedule,
  shardOfTenant: (tenantId: string, shard: number) => EventLog,
): (tenantId: string) => EventLog {
  const numbers = Array.from({ length: shardCount(schedule) }, (_, shard) => shard)
  if (numbers.length === 1) return (tenantId) => shardOfTenant(tenantId, 0)
  return (tenantId) =>
    sharded(
      numbers.map((shard) => shardOfTenant(tenantId, shard)),
      schedule,
    )
}

function sharded(shards: readonly EventLog[], schedule: ShardSchedule): EventLog {
  const shardAt = (shard: number): EventLog => {
    const found = shards[shard]
    if (found === undefined) throw new Error(`There is no shard ${shard}.`)
    return found
  }
  const first = shardAt(0)
  const shardOfEvent = (id: string) => Math.min(shardOf(id, schedule), shards.length - 1)
  /** All are told, also when one fails; rejects if any did. */
  const all = async <Result>(ask: (shard: EventLog) => Promise<Result>): Promise<Result[]> => {
    const told = await Promise.allSettled(shards.map(ask))
    return told.map((one) => {
      if (one.status === 'rejected') throw one.reason
      return one.value
    })
  }
  /** Each shard is asked about what is its own. */
  const byShard = async <Item>(
    items: readonly Item[],
    idOf: (item: Item) => string,
    ask: (shard: EventLog, items: readonly Item[], places: readonly number[]) => Promise<void>,
  ): Promise<void> => {
    const placed = items.map((item, place) => ({ item, place }))
    const groups = Map.groupBy(placed, ({ item }) => shardOfEvent(idOf(item)))
    await Promise.all(
      [...groups].map(([shard, group]) =>
        ask(
          shardAt(shard),
          group.map(({ item }) => item),
          group.map(({ place }) => place),
        ),
      ),
    )
  }

  return {
    accept: acceptAcross(shards, schedule),
    findKeys: (tenantId, names) => findFirst(shards, (shard) => shard.findKeys(tenantId, names)),
    claimKeys: (tenantId, claims) => first.claimKeys(tenantId, claims),
    record: (outcomes) =>
      byShard(
        outcomes,
        ({ eventId }) => eventId,
        (shard, own) => shard.record(own),
      ),
    async firstOutcomes(keys) {
      const found = keys.map((): Awaited<ReturnType<EventLog['firstOutcomes']>>[number] => null)
      await byShard(
        keys,
        ({ eventId }) => eventId,
        async (shard, own, places) => {
          const outcomes = await shard.firstOutcomes(own)
          for (const [index, place] of places.entries()) found[place] = outcomes[index] ?? null
        },
      )
      return found
    },
    async firstAttempts(webhookId, query) {
      const pages = await all((shard) => shard.firstAttempts(webhookId, query))
      // Everything of a page is above the id where it goes on.
      const unread = pages.flatMap(
        ({ nextCursor }) => readFirstAttemptCursor(nextCursor ?? undefined) ?? [],
      )
      const [below = ''] = unread.toSorted().toReversed()
      const shown = pages
        .flatMap(({ items }) => items)
        .filter(({ id }) => id >= below)
        .toSorted((a, b) => (a.id < b.id ? 1 : -1))
      const items = shown.slice(0, query.limit)
      const last = items.at(-1)
      const next = shown.length > query.limit && last ? last.id : below
      return { items, nextCursor: next === '' ? null : CURSORS.firstAttempts.write(next) }
    },
    // Monitors, which know of no shards, hand them over to the first.
    keepDeliveries: (webhookId, deliveries) => first.keepDeliveries(webhookId, deliveries),
    keptDeliveries: (eventId, webhookIds) => first.keptDeliveries(eventId, webhookIds),
    unmatched: (tenantId, query) => shardAt(shardOfEvent(query.eventId)).unmatched(tenantId, query),
    async deliveredByHour(webhookId, since) {
      return addHours(await all((shard) => shard.deliveredByHour(webhookId, since)))
    },
    async successes(webhookId, since) {
      const parts = await all((shard) => shard.successes(webhookId, since))
      const latencies = new Histogram()
      for (const part of parts) latencies.merge(part.latencies)
      const times = parts.flatMap(({ lastSuccessAt }) => lastSuccessAt ?? [])
      return {
        delivered: parts.reduce((sum, { delivered }) => sum + delivered, 0),
        latencies: latencies.toPairs(),
        lastSuccessAt: times.length === 0 ? null : Math.max(...times),
      }
    },
    async noteState(webhookId, state) {
      await all((shard) => shard.noteState(webhookId, state))
    },
    async announce(tenantId, changeId, isFenced) {
      const epochs = await all((shard) => shard.announce(tenantId, changeId, isFenced))
      // A shard waits for the change until the epoch that it told is over: the change is written in none that a shard thinks is over.
      return Math.min(...epochs)
    },
    async confirm(changeId) {
      await all((shard) => shard.confirm(changeId))
    },
    addWebhooks: (eventIds, webhookIds) =>
      byShard(
        eventIds,
        (id) => id,
        (shard, own) => shard.addWebhooks(own, webhookIds),
      ),
    find: (id) => shardAt(shardOfEvent(id)).find(id),
    cancelScheduled: (id) => shardAt(shardOfEvent(id)).cancelScheduled(id),
    list: (query) => listAcross(shards, query),
    pull: (query) => pullAcross(shards, query),
    async listByRequest(requestId, after) {
      const parts = await all((shard) => shard.listByRequest(requestId, after, shards.length))
      const { items, more } = mergeParts(
        parts,
        LOG.requestEvents,
        (one, other) => one.id < other.id,
      )
      return { items, more }
    },
    async usage(since) {
      return mergeUsage(await all((shard) => shard.usage(since)))
    },
    async delivered(span) {
      const parts = await all((shard) => shard.delivered(span))
      const attempts = parts.flatMap((part) => part.attempts)
      return {
        attempts: attempts.slice(-span.limit),
        isCut: attempts.length > span.limit || parts.some(({ isCut }) => isCut),
        // Each knows of all webhooks.
        troubled: parts[0]?.troubled ?? [],
      }
    },
    async activity(days) {
      const parts = await all((shard) => shard.activity(days))
      return {
        days: parts.flatMap((part) => part.days),
        // Each knows of all webhooks.
        standing: parts[0]?.standing ?? { failing: 0, held: 0, longest: null },
      }
    },
    async replay(tenantId, jobId, request) {
      const started: EventLog[] = []
      for (const shard of shards) {
        const answer = await shard.replay(tenantId, jobId, request)
        if (answer === 'started') started.push(shard)
        else {
          // It is refused as a whole.
          await Promise.all(started.map((one) => one.cancelJob(jobId)))
          return 'busy'
        }
      }
      return 'started'
    },
    // Also of ids: a key that stands for an event may be another shard's.
    async erase(tenantId, jobId, request) {
      await all((shard) => shard.erase(tenantId, jobId, request))
    },
    async erasedAmong(events) {
      const erased: string[] = []
      await byShard(
        events,
        ({ id }) => id,
        async (shard, own) => {
          erased.push(...(await shard.erasedAmong(own)))
        },
      )
      return erased
    },
    noteJob: (tenantId, entry) => first.noteJob(tenantId, entry),
    async jobs(page) {
      return mergeJobs(await all((shard) => shard.jobs(page)), page.limit)
    },
    async job(id) {
      const parts = await all((shard) => shard.job(id))
      return toOneJob(parts.flatMap((part) => part ?? []))
    },
    async cancelJob(id) {
      const stopped = await all((shard) => shard.cancelJob(id))
      return stopped.includes(true)
    },
    async sweep() {
      await all((shard) => shard.sweep())
    },
    async purge() {
      await all((shard) => shard.purge())
    },
    async revive() {
      await all((shard) => shard.revive())
    },
  }
}

async function listAcross(shards: readonly EventLog[], query: EventQuery): Promise<LogPage> {
  const isOldestFirst = query.order === 'oldest'
  const positions = readEventPositions(query.cursor)
  const before = shards.map((_, index) => positions[index] ?? START)
  const pages = await Promise.all(
    shards.map((shard, index) => {
      // In order of ids, one is a position in all of them.
      const position = isOldestFirst ? before[index] : positions[0]
      const isStart = position === undefined || position === START
      const cursor = isStart ? undefined : CURSORS.events.write(position)
      return shard.list({ ...query, cursor, share: shards.length })
    }),
  )
  const parts = pages.map(({ items, positions, more }) => ({
    items: items.map((event, index) => ({ event, position: positions[index] ?? event.id })),
    more,
  }))
  const { items, from, more } = mergeParts(parts, query.limit, (one, other) =>
    isOldestFirst
      ? placeOf(one.position) < placeOf(other.position)
      : query.isScheduled
        ? one.event.id < other.event.id
        : one.event.id > other.event.id,
  )
  const events = items.map(({ event }) => event)
  const shown = items.map(({ position }) => position)
  const last = events.at(-1)
  if (last === undefined) return { items: events, positions: shown, more, nextCursor: null }
  if (!isOldestFirst) {
    const nextCursor = more ? CURSORS.events.write(last.id) : null
    return { items: events, positions: shown, more, nextCursor }
  }
  const behind = parts.map(({ items: all }, index) => {
    const taken = from[index] ?? 0
    return all[taken - 1]?.position ?? before[index] ?? START
  })
  return {
    items: events,
    positions: shown,
    more,
    nextCursor: CURSORS.events.write(behind.join('_')),
  }
}

/** Where nothing of a shard was read yet. */
const START = '0'

/** For each place the first that is not null, of what the shards tell. */
async function findFirst<Found>(
  shards: readonly EventLog[],
  ask: (shard: EventLog) => Promise<readonly (Found | null)[]>,
): Promise<readonly (Found | null)[]> {
  const told = await Promise.all(shards.map(ask))
  return (told[0] ?? []).map(
    (_, place) => told.map((one) => one[place] ?? null).find((one) => one !== null) ?? null,
  )
}
