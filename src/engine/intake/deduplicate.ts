// Drafts become events: ids, times, deduplication. In: validated drafts; out: events to store and what to answer.
// Next: the events queue, or (for what came in by that queue) the events consumer itself.

import { EngineError } from '../../errors.ts'
import { PUBLISH } from '../../limits.ts'
import { sha256Hex } from '../../primitives/digest.ts'
import { timeOf } from '../../primitives/ids.ts'
import type { AcceptedEvent } from '../api.ts'
import type { Event, EventDraft } from '../model/index.ts'
import type { DeduplicationEntry, Ports } from '../ports/index.ts'

interface Deduplicated {
  /** What to answer, one for each draft. */
  readonly answers: readonly AcceptedEvent[]
  /** What to store now. */
  readonly events: readonly Event[]
  /** Some of them may have been stored by an earlier, unfinished publish. */
  readonly redelivered: boolean
  /** Claims to confirm once the events are stored. */
  readonly keys: readonly string[]
}

/** An `Idempotency-Key` and the SHA-256 (hex) of the request it stands for. */
export interface Idempotency {
  readonly key: string
  readonly contentHash: string
}

type AcceptPorts = Pick<Ports, 'clock' | 'deduplication'>
type Claimed = (DeduplicationEntry & { readonly confirmed: boolean }) | null

/**
 * Gives each draft one of `ids` unless its deduplication key stands for an earlier event. Throws `conflict` when such a
 * key stands for other content, `idempotency_mismatch` when the request's does; then nothing stays claimed.
 */
export async function deduplicate(
  tenantId: string,
  drafts: readonly EventDraft[],
  ids: readonly string[],
  idempotency: Idempotency | null,
  ports: AcceptPorts,
): Promise<Deduplicated> {
  const now = ports.clock()
  const claims = new Claims(tenantId, now, ports.deduplication)
  const request = idempotency && (await claims.claimRequest(idempotency, ids))
  const ownIds = request ? request.ids : ids
  const earlier = await claims.claimEvents(drafts, ownIds)

  const answers: AcceptedEvent[] = []
  const events = new Map<string, Event>()
  for (const [index, draft] of drafts.entries()) {
    const ownId = ownIds[index]
    if (ownId === undefined) throw new Error('There are fewer ids than drafts.')
    const before = earlier.get(index) ?? null
    const id = before?.answer ?? ownId
    answers.push({ id, type: draft.type, duplicate: id !== ownId })
    const stored = before === null ? request?.confirmed === true : before.confirmed
    if (!stored && !events.has(id)) events.set(id, toEvent(draft, id))
  }
  return {
    answers,
    events: [...events.values()],
    redelivered: request !== null || [...earlier.values()].some((before) => before !== null),
    keys: claims.keys,
  }
}

/** Without a time of its own an event happened when it was first accepted: a repeated publish gives the same bytes. */
function toEvent(draft: EventDraft, id: string): Event {
  const { type, data, scope, actor, requestId } = draft
  return {
    id,
    type,
    time: draft.time ?? new Date(timeOf(id)).toISOString(),
    data,
    scope,
    actor,
    requestId,
  }
}

/** The claims of one publish, released together when it is refused. */
class Claims {
  readonly keys: string[] = []
  private readonly fresh: string[] = []
  private readonly tenantId: string
  private readonly now: number
  private readonly store: Ports['deduplication']

  constructor(tenantId: string, now: number, store: Ports['deduplication']) {
    this.tenantId = tenantId
    this.now = now
    this.store = store
  }

  /** The ids of the first request with this key, and whether its events are stored; null when this is the first. */
  async claimRequest(
    { key, contentHash }: Idempotency,
    ids: readonly string[],
  ): Promise<{ readonly ids: readonly string[]; readonly confirmed: boolean } | null> {
    const entry = { key: `request:${key}`, contentHash, answer: ids.join(' ') }
    const [before = null] = await this.claim([entry])
    if (before === null) return null
    if (before.contentHash !== contentHash) {
      throw new EngineError(
        'idempotency_mismatch',
        'This Idempotency-Key was already used for a different request. Use a new key for each request, and reuse one only to retry the same request.',
      )
    }
    return { ids: before.answer.split(' '), confirmed: before.confirmed }
  }

  /** Per draft with a deduplication key: the event it already stands for, or null when it is new. */
  async claimEvents(
    drafts: readonly EventDraft[],
    ids: readonly string[],
  ): Promise<ReadonlyMap<number, Claimed>> {
    const keyed: { readonly index: number; readonly entry: DeduplicationEntry }[] = []
    for (const [index, draft] of drafts.entries()) {
      if (draft.deduplicationKey === null) continue
      const contentHash = await sha256Hex(`${draft.type}\n${draft.data}`)
      const answer = ids[index] ?? ''
      keyed.push({ index, entry: { key: `event:${draft.deduplicationKey}`, contentHash, answer } })
    }
    if (keyed.length === 0) return new Map()
    const claimed = await this.claim(keyed.map(({ entry }) => entry))
    const found = new Map<number, Claimed>()
    for (const [position, { index, entry }] of keyed.entries()) {
      const before = claimed[position] ?? null
      if (before && before.contentHash !== entry.contentHash) {
        await this.release()
        const path = drafts.length === 1 ? ['id'] : [index, 'id']
        throw new EngineError(
          'conflict',
          'This id was already used for an event with different content.',
          {
            issues: [{ path, message: 'Already used for an event with different content.' }],
          },
        )
      }
      found.set(index, before)
    }
    return found
  }

  private async claim(entries: readonly DeduplicationEntry[]): Promise<readonly Claimed[]> {
    const expiresAt = this.now + PUBLISH.deduplicationSeconds * 1_000
    const claimed = await this.store.claim(this.tenantId, entries, { now: this.now, expiresAt })
    for (const [index, { key }] of entries.entries()) {
      if (claimed[index]?.confirmed !== true) this.keys.push(key)
      if (claimed[index] === null) this.fresh.push(key)
    }
    return claimed
  }

  private async release(): Promise<void> {
    if (this.fresh.length > 0) await this.store.release(this.tenantId, this.fresh)
  }
}
