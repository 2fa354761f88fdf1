// How the messages of an endpoint stand, counted.

import { z } from 'zod'
import type { Attempt } from '../../engine/model/index.ts'
import { EngineError } from '../../errors.ts'
import { query } from '../../http/input.ts'
import { operation } from '../../http/operation.ts'
import { seen } from '../../http/seen.ts'
import { PAGE } from '../../limits.ts'
import { DAY_MS, Timestamp } from '../../primitives/time.ts'
import { endpointId, endpointsOf } from './params.ts'

const StatsQuery = z.object({
  since: Timestamp.optional().meta({ description: 'From when on; 28 days ago if absent.' }),
  until: Timestamp.optional().meta({ description: 'Until when; now if absent.' }),
})
const COUNT = z.int().meta({ description: 'Messages, by how they stand.' })
const StatsOut = z
  .object({ success: COUNT, pending: COUNT, sending: COUNT, fail: COUNT, canceled: COUNT })
  .meta({ id: 'SvixEndpointStatsOut' })

const STATS_DAYS = 28
/** Pages of attempts that are counted for one answer. */
const STATS_PAGES = 200

/** Messages by how their last attempts went. Throws `limit_reached` where there are too many attempts to count. */
async function countMessages(
  read: (cursor: string | undefined) => Promise<{
    readonly items: readonly Attempt[]
    readonly nextCursor: string | null
  }>,
): Promise<z.infer<typeof StatsOut>> {
  const standing = new Map<string, 'success' | 'pending' | 'fail'>()
  let cursor: string | undefined
  for (let pages = 0; ; pages += 1) {
    const { items, nextCursor } = await read(cursor)
    for (const { eventId, outcome, nextAttemptAt } of items) {
      const before = standing.get(eventId)
      if (outcome === 'delivered') standing.set(eventId, 'success')
      else if (before === undefined) {
        standing.set(eventId, nextAttemptAt === null ? 'fail' : 'pending')
      }
    }
    if (nextCursor === null) break
    if (pages >= STATS_PAGES) {
      throw new EngineError('limit_reached', 'Too many attempts to count: ask for a shorter time.')
    }
    cursor = nextCursor
  }
  const count = (kind: string) => [...standing.values()].filter((one) => one === kind).length
  return {
    ...{ success: count('success'), pending: count('pending'), sending: 0 },
    ...{ fail: count('fail'), canceled: 0 },
  }
}

export const statsOperations = [
  operation({
    id: 'getEndpointStats',
    method: 'get',
    path: '/app/{app_id}/endpoint/{endpoint_id}/stats',
    summary: 'Count the messages of an endpoint',
    access: ['webhooks:read'],
    input: query(StatsQuery),
    status: 200,
    output: StatsOut,
    handle: async ({ c, id, input }) => {
      const until = input.until ?? Date.now()
      const since = input.since ?? until - STATS_DAYS * DAY_MS
      if (until - since > STATS_DAYS * DAY_MS) {
        throw new EngineError('malformed', `A time of at most ${STATS_DAYS} days can be counted.`)
      }
      const endpoint = await endpointsOf(c).get(await endpointId(c, id('endpoint_id')))
      const bounds = { after: since - 1, before: until + 1, limit: PAGE.maxLimit }
      return countMessages((cursor) => seen(c).webhooks.attempts(endpoint, { ...bounds, cursor }))
    },
  }),
]
