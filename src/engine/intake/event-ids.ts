// Ids of events that come in, each of the shard that is to have it: that of its deduplication key, if it has one, so that the
// object that knows the key accepts the event; all others of a request in one, that of the request's key, so that one object
// accepts them all or none.

import {
  type EventDraft,
  newIdIn,
  type ShardSchedule,
  scheduledFor,
  shardOf,
  shardOfKey,
} from '../model/index.ts'
import { eventKeyName, requestKeyName } from './acceptance.ts'

type Placed = Pick<EventDraft, 'deduplicationKey' | 'deliverAt'>

/** New ids, one for each draft, in order. */
export function newEventIds(
  drafts: readonly Placed[],
  requestKey: string | null,
  now: number,
  schedule: ShardSchedule,
): readonly string[] {
  const name = requestKey && requestKeyName(requestKey)
  const places = placesOf(drafts, name, now, schedule)
  return places.map(({ shard, at }) => newIdIn(shard, at, schedule))
}

/**
 * Ids, one for each draft, in order, of those that `idOf` gives for it and a time: the first of the shard that is to have it. `name`: by
 * which events without keys have the same shard each time; `now`: the time in all of the ids but those of scheduled events.
 */
export async function chosenEventIds(
  drafts: readonly Placed[],
  name: string,
  now: number,
  schedule: ShardSchedule,
  idOf: (index: number, at: number, turn: number) => Promise<string>,
): Promise<readonly string[]> {
  const places = placesOf(drafts, name, now, schedule)
  return Promise.all(
    places.map(async ({ shard, at }, index) => {
      for (let turn = 0; ; turn += 1) {
        const id = await idOf(index, at, turn)
        if (shardOf(id, schedule) === shard) return id
      }
    }),
  )
}

/** Where each draft goes, and the time in its id. */
function placesOf(
  drafts: readonly Placed[],
  name: string | null,
  now: number,
  schedule: ShardSchedule,
): readonly { readonly shard: number; readonly at: number }[] {
  const random = String(Math.random())
  const timed = drafts.map((draft) => ({ draft, at: scheduledFor(draft, now) ?? now }))
  const keyed = timed.map(({ draft: { deduplicationKey: key }, at }) =>
    key === null ? null : shardOfKey(eventKeyName(key), at, schedule),
  )
  // That of the first key of the same time: at another there may be other shards.
  const shared = new Map<number, number>()
  for (const [index, { at }] of timed.entries()) {
    const shard = keyed[index] ?? null
    if (name === null && shard !== null && !shared.has(at)) shared.set(at, shard)
  }
  return timed.map(({ at }, index) => {
    const common = () => shared.get(at) ?? shardOfKey(name ?? random, at, schedule)
    return { shard: keyed[index] ?? common(), at }
  })
}
