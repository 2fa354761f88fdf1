// Ids of events that come in, each of the shard that is to have it: that of its deduplication key, if it has one, so that the
// object that knows the key accepts the event; all others of a request in one, that of the request's key, so that one object
// accepts them all or none.

import {
  type EventDraft,
  newIdIn,
  type ShardSchedule,
  shardOf,
  shardOfKey,
} from '../model/index.ts'
import { eventKeyName, requestKeyName } from './acceptance.ts'

/** New ids, one for each draft, in order. */
export function newEventIds(
  drafts: readonly Pick<EventDraft, 'deduplicationKey'>[],
  requestKey: string | null,
  now: number,
  schedule: ShardSchedule,
): readonly string[] {
  const shards = shardsOfDrafts(drafts, requestKey && requestKeyName(requestKey), now, schedule)
  return shards.map((shard) => newIdIn(shard, now, schedule))
}

/**
 * Ids, one for each draft, in order, of those that `idOf` gives for it: the first of the shard that is to have it. `name`: by which
 * events without keys have the same shard each time; `at`: the time in all of the ids.
 */
export async function chosenEventIds(
  drafts: readonly Pick<EventDraft, 'deduplicationKey'>[],
  name: string,
  at: number,
  schedule: ShardSchedule,
  idOf: (index: number, turn: number) => Promise<string>,
): Promise<readonly string[]> {
  const shards = shardsOfDrafts(drafts, name, at, schedule)
  return Promise.all(
    shards.map(async (shard, index) => {
      for (let turn = 0; ; turn += 1) {
        const id = await idOf(index, turn)
        if (shardOf(id, schedule) === shard) return id
      }
    }),
  )
}

function shardsOfDrafts(
  drafts: readonly Pick<EventDraft, 'deduplicationKey'>[],
  name: string | null,
  at: number,
  schedule: ShardSchedule,
): readonly number[] {
  const keyed = drafts.map(({ deduplicationKey: key }) =>
    key === null ? null : shardOfKey(eventKeyName(key), at, schedule),
  )
  const shared = name === null ? keyed.find((shard) => shard !== null) : undefined
  const common = shared ?? shardOfKey(name ?? String(Math.random()), at, schedule)
  return keyed.map((shard) => shard ?? common)
}
