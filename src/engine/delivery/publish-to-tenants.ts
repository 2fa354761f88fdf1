// A publish for several tenants. In: drafts, each with its tenant; out: events that all of their event logs have accepted. All is
// looked through before anything is accepted; should a log fail then, the repetition of the publish completes it, by its keys. What
// was accepted is sent as what one tenant publishes: in one window, whoever it is of.

import { EngineError, type Issue } from '../../errors.ts'
import { PUBLISH } from '../../limits.ts'
import { atMostAtOnce } from '../../primitives/at-once.ts'
import { INVOCATION } from '../../tuning.ts'
import type { AcceptedEvent, AddressedEvent, Engine } from '../api.ts'
import { eventKeyName, requestKeyName } from '../intake/acceptance.ts'
import { conformAll } from '../intake/conform.ts'
import { contentHashOf, type Published, publishConformed } from '../intake/publish.ts'
import type { EventDraft } from '../model/index.ts'
import type { DeduplicationKey, Ports } from '../ports/index.ts'
import { sendWithPublish } from './first-deliveries.ts'
import { createPublish } from './publish-and-send.ts'
import { withTimeouts } from './with-timeout.ts'

/** What a request has for one tenant. */
interface Part {
  readonly tenantId: string
  readonly drafts: readonly EventDraft[]
  /** Of each draft in the request. */
  readonly indexes: readonly number[]
}

/** `Engine.publishToTenants`, whose events are on their way in the background when it resolves. */
export function createPublishToTenants(ports: Ports): Engine['publishToTenants'] {
  const bounded = withTimeouts(ports, INVOCATION.callMs)
  const publishToOne = createPublish(ports)

  async function send(accepting: Promise<Accepting>): Promise<void> {
    const [accepted] = await Promise.allSettled([accepting])
    if (accepted.status === 'rejected') return
    const deliveries = accepted.value.flatMap((result) =>
      result.status === 'fulfilled' ? (result.value.acceptance?.deliveries ?? []) : [],
    )
    await sendWithPublish(null, deliveries, bounded)
  }

  return async (events, options) => {
    const requestKey = options?.idempotency ?? null
    const parts = partsOf(events)
    const [only] = parts
    if (only && parts.length === 1) {
      return publishToOne(only.tenantId, only.drafts, options).catch((error) => {
        throw inRequest(error, only, events.length)
      })
    }
    const accepting = acceptParts(parts, requestKey, events.length, bounded)
    // Before anything is waited for: a caller that hangs up would end what was not yet said to go on.
    ports.background(send(accepting))
    return answersOf(parts, await accepting, events.length)
  }
}

type Accepting = readonly PromiseSettledResult<Published>[]

function partsOf(events: readonly AddressedEvent[]): readonly Part[] {
  const placed = events.map(({ tenantId, draft }, index) => ({ tenantId, draft, index }))
  return [...Map.groupBy(placed, ({ tenantId }) => tenantId)].map(([tenantId, its]) => ({
    tenantId,
    drafts: its.map(({ draft }) => draft),
    indexes: its.map(({ index }) => index),
  }))
}

/** What each part came to. Rejects, with nothing accepted, where a key stands for something else. */
async function acceptParts(
  parts: readonly Part[],
  requestKey: DeduplicationKey | null,
  count: number,
  ports: Ports,
): Promise<Accepting> {
  const looks = await atMostAtOnce(parts, INVOCATION.tenantsAtOnce, async (part) => {
    const conformed = conformAll(part.tenantId, part.drafts, ports).catch((error) => {
      throw inRequest(error, part, count)
    })
    await findConflict(part, requestKey, count, ports)
    return { ...part, conformed: await conformed }
  })
  const flaws = looks.flatMap((look) => (look.status === 'rejected' ? [look.reason] : []))
  if (flaws.length > 0) throw gravest(flaws)
  const good = looks.flatMap((look) => (look.status === 'fulfilled' ? [look.value] : []))
  const fanOut = Math.max(1, Math.floor(ports.settings.fanOut / parts.length))
  const sharing = { ...ports, settings: { ...ports.settings, fanOut } }
  return atMostAtOnce(good, INVOCATION.tenantsAtOnce, (part) =>
    publishConformed(part.tenantId, part.conformed, requestKey, sharing).catch((error) => {
      throw inRequest(error, part, count)
    }),
  )
}

/** Throws `conflict` or `idempotency_mismatch` when a key of the part stands for something else. Without keys, nothing is asked. */
async function findConflict(
  { tenantId, drafts, indexes }: Part,
  requestKey: DeduplicationKey | null,
  count: number,
  { eventLog }: Pick<Ports, 'eventLog'>,
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
  if (names.length === 0) return
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
function answersOf(
  parts: readonly Part[],
  results: Accepting,
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
function gravest(reasons: readonly unknown[]): unknown {
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
function inRequest(error: unknown, { drafts, indexes }: Part, count: number): unknown {
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
  return new EngineError(error.code, error.message, { issues, cause: error })
}
