// Accepting events whose tenant has several event logs, its shards. In: a request; out: one answer for all of it. What is of one shard
// goes there as it came. What is of several is looked through whole before anything is accepted; should one of them fail then, the
// repetition of the request completes it, by its keys.

import { fromAnswer, requestKeyName } from '../../engine/intake/acceptance.ts'
import {
  type Event,
  expunge,
  formerShardsOfKey,
  publishedAtOf,
  type ShardSchedule,
  shardOf,
  shardOfKey,
} from '../../engine/model/index.ts'
import type {
  Acceptance,
  AcceptedDelivery,
  AcceptRequest,
  EventLog,
  KeyClaim,
  SubmissionAnswer,
} from '../../engine/ports/index.ts'
import { EngineError } from '../../errors.ts'
import { PUBLISH } from '../../limits.ts'
import { timeOf } from '../../primitives/ids.ts'
import { formatTime } from '../../primitives/time.ts'
import {
  type Accepting,
  ANSWERED_ELSEWHERE,
  claimOf,
  type Elsewhere,
  elsewhere,
  findConflict,
  findRequest,
  type Placed,
} from './place.ts'

/** `EventLog.accept` over the shards of a tenant. */
export function acceptAcross(
  shards: readonly Accepting[],
  schedule: ShardSchedule,
): EventLog['accept'] {
  const shardAt = (shard: number): Accepting => {
    const found = shards[shard]
    if (found === undefined) throw new Error(`There is no shard ${shard}.`)
    return found
  }
  const shardOfEvent = (id: string) => Math.min(shardOf(id, schedule), shards.length - 1)

  return async (tenantId, request) => {
    const { submissions, requestKey } = request
    const [first] = submissions
    const at = first ? publishedAtOf(first.event) : Date.now()
    const requestName = requestKey && requestKeyName(requestKey.key)
    const home = requestName === null ? null : shardOfKey(requestName, at, schedule)
    const placed = submissions.map((submission, index) => {
      return { index, submission, shard: shardOfEvent(submission.event.id) }
    })
    const involved = new Set([
      ...placed.map(({ shard }) => shard),
      ...(home === null ? [] : [home]),
    ])

    const formerly = placed.map((one) => elsewhere(one, schedule))
    const isPlain = formerly.every((claims) => claims.length === 0)
    const formerHomes = requestName === null ? [] : formerShardsOfKey(requestName, at, schedule)
    if (involved.size <= 1 && isPlain && formerHomes.length === 0) {
      const [shard = 0] = involved
      const answer = await shardAt(shard).accept(tenantId, request)
      return complete(answer, placed, tenantId)
    }

    if (requestKey !== null && requestName !== null && home !== null) {
      const known = await findRequest(shardAt, tenantId, requestName, home, formerHomes)
      if (known !== null && known.contentHash !== requestKey.contentHash)
        return { kind: 'mismatch' }
      if (known !== null) {
        return { kind: 'accepted', answers: fromAnswer(known.answer), deliveries: [] }
      }
    }
    const conflict = await findConflict(shardAt, tenantId, placed, formerly)
    if (conflict !== null) return { kind: 'conflict', index: conflict }
    return acceptParts(tenantId, request, { placed, formerly, home, formerHomes })
  }

  interface Plan {
    readonly placed: readonly Placed[]
    readonly formerly: readonly (readonly Elsewhere[])[]
    readonly home: number | null
    readonly formerHomes: readonly number[]
  }

  async function acceptParts(
    tenantId: string,
    { requestKey, most }: AcceptRequest,
    { placed, formerly, home, formerHomes }: Plan,
  ): Promise<Acceptance> {
    const answers: (SubmissionAnswer | null)[] = placed.map(() => null)
    const deliveries: AcceptedDelivery[] = []
    const refused = await inPart(async () => {
      if (requestKey !== null) {
        const { key, contentHash } = requestKey
        const claim = { name: requestKeyName(key), contentHash, answer: ANSWERED_ELSEWHERE }
        for (const shard of formerHomes) await shardAt(shard).claimKeys(tenantId, [claim])
      }
      const claimed = await claimAll(tenantId, placed, formerly)
      for (const { index, answer } of claimed.answered) answers[index] = answer
      const groups = Map.groupBy(claimed.left, ({ shard }) => shard)
      // The home of the request last: that it is known there says that all of it was accepted.
      const order = [...groups.keys()].filter((shard) => shard !== home)
      let left = most
      const take = async (shard: number, isHome: boolean): Promise<Acceptance | null> => {
        const group = groups.get(shard) ?? []
        const answer = await complete(
          await shardAt(shard).accept(tenantId, {
            submissions: group.map(({ submission }) => submission),
            requestKey: isHome ? requestKey : null,
            most: Math.max(0, left),
            ...(isHome && { elsewhere: answers }),
          }),
          group,
          tenantId,
        )
        if (answer.kind === 'conflict') {
          return { kind: 'conflict', index: group[answer.index]?.index ?? 0 }
        }
        if (answer.kind !== 'accepted') return answer
        const isWhole = isHome && answer.answers.length === placed.length
        for (const [place, one] of answer.answers.entries()) {
          const index = isWhole ? place : group[place]?.index
          if (index !== undefined) answers[index] = orSeen(one, claimed.renamed.has(index))
        }
        deliveries.push(...answer.deliveries)
        left -= answer.deliveries.reduce((sum, { webhooks }) => sum + webhooks.length, 0)
        return null
      }
      for (const shard of order) {
        const refusal = await take(shard, false)
        if (refusal !== null) return refusal
      }
      return home === null ? null : take(home, true)
    })
    if (refused !== null) return refused
    return { kind: 'accepted', answers: answers.flatMap((answer) => answer ?? []), deliveries }
  }

  /** Claims the keys that may stand elsewhere: which submissions are answered by that, and which are left to be accepted. */
  async function claimAll(
    tenantId: string,
    placed: readonly Placed[],
    formerly: readonly (readonly Elsewhere[])[],
  ) {
    const answered: { readonly index: number; readonly answer: SubmissionAnswer }[] = []
    const left: Placed[] = []
    /** Submissions that go by the id of an earlier publish, which died before it was accepted. */
    const renamed = new Set<number>()
    /** What became of a key of this request. */
    const seen = new Map<string, Placed | SubmissionAnswer>()
    for (const [place, one] of placed.entries()) {
      const name = claimOf(one.submission)?.name
      const before = name === undefined ? undefined : seen.get(name)
      // Two events of one key are one, wherever that is.
      const again = before && 'submission' in before ? { ...one, shard: before.shard } : before
      const next = again ?? (await claimOne(tenantId, one, formerly[place] ?? []))
      if (name !== undefined && before === undefined) seen.set(name, next)
      if (!('submission' in next)) {
        answered.push({ index: one.index, answer: { ...next, duplicate: true } })
        continue
      }
      left.push(next)
      if (next.submission.event.id !== one.submission.event.id) renamed.add(one.index)
    }
    return { answered, left, renamed }
  }

  async function claimOne(
    tenantId: string,
    one: Placed,
    formerly: readonly Elsewhere[],
  ): Promise<SubmissionAnswer | Placed> {
    for (const { shard, claim } of formerly) {
      const [found] = await shardAt(shard).claimKeys(tenantId, [claim])
      if (found?.erasedAt !== undefined) return withoutContent(one, found.erasedAt)
      if (found && found.answer !== claim.answer) return follow(found, shard, one)
    }
    return one
  }

  /**
   * A shard says that a key stands for an event. If that is its own it has it; otherwise the event's shard is asked, which may not have
   * accepted it yet: then this submission goes there under the event's id.
   */
  async function follow(
    found: KeyClaim,
    from: number,
    one: Placed,
  ): Promise<SubmissionAnswer | Placed> {
    const owner = shardOfEvent(found.answer)
    if (owner === from) return { id: found.answer, duplicate: true }
    const known = await shardAt(owner).find(found.answer)
    if (known !== null) return { id: known.id, duplicate: true }
    const event = renamed(one.submission.event, found.answer)
    return { ...one, shard: owner, submission: { ...one.submission, event } }
  }

  /** Follows the answers of a shard that name events of others, which claimed the keys there. */
  async function complete(
    answer: Acceptance,
    group: readonly Placed[],
    tenantId: string,
  ): Promise<Acceptance> {
    if (answer.kind !== 'accepted') return answer
    if (answer.answers.some(({ id }) => id === ANSWERED_ELSEWHERE)) throw partly(null)
    if (answer.answers.length !== group.length) return answer
    const answers: SubmissionAnswer[] = []
    const deliveries: AcceptedDelivery[] = [...answer.deliveries]
    for (const [place, one] of answer.answers.entries()) {
      const own = group[place]
      const claim = own && claimOf(own.submission)
      if (!own || !claim || !one.duplicate || shardOfEvent(one.id) === own.shard) {
        answers.push(one)
        continue
      }
      const next = await follow({ ...claim, answer: one.id }, own.shard, own)
      if (!('submission' in next)) {
        answers.push(next)
        continue
      }
      const accepted = await shardAt(next.shard).accept(tenantId, {
        submissions: [next.submission],
        requestKey: null,
        most: 1,
      })
      if (accepted.kind !== 'accepted') return accepted
      deliveries.push(...accepted.deliveries)
      answers.push({ ...one, ...accepted.answers[0], duplicate: true })
    }
    return { kind: 'accepted', answers, deliveries }
  }
}

/** A copy of what was erased: it has no content, and its key stands for nothing. */
function withoutContent({ submission, ...one }: Placed, at: number): Placed {
  return { ...one, submission: { event: expunge(submission.event, at), key: null } }
}

function orSeen(answer: SubmissionAnswer, isRenamed: boolean): SubmissionAnswer {
  return isRenamed ? { ...answer, duplicate: true } : answer
}

/** What fails here may have been done in part. */
async function inPart<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    throw partly(error)
  }
}

function partly(cause: unknown): EngineError {
  return new EngineError(
    'unavailable',
    'Some of the events may have been accepted. Publish them again with the same keys: what was accepted is not accepted twice.',
    { retryAfterSeconds: PUBLISH.retryAfterSeconds, cause },
  )
}

/** An event under the id of an earlier publish, which it completes. Without a time of its own it happened when that was made. */
function renamed(event: Event, id: string): Event {
  const isUntold = event.time === formatTime(timeOf(event.id))
  return { ...event, id, ...(isUntold && { time: formatTime(timeOf(id)) }) }
}
