// Consumer of the deliveries queue. In: one delivery (or errand) per message; out: a verdict for each. A
// retry stays in its message, which comes back when it is due; how many attempts were made is the log's to know.

import { INVOCATION, QUEUE } from '../../config.ts'
import { describeError } from '../../errors.ts'
import { timeOf } from '../../primitives/ids.ts'
import type { InboundMessage, Verdict } from '../api.ts'
import { attempt, type Delivery, type Tried } from '../attempt/attempt.ts'
import { retriesOf } from '../attempt/disposition.ts'
import { failureHandlingOf } from '../attempt/failure-handling.ts'
import { concerns } from '../intake/match.ts'
import { fromDeliveryText } from '../messages/delivery-message.ts'
import { isNewer } from '../messages/version.ts'
import type { RunState, Subscriber } from '../model/index.ts'
import type { Ports } from '../ports/index.ts'
import { later } from './backoff.ts'
import { runInSlot, type SlotTime, startSlot } from './batch-window.ts'
import { type Errand, runErrand } from './control-messages.ts'
import { keepDeadLetter } from './dead-letter.ts'
import { askLog, type LogAnswer } from './delivery-states.ts'
import { leaveToNewer } from './newer-message.ts'
import { givesWay, type Intent, intentOf } from './next-action.ts'
import { type Bundle, bundle, type Comeback, comeBack, type Parcel } from './redelivery.ts'
import { type Finding, recordOrSend, toFinding, toSkipped, toUnanswered } from './report.ts'
import { finishInBackground, insuredDelay } from './watchdog.ts'
import { within } from './with-timeout.ts'

/** A delivery that is due. */
interface Due extends Delivery {
  readonly parcel: Parcel
}

const ACK: Verdict = { kind: 'ack' }

/** How long a run waits that would begin beside another one of its event: most receivers have answered by then. */
const HELD_BACK_SECONDS = 1

/** Makes one attempt for each delivery that is due, and holds the batch no longer than `INVOCATION` says. */
export async function carry(
  messages: readonly InboundMessage[],
  ports: Ports,
): Promise<readonly Verdict[]> {
  const time = startSlot(ports)
  const round = new Round(ports)
  const opened = messages.map((inbound) => ({
    inbound,
    message: isNewer(inbound.body) ? null : fromDeliveryText(inbound.body),
  }))
  const bundles = bundle(
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
  await round.deliver(bundles, time)
  time.stop()
  await round.close(bundles)
  return messages.map((message) => round.verdicts.get(message.id) ?? later(message))
}

/** One batch: its verdicts, and what is to be written down. A message without a verdict comes again. */
class Round {
  readonly verdicts = new Map<string, Verdict>()
  private readonly ports: Ports
  private readonly findings: { readonly parcel: Parcel; readonly finding: Finding }[] = []
  private readonly comebacks: Comeback[] = []
  /** Messages of a run that has not begun, whose event is under way in another one. */
  private readonly joining: { readonly parcel: Bundle; readonly webhook: Subscriber | null }[] = []

  constructor(ports: Ports) {
    this.ports = ports
  }

  /** Decides about each delivery, and makes the attempts that are due. */
  async deliver(bundles: readonly Bundle[], time: SlotTime): Promise<void> {
    if (bundles.length === 0) return
    const [webhooks, answers] = await Promise.all([
      this.readWebhooks(bundles),
      this.askLog(bundles),
    ])
    if (webhooks === null) return
    const decided = bundles.flatMap((parcel) => {
      const webhook = webhooks.get(parcel.message.webhookId) ?? null
      return this.decide(parcel, webhook, answers.get(parcel) ?? 'unknown') ?? []
    })
    const due = this.holdBack(decided)
    await Promise.all(this.joining.map((joining) => this.join(joining)))
    const slot = await runInSlot(due, (delivery) => attempt(delivery, this.ports), {
      concurrency: INVOCATION.concurrency,
      isCrowded: bundles.length > INVOCATION.concurrency,
      time,
    })
    for (const { parcel } of due) this.verdicts.set(parcel.inbound.id, ACK)
    for (const tried of slot.finished) this.finish(tried)
    // In whole seconds: the queue would round a fraction up.
    const slowLaneDelay = Math.round(
      INVOCATION.slowLaneDelaySeconds * this.ports.settings.delayScale,
    )
    for (const { parcel, attempts, webhook } of slot.unstarted) {
      const delaySeconds = webhook.lane === 'slow' ? slowLaneDelay : 0
      this.comeBack({ parcel, delaySeconds, attempts, standing: 'insurance' })
    }
    for (const { item, isSlow } of slot.unanswered) {
      const { parcel, attempts, webhook } = item
      const findings = isSlow ? toUnanswered(item) : []
      this.findings.push(...findings.map((finding) => ({ parcel, finding })))
      const delaySeconds = insuredDelay(webhook, this.ports.outbounds)
      this.comeBack({ parcel, delaySeconds, attempts, standing: 'insurance' })
    }
    const unanswered = slot.unanswered.map(({ result }) => result)
    finishInBackground(unanswered, this.ports)
  }

  /** Writes down what happened, and sends anew what became too old to be retried in place. */
  async close(bundles: readonly Bundle[]): Promise<void> {
    try {
      const findings = this.findings.map(({ finding }) => finding)
      await recordOrSend(findings, this.ports)
    } catch (error) {
      for (const { parcel } of this.findings) {
        // What comes back anyway does so when it is due, not earlier.
        const { id } = parcel.inbound
        if (this.verdicts.get(id)?.kind !== 'retry') this.verdicts.delete(id)
      }
      this.ports.log({
        event: 'batch.unrecorded',
        queue: 'deliveries',
        error: describeError(error),
      })
    }
    await Promise.all(
      this.comebacks.map(async (comeback) => {
        this.verdicts.set(comeback.parcel.inbound.id, await comeBack(comeback, this.ports))
      }),
    )
    for (const { inbound, twins } of bundles) {
      if (!this.verdicts.has(inbound.id)) continue
      // The delivery is taken care of, so that its other messages have nothing left to carry.
      for (const twin of twins) {
        if (twin.inbound.id !== inbound.id) this.verdicts.set(twin.inbound.id, ACK)
      }
    }
  }

  /** The delivery when it is due. */
  private decide(parcel: Bundle, webhook: Subscriber | null, answer: LogAnswer): Due | null {
    const { inbound, message } = parcel
    const { event, run } = message
    // A log that says nothing may know that it is delivered. Only after many arrivals is it sent without having asked.
    if (answer === 'unanswered' && inbound.attempts < QUEUE.freshAfterAttempts) {
      const { attempts, standing } = message
      const { delaySeconds } = later(inbound)
      // One that came before may have made progress of its own, to which a message in its place must not give way.
      const isFirm = standing === 'repetition' && !givesWay(message, inbound.attempts)
      this.comeBack({ parcel, delaySeconds, attempts, standing: isFirm ? 'insurance' : standing })
      return null
    }
    const state = typeof answer === 'string' ? null : answer
    const intent = this.intentOf(parcel, webhook, state)
    const made = Math.max(state?.attempts ?? 0, message.attempts)
    switch (intent.kind) {
      case 'attempt': {
        if (!webhook?.unreadable) {
          const { attempts, pace } = intent
          return webhook && { event, webhook, run, attempts, pace, parcel }
        }
        // Ours to mend, not the receiver's: it comes back for as long as its webhook is there and takes events.
        const { delaySeconds } = later(inbound)
        this.comeBack({ parcel, delaySeconds, attempts: made, standing: 'insurance' })
        return null
      }
      case 'wait': {
        const { delaySeconds } = intent
        this.comeBack({ parcel, delaySeconds, attempts: made, standing: 'insurance' })
        return null
      }
      case 'join':
        this.joining.push({ parcel, webhook })
        return null
      case 'withdraw':
        this.withdraw(parcel, webhook)
        break
      case 'skip': {
        const { trigger, message: sentence } = intent
        const why = { trigger, message: sentence, at: this.ports.clock() }
        const delivery = webhook && { event, webhook, run, attempts: message.attempts }
        const finding = delivery && toSkipped(delivery, why, this.ports.outbounds)
        if (finding) this.findings.push({ parcel, finding })
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
      return others.filter(({ attempts, parcel }) => attempts === 0 || parcel.message.onlyMissing)
    })
    for (const { parcel } of held) {
      const { attempts } = parcel.message
      this.comeBack({ parcel, delaySeconds: HELD_BACK_SECONDS, attempts, standing: 'insurance' })
    }
    return decided.filter((due) => !held.includes(due))
  }

  private intentOf(
    { inbound, message }: Parcel,
    webhook: Subscriber | null,
    state: RunState | null,
  ): Intent {
    const { outbounds, clock } = this.ports
    // A replay chooses by type and scope, and asks no dialect before.
    const isAsked = webhook !== null && message.ifConcerned === true
    const retries = webhook ? retriesOf(failureHandlingOf(webhook, outbounds).retry) : 0
    return intentOf({
      webhook,
      isConcerned: !isAsked || concerns(webhook, message.event, outbounds),
      state,
      message,
      arrivals: inbound.attempts,
      retries,
      now: clock(),
    })
  }

  private finish(tried: Tried<Due>): void {
    const { parcel } = tried.delivery
    this.findings.push({ parcel, finding: toFinding(tried) })
    if (tried.kind === 'unsendable' || tried.disposition.kind !== 'retry') return
    const { delaySeconds } = tried.disposition
    const { attempt: attempts } = tried.attempt
    this.comeBack({ parcel, delaySeconds, attempts, standing: 'sole' })
  }

  /** Has the run that is under way make its next attempt now; this one is not needed then. */
  private async join({ parcel, webhook }: Round['joining'][number]): Promise<void> {
    const { tenantId, webhookId: id, event } = parcel.message
    try {
      const isSent = await this.ports.monitor(id).resend({ tenantId, id }, event, true)
      // Not: that run has ended meanwhile, so that this one decides anew when it comes again.
      if (!isSent) return
      this.verdicts.set(parcel.inbound.id, ACK)
      this.withdraw(parcel, webhook)
    } catch (error) {
      this.ports.log({ event: 'resend.postponed', webhookId: id, error: describeError(error) })
    }
  }

  /** Ends a run of which an attempt may have been made that nobody has reported yet: its report must not take it up again. */
  private withdraw(parcel: Bundle, webhook: Subscriber | null): void {
    const { message, twins } = parcel
    const mayHaveBegun = [parcel, ...twins].some(
      ({ inbound, message: { attempts } }) => inbound.attempts > 1 || attempts > 0,
    )
    if (!webhook || !mayHaveBegun) return
    const { event, run, carrier = null } = message
    const entry = { kind: 'withdrawn', eventId: event.id, run, carrier } as const
    this.findings.push({ parcel, finding: { webhook, entry } })
  }

  private comeBack(comeback: Comeback): void {
    const { parcel, delaySeconds } = comeback
    this.verdicts.set(parcel.inbound.id, { kind: 'retry', delaySeconds })
    this.comebacks.push(comeback)
  }

  /** The webhooks as they are now; null when they cannot be read. */
  private async readWebhooks(
    parcels: readonly Parcel[],
  ): Promise<ReadonlyMap<string, Subscriber> | null> {
    const refs = parcels.map(({ message }) => ({
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
  private async askLog(bundles: readonly Bundle[]): Promise<ReadonlyMap<Bundle, LogAnswer>> {
    const asked = bundles.filter(
      ({ inbound, message, twins }) =>
        inbound.attempts > 1 ||
        message.standing !== 'sole' ||
        // A retry: the event may have been sent again, and delivered, meanwhile.
        message.attempts > 0 ||
        twins.length > 0,
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
  async run(inbound: InboundMessage, errand: Errand): Promise<void> {
    const { kind } = errand
    try {
      const running = runErrand(errand, inbound.attempts > 1, this.ports)
      const answer = await within(running, INVOCATION.recordMs, this.ports)
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
