// Batches of webhooks (docs/contracts/delivery.md, "Batch"): what goes together, and what is expected of a request that tells of several.

import type { Batch } from '../../src/engine/model/index.ts'
import type { Sent } from '../fakes/world.ts'
import type { Fact } from './trace.ts'

/** Batches that owners give in histories; the first is none. */
export const BATCHES: readonly (Batch | null)[] = [
  null,
  { maxEvents: 2, maxWaitMs: 0 },
  { maxEvents: 3, maxWaitMs: 1_000 },
  { maxEvents: 100, maxWaitMs: 60_000 },
]

const MOST = Math.max(...BATCHES.map((batch) => batch?.maxEvents ?? 1))

/** What a request of a batch has of an event that would be `alone` in one of its own. */
export function amongOthers(eventId: string, alone: string, isShaped: boolean): string {
  if (!isShaped) return `{"id":"${eventId}",${alone.slice(1)}`
  return alone.startsWith('{') ? alone : JSON.stringify(alone)
}

/** Requests that tell of an event twice, or of too many, and requests under one id that tell of others than the one before, as sentences. */
export function brokenBatches(trace: readonly Fact[]): readonly string[] {
  const requests = Map.groupBy(
    trace.flatMap((fact) => (fact.kind === 'request' ? [fact.request.sent] : [])),
    ({ joint, at, body }) => (joint ? `${joint.id} ${at} ${body}` : ''),
  )
  const broken: string[] = []
  const before = new Map<string, Set<string>>()
  for (const [key, parts] of requests) {
    const id = parts[0]?.joint?.id
    if (key === '' || id === undefined) continue
    const ids = eventsIn(parts[0])
    if (new Set(ids).size < ids.length) broken.push(`${id} told of an event twice: ${ids}`)
    if (ids.length > MOST) broken.push(`${id} told of ${ids.length} events`)
    const former = before.get(id)
    // Whoever leaves does not come back.
    const fresh = former ? ids.filter((one) => !former.has(one)) : []
    if (fresh.length > 0) broken.push(`${id} told of ${fresh} only later`)
    before.set(id, new Set(ids))
  }
  return broken
}

function eventsIn(sent: Sent | undefined): readonly string[] {
  return sent?.joint?.eventIds ?? []
}
