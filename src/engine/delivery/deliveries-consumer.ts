// Consumer of the deliveries queue. In: one delivery (or control message) per message; out: a verdict for each. A
// retry stays in its message, which comes back when it is due; how many attempts were made is the log's to know.

import { describeError } from '../../errors.ts'
import { timeOf } from '../../primitives/ids.ts'
import { INVOCATION, QUEUE } from '../../tuning.ts'
import type { InboundMessage, Verdict } from '../api.ts'
import { attempt, type Delivery, type Tried } from '../attempt/attempt.ts'
import { watchAvailability } from '../attempt/availability.ts'
import { retriesOf } from '../attempt/disposition.ts'
import { failureHandlingOf } from '../attempt/failure-handling.ts'
import { accepts } from '../intake/match.ts'
import { fromDeliveryText } from '../messages/delivery-message.ts'
import { isNewer } from '../messages/version.ts'
import type { RunState, Subscriber } from '../model/index.ts'
import type { Ports } from '../ports/index.ts'
import { later } from './backoff.ts'
import { type BatchWindow, openWindow, runInWindow } from './batch-window.ts'
import { type ControlMessage, runControlMessage } from './control-messages.ts'
import { keepDeadLetter } from './dead-letter.ts'
import { askLog, type LogAnswer } from './delivery-states.ts'
import { leaveToNewer } from './newer-message.ts'
import { givesWay, type Intent, intentOf } from './next-action.ts'
import {
  type DeliveryGroup,
  type DeliveryTask,
  groupByDelivery,
  type Redelivery,
  redeliver,
} from './redelivery.ts'
import { type ReportLine, recordOrSend, toReportLine, toSkipped, toUnanswered } from './report.ts'
import { finishInBackground, watchdogDelay } from './watchdog.ts'
import { withTimeout } from './with-timeout.ts'

/** A delivery that is due. */
interface Due extends Delivery {
  readonly task: DeliveryTask
}

const ACK: Verdict = { kind: 'ack' }

/** How long a run waits that would begin beside another one of its event: most receivers have answered by then. */
const HELD_BACK_SECONDS = 1

/** Makes one attempt for each delivery that is due, and holds the batch no longer than `INVOCATION` says. */
export async function consumeDeliveries(
  messages: readonly InboundMessage[],
  ports: Ports,
): Promise<readonly Verdict[]> {
  const time = openWindow(ports)
  const round = new Round(ports)
  const opened = messages.map((inbound) => ({
    inbound,
    message: isNewer(inbound.body) ? null : fromDeliveryText(inbound.body),
  }))
  const groups = groupByDelivery(
    opened.flatMap(({ inbound, message }) =>
      message?.kind === 'deliver' ? [{ inbound, message }] : [],
    ),
  )
  // First what reports bring, so that the log knows it when it is asked.
  await Promise.all(
    opened.map(async ({ inbound, message }) => {
      if (isNewer(inbound.body)) await round.leave(inbound)
      else if (message === null) await round.keep(inbound)
      else if (message.kind !== 'deliver') await round.run(inbound, message)
    }),
  )
  await round.deliver(groups, time)
  time.stop()
  await round.close(groups)
  return messages.map((message) => round.verdicts.get(message.id) ?? later(message))
}

/** One batch: its verdicts, and what is to be written down. A message without a verdict comes again. */
class Round {
  readonly verdicts = new Map<string, Verdict>()
  private readonly ports: Ports
  private readonly isUnavailable: (webhook: Subscriber) => boolean
  private readonly reportLines: { readonly task: DeliveryTask; readonly reportLine: ReportLine }[] =
    []
  private readonly redeliveries: Redelivery[] = []
  /** Messages of a run that has not begun, whose event is under way in another one. */
  private readonly joining: {
    readonly task: DeliveryGroup
    readonly webhook: Subscriber | null
  }[] = []

  constructor(ports: Ports) {
    this.ports = ports
    this.isUnavailable = watchAvailability(ports)
  }

  /** Decides about each delivery, and makes the attempts that are due. */
  async deliver(groups: readonly DeliveryGroup[], time: BatchWindow): Promise<void> {
    if (groups.length === 0) return
    const [webhooks, answers] = await Promise.all([this.readWebhooks(groups), this.askLog(groups)])
    if (webhooks === null) return
    const decided = groups.flatMap((task) => {
      const webhook = webhooks.get(task.message.webhookId) ?? null
      return this.decide(task, webhook, answers.get(task) ?? 'unknown') ?? []
    })
    const due = this.holdBack(decided)
    await Promise.all(this.joining.map((joining) => this.join(joining)))
    const settled = await runInWindow(due, (delivery) => attempt(delivery, this.ports), {
      concurrency: INVOCATION.concurrency,
      isCrowded: groups.length > INVOCATION.concurrency,
      time,
    })
    for (const { task } of due) this.verdicts.set(task.inbound.id, ACK)
    for (const tried of settled.finished) this.finish(tried)
    // In whole seconds: the queue would round a fraction up.
    const slowLaneDelay = Math.round(
      INVOCATION.slowLaneDelaySeconds * this.ports.settings.delayScale,
    )
    for (const { task, attempts, webhook } of settled.unstarted) {
      const delaySeconds = webhook.lane === 'slow' ? slowLaneDelay : 0
      this.redeliver({ task, delaySeconds, attempts, standing: 'insurance' })
    }
    for (const { item, isSlow } of settled.unanswered) {
      const { task, attempts, webhook } = item
      const reportLines = isSlow ? toUnanswered(item) : []
      this.reportLines.push(...reportLines.map((reportLine) => ({ task, reportLine })))
      const delaySeconds = watchdogDelay(webhook, this.ports.dialectRuntimes)
      this.redeliver({ task, delaySeconds, attempts, standing: 'insurance' })
    }
    const unanswered = settled.unanswered.map(({ result }) => result)
    finishInBackground(unanswered, this.ports)
  }

  /** Writes down what happened, and sends anew what became too old to be retried in place. */
  async close(groups: readonly DeliveryGroup[]): Promise<void> {
    try {
      const reportLines = this.reportLines.map(({ reportLine }) => reportLine)
      await recordOrSend(reportLines, this.ports)
    } catch (error) {
      for (const { task } of this.reportLines) {
        // What comes back anyway does so when it is due, not earlier.
        const { id } = task.inbound
        if (this.verdicts.get(id)?.kind !== 'retry') this.verdicts.delete(id)
      }
      this.ports.log({
        event: 'batch.unrecorded',
        queue: 'deliveries',
        error: describeError(error),
      })
    }
    await Promise.all(
      this.redeliveries.map(async (redelivery) => {
        this.verdicts.set(redelivery.task.inbound.id, await redeliver(redelivery, this.ports))
      }),
    )
    for (const { inbound, duplicates } of groups) {
      if (!this.verdicts.has(inbound.id)) continue
      // The delivery is taken care of, so that its other messages have nothing left to carry.
      for (const duplicate of duplicates) {
        if (duplicate.inbound.id !== inbound.id) this.verdicts.set(duplicate.inbound.id, ACK)
      }
    }
  }

  /** The delivery when it is due. */
  private decide(task: DeliveryGroup, webhook: Subscriber | null, answer: LogAnswer): Due | null {
    const { inbound, message } = task
    const { event, run } = message
    // A log that says nothing may know that it is delivered. Only after many arrivals is it sent without having asked.
    if (answer === 'unanswered' && inbound.attempts < QUEUE.freshAfterAttempts) {
      const { attempts, standing } = message
      const { delaySeconds } = later(inbound)
      // One that came before may have made progress of its own, to which a message in its place must not give way.
      const isFirm = standing === 'repetition' && !givesWay(message, inbound.attempts)
      this.redeliver({ task, delaySeconds, attempts, standing: isFirm ? 'insurance' : standing })
      return null
    }
    const state = typeof answer === 'string' ? null : answer
    const intent = this.intentOf(task, webhook, state)
    const made = Math.max(state?.attempts ?? 0, message.attempts)
    switch (intent.kind) {
      case 'attempt': {
        if (webhook === null || !this.isUnavailable(webhook)) {
          const { attempts, retryIndex } = intent
          return webhook && { event, webhook, run, attempts, retryIndex, task }
        }
        // Ours to mend, not the receiver's: it comes back for as long as its webhook is there and takes events.
        const { delaySeconds } = later(inbound)
        this.redeliver({ task, delaySeconds, attempts: made, standing: 'insurance' })
        return null
      }
      case 'wait': {
        const { delaySeconds } = intent
        this.redeliver({ task, delaySeconds, attempts: made, standing: 'insurance' })
        return null
      }
      case 'join':
        this.joining.push({ task, webhook })
        return null
      case 'withdraw':
        this.withdraw(task, webhook)
        break
      case 'skip': {
        const { trigger, message: sentence } = intent
        const why = { trigger, message: sentence, at: this.ports.clock() }
        const delivery = webhook && { event, webhook, run, attempts: message.attempts }
        const reportLine = delivery && toSkipped(delivery, why, this.ports.dialectRuntimes)
        if (reportLine) this.reportLines.push({ task, reportLine })
        break
      }
    }
    this.verdicts.set(inbound.id, ACK)
    return null
  }

  /**
   * Of runs of one event that are due in this batch the first: what begins beside it, or is sent in case the event is
   * missing, comes again in a moment, and joins it if its attempt failed.
   */
  private holdBack(decided: readonly Due[]): readonly Due[] {
    const byEvent = Map.groupBy(decided, ({ webhook, event }) => `${webhook.id}/${event.id}`)
    const held = [...byEvent.values()].flatMap((group) => {
      const [, ...others] = group.toSorted((a, b) => (a.run < b.run ? -1 : 1))
      return others.filter(({ attempts, task }) => attempts === 0 || task.message.onlyMissing)
    })
    for (const { task } of held) {
      const { attempts } = task.message
      this.redeliver({ task, delaySeconds: HELD_BACK_SECONDS, attempts, standing: 'insurance' })
    }
    return decided.filter((due) => !held.includes(due))
  }

  private intentOf(
    { inbound, message }: DeliveryTask,
    webhook: Subscriber | null,
    state: RunState | null,
  ): Intent {
    const { dialectRuntimes, clock } = this.ports
    // A replay chooses by type and scope, and asks no dialect before.
    const isAsked = webhook !== null && message.ifConcerned === true
    const retries = webhook ? retriesOf(failureHandlingOf(webhook, dialectRuntimes).retry) : 0
    return intentOf({
      webhook,
      isAccepted: !isAsked || accepts(webhook, message.event, dialectRuntimes),
      state,
      message,
      arrivals: inbound.attempts,
      retries,
      now: clock(),
    })
  }

  private finish(tried: Tried<Due>): void {
    const { task } = tried.delivery
    this.reportLines.push({ task, reportLine: toReportLine(tried) })
    if (tried.kind === 'unsendable' || tried.disposition.kind !== 'retry') return
    const { delaySeconds } = tried.disposition
    const { attempt: attempts } = tried.attempt
    this.redeliver({ task, delaySeconds, attempts, standing: 'sole' })
  }

  /** Has the run that is under way make its next attempt now; this one is not needed then. */
  private async join({ task, webhook }: Round['joining'][number]): Promise<void> {
    const { tenantId, webhookId: id, event } = task.message
    try {
      const isSent = await this.ports.monitor(id).resend({ tenantId, id }, event, true)
      // Not: that run has ended meanwhile, so that this one decides anew when it comes again.
      if (!isSent) return
      this.verdicts.set(task.inbound.id, ACK)
      this.withdraw(task, webhook)
    } catch (error) {
      this.ports.log({ event: 'resend.postponed', webhookId: id, error: describeError(error) })
    }
  }

  /** Ends a run of which an attempt may have been made that nobody has reported yet: its report must not take it up again. */
  private withdraw(task: DeliveryGroup, webhook: Subscriber | null): void {
    const { message, duplicates } = task
    const mayHaveBegun = [task, ...duplicates].some(
      ({ inbound, message: { attempts } }) => inbound.attempts > 1 || attempts > 0,
    )
    if (!webhook || !mayHaveBegun) return
    const { event, run, carrier = null } = message
    const entry = { kind: 'withdrawn', eventId: event.id, run, carrier } as const
    this.reportLines.push({ task, reportLine: { webhook, entry } })
  }

  private redeliver(redelivery: Redelivery): void {
    const { task, delaySeconds } = redelivery
    this.verdicts.set(task.inbound.id, { kind: 'retry', delaySeconds })
    this.redeliveries.push(redelivery)
  }

  /** The webhooks as they are now; null when they cannot be read. */
  private async readWebhooks(
    tasks: readonly DeliveryTask[],
  ): Promise<ReadonlyMap<string, Subscriber> | null> {
    const refs = tasks.map(({ message }) => ({
      tenantId: message.tenantId,
      id: message.webhookId,
    }))
    try {
      const webhooks = await this.ports.webhooks.findByRef(refs)
      return new Map(webhooks.map((webhook) => [webhook.id, webhook]))
    } catch (error) {
      this.ports.log({ event: 'webhooks.unreadable', error: describeError(error) })
      return null
    }
  }

  /** What the log says, where it must be asked. */
  private async askLog(
    groups: readonly DeliveryGroup[],
  ): Promise<ReadonlyMap<DeliveryGroup, LogAnswer>> {
    const asked = groups.filter(
      ({ inbound, message, duplicates }) =>
        inbound.attempts > 1 ||
        message.standing !== 'sole' ||
        // A retry: the event may have been sent again, and delivered, meanwhile.
        message.attempts > 0 ||
        duplicates.length > 0,
    )
    return askLog(
      asked,
      ({ message }) => ({
        webhookId: message.webhookId,
        eventId: message.event.id,
        run: message.run,
        onlyMissing: message.onlyMissing,
        mayHaveFirst: message.wasMatched && this.isYoung(message.event.id),
      }),
      this.ports,
    )
  }

  private isYoung(eventId: string): boolean {
    return this.ports.clock() - timeOf(eventId) < INVOCATION.firstAttemptSeconds * 1_000
  }

  async leave(inbound: InboundMessage): Promise<void> {
    this.verdicts.set(inbound.id, await leaveToNewer('deliveries', inbound, this.ports))
  }

  async keep(inbound: InboundMessage): Promise<void> {
    const reason = 'This is not a message of the deliveries queue.'
    if (await keepDeadLetter('deliveries', inbound, reason, this.ports)) {
      this.verdicts.set(inbound.id, ACK)
    }
  }

  /** Does what a message without a delivery asks for. */
  async run(inbound: InboundMessage, control: ControlMessage): Promise<void> {
    const { kind } = control
    try {
      const running = runControlMessage(control, inbound.attempts > 1, this.ports)
      const answer = await withTimeout(running, INVOCATION.recordMs, this.ports)
      if (answer) this.verdicts.set(inbound.id, ACK)
      else this.ports.log({ event: 'message.unanswered', queue: 'deliveries', kind })
    } catch (error) {
      this.ports.log({
        event: 'message.postponed',
        queue: 'deliveries',
        kind,
        error: describeError(error),
      })
    }
  }
}
