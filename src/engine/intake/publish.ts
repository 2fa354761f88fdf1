// The way in. In: validated drafts; out: events that the tenant's event log has accepted, and what it says they are for. Next:
// delivery/first-deliveries.ts, which sends them while the caller already has its answer.

import { EngineError, notFound } from '../../errors.ts'
import { PUBLISH } from '../../limits.ts'
import { sha256Hex } from '../../primitives/digest.ts'
import { timeOf } from '../../primitives/ids.ts'
import { formatTime } from '../../primitives/time.ts'
import type { AcceptedEvent } from '../api/publishing.ts'
import { type Event, type EventDraft, scheduledFor } from '../model/index.ts'
import type { Acceptance, DeduplicationKey, Ports, Submission } from '../ports/index.ts'
import type { ConformedDraft } from './conform.ts'
import { conformAll } from './conform-all.ts'
import { newEventIds } from './event-ids.ts'
import { checkAhead, deliverAtTold, TOO_MANY_SCHEDULED } from './scheduling.ts'

type PublishPorts = Pick<Ports, 'clock' | 'eventLog' | 'events' | 'eventTypes' | 'log' | 'settings'>

export interface Published {
  /** One for each draft, in order. */
  readonly answers: readonly AcceptedEvent[]
  /** What is to be sent now; null when the events queue has it. */
  readonly acceptance: (Acceptance & { readonly kind: 'accepted' }) | null
}

/**
 * Stores events for delivery, in the order given: all or none, unless keys of theirs belong to several shards of the event log. A
 * publish that died half-way is completed by its repetition, under the ids of the first. Throws `invalid` for what the catalogue refuses, `conflict` or `idempotency_mismatch` when a key stands for something else,
 * `not_found` for the tenant, or `unavailable` when it is not known whether they are stored.
 */
export async function publish(
  tenantId: string,
  drafts: readonly EventDraft[],
  requestKey: DeduplicationKey | null,
  ports: PublishPorts,
): Promise<Published> {
  return publishConformed(tenantId, await conformAll(tenantId, drafts, ports), requestKey, ports)
}

/** The same of drafts that `conformAll` has looked through. */
export async function publishConformed(
  tenantId: string,
  drafts: readonly ConformedDraft[],
  requestKey: DeduplicationKey | null,
  ports: PublishPorts,
): Promise<Published> {
  const now = ports.clock()
  checkAhead(drafts, now)
  const ids = newEventIds(drafts, requestKey?.key ?? null, now, ports.settings.shards)
  const submissions = await toSubmissions(drafts, ids, now)
  const answerOf = (index: number, id: string, duplicate: boolean): AcceptedEvent => {
    const deliverAt = deliverAtTold(id, drafts[index]?.deliverAt, now)
    const type = drafts[index]?.type ?? ''
    return { id, type, duplicate, ...(deliverAt !== null && { deliverAt }) }
  }
  try {
    const acceptance = await ports.eventLog(tenantId).accept(tenantId, {
      submissions,
      requestKey,
      most: ports.settings.fanOut,
    })
    const accepted = orRefused(acceptance, drafts.length)
    const answers = accepted.answers.map(({ id, duplicate }, index) =>
      answerOf(index, id, duplicate),
    )
    return { answers, acceptance: accepted }
  } catch (error) {
    if (!(error instanceof EngineError) || error.code !== 'unavailable') throw error
    await sendInstead(tenantId, submissions, requestKey, error, ports)
    return {
      answers: submissions.map(({ event }, index) => answerOf(index, event.id, false)),
      acceptance: null,
    }
  }
}

/** Drafts that are published now, with ids of theirs, as the event log takes them. */
export async function toSubmissions(
  drafts: readonly ConformedDraft[],
  ids: readonly string[],
  now: number,
): Promise<readonly Submission[]> {
  return Promise.all(
    drafts.map(async (draft, index) => {
      const id = ids[index]
      if (id === undefined) throw new Error('There are fewer ids than drafts.')
      const { deduplicationKey: key } = draft
      const contentHash = key === null ? '' : await contentHashOf(draft)
      return { event: toEvent(draft, id, now), key: key === null ? null : { key, contentHash } }
    }),
  )
}

/** What tells an event of one key from another: SHA-256 (hex) of its type and what the producer wrote as its data. */
export function contentHashOf({ type, data, versions }: EventDraft): Promise<string> {
  const written = versions?.map((each) => `${each.version}\n${each.data}`).join('\n') ?? data
  return sha256Hex(`${type}\n${written}`)
}

/** The acceptance, unless it is a refusal: then it is thrown. `count`: how many events were handed in. */
function orRefused(acceptance: Acceptance, count: number) {
  switch (acceptance.kind) {
    case 'accepted':
      return acceptance
    case 'mismatch':
      throw new EngineError(
        'idempotency_mismatch',
        'This Idempotency-Key was already used for a different request. Use a new key for each request, and reuse one only to retry the same request.',
      )
    case 'conflict':
      throw new EngineError(
        'conflict',
        'This id was already used for an event with different content.',
        {
          issues: [
            {
              path: count === 1 ? ['id'] : [acceptance.index, 'id'],
              message: 'Already used for an event with different content.',
            },
          ],
        },
      )
    case 'full':
      throw new EngineError('limit_reached', TOO_MANY_SCHEDULED)
    case 'no_tenant':
      throw notFound('tenant')
  }
}

/**
 * The event log cannot be reached, and may have accepted the events all the same: it takes them from the queue, later, for the
 * same ones. What has a key must not be stored before the key was looked up.
 */
async function sendInstead(
  tenantId: string,
  submissions: readonly Submission[],
  requestKey: DeduplicationKey | null,
  cause: EngineError,
  { events, log }: PublishPorts,
): Promise<void> {
  const unavailable = (message: string, why: unknown) =>
    new EngineError('unavailable', message, {
      retryAfterSeconds: PUBLISH.retryAfterSeconds,
      cause: why,
    })
  if (requestKey !== null || submissions.some(({ key }) => key !== null)) {
    throw unavailable(
      'All, some or none of the events were stored. Publish them again with the same keys: what was stored is not stored twice.',
      cause,
    )
  }
  log({ event: 'publish.queued', tenantId, events: submissions.length, error: cause.message })
  try {
    await events.send(
      tenantId,
      submissions.map(({ event }) => event),
      { redelivered: true },
    )
  } catch (error) {
    throw unavailable('The events could not be stored. Publish them again.', error)
  }
}

/**
 * Without a time of its own an event happened when it was first accepted, or is to be: a repeated publish gives the same bytes.
 */
function toEvent(draft: ConformedDraft, id: string, now: number): Event {
  const { type, data, ranges: versions, invalid, scope, actor, requestId, retentionDays } = draft
  const time = draft.time ?? formatTime(timeOf(id))
  return {
    ...{ id, type, time, data, ...(versions && { versions }), ...(invalid && { invalid }), scope },
    ...(draft.channels && { channels: draft.channels }),
    ...(draft.tags && { tags: draft.tags }),
    ...(draft.uid !== undefined && { uid: draft.uid }),
    ...(draft.raw && { raw: draft.raw }),
    ...(draft.trace && { trace: draft.trace }),
    ...(draft.cloudEvent && { cloudEvent: draft.cloudEvent }),
    ...{ actor, requestId, ...(retentionDays !== undefined && { retentionDays }) },
    ...(scheduledFor(draft, now) !== null && { publishedAt: now }),
  }
}
