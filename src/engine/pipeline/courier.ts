// Consumer of the deliveries queue. In: one delivery (or report, or notice) per message; out: a verdict for each. A
// retry stays in its message, which comes back when it is due; how many attempts were made is the log's to know.

import { INVOCATION, QUEUE } from '../../config.ts'
import { describeError } from '../errors.ts'
import type { InboundMessage, Verdict } from '../index.ts'
import type { DeliveryState, Subscriber } from '../model.ts'
import type { DeliveryMessage, Ports, Standing } from '../ports.ts'
import { askLog } from './ask-log.ts'
import { type Attempted, attempt, type Delivery } from './attempt.ts'
import { keepDeadLetter } from './dead-letter.ts'
import { fromDeliveryText } from './delivery-message.ts'
import { finishInBackground, insuredDelay } from './insurance.ts'
import { intentOf } from './intent.ts'
import { later } from './later.ts'
import { concerns } from './match.ts'
import { announce } from './notice.ts'
import { type Finding, record, toFinding, toSkipped, toUnanswered, writeState } from './record.ts'
import { runInSlot } from './slot.ts'

type Deliver = DeliveryMessage & { kind: 'deliver' }

/** A delivery as its message brought it. */
interface Parcel {
  readonly inbound: InboundMessage
  readonly message: Deliver
}

/** A delivery that comes back: what its message would say if it were sent anew. */
interface Comeback {
  readonly parcel: Parcel
  readonly delaySeconds: number
  readonly attempts: number
  readonly standing: Standing
}

/** A delivery that is due. */
interface Due extends Delivery {
  readonly parcel: Parcel
}

const ACK: Verdict = { kind: 'ack' }

/** Makes one attempt for each message that is due; resolves within the slot plus the time to write it down. */
export async function carry(
  messages: readonly InboundMessage[],
  ports: Ports,
): Promise<readonly Verdict[]> {
  const end = new AbortController()
  const slotEnds = ports.wait(INVOCATION.slotMs, end.signal)
  const round = new Round(ports)
  await round.deliver(await round.open(messages), slotEnds)
  await round.close()
  end.abort()
  return messages.map((message) => round.verdicts.get(message.id) ?? later(message))
}

/** One batch: its verdicts, and what is to be written down. A message without a verdict comes again. */
class Round {
  readonly verdicts = new Map<string, Verdict>()
  private readonly ports: Ports
  private readonly findings: { readonly parcel: Parcel; readonly finding: Finding }[] = []
  private readonly comebacks: Comeback[] = []

  constructor(ports: Ports) {
    this.ports = ports
  }

  /** The deliveries among the messages; what is no delivery is done at once. */
  async open(messages: readonly InboundMessage[]): Promise<readonly Parcel[]> {
    const parcels: Parcel[] = []
    await Promise.all(
      messages.map(async (inbound) => {
        const message = fromDeliveryText(inbound.body)
        if (message === null) await this.keep(inbound)
        else if (message.kind === 'deliver') parcels.push({ inbound, message })
        else await this.write(inbound, message)
      }),
    )
    return parcels
  }

  /** Decides about each delivery, and makes the attempts that are due. */
  async deliver(parcels: readonly Parcel[], slotEnds: Promise<void>): Promise<void> {
    if (parcels.length === 0) return
    const [webhooks, states] = await Promise.all([this.readWebhooks(parcels), this.askLog(parcels)])
    if (webhooks === null) return
    const due: Due[] = []
    for (const parcel of parcels) {
      const webhook = webhooks.get(parcel.message.webhookId) ?? null
      const { event, run } = parcel.message
      // A replay, and a resend to one webhook, ask nobody before.
      if (webhook !== null && !concerns(webhook, event, this.ports.outbounds)) {
        const message = 'The event means nothing to the webhook.'
        const why = { trigger: 'disabled', message, at: this.ports.clock() } as const
        const delivery = { event, webhook, run, attempts: parcel.message.attempts }
        this.findings.push({ parcel, finding: toSkipped(delivery, why, this.ports.outbounds) })
        this.verdicts.set(parcel.inbound.id, ACK)
        continue
      }
      const attempts = this.decide(parcel, webhook, states.get(parcel) ?? null)
      if (webhook && attempts !== null) due.push({ event, webhook, run, attempts, parcel })
    }
    const slot = await runInSlot(due, (delivery) => attempt(delivery, this.ports), {
      concurrency: INVOCATION.concurrency,
      end: slotEnds,
    })
    for (const { parcel } of due) this.verdicts.set(parcel.inbound.id, ACK)
    for (const attempted of slot.finished) if (attempted) this.finish(attempted)
    for (const { parcel, attempts } of slot.unstarted) {
      this.comeBack({ parcel, delaySeconds: 0, attempts, standing: 'insurance' })
    }
    for (const { item } of slot.unanswered) {
      const { parcel, attempts, webhook } = item
      this.findings.push(...toUnanswered(item).map((finding) => ({ parcel, finding })))
      const delaySeconds = insuredDelay(webhook, this.ports.outbounds)
      this.comeBack({ parcel, delaySeconds, attempts, standing: 'insurance' })
    }
    const unanswered = slot.unanswered.map(({ result }) => result)
    finishInBackground(unanswered, this.ports)
  }

  /** Writes down what happened, and sends anew what became too old to be retried in place. */
  async close(): Promise<void> {
    try {
      const findings = this.findings.map(({ finding }) => finding)
      await record(findings, this.ports)
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
    await Promise.all(this.comebacks.map((comeback) => this.renew(comeback)))
  }

  /** Attempts made so far when one is due now; null when it is not. */
  private decide(
    parcel: Parcel,
    webhook: Subscriber | null,
    state: DeliveryState | null,
  ): number | null {
    const { inbound, message } = parcel
    const now = this.ports.clock()
    const intent = intentOf({ webhook, state, message, arrivals: inbound.attempts, now })
    switch (intent.kind) {
      case 'attempt':
        return intent.attempts
      case 'wait': {
        const { delaySeconds } = intent
        const attempts = Math.max(state?.attempts ?? 0, message.attempts)
        this.comeBack({ parcel, delaySeconds, attempts, standing: 'insurance' })
        return null
      }
      case 'nothing':
        this.verdicts.set(inbound.id, ACK)
        return null
      case 'skip': {
        if (webhook === null) return null
        const { event, run } = message
        const { trigger, message: why } = intent
        const delivery = { event, webhook, run, attempts: message.attempts }
        const finding = toSkipped(
          delivery,
          { trigger, message: why, at: now },
          this.ports.outbounds,
        )
        this.findings.push({ parcel, finding })
        this.verdicts.set(inbound.id, ACK)
        return null
      }
    }
  }

  private finish(attempted: Attempted<Due>): void {
    const { parcel } = attempted.delivery
    this.findings.push({ parcel, finding: toFinding(attempted) })
    if (attempted.disposition.kind !== 'retry') return
    const { delaySeconds } = attempted.disposition
    const { attempt: attempts } = attempted.attempt
    this.comeBack({ parcel, delaySeconds, attempts, standing: 'sole' })
  }

  private comeBack(comeback: Comeback): void {
    const { parcel, delaySeconds } = comeback
    this.verdicts.set(parcel.inbound.id, { kind: 'retry', delaySeconds })
    this.comebacks.push(comeback)
  }

  /**
   * A message lives for days and comes a hundred times, a schedule may want more: before that, the delivery gets a
   * message of its own age. If that cannot be sent, the old one still has time.
   */
  private async renew({ parcel, delaySeconds, attempts, standing }: Comeback): Promise<void> {
    const { inbound, message } = parcel
    const ageSeconds = (this.ports.clock() - inbound.timestamp) / 1_000
    const old =
      inbound.attempts >= QUEUE.freshAfterAttempts || ageSeconds >= QUEUE.freshAfterSeconds
    if (!old) return
    try {
      const fresh: Deliver = { ...message, attempts, standing }
      await this.ports.deliveries.send([{ message: fresh, delaySeconds }])
      this.verdicts.set(inbound.id, ACK)
    } catch (error) {
      this.ports.log({
        event: 'delivery.unrenewed',
        messageId: inbound.id,
        error: describeError(error),
      })
    }
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

  /** What the log knows, where it must be asked; a log that cannot be reached knows nothing. */
  private async askLog(parcels: readonly Parcel[]): Promise<ReadonlyMap<Parcel, DeliveryState>> {
    const asked = parcels.filter(
      ({ inbound, message }) => inbound.attempts > 1 || message.standing !== 'sole',
    )
    return askLog(
      asked,
      ({ message }) => ({
        webhookId: message.webhookId,
        eventId: message.event.id,
        run: message.run,
      }),
      this.ports,
    )
  }

  private async keep(inbound: InboundMessage): Promise<void> {
    const reason = 'not a message of the deliveries queue'
    if (await keepDeadLetter('deliveries', inbound, reason, this.ports)) {
      this.verdicts.set(inbound.id, ACK)
    }
  }

  /** A report that could not be written before, or a notice. */
  private async write(
    inbound: InboundMessage,
    message: Exclude<DeliveryMessage, Deliver>,
  ): Promise<void> {
    try {
      if (message.kind === 'record') {
        const { tenantId, webhookId, report } = message
        const state = await this.ports.monitor(webhookId).report(report)
        await writeState({ tenantId, id: webhookId }, state, this.ports)
      } else {
        await announce(message.notice, inbound.attempts > 1, this.ports)
      }
      this.verdicts.set(inbound.id, ACK)
    } catch (error) {
      const { kind } = message
      this.ports.log({
        event: 'message.postponed',
        queue: 'deliveries',
        kind,
        error: describeError(error),
      })
    }
  }
}
