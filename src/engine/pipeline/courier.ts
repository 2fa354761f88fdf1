// Consumer of the deliveries queue. In: one delivery (or report, or notice) per message; out: a verdict for each. A
// retry stays in its message, which comes back when it is due; how many attempts were made is the log's to know.

import { INVOCATION, QUEUE } from '../../config.ts'
import type { InboundMessage, Verdict } from '../index.ts'
import type { DeliveryState, Subscriber } from '../model.ts'
import type { DeliveryMessage, Ports } from '../ports.ts'
import { askLog } from './ask-log.ts'
import { type Attempted, attempt, type Delivery } from './attempt.ts'
import { keepDeadLetter } from './dead-letter.ts'
import { fromDeliveryText } from './delivery-message.ts'
import { finishInBackground, insuredDelay } from './insurance.ts'
import { intentOf } from './intent.ts'
import { announce } from './notice.ts'
import { type Finding, record, toFinding, toSkipped, writeState } from './record.ts'
import { runInSlot } from './slot.ts'

type Deliver = DeliveryMessage & { kind: 'deliver' }

/** A delivery as its message brought it. */
interface Parcel {
  readonly inbound: InboundMessage
  readonly message: Deliver
}

/** A delivery that is due. */
interface Due extends Delivery {
  readonly parcel: Parcel
}

const ACK: Verdict = { kind: 'ack' }
const LATER: Verdict = { kind: 'retry', delaySeconds: QUEUE.unavailableDelaySeconds }

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
  return messages.map(({ id }) => round.verdicts.get(id) ?? LATER)
}

/** One batch: its verdicts, and what is to be written down. A message without a verdict comes again. */
class Round {
  readonly verdicts = new Map<string, Verdict>()
  private readonly ports: Ports
  private readonly findings: { readonly parcel: Parcel; readonly finding: Finding }[] = []
  private readonly retries: { readonly parcel: Parcel; readonly attempts: number }[] = []

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
      const attempts = this.decide(parcel, webhook, states.get(parcel) ?? null)
      const { event, run } = parcel.message
      if (webhook && attempts !== null) due.push({ event, webhook, run, attempts, parcel })
    }
    const slot = await runInSlot(due, (delivery) => attempt(delivery, this.ports), {
      concurrency: INVOCATION.concurrency,
      end: slotEnds,
    })
    for (const { parcel } of due) this.verdicts.set(parcel.inbound.id, ACK)
    for (const attempted of slot.finished) if (attempted) this.finish(attempted)
    for (const { parcel } of slot.unstarted) this.retry(parcel, 0)
    for (const { item } of slot.unanswered) {
      this.retry(item.parcel, insuredDelay(item.webhook, this.ports.outbounds))
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
      for (const { parcel } of this.findings) this.verdicts.set(parcel.inbound.id, LATER)
      this.ports.log({ event: 'batch.unrecorded', queue: 'deliveries', error: String(error) })
    }
    await Promise.all(this.retries.map((retry) => this.renew(retry)))
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
      case 'wait':
        this.retry(parcel, intent.delaySeconds)
        return null
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
    this.retry(parcel, attempted.disposition.delaySeconds)
    this.retries.push({ parcel, attempts: attempted.attempt.attempt })
  }

  private retry({ inbound }: Parcel, delaySeconds: number): void {
    this.verdicts.set(inbound.id, { kind: 'retry', delaySeconds })
  }

  /**
   * A message lives for days and comes a hundred times, a schedule may want more: before that, the delivery gets a
   * message of its own age. If that cannot be sent, the old one still has time.
   */
  private async renew({ parcel, attempts }: { parcel: Parcel; attempts: number }): Promise<void> {
    const { inbound, message } = parcel
    const verdict = this.verdicts.get(inbound.id)
    const ageSeconds = (this.ports.clock() - inbound.timestamp) / 1_000
    const old =
      inbound.attempts >= QUEUE.freshAfterAttempts || ageSeconds >= QUEUE.freshAfterSeconds
    if (!old || verdict?.kind !== 'retry') return
    try {
      const fresh: Deliver = { ...message, attempts, standing: 'sole' }
      const { delaySeconds } = verdict
      await this.ports.deliveries.send([{ message: fresh, delaySeconds }])
      this.verdicts.set(inbound.id, ACK)
    } catch (error) {
      this.ports.log({ event: 'delivery.unrenewed', messageId: inbound.id, error: String(error) })
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
      this.ports.log({ event: 'webhooks.unreadable', error: String(error) })
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
        error: String(error),
      })
    }
  }
}
