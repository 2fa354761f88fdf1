// Where the submissions of a request go when there are several shards, and what keys stand for there: looked up before anything is
// written.

import { eventKeyName } from '../../engine/intake/acceptance.ts'
import {
  formerShardsOfKey,
  publishedAtOf,
  type ShardSchedule,
  shardOfKey,
} from '../../engine/model/index.ts'
import type { EventLog, KeyClaim, Submission } from '../../engine/ports/index.ts'

/** What accepting asks of a shard. */
export type Accepting = Pick<EventLog, 'accept' | 'find' | 'findKeys' | 'claimKeys'>
/** A shard by its number. */
type ShardAt = (shard: number) => Accepting

/** A submission on its way to a shard. */
export interface Placed {
  /** Of the submission in its request. */
  readonly index: number
  readonly submission: Submission
  readonly shard: number
}

/** A claim of its key in another shard. */
export interface Elsewhere {
  readonly shard: number
  readonly claim: KeyClaim
}

/** What a claim of a request says that another shard has the request's answers. */
export const ANSWERED_ELSEWHERE = ''

/** What the key of a request stands for, wherever it does. */
export async function findRequest(
  shardAt: ShardAt,
  tenantId: string,
  name: string,
  home: number,
  formerHomes: readonly number[],
): Promise<KeyClaim | null> {
  for (const shard of [home, ...formerHomes]) {
    const [found] = await shardAt(shard).findKeys(tenantId, [name])
    if (found && found.answer !== ANSWERED_ELSEWHERE) return found
  }
  return null
}

/** The first submission whose key stands for other content, in any shard or before it in the request. */
export async function findConflict(
  shardAt: ShardAt,
  tenantId: string,
  placed: readonly Placed[],
  formerly: readonly (readonly Elsewhere[])[],
): Promise<number | null> {
  const asked = placed.flatMap((one, place) => {
    const claim = claimOf(one.submission)
    if (claim === null) return []
    const others = formerly[place] ?? []
    return [one.shard, ...others.map(({ shard }) => shard)].map((shard) => ({
      shard,
      index: one.index,
      claim,
    }))
  })
  const within = new Map<string, string>()
  const conflicts = asked.flatMap(({ index, claim: { name, contentHash } }) => {
    const before = within.get(name) ?? contentHash
    within.set(name, before)
    return before === contentHash ? [] : [index]
  })
  for (const [shard, group] of Map.groupBy(asked, (one) => one.shard)) {
    const found = await shardAt(shard).findKeys(
      tenantId,
      group.map(({ claim }) => claim.name),
    )
    for (const [place, one] of group.entries()) {
      const known = found[place]
      if (known && known.contentHash !== one.claim.contentHash) conflicts.push(one.index)
    }
  }
  return conflicts.length === 0 ? null : Math.min(...conflicts)
}

/**
 * Where the key of a submission is claimed before its event is accepted in another shard: first where everybody looks who publishes
 * under it now.
 */
export function elsewhere(
  { submission, shard }: Placed,
  schedule: ShardSchedule,
): readonly Elsewhere[] {
  const claim = claimOf(submission)
  if (claim === null) return []
  const at = publishedAtOf(submission.event)
  const present = shardOfKey(claim.name, at, schedule)
  const [decisive = present] = formerShardsOfKey(claim.name, at, schedule)
  // Accepting it there is claiming it.
  if (decisive === shard) return []
  return [...new Set([decisive, present])]
    .filter((other) => other !== shard)
    .map((other) => ({ shard: other, claim }))
}

/** What a submission's key is to stand for; null without one. */
export function claimOf({ event, key }: Submission): KeyClaim | null {
  if (key === null) return null
  return { name: eventKeyName(key.key), contentHash: key.contentHash, answer: event.id }
}
