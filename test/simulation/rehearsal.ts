// A play with one thing going wrong: what owners, producers and receivers do is written down beforehand, what the
// platform does to it is not. Everything that leaves is seen, to the end.

import { DEFAULT_FAILURE_HANDLING } from '../../src/engine/attempt/failure-handling.ts'
import {
  type FailureHandling,
  hasEnded,
  isPaused,
  type Webhook,
  type WebhookDraft,
} from '../../src/engine/model/index.ts'
import { EngineError } from '../../src/errors.ts'
import { type Behaviour, type Fault, InjectedFault, type QueueName, World } from '../fakes/world.ts'

export const TYPE = 'order.paid'

export interface Receiver {
  readonly id: string
  readonly url: string
  readonly handling: FailureHandling
}

/** An event that somebody asked to be sent again to a receiver. */
interface Resent {
  readonly receiver: Receiver
  readonly eventId: string
  /** Requests sent before, and when it was. */
  readonly before: number
  readonly at: number
  /** It was on its way, as far as the log told: the resend joined it. */
  readonly joins: boolean
  /** Whoever asked was told that it is sent. */
  readonly isPromised: boolean
}

export type Scene = (stage: Rehearsal) => Promise<unknown>

export interface Play {
  /** Ports that it must be sure to pass through. */
  readonly through: readonly string[]
  readonly receivers: readonly Partial<FailureHandling>[]
  readonly scenes: readonly Scene[]
}

const EVERY_QUEUE: readonly QueueName[] = ['events', 'deliveries', 'events', 'deliveries']

export class Rehearsal {
  readonly world = new World()
  readonly receivers: Receiver[] = []
  /** Ids of the events that were answered with 202. */
  readonly accepted: string[] = []
  /** Of scheduled events among them when each is due, and which of them somebody was told are cancelled, or perhaps are. */
  readonly due = new Map<string, number>()
  readonly cancelled = new Map<string, 'surely' | 'perhaps'>()
  /** What was asked to be sent again. */
  readonly resent: Resent[] = []
  /** Why a receiver must not get anything from a batch, by `<batch>/<url>`. */
  readonly closed = new Map<string, string>()
  /** How many requests in any second a receiver is to get at most, and since when somebody was told so. */
  readonly rated = new Map<Receiver, { readonly since: number; readonly perSecond: number }>()
  /** Receivers that are to get events one after the other, and since when somebody was told so. */
  readonly ordered = new Map<Receiver, number>()
  /** Receivers that were suspended at any time. */
  readonly suspended = new Set<Receiver>()
  /** Events that another Worker sent, and messages that nobody can read. */
  produced = 0
  garbled = 0
  tenantId = ''

  /** Plays it to the end; without a fault, to learn how many calls there are. */
  static async play({ receivers, scenes }: Play, fault: Fault): Promise<Rehearsal> {
    const stage = new Rehearsal()
    const { world } = stage
    const { engine } = world
    stage.tenantId = (await engine.administration.createTenant({ name: 'Acme', id: null })).id
    for (const handling of receivers) await stage.open(handling)
    world.traced = true
    world.inject(fault)
    for (const scene of scenes) {
      await scene(stage)
      for (const queue of EVERY_QUEUE) await stage.watch(() => world.runBatch(queue, 40))
    }
    world.inject(null)
    for (const { url } of stage.receivers) world.behaviours.set(url, 'ok')
    for (const index of stage.receivers.keys()) await stage.pause(index, false)
    await world.settle((step) => stage.watch(step))
    return stage
  }

  receiver(index: number): Receiver {
    const receiver = this.receivers[index]
    if (!receiver) throw new Error(`There is no receiver ${index}.`)
    return receiver
  }

  /** With a key, which an event may repeat: then it is the same event. */
  async publish(
    count: number,
    deduplicationKey: string | null = null,
    deliverAt?: number,
  ): Promise<void> {
    const draft = { type: TYPE, data: '{"n":1.10}', deduplicationKey, time: null, deliverAt }
    const drafts = Array.from({ length: count }, () => ({
      ...draft,
      scope: {},
      actor: null,
      requestId: null,
    }))
    const answer = await this.ask(() => this.world.engine.events.publish(this.tenantId, drafts))
    const fresh = (answer ?? []).filter(({ id }) => !this.accepted.includes(id))
    this.accepted.push(...fresh.map(({ id }) => id))
    if (deliverAt !== undefined) for (const { id } of fresh) this.due.set(id, deliverAt)
  }

  /** Publishes events for so many milliseconds later. */
  schedule(count: number, delayMs: number, key: string | null = null): Promise<void> {
    return this.publish(count, key, this.world.now + delayMs)
  }

  /** Who is told nothing may find it cancelled. */
  async cancel(eventId: string | undefined): Promise<void> {
    if (eventId === undefined || (this.due.get(eventId) ?? 0) <= this.world.now) return
    const answer = await this.ask(() => this.world.engine.events.cancel(this.tenantId, eventId))
    this.cancelled.set(eventId, answer === null ? 'perhaps' : 'surely')
  }

  /** Another Worker sends an event to the queue, with a key of its own. */
  produce(id: string): void {
    const { tenantId } = this
    const events = [{ id, type: TYPE, data: { n: 1 } }]
    this.world.enqueue('events', JSON.stringify({ v: 1, tenantId, events }))
    this.produced += 1
  }

  /** Somebody sends a queue what is no message. */
  garble(queue: QueueName): void {
    this.world.enqueue(queue, '{"garbage":')
    this.garbled += 1
  }

  async behave(index: number, behaviour: Behaviour): Promise<void> {
    this.world.behaviours.set(this.receiver(index).url, behaviour)
  }

  async pass(ms: number): Promise<void> {
    await this.watch(async () => {
      await this.world.advance(ms)
      return true
    })
  }

  async resume(index: number): Promise<void> {
    const receiver = this.receiver(index)
    const { health } = await this.world.truth.monitor(receiver.id).health()
    if (health.suspendedAt !== null) this.suspended.add(receiver)
    await this.ask(() => this.world.engine.webhooks.resume(this.ref(index)))
  }

  async rate(index: number, perSecond: number): Promise<void> {
    const receiver = this.receiver(index)
    const ref = { tenantId: this.tenantId, id: receiver.id }
    const rate = { perSecond, perMinute: null, concurrency: null }
    const change = (now: Webhook) => ({ ...now, rate })
    const answer = await this.ask(() => this.world.engine.webhooks.update(ref, change))
    if (answer !== null) this.rated.set(receiver, { since: this.world.now, perSecond })
  }

  async order(index: number): Promise<void> {
    const receiver = this.receiver(index)
    const ref = { tenantId: this.tenantId, id: receiver.id }
    const order = { key: null, onFailure: 'continue' } as const
    const change = (now: Webhook) => ({ ...now, order })
    const answer = await this.ask(() => this.world.engine.webhooks.update(ref, change))
    if (answer !== null) this.ordered.set(receiver, this.world.now)
  }

  /** Two events go in one request, or what there is after a second. */
  async together(index: number): Promise<void> {
    const batch = { maxEvents: 2, maxWaitMs: 1_000 }
    const change = (now: Webhook) => ({ ...now, batch })
    await this.ask(() => this.world.engine.webhooks.update(this.ref(index), change))
  }

  async pause(index: number, paused: boolean): Promise<void> {
    const change = (now: Webhook) => ({ ...now, paused })
    await this.ask(() => this.world.engine.webhooks.update(this.ref(index), change))
  }

  async resendDiverted(index: number): Promise<void> {
    const receiver = this.receiver(index)
    const { items } = await this.world.truth.monitor(receiver.id).diverted({ limit: 1_000 })
    const eventIds = items.map(({ event }) => event.id)
    const ref = this.ref(index)
    await this.noting(receiver, eventIds, async () => {
      const job = await this.ask(() => this.world.engine.webhooks.resendDiverted(ref, {}))
      return job?.queued === eventIds.length
    })
  }

  async resend(index: number, eventId: string | undefined): Promise<void> {
    if (eventId === undefined) return
    const receiver = this.receiver(index)
    const { events } = this.world.engine
    const resend = () => events.resend(this.tenantId, eventId, receiver.id)
    await this.noting(receiver, [eventId], async () => (await this.ask(resend)) === 1)
  }

  async replay(index: number, onlyMissing: boolean): Promise<void> {
    const receiver = this.receiver(index)
    const query = { since: 0, until: null, onlyMissing }
    const { webhooks } = this.world.engine
    const { items } = await this.world.truth.eventLog.list({ limit: 1_000 })
    // Without those that Hookline published itself.
    const own = items.filter(({ type, cancelledAt }) => type === TYPE && cancelledAt === undefined)
    const eventIds = own.map(({ id }) => id)
    await this.noting(receiver, eventIds, async () => {
      const job = await this.ask(() => webhooks.replay(this.ref(index), query))
      return !onlyMissing && job !== null
    })
  }

  /** Notes what is asked for, and whether that was promised. */
  private async noting(
    receiver: Receiver,
    eventIds: readonly string[],
    ask: () => Promise<boolean>,
  ): Promise<void> {
    const { now: at } = this.world
    const before = this.world.sent.length
    const joining = eventIds.filter((eventId) => {
      const runs = this.world.runsOf(receiver.id, eventId)
      return runs.length === 0 || runs.some(({ status }) => !hasEnded(status))
    })
    const isPromised = await ask()
    for (const eventId of eventIds) {
      const joins = joining.includes(eventId)
      this.resent.push({ receiver, eventId, before, at, joins, isPromised })
    }
  }

  ref(index: number) {
    return { tenantId: this.tenantId, id: this.receiver(index).id }
  }

  /** The answer; null when there was none, or it was that something is down. */
  private async ask<T>(work: () => Promise<T>): Promise<T | null> {
    const answer = await this.world.whileAlive(() => work().catch(refused))
    return answer === 'died' ? null : answer
  }

  /** Notes, of every batch that begins, whom it must not send anything. */
  private async watch(step: () => Promise<boolean>): Promise<boolean> {
    const { begun, truth, injector } = this.world
    const closed = new Map<string, string>()
    for (const receiver of this.receivers) {
      const found = await truth.webhooks.find({ tenantId: this.tenantId, id: receiver.id })
      const { health } = await truth.monitor(receiver.id).health()
      if (found === null) closed.set(receiver.url, 'deleted')
      else if (!found.enabled) closed.set(receiver.url, 'disabled')
      else if (isPaused(found)) closed.set(receiver.url, 'paused')
      // What the memory decided the configuration says at once, unless something went wrong: then a notice brings it.
      else if (health.suspendedAt !== null) {
        const isKnown = found.suspendedAt !== null || injector.fired === null
        if (isKnown) closed.set(receiver.url, 'suspended')
      }
      if (health.suspendedAt !== null) this.suspended.add(receiver)
    }
    const done = await step()
    for (let batch = begun + 1; batch <= this.world.begun; batch += 1) {
      for (const [url, why] of closed) this.closed.set(`${batch}/${url}`, why)
    }
    return done
  }

  private async open(fields: Partial<FailureHandling>): Promise<void> {
    const url = `https://receiver-${this.receivers.length}.example/`
    const handling = { ...DEFAULT_FAILURE_HANDLING, ...fields }
    const draft: WebhookDraft = {
      dialect: 'native',
      owner: null,
      uniqueKey: null,
      name: null,
      url,
      eventTypes: [TYPE],
      scope: {},
      enabled: true,
      failureHandling: handling,
      attributes: {},
      secrets: { signing: [], headers: [], attributes: {} },
    }
    const { id } = await this.world.engine.webhooks.create(this.tenantId, draft)
    this.receivers.push({ id, url, handling })
  }
}

/** Whoever asked is told that it failed; nothing was promised. */
function refused(error: unknown): null {
  if (error instanceof InjectedFault) return null
  const says = error instanceof EngineError ? error.code : null
  // What the log does not hold (yet) cannot be sent again, nor what waits for its time, or was cancelled.
  if (says === 'unavailable' || says === 'not_found' || says === 'conflict') return null
  throw error
}
