// Whom a batch of events is for, and how much of it is admitted at once. In: events; out: the deliveries, and the
// events that go back to their queue, because their tenant has had its share. A thousand events for a thousand webhooks
// each are a million deliveries: at once they would fill the memory, and every other tenant's events with them.

import { describeError } from '../../errors.ts'
import { type Target, toTarget } from '../attempt/target.ts'
import { isFor } from '../intake/match.ts'
import type { Event, LoggedEvent } from '../model/index.ts'
import type { Ports, Settings } from '../ports/index.ts'
import { askMonitors } from './ask-monitors.ts'
import { continuedDeliveries } from './continuation.ts'
import { type FirstTask, toFirstTask } from './delivery-task.ts'
import type { EventBatch } from './event-batch.ts'
import type { KnownState } from './next-action.ts'

/** What a batch has to do. */
export interface Loaded {
  readonly tasks: readonly FirstTask[]
  /** Messages whose events are to be logged, each with its part of `tasks`. */
  readonly admitted: readonly EventBatch[]
  /** Messages of an earlier batch's continuation, whose events stand in the event log. */
  readonly continued: readonly EventBatch[]
  /** Messages with the events for which there is no room. */
  readonly deferred: readonly EventBatch[]
}

/** Finds whom the events are for; null, and a line in the log, when the webhooks cannot be read. */
export async function loadEvents(
  batches: readonly EventBatch[],
  ports: Ports,
): Promise<Loaded | null> {
  const fresh = batches.filter(({ remaining }) => remaining === null)
  const continued = batches.filter(({ remaining }) => remaining !== null)
  const reading = Promise.all([findTargets(fresh, ports), continuedDeliveries(continued, ports)])
  const read = await orNull(reading, ports)
  if (read === null) return null
  const [targets, continuedTasks] = read
  const { admitted, tasks, deferred } = admit(fresh, targets, ports.settings)
  return { tasks: once([...tasks, ...continuedTasks]), admitted, continued, deferred }
}

async function orNull<T>(reading: Promise<T>, { log }: Ports): Promise<T | null> {
  try {
    return await reading
  } catch (error) {
    log({ event: 'subscribers.unreadable', error: describeError(error) })
    return null
  }
}

/** How those deliveries stand of which an earlier batch may have made an attempt. */
export function askAbout(
  tasks: readonly FirstTask[],
  ports: Ports,
): Promise<ReadonlyMap<FirstTask, KnownState>> {
  return askMonitors(
    tasks.filter(({ mayHaveBegun }) => mayHaveBegun),
    ({ target, event, run }) => ({ webhookId: target.webhook.id, eventId: event.id, run }),
    ports,
  )
}

/** The events of messages as the event log keeps them: with the webhooks they are for. */
export function toLogged(
  batches: readonly Pick<EventBatch, 'events'>[],
  tasks: readonly FirstTask[],
): readonly LoggedEvent[] {
  const byEvent = Map.groupBy(tasks, ({ event }) => event.id)
  return batches
    .flatMap(({ events }) => events)
    .map((event) => ({
      ...event,
      webhookIds: (byEvent.get(event.id) ?? []).map(({ target }) => target.webhook.id),
    }))
}

/** The webhooks that may want any event of the batch. */
async function findTargets(
  batches: readonly EventBatch[],
  { webhooks, dialectRuntimes }: Ports,
): Promise<readonly Target[]> {
  const topics = batches.flatMap(({ tenantId, events }) =>
    events.map(({ type, scope }) => ({ tenantId, type, scope })),
  )
  if (topics.length === 0) return []
  const found = await webhooks.findSubscribers(topics)
  return found.map((webhook) => toTarget(webhook, dialectRuntimes))
}

interface Admission {
  /** The messages with the events that are admitted. */
  readonly admitted: readonly EventBatch[]
  /** Every admitted event for every webhook that wants it. */
  readonly tasks: readonly FirstTask[]
  /** The messages with the events that are left for later; without those of which nothing is left. */
  readonly deferred: readonly EventBatch[]
}

/**
 * Admits events in order until their tenant has its share of `settings.fanOut` deliveries; the event that fills it is
 * admitted as a whole, so that every batch gets on.
 */
export function admit(
  eventBatches: readonly EventBatch[],
  targets: readonly Target[],
  { fanOut }: Pick<Settings, 'fanOut'>,
): Admission {
  const byTenant = Map.groupBy(targets, ({ webhook }) => webhook.tenantId)
  const share = fanOut / new Set(eventBatches.map(({ tenantId }) => tenantId)).size
  const counts = new Map<string, number>()
  const tasks: FirstTask[] = []

  /** False when the tenant has had its share. */
  function isAdmitted({ tenantId, redelivered }: EventBatch, event: Event): boolean {
    const count = counts.get(tenantId) ?? 0
    if (count >= share) return false
    const wanting = (byTenant.get(tenantId) ?? []).filter((target) => isFor(target, event))
    tasks.push(...wanting.map((target) => toFirstTask(event, target, redelivered)))
    counts.set(tenantId, count + wanting.length)
    return true
  }

  const admitted: EventBatch[] = []
  const deferred: EventBatch[] = []
  for (const eventBatch of eventBatches) {
    const { events } = eventBatch
    const stop = events.findIndex((event) => !isAdmitted(eventBatch, event))
    const end = stop === -1 ? events.length : stop
    if (end > 0) admitted.push({ ...eventBatch, events: events.slice(0, end) })
    if (end < events.length) deferred.push({ ...eventBatch, events: events.slice(end) })
  }
  return { admitted, tasks, deferred }
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
