// Whom a batch of events is for. In: events; out: their deliveries, as their tenants' event logs tell. How many an event log hands
// out at once is bounded: a thousand events for a thousand webhooks each are a million deliveries, which would fill the memory, and
// every other tenant's events with them.

import { describeError, EngineError } from '../../errors.ts'
import type { TargetPorts } from '../attempt/target.ts'
import { TOO_MANY_SCHEDULED } from '../intake/scheduling.ts'
import type { Ports } from '../ports/index.ts'
import { continuedDeliveries } from './continuation.ts'
import type { FirstTask } from './delivery-task.ts'
import type { EventBatch } from './event-batch.ts'
import { toFirstTasks } from './first-deliveries.ts'

/** What a batch has to do. */
interface Loaded {
  readonly tasks: readonly FirstTask[]
  /** Messages whose events could not be accepted now: they come again. */
  readonly failed: readonly EventBatch[]
  /** Messages that will never be accepted, and why, as a sentence. */
  readonly refused: readonly { readonly batch: EventBatch; readonly reason: string }[]
}

/** Has the events accepted, and finds whom those of earlier batches are still for. Never rejects. */
export async function loadEvents(batches: readonly EventBatch[], ports: Ports): Promise<Loaded> {
  const fresh = batches.filter(({ remaining }) => remaining === null)
  const continued = batches.filter(({ remaining }) => remaining !== null)
  const most = Math.max(1, Math.floor(ports.settings.fanOut / Math.max(1, fresh.length)))
  const [answers, rest] = await Promise.all([
    Promise.all(
      fresh.map(async (batch) => ({
        batch,
        accepted: await orNull(acceptBatch(batch, most, ports), ports),
      })),
    ),
    orNull(continuedDeliveries(continued, ports), ports),
  ])
  return {
    tasks: once([...answers.flatMap(({ accepted }) => accepted?.tasks ?? []), ...(rest ?? [])]),
    failed: [
      ...answers.flatMap(({ batch, accepted }) => (accepted === null ? [batch] : [])),
      ...(rest === null ? continued : []),
    ],
    refused: answers.flatMap(({ batch, accepted }) => {
      const reason = accepted?.reason ?? null
      return reason === null ? [] : [{ batch, reason }]
    }),
  }
}

/** What accepting a message came to: its deliveries, and why it will never be accepted, as a sentence; null if it was. */
interface AcceptedBatch {
  readonly tasks: readonly FirstTask[]
  readonly reason: string | null
}

/** Has the events of a message accepted, and takes on `most` of their deliveries. Rejects when the event log cannot be reached. */
export async function acceptBatch(
  { tenantId, submissions, redelivered, isForeign }: EventBatch,
  most: number,
  ports: Pick<Ports, 'eventLog'> & TargetPorts,
): Promise<AcceptedBatch> {
  // Of ours whoever published it was told that it is accepted.
  const request = { submissions, requestKey: null, most, isPromised: !isForeign }
  const acceptance = await ports.eventLog(tenantId).accept(tenantId, request)
  switch (acceptance.kind) {
    case 'accepted':
      return { tasks: toFirstTasks(acceptance.deliveries, redelivered, ports), reason: null }
    case 'no_tenant':
      // Of ours nobody waits for it any more; who sent another one meant some tenant.
      return { tasks: [], reason: isForeign ? `No such tenant: ${tenantId}.` : null }
    case 'full':
      return { tasks: [], reason: TOO_MANY_SCHEDULED }
    default:
      return { tasks: [], reason: 'This id was already used for an event with different content.' }
  }
}

async function orNull<T>(reading: Promise<T>, { log }: Ports): Promise<T | null> {
  try {
    return await reading
  } catch (error) {
    if (error instanceof EngineError && error.code !== 'unavailable') throw error
    log({ event: 'subscribers.unreadable', error: describeError(error) })
    return null
  }
}

/** Each delivery once, though several messages bring it; it is redelivered when one of them says so. */
function once(tasks: readonly FirstTask[]): readonly FirstTask[] {
  const byDelivery = new Map<string, FirstTask>()
  for (const task of tasks) {
    const key = `${task.event.id}/${task.target.webhook.id}`
    if (task.mayHaveBegun || !byDelivery.has(key)) byDelivery.set(key, task)
  }
  return [...byDelivery.values()]
}
