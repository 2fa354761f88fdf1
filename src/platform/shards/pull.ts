// What the consumers of a webhook read of several logs. A position is one in each, in order, with `_` between; a log that a position does
// not know yet is read from where the webhook begins.

import type { EventLog, PullPage, PullQuery } from '../../engine/ports/index.ts'
import { mergeParts, placeOf } from './merge.ts'

/** `EventLog.pull` over the shards of a tenant. */
export async function pullAcross(
  shards: readonly Pick<EventLog, 'pull'>[],
  query: PullQuery,
): Promise<PullPage> {
  const before = query.position?.split('_') ?? []
  const pages = await Promise.all(
    shards.map((shard, index) =>
      shard.pull({ ...query, position: before[index] ?? null, share: shards.length }),
    ),
  )
  const parts = pages.map(({ items, more }, index) => ({
    more,
    items: items.map((one) => ({ ...one, index })),
  }))
  const { items, from, more } = mergeParts(
    parts,
    query.limit,
    (one, other) => placeOf(one.position) < placeOf(other.position),
  )
  const reached = pages.map((_, index) => before[index] ?? String(query.since * 1_000))
  const placed = items.map(({ event, position, index }) => {
    reached[index] = position
    return { event, position: reached.join('_') }
  })
  const last = pages.map((page, index) =>
    from[index] === page.items.length ? page.position : (reached[index] ?? ''),
  )
  return { items: placed, position: last.join('_'), more }
}
