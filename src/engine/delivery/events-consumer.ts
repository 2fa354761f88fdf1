// Consumer of the events queue. In: messages with events; out: a verdict for each. It finds the webhooks of all
// events of the batch in one query, makes the first attempts itself, hands to the deliveries queue what must wait, and
// writes down the rest. Next: report.ts, and the deliveries consumer for what was handed over.

import { describeError } from '../../errors.ts'
import { INVOCATION, QUEUE } from '../../tuning.ts'
import type { InboundMessage, Verdict } from '../api.ts'
import { attempt, type Delivery, type Tried } from '../attempt/attempt.ts'
import { watchAvailability } from '../attempt/availability.ts'
import { confirm } from '../intake/publish.ts'
import type { Event, RunProgress, Subscriber } from '../model/index.ts'
import type { DelayedMessage, DeliveryMessage, Ports, Standing } from '../ports/index.ts'
import { admit, type Routed } from './admission.ts'
import { later } from './backoff.ts'
import { type BatchWindow, openWindow, runInWindow } from './batch-window.ts'
import { continuedDeliveries, requeue } from './continuation.ts'
import { askLog, type LogAnswer } from './delivery-states.ts'
import { enqueue } from './enqueue.ts'
import { type EventBatch, readEventBatches } from './event-batch.ts'
import {
  DISABLED_MESSAGE,
  type ReportLine,
  record,
  SUSPENDED_MESSAGE,
  toReportLine,
  toSkipped,
  toUnanswered,
} from './report.ts'
import { finishInBackground, watchdogDelay } from './watchdog.ts'

/** Sends the events of a batch on their way, and holds them no longer than `INVOCATION` says, whoever hangs. */
export async function consumeEvents(
  messages: readonly InboundMessage[],
  ports: Ports,
): Promise<readonly Verdict[]> {
  const time = openWindow(ports)
  const failed = new Set<string>()
  const eventBatches = await readEventBatches(messages, ports)
  const open = eventBatches.filter((eventBatch) => eventBatch.kind === 'events')
  for (const eventBatch of eventBatches)
    if (eventBatch.kind === 'later') failed.add(eventBatch.messageId)

  const first = open.filter(({ only }) => only === null)
  const rest = open.filter(({ only }) => only !== null)
  const found = await orNull(
    Promise.all([subscribersOf(first, ports), continuedDeliveries(rest, ports)]),
    ports,
  )
  if (found === null) {
    for (const eventBatch of open) failed.add(eventBatch.messageId)
  } else {
    const [subscribers, again] = found
    const { taken, routed, left } = admit(first, subscribers, ports)
    const batch = new Batch(ports, failed)
    await batch.send(once([...routed, ...again]), time)
    await batch.remember([...taken, ...rest], routed)
    await batch.leave(left)
    await confirmStored(open, failed, ports)
  }
  time.stop()
  return messages.map((message) => (failed.has(message.id) ? later(message) : { kind: 'ack' }))
}

/** Confirms the deduplication keys of events that came in by the queue, now that they are on their way. */
async function confirmStored(
  eventBatches: readonly EventBatch[],
  failed: ReadonlySet<string>,
  ports: Ports,
): Promise<void> {
  const stored = eventBatches.filter(
    ({ messageId, keys }) => keys.length > 0 && !failed.has(messageId),
  )
  await Promise.all(stored.map(({ tenantId, keys }) => confirm(tenantId, keys, ports)))
}

/** Null, and a line in the log, when the webhooks cannot be read. */
async function orNull<T>(reading: Promise<T>, { log }: Ports): Promise<T | null> {
  try {
    return await reading
  } catch (error) {
    log({ event: 'subscribers.unreadable', error: describeError(error) })
    return null
  }
}

/** The webhooks that may want any event of the batch. Rejects when they cannot be read. */
async function subscribersOf(
  eventBatches: readonly EventBatch[],
  ports: Ports,
): Promise<readonly Subscriber[]> {
  const topics = eventBatches.flatMap(({ tenantId, events }) =>
    events.map(({ type, scope }) => ({ tenantId, type, scope })),
  )
  return topics.length === 0 ? [] : ports.webhooks.findSubscribers(topics)
}

/** Each delivery once, though several messages bring it; the log is asked when one of them says so. */
function once(deliveries: readonly Routed[]): readonly Routed[] {
  const routed = new Map<string, Routed>()
  for (const delivery of deliveries) {
    const key = `${delivery.event.id}/${delivery.webhook.id}`
    const ask = delivery.ask || routed.get(key)?.ask === true
    routed.set(key, { ...delivery, ask })
  }
  return [...routed.values()]
}

/** One batch on its way: what is sent now, what is handed over, what is written down. */
class Batch {
  private readonly reportLines: ReportLine[] = []
  private readonly toEnqueue: DelayedMessage[] = []
  /** What is for a later batch. */
  private rest: readonly Routed[] = []
  private readonly ports: Ports
  /** Ids of the messages that must come again. */
  private readonly failed: Set<string>

  constructor(ports: Ports, failed: Set<string>) {
    this.ports = ports
    this.failed = failed
  }

  /** Decides about each delivery, and makes the attempts that fit into the batch window. */
  async send(routed: readonly Routed[], time: BatchWindow): Promise<void> {
    const answers = await askLog(
      routed.filter(({ ask }) => ask),
      ({ webhook, event, run }) => ({ webhookId: webhook.id, eventId: event.id, run }),
      this.ports,
    )
    const now: Routed[] = []
    const isUnavailable = watchAvailability(this.ports)
    for (const delivery of routed) {
      const answer = answers.get(delivery) ?? 'unknown'
      if (answer === 'unanswered') this.enqueue(delivery, answer)
      else if (answer !== 'unknown' && answer.status !== 'pending') this.resume(delivery, answer)
      else if (!delivery.webhook.enabled) this.skip(delivery, 'disabled', DISABLED_MESSAGE)
      else if (delivery.webhook.suspendedAt !== null) {
        this.skip(delivery, 'suspended', SUSPENDED_MESSAGE)
      } else if (isUnavailable(delivery.webhook)) {
        this.enqueue(delivery, answer, QUEUE.unavailableDelaySeconds)
      } else if (delivery.webhook.lane === 'slow') this.enqueue(delivery, answer)
      else now.push(delivery)
    }
    const settled = await runInWindow(now, (delivery) => attempt(delivery, this.ports), {
      concurrency: INVOCATION.concurrency,
      most: INVOCATION.attempts,
      time,
    })
    for (const tried of settled.finished) this.finish(tried)
    this.rest = settled.unstarted
    for (const { item, isSlow } of settled.unanswered) this.insure(item, isSlow)
    const unanswered = settled.unanswered.map(({ result }) => result)
    finishInBackground(unanswered, this.ports)
  }

  /**
   * Writes down what happened, then what was published; what cannot be written makes its messages come again. In this
   * order, because the event log says which webhooks an event was for: whoever stands there has been taken care of.
   */
  async remember(eventBatches: readonly EventBatch[], routed: readonly Routed[]): Promise<void> {
    const written = await this.orAgain(eventBatches, async () => {
      const unwritten = await record(this.reportLines, this.ports)
      await enqueue([...this.toEnqueue, ...unwritten], this.ports)
      await requeue(this.rest, this.ports.events)
    })
    if (!written) return
    const unlogged = eventBatches.filter(({ only }) => only === null)
    const byTenant = Map.groupBy(unlogged, ({ tenantId }) => tenantId)
    await Promise.all(
      [...byTenant].map(([tenantId, group]) =>
        this.orAgain(group, () =>
          this.ports.eventLog(tenantId).append(tenantId, toLogged(group, routed)),
        ),
      ),
    )
  }

  /** Sends events on to a later batch. What must come again brings its own with it. */
  async leave(eventBatches: readonly EventBatch[]): Promise<void> {
    const left = eventBatches.filter(({ messageId }) => !this.failed.has(messageId))
    await Promise.all(
      left.map((eventBatch) => {
        const { tenantId, events, ask } = eventBatch
        return this.orAgain([eventBatch], () => this.ports.events.send(tenantId, events, { ask }))
      }),
    )
  }

  private async orAgain(
    eventBatches: readonly EventBatch[],
    work: () => Promise<void>,
  ): Promise<boolean> {
    try {
      await work()
      return true
    } catch (error) {
      for (const { messageId } of eventBatches) this.failed.add(messageId)
      const messages = eventBatches.length
      this.ports.log({ event: 'batch.unrecorded', messages, error: describeError(error) })
      return false
    }
  }

  /** An earlier pass got this far: only a pending retry is left to do, unless its message was sent already. */
  private resume(delivery: Routed, state: RunProgress): void {
    if (state.status !== 'failing') return
    const due = Math.max(0, (state.nextAttemptAt ?? 0) - this.ports.clock()) / 1_000
    const message = toMessage({ ...delivery, attempts: state.attempts }, 'repetition')
    this.toEnqueue.push({ message, delaySeconds: due + INVOCATION.repetitionMarginSeconds })
  }

  private skip(delivery: Routed, trigger: 'disabled' | 'suspended', message: string): void {
    const why = { trigger, message, at: this.ports.clock() }
    this.reportLines.push(toSkipped(delivery, why, this.ports.dialectRuntimes))
  }

  private finish(tried: Tried): void {
    this.reportLines.push(toReportLine(tried))
    if (tried.kind === 'unsendable' || tried.disposition.kind !== 'retry') return
    const { delivery, disposition } = tried
    const next = { ...delivery, attempts: delivery.attempts + 1 }
    this.toEnqueue.push({
      message: toMessage(next, 'sole'),
      delaySeconds: disposition.delaySeconds,
    })
  }

  private insure(delivery: Routed, isSlow: boolean): void {
    if (isSlow) this.reportLines.push(...toUnanswered(delivery))
    const delaySeconds = watchdogDelay(delivery.webhook, this.ports.dialectRuntimes)
    this.toEnqueue.push({ message: toMessage(delivery, 'insurance'), delaySeconds })
  }

  private enqueue(delivery: Routed, answer: LogAnswer, delaySeconds = 0): void {
    const message = toMessage(delivery, standingOf(delivery, answer))
    this.toEnqueue.push({ message, delaySeconds })
  }
}

/**
 * A batch that came again and knows from the log that nothing was tried may repeat a message. One that could not ask must
 * not: an attempt may have been written down by a batch that died before it handed the retry over.
 */
function standingOf({ ask }: Routed, answer: LogAnswer): Standing {
  if (!ask) return 'sole'
  return typeof answer === 'string' ? 'insurance' : 'repetition'
}

function toMessage(
  { event, webhook, run, attempts }: Delivery,
  standing: Standing,
): DeliveryMessage {
  const { tenantId, id: webhookId } = webhook
  return { kind: 'deliver', tenantId, webhookId, run, event, attempts, standing }
}

function toLogged(
  eventBatches: readonly { readonly events: readonly Event[] }[],
  routed: readonly Routed[],
) {
  const byEvent = Map.groupBy(routed, ({ event }) => event.id)
  return eventBatches
    .flatMap(({ events }) => events)
    .map((event) => ({
      ...event,
      webhookIds: (byEvent.get(event.id) ?? []).map(({ webhook }) => webhook.id),
    }))
}
