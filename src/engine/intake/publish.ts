// The way into the events queue. In: validated drafts; out: accepted events, durably stored in the events queue. Next: the
// events consumer.

import { describeError, EngineError } from '../../errors.ts'
import { PUBLISH } from '../../limits.ts'
import { newId } from '../../primitives/ids.ts'
import type { AcceptedEvent } from '../api.ts'
import type { EventDraft } from '../model/index.ts'
import type { Ports } from '../ports/index.ts'
import { deduplicate, type Idempotency } from './deduplicate.ts'

type PublishPorts = Pick<Ports, 'clock' | 'deduplication' | 'events' | 'background' | 'log'>

/**
 * Stores events for delivery, all or none, in the order given. A publish that died half-way is completed by its
 * repetition, under the ids of the first. Throws `conflict`, `idempotency_mismatch`, or `unavailable` when nothing could be stored.
 */
export async function publish(
  tenantId: string,
  drafts: readonly EventDraft[],
  idempotency: Idempotency | null,
  ports: PublishPorts,
): Promise<readonly AcceptedEvent[]> {
  const now = ports.clock()
  const ids = drafts.map(() => newId(now))
  const accepted = await orUnavailable(deduplicate(tenantId, drafts, ids, idempotency, ports))
  if (accepted.events.length > 0) {
    const { events, redelivered } = accepted
    await orUnavailable(ports.events.send(tenantId, events, { redelivered }))
  }
  if (accepted.keys.length > 0) ports.background(confirm(tenantId, accepted.keys, ports))
  return accepted.answers
}

/** Unconfirmed claims cost a repeated publish one more message, nothing else: so a failure is only logged. */
export async function confirm(
  tenantId: string,
  keys: readonly string[],
  { deduplication, log }: Pick<Ports, 'deduplication' | 'log'>,
): Promise<void> {
  try {
    await deduplication.confirm(tenantId, keys)
  } catch (error) {
    log({
      event: 'deduplication.unconfirmed',
      tenantId,
      keys: keys.length,
      error: describeError(error),
    })
  }
}

async function orUnavailable<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (error instanceof EngineError && error.code !== 'unavailable') throw error
    throw new EngineError('unavailable', 'The events could not be stored. Nothing was published.', {
      retryAfterSeconds: PUBLISH.retryAfterSeconds,
      cause: error,
    })
  }
}
