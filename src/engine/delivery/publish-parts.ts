// What a publish for several tenants has for each of them. In: its events, and what became of the parts; out: whether keys of theirs stand
// for something else, and one answer, in the places that the events have in the request. Next: publish-to-tenants.ts.

import { EngineError, type Issue } from '../../errors.ts'
import { PUBLISH } from '../../limits.ts'
import { invalidInput } from '../../primitives/validate.ts'
import type { AcceptedEvent, AddressedEvent } from '../api/publishing.ts'
import { eventKeyName, requestKeyName } from '../intake/acceptance.ts'
import { contentHashOf, type Published } from '../intake/publish.ts'
import type { EventDraft } from '../model/index.ts'
import type { DeduplicationKey, Ports } from '../ports/index.ts'

/** What a request has for one tenant. */
export interface Part {
  readonly tenantId: string
  readonly drafts: readonly EventDraft[]
  /** Of each draft in the request. */
  readonly indexes: readonly number[]
}

export type PartResults = readonly PromiseSettledResult<Published>[]

/** Of each tenant what the request has for it, in order of their first events. */
export function partsOf(events: readonly AddressedEvent[]): readonly Part[] {
  const placed = events.map(({ tenantId, draft }, index) => ({ tenantId, draft, index }))
  return [...Map.groupBy(placed, ({ tenantId }) => tenantId)].map(([tenantId, its]) => ({
    tenantId,
    drafts: its.map(({ draft }) => draft),
    indexes: its.map(({ index }) => index),
  }))
}

/**
 * Throws `conflict` or `idempotency_mismatch` when a key of the part stands for something else. Without keys nothing is asked, nor where
 * there is no `eventLog`, because the tenant is still to be made.
 */
export async function findKeyConflict(
  { tenantId, drafts, indexes }: Part,
  requestKey: DeduplicationKey | null,
  count: number,
  eventLog: Ports['eventLog'] | null,
): Promise<void> {
  const keyed = await Promise.all(
    drafts.flatMap((draft, place) => {
      const { deduplicationKey: key } = draft
      if (key === null) return []
      const name = eventKeyName(key)
      return [contentHashOf(draft).then((hash) => ({ name, hash, index: indexes[place] ?? 0 }))]
    }),
  )
  const first = new Map<string, string>()
  for (const { name, hash, index } of keyed) {
    const before = first.get(name) ?? hash
    if (before !== hash) throw conflictAt(index, count)
    first.set(name, before)
  }
  const requestName = requestKey && requestKeyName(requestKey.key)
  const names = [...(requestName === null ? [] : [requestName]), ...first.keys()]
  if (names.length === 0 || eventLog === null) return
  const known = await eventLog(tenantId).findKeys(tenantId, names)
  const hashes = new Map(names.map((name, place) => [name, known[place]?.contentHash]))
  const former = requestName === null ? undefined : hashes.get(requestName)
  if (former !== undefined) {
    if (former === requestKey?.contentHash) return
    throw new EngineError(
      'idempotency_mismatch',
      'This Idempotency-Key was already used for a different request. Use a new key for each request, and reuse one only to retry the same request.',
    )
  }
  for (const { name, hash, index } of keyed) {
    if ((hashes.get(name) ?? hash) !== hash) throw conflictAt(index, count)
  }
}

function conflictAt(index: number, count: number): EngineError {
  const message = 'This id was already used for an event with different content.'
  const path = count === 1 ? ['id'] : [index, 'id']
  return new EngineError('conflict', message, { issues: [{ path, message }] })
}

/** The answers in the order of the request. Throws what is wrong where some part was not accepted. */
export function answersOf(
  parts: readonly Part[],
  results: PartResults,
  count: number,
): readonly AcceptedEvent[] {
  const reasons = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []))
  if (reasons.length > 0) throw gravest(reasons)
  const answers: AcceptedEvent[] = new Array(count)
  for (const [place, { indexes }] of parts.entries()) {
    const result = results[place]
    if (result?.status !== 'fulfilled') throw new Error('A part was neither accepted nor refused.')
    for (const [turn, answer] of result.value.answers.entries()) {
      const index = indexes[turn]
      if (index !== undefined) answers[index] = answer
    }
  }
  return answers
}

/** What to tell of several failures: a bug, then what the caller has to mend, then that it may try again. */
export function gravest(reasons: readonly unknown[]): unknown {
  const isRefusal = (reason: unknown) => reason instanceof EngineError
  const bug = reasons.find((reason) => !isRefusal(reason))
  if (bug !== undefined) return bug
  const refusal = reasons.find((reason) => isRefusal(reason) && reason.code !== 'unavailable')
  if (refusal !== undefined) return refusal
  return new EngineError(
    'unavailable',
    'All, some or none of the events were stored. Publish them again with the same keys: what was stored is not stored twice.',
    { retryAfterSeconds: PUBLISH.retryAfterSeconds, cause: reasons[0] },
  )
}

/** The refusal of a part, with the places that its events have in the request. */
export function inRequest(error: unknown, { drafts, indexes }: Part, count: number): unknown {
  if (!(error instanceof EngineError)) return error
  const pathOf = (index: number, rest: Issue['path']) => (count === 1 ? rest : [index, ...rest])
  if (error.code === 'not_found') {
    const message = 'No such tenant.'
    const issues = indexes.map((index) => ({ path: pathOf(index, ['tenant']), message }))
    return new EngineError('invalid', message, { issues })
  }
  if (error.issues.length === 0) return error
  const issues = error.issues.map(({ path, message }) => {
    const [place, ...rest] = drafts.length === 1 ? [0, ...path] : path
    return { path: pathOf(indexes[Number(place)] ?? 0, rest), message }
  })
  if (error.code === 'invalid') return invalidInput(issues)
  return new EngineError(error.code, error.message, { issues, cause: error })
}
