// What a shard of a tenant's event log has to tell the others, which it finds by their names.

import { shardCount } from '../../../engine/model/index.ts'
import { inTime } from '../in-time.ts'
import { shardName } from '../shard-name.ts'
import type { Erasure } from './erasure-store.ts'

/** What an event log finds the other shards by. */
export interface EventLogSurroundings {
  readonly EVENT_LOGS: { getByName(name: string): KeyForgetter }
}

interface KeyForgetter {
  forgetKeysOf(eventIds: readonly string[], at: number): Promise<void>
}

/** The deduplication keys of the other shards; of a tenant that is null until the log was told. `onCall` hears of each call that is made. */
export function keysOfOtherShards(
  { EVENT_LOGS }: EventLogSurroundings,
  tenantId: () => string | null,
  onCall: () => void,
) {
  return {
    /** Has no key stand for events that this shard erases: that of their request may be in another. */
    async forget(
      eventIds: ReadonlySet<string>,
      { at, place: { shard, schedule } }: Pick<Erasure, 'at' | 'place'>,
    ): Promise<void> {
      const tenant = tenantId()
      if (eventIds.size === 0 || tenant === null) return
      const others = Array.from({ length: shardCount(schedule) }, (_, n) => n).filter(
        (n) => n !== shard,
      )
      await Promise.all(
        others.map((other) => {
          onCall()
          const log = EVENT_LOGS.getByName(shardName(tenant, other))
          return inTime(log.forgetKeysOf([...eventIds], at))
        }),
      )
    },
  }
}
