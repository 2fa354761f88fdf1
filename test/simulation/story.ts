// One history: what owners, producers, receivers and the platform do, step by step, and the trace it leaves.

import { DEFAULT_FAILURE_HANDLING } from '../../src/engine/attempt/failure-handling.ts'
import { fromDeliveryText } from '../../src/engine/messages/delivery-message.ts'
import { fromEventMessage } from '../../src/engine/messages/event-message.ts'
import type {
  Batch,
  Order,
  Rate,
  VerificationMethod,
  Webhook,
  WebhookDraft,
} from '../../src/engine/model/index.ts'
import {
  batchOf,
  isCancelled,
  isExpunged,
  isSystemEventType,
  orderOf,
  statusOf,
} from '../../src/engine/model/index.ts'
import { EngineError } from '../../src/errors.ts'
import { timeOf } from '../../src/primitives/ids.ts'
import { LOG } from '../../src/tuning.ts'
import type { Agreement } from '../fakes/handshakes.ts'
import { type Fault, InjectedFault, type Sent, World } from '../fakes/world.ts'
import { BATCHES } from './batches.ts'
import { Lateness } from './lateness.ts'
import { ORDERS } from './orders.ts'
import { Pulls } from './pulls.ts'
import { RATES } from './rates.ts'
import type { Scheduled } from './scheduled.ts'
import { DATA, SHAPES, type ShapeSince } from './shapes.ts'
import { PATTERNS, POLICIES, portsOf, SCOPE, SECRETS, type Step, TYPES } from './steps.ts'
import {
  type Accepted,
  type Config,
  covers,
  type Fact,
  type Known,
  type Present,
  type Status,
} from './trace.ts'
import { type Asking, type Change, nextAsking } from './verifications.ts'

export type { Step } from './steps.ts'

/** Secrets that sign at once (docs/contracts/delivery.md, "Signatures"). */
const MOST_SECRETS = 10

/** What is due is done by then, unless it makes ever more. */
const MOST_BATCHES = 50

/** Its receiver is asked, and answers so. */
interface Asked {
  readonly agreement: Agreement
  readonly fault: Fault | null
}

const AGREES: Asked = { agreement: 'yes', fault: null }

/** More than what was scheduled, or is tried again, takes; and less than what waits for a receiver that does not agree. */
const MOST_SETTLING_MS = 3 * 86_400_000

type Told = Fact extends infer F ? (F extends Fact ? Omit<F, 'at'> : never) : never

export class Story {
  readonly world = new World()
  readonly webhooks: Known[] = []
  readonly accepted: Accepted[] = []
  readonly trace: Fact[] = []
  /** Events that were published for later. */
  readonly scheduled: Scheduled[] = []
  /** Isolates' clocks differed at some time, by so much. */
  marginMs = 0
  tenantId = ''
  pulls: Pulls | null = null
  readonly lateness = new Lateness()
  /** Events that somebody asked to be erased, whatever the answer. */
  readonly toErase = new Set<string>()
  private readonly erasures = new Map<string, readonly string[]>()
  /** Webhooks of which a queue lost messages: whoever asked for these asks again. */
  private readonly hasLost = new Set<Known>()
  private readonly usedKeys = new Set<string>()
  private readonly byUrl = new Map<string, Known>()
  private seen: ReadonlyMap<Known, Present> = new Map()
  /** How webhooks were when an event was accepted for them, by its id. */
  private readonly whenAccepted = new Map<string, ReadonlyMap<Known, ReturnType<Story['nowOf']>>>()
  private hasLooked = false
  private noted = { requests: 0, mishaps: 0, at: 0 }
  /** Webhooks whose owner was not told of the order that he asked for last. */
  private readonly unheardOrders = new Set<Known>()
  /** Expressions that an owner asked for, who was not told of it. */
  private readonly unheardShapes: (ShapeSince & { readonly known: Known })[] = []

  /** `shards`: of event logs, as a deployment says it; where there are several, so are queues. */
  static async begin(shards = '1'): Promise<Story> {
    const story = new Story()
    story.world.spread(shards)
    const tenant = await story.world.engine.administration.createTenant({ name: 'Acme', id: null })
    story.tenantId = tenant.id
    await story.create(2, 0, false, 0)
    await story.create(1, 1, false, 0)
    story.pulls = await Pulls.begin(tenant.id, story.world.engine.webhooks)
    return story
  }

  async take(next: Step): Promise<void> {
    this.hasLooked = false
    const { engine, queues, down } = this.world
    switch (next.kind) {
      case 'create':
        return this.asOwner(null, () =>
          this.create(next.pattern, next.policy, next.mute, next.shape),
        )
      case 'createGuarded':
        return this.asOwner(null, () => this.create(next.pattern, next.policy, false, 0, next))
      case 'move':
        return this.move(next.webhook)
      case 'guard':
        return this.withWebhook(next.webhook, (known) => this.guard(known, next))
      case 'verify':
        return this.withWebhook(next.webhook, (known) => this.verify(known, next))
      case 'estrange':
        return this.estrange(next)
      case 'reshape':
        return this.withWebhook(next.webhook, (known) => this.reshape(known, next))
      case 'recast':
        await this.take({ ...next, kind: 'behave' })
        await this.take({ ...next, kind: 'publish', count: 1 })
        await this.take({ ...next, kind: 'reshape' })
        await this.take({ ...next, kind: 'publish', count: 1 })
        return this.work()
      case 'retype':
        return this.change(next.webhook, (now) => ({ ...now, pattern: patternAt(next.pattern) }))
      case 'reconsider':
        return this.change(next.webhook, (now) => ({ ...now, policy: policyAt(next.policy) }))
      case 'toggle':
        return this.change(next.webhook, (now) => ({ ...now, enabled: !now.enabled }))
      case 'rotate':
        for (let time = 0; time < next.times; time += 1) {
          await this.rotate({ ...next, secret: (next.secret + time) % SECRETS.length })
        }
        return
      case 'lose':
        return this.withWebhook(next.webhook, (known) => this.lose(known))
      case 'remove':
        return this.withWebhook(next.webhook, async (known) => {
          await engine.webhooks.delete(this.ref(known))
          known.deleted = true
        })
      case 'publish':
        return this.publish(
          Array.from({ length: next.count }, () => TYPES[next.type] ?? TYPES[0]),
          null,
        )
      case 'faultyPublish':
        this.world.inject(next.fault)
        await this.publish(
          // A key stands for one event.
          next.key === 0
            ? Array.from({ length: next.count }, () => TYPES[next.type] ?? TYPES[0])
            : [TYPES[0]],
          next.key === 0 ? null : `key-${next.key}`,
        )
        this.world.inject(null)
        return
      case 'publishKeyed':
        if (next.faulty) this.world.inject({ call: 1, mode: 'after', port: '' })
        await this.publish([TYPES[0]], `key-${next.key}`)
        if (next.faulty) this.world.inject(null)
        return
      case 'schedule':
        this.world.inject(next.fault)
        await this.schedule(TYPES[next.type] ?? TYPES[0], next.delayMs)
        this.world.inject(null)
        return
      case 'unschedule':
        if (this.waiting().length === 0) {
          await this.schedule(TYPES[next.type] ?? TYPES[0], 600_000)
        }
        this.world.inject(next.fault)
        await this.unschedule(next.event)
        this.world.inject(null)
        return
      case 'pull':
        this.world.inject(next.fault)
        await this.world.whileAlive(async () =>
          this.pulls?.read(next.consumer, next.limit, this.world.engine.webhooks),
        )
        this.world.inject(null)
        return
      case 'budget':
        this.world.firstAttempts = next.most
        return
      case 'behave':
        return this.withWebhook(next.webhook, async ({ config }) => {
          this.world.behaviours.set(config.url, next.behaviour)
        })
      case 'endure':
        await this.take({ ...next, kind: 'behave' })
        await this.take({ kind: 'publish', type: next.type, count: 1 })
        await this.work()
        await this.advance(70_000)
        return this.work()
      case 'sift':
        await this.take({ ...next, kind: 'create', pattern: 2, mute: false, shape: 2 })
        await this.take({ ...next, kind: 'publish', count: 1 })
        return this.work()
      case 'advance':
        return this.advance(next.ms)
      case 'clock':
        return this.setClock(next.skewMs)
      case 'batch':
        await this.watch(() => this.world.runBatch(next.queue))
        return
      case 'work':
        return this.work()
      case 'faultyBatch':
        this.world.inject(next.fault)
        await this.watch(() => this.world.runBatch(next.queue))
        this.world.inject(null)
        return
      case 'crash':
        this.world.die()
        return
      case 'outage':
        for (const port of portsOf(next.component)) down.add(port)
        return
      case 'recover':
        return down.clear()
      case 'duplicate': {
        const message = queues[next.queue][next.message]
        this.world.duplicate(next.queue, next.message)
        if (message) this.note({ kind: 'copied', text: message.body })
        return
      }
      case 'reorder':
        queues[next.queue].reverse()
        // So with what follows a delivery that is on its way: it may come first now.
        for (const { body } of queues.deliveries) this.note({ kind: 'copied', text: body })
        // The second message of an event asks whether it is the second; now it may come first.
        for (const { id, first } of this.accepted) {
          if (!first && this.timesQueued(id) > 0) this.note({ kind: 'copied', text: id })
        }
        return
      case 'resume':
        return this.withWebhook(next.webhook, async (known) => {
          await engine.webhooks.resume(this.ref(known))
          this.note({ kind: 'resumed', webhook: known })
        })
      case 'pause':
        return this.withWebhook(next.webhook, (known) => this.pause(known, !known.config.paused))
      case 'rate':
        return this.withWebhook(next.webhook, (known) => this.rate(known, RATES[next.rate] ?? null))
      case 'order':
        return this.withWebhook(next.webhook, (known) =>
          this.order(known, ORDERS[next.order] ?? null),
        )
      case 'together':
        return this.withWebhook(next.webhook, (known) =>
          this.together(known, BATCHES[next.batch] ?? null),
        )
      case 'gather':
        return this.gather(next)
      case 'queueUp':
        return this.queueUp(next)
      case 'skip':
        return this.withWebhook(next.webhook, (known) => this.skip(known))
      case 'allow':
        return this.withWebhook(next.webhook, async ({ config }) => {
          this.world.allowed.set(config.url, next.perMinute === 0 ? '*' : next.perMinute)
        })
      case 'crowd':
        await this.take({ kind: 'rate', webhook: next.webhook, rate: next.rate })
        await this.take({ kind: 'publish', type: 0, count: next.count })
        await this.work()
        await this.advance(2_000)
        return this.work()
      case 'cancel':
        return this.withWebhook(next.webhook, (known) => this.cancel(known))
      case 'resendDiverted':
        return this.withWebhook(next.webhook, (known) => this.resendDiverted(known))
      case 'resend':
        return this.withWebhook(next.webhook, async (known) => {
          const event = this.accepted[next.event]
          if (!event || !(await this.isSendable(event.id))) return
          await this.ask(known, [event.id], () =>
            engine.events.resend(this.tenantId, event.id, known.id),
          )
        })
      case 'replay':
        return this.withWebhook(next.webhook, (known) => this.replay(known, next.onlyMissing))
      case 'erase':
        return this.asOwner(null, () => this.erase(next))
    }
  }

  /** Faults stop, receivers recover, time passes until nothing is left to do. */
  async end(): Promise<void> {
    this.world.down.clear()
    await this.work()
    await this.hearOfShapes()
    for (const [at, known] of this.webhooks.entries()) {
      if (this.hasLost.has(known)) await this.take({ kind: 'resendDiverted', webhook: at })
    }
    for (const { config } of this.webhooks) this.world.behaviours.set(config.url, 'ok')
    for (const known of this.webhooks) if (!known.deleted) await this.pause(known, false)
    for (const known of this.webhooks) {
      const found = known.deleted ? null : await this.world.truth.webhooks.find(this.ref(known))
      const isWaiting = found?.verification?.verifiedAt === null
      if (isWaiting && !known.isStubborn) await this.verify(known, AGREES)
    }
    for (const known of this.webhooks) {
      // As it is, and not as its owner was told: a PATCH that failed may have been done.
      const found = known.deleted ? null : await this.world.truth.webhooks.find(this.ref(known))
      const order = found && orderOf(found)
      if (order?.onFailure === 'block') await this.order(known, { ...order, onFailure: 'continue' })
      // Who was told no says it once more: its monitor may be the one that could not be told.
      else if (found && this.unheardOrders.has(known)) await this.order(known, order)
    }
    await this.settle()
  }

  /** Owners resume what is suspended, and resend what was kept; false when there is nothing of the kind. */
  async makeUp(): Promise<boolean> {
    let did = false
    for (const [at, known] of this.webhooks.entries()) {
      if (this.seen.get(known)?.status !== 'suspended') continue
      did = true
      await this.take({ kind: 'resume', webhook: at })
      await this.take({ kind: 'resendDiverted', webhook: at })
    }
    if (did) await this.settle()
    return did
  }

  /** What waits for a receiver that never agrees waits longer than events are read. */
  private async settle(): Promise<void> {
    await this.world.settle((step) => this.watch(step), this.world.now + MOST_SETTLING_MS)
  }

  /** Takes down what a batch, or the passing of time, does. */
  async watch(work: () => Promise<boolean>): Promise<boolean> {
    if (!this.hasLooked) await this.look()
    const { now, mishaps, queues } = this.world
    const due = [...queues.events, ...queues.deliveries].filter((one) => one.availableAt <= now)
    const done = await work()
    await this.adoptDue()
    const safe = this.world.mishaps === mishaps
    if (this.world.now !== now) this.note({ kind: 'advanced', safe })
    // What was handed over before it went wrong comes again with its message.
    if (!safe) for (const { body } of due) this.note({ kind: 'copied', text: body })
    await this.look()
    return done
  }

  ref({ id }: Known) {
    return { tenantId: this.tenantId, id }
  }

  private async work(): Promise<void> {
    for (let batch = 0; batch < MOST_BATCHES; batch += 1) {
      const ran = await this.watch(() => this.world.runBatch('events'))
      if (!ran && !(await this.watch(() => this.world.runBatch('deliveries')))) return
    }
  }

  /** A clock that jumps ahead by more than clocks differ takes what is under way for lost, where a job has it look early. */
  private setClock(skewMs: number): void {
    const isAhead = skewMs - this.world.skewMs > LOG.clockSkewMs
    this.world.skewMs = skewMs
    this.marginMs = 360_000
    if (isAhead) this.note({ kind: 'mishap', unnoted: this.unnoted() })
  }

  private async advance(ms: number): Promise<void> {
    await this.watch(async () => {
      await this.world.advance(ms)
      return true
    })
  }

  private note(fact: Told): void {
    this.collect()
    this.trace.push({ at: this.world.now, ...fact })
  }

  /** Requests made since the last fact, and whether something went wrong meanwhile. */
  private collect(): void {
    const { sent, skewMs, mishaps } = this.world
    const safe = mishaps === this.noted.mishaps
    for (const request of sent.slice(this.noted.requests)) {
      const webhook = this.byUrl.get(request.url)
      if (!webhook) throw new Error(`Nobody knows ${request.url}.`)
      const { config, status } = this.howSent(request, webhook)
      const whenAccepted = this.whenAccepted.get(request.eventId)?.get(webhook)
      const acceptedConfig = request.batch === null ? (whenAccepted?.config ?? null) : null
      const fact = { webhook, config, acceptedConfig, status, sent: request, skewMs, safe }
      this.trace.push({ kind: 'request', at: request.at, request: fact })
    }
    if (!safe) {
      this.trace.push({ kind: 'mishap', at: this.world.now, unnoted: this.unnoted() })
      // The event log, which does not know of it, hands it over once more.
      for (const text of this.handedOverUnnoted())
        this.trace.push({ kind: 'copied', at: this.world.now, text })
      // A monitor sends whose turn it is once more where it was not told, just now, that this was sent.
      for (const { body: text, timestamp } of this.world.queues.deliveries) {
        const isNew = timestamp >= this.noted.at
        if (isNew && text.includes('"turn":'))
          this.trace.push({ kind: 'copied', at: this.world.now, text })
      }
    }
    this.noted = { requests: sent.length, mishaps, at: this.world.now }
  }

  /** How a webhook is now; or was when the event was accepted, since a publish sends by that. */
  private howSent({ batch, eventId, url }: Sent, webhook: Known): ReturnType<Story['nowOf']> {
    const now = this.nowOf(webhook)
    const isNow = ['active', 'unclear'].includes(now.status) && now.config.url === url
    if (isNow || batch !== null) return now
    return this.whenAccepted.get(eventId)?.get(webhook) ?? now
  }

  private nowOf(webhook: Known): { readonly config: Config; readonly status: Status } {
    return { config: webhook.config, status: this.seen.get(webhook)?.status ?? 'active' }
  }

  /** What was sent and stands nowhere, each once. */
  private unnoted() {
    const found = new Map<string, { readonly webhook: Known; readonly eventId: string }>()
    for (const { url, eventId } of this.world.sent) {
      const webhook = this.byUrl.get(url)
      if (!webhook || this.world.runsOf(webhook.id, eventId).length > 0) continue
      found.set(`${webhook.id}/${eventId}`, { webhook, eventId })
    }
    return [...found.values()]
  }

  /** Messages with deliveries that stand nowhere else. */
  private handedOverUnnoted(): readonly string[] {
    const bodies = this.world.queues.deliveries.map(({ body }) => body)
    return bodies.filter((body) => {
      const webhook = this.webhooks.find(({ id }) => body.includes(`"webhookId":"${id}"`))
      const [, eventId = ''] = /"event":{"id":"([^"]+)"/.exec(body) ?? []
      return webhook && eventId && this.world.runsOf(webhook.id, eventId).length === 0
    })
  }

  /** What the database shows now. */
  private async look(): Promise<void> {
    this.collect()
    const present = new Map<Known, Present>()
    for (const known of this.webhooks) {
      present.set(known, { status: await this.statusOf(known), policy: known.config.policy })
      if (this.world.mishaps === 0 && this.marginMs === 0) await this.lookWhetherLate(known)
    }
    this.seen = present
    this.hasLooked = true
    await this.lookForErasures()
    const { deliveries } = this.world.queues
    const isWaiting = deliveries.some(({ body }) => body.includes('"kind":"record"'))
    const settled = !isWaiting && !this.world.isBusy
    this.note({ kind: 'seen', webhooks: this.seen, settled })
  }

  private async lookWhetherLate(known: Known): Promise<void> {
    const { webhooks, monitor } = this.world.truth
    const webhook = await webhooks.find(this.ref(known))
    const standing = webhook && { webhook, report: await monitor(known.id).health() }
    this.lateness.look(known, standing, this.world.now)
  }

  private async statusOf(known: Known): Promise<Status> {
    const { webhooks, monitor } = this.world.truth
    const found = await webhooks.find(this.ref(known))
    if (found === null) return 'deleted'
    const { health } = await monitor(known.id).health()
    const copied = this.world.statesOf(known.id)
    const agree = [found, ...copied].every(
      ({ suspendedAt }) => (suspendedAt === null) === (health.suspendedAt === null),
    )
    return agree || !found.enabled ? statusOf(found) : 'unclear'
  }

  private async lookForErasures(): Promise<void> {
    for (const [jobId, eventIds] of this.erasures) {
      const job = await this.world.truth.eventLog.job(jobId)
      if (job?.progress?.state !== 'done') continue
      this.erasures.delete(jobId)
      this.note({ kind: 'erased', eventIds })
    }
  }

  private nextUrl(): string {
    return `https://receiver-${this.byUrl.size}.example/`
  }

  private async create(
    pattern: number,
    policy: number,
    isMute: boolean,
    shape: number,
    guard: Pick<
      Step & { kind: 'createGuarded' },
      'method' | 'agreement' | 'stubborn'
    > | null = null,
  ): Promise<void> {
    const secret = this.webhooks.length % 2 === 0 ? secretAt(0) : null
    const config: Config = {
      url: this.nextUrl(),
      pattern: patternAt(pattern),
      policy: policyAt(policy),
      enabled: true,
      paused: false,
      rate: null,
      order: null,
      batch: null,
      isMute,
      secrets: secret ? [{ secret, until: null }] : [],
    }
    const signing = secret ? [{ secret, expiresAt: null }] : []
    // Its surface says what a mute one gets.
    const shaped = SHAPES[isMute ? 0 : shape] ?? SHAPES[0]
    const isStubborn = guard?.stubborn ?? false
    const agreement = isStubborn ? 'no' : (guard?.agreement ?? 'yes')
    this.world.handshakes.agreements.set(config.url, agreement)
    const draft: WebhookDraft = {
      dialect: isMute ? 'mute' : 'native',
      owner: null,
      uniqueKey: null,
      name: null,
      scope: {},
      ...toDraft(config),
      expressions: { filter: shaped.filter, body: shaped.body },
      verificationMethod: guard?.method ?? null,
      attributes: {},
      secrets: { signing, headers: [], attributes: {} },
    }
    const made = await this.world.engine.webhooks.create(this.tenantId, draft)
    const hasNamed = namesOwn(config)
    // They count for older events as well.
    const shapes = [{ shape: shaped, since: 0 }]
    const asking: Asking = { method: null, hasAgreed: true }
    const known = { id: made.id, config, deleted: false, hasNamed, shapes, asking, isStubborn }
    this.webhooks.push(known)
    this.byUrl.set(config.url, known)
    // What a receiver that agreed said may be stored though its owner was not told.
    if (guard !== null && agreement === 'yes' && made.verification?.verifiedAt === null)
      known.asking = { method: guard.method, hasAgreed: null }
    else if (guard !== null) this.noteAnswer(known, made, { method: guard.method })
    this.reconcile()
  }

  private async change(at: number, next: (config: Config) => Config): Promise<void> {
    await this.withWebhook(at, async (known) => {
      const config = next(known.config)
      const behaviour = this.world.behaviours.get(known.config.url)
      if (behaviour) this.world.behaviours.set(config.url, behaviour)
      this.world.allowed.set(config.url, this.world.allowed.get(known.config.url) ?? null)
      this.byUrl.set(config.url, known)
      const { agreements } = this.world.handshakes
      const agreement = this.world.handshakes.agreementOf(known.config.url)
      agreements.set(config.url, agreement)
      const isMoved = config.url !== known.config.url
      if (isMoved && agreement === 'yes') this.note({ kind: 'verifying', webhook: known })
      const { webhooks } = this.world.engine
      const change = () =>
        webhooks.update(this.ref(known), (now) => ({ ...now, ...toDraft(config) }))
      try {
        this.noteAnswer(known, await change(), { isMoved }, config.url)
      } catch (error) {
        // Its receiver is asked, and its monitor told, when it has moved.
        const found = await this.noteUntold(known)
        if (isMoved && found?.url === config.url) known.config = config
        throw error
      }
      known.config = config
      known.hasNamed ||= namesOwn(config)
    })
  }

  /** What failed was the former address: another one lifts a suspension. */
  private async move(at: number): Promise<void> {
    const known = this.webhooks[at]
    const before = known?.config.url
    await this.change(at, (now) => ({ ...now, url: this.nextUrl() }))
    if (known && known.config.url !== before) this.note({ kind: 'resumed', webhook: known })
  }

  private async guard(
    known: Known,
    { method, agreement, fault }: { method: VerificationMethod | null } & Asked,
  ): Promise<void> {
    const { webhooks } = this.world.engine
    await this.askReceiver(known, { agreement, fault }, { method }, () =>
      webhooks.update(this.ref(known), (now) => ({ ...now, verificationMethod: method })),
    )
  }

  private async verify(known: Known, asked: Asked): Promise<void> {
    if (known.asking.method === null) return
    const { webhooks } = this.world.engine
    await this.askReceiver(known, asked, { isVerified: true }, () =>
      webhooks.verify(this.ref(known)),
    )
  }

  /** A receiver is asked, maybe; who is told no may find it done. */
  private async askReceiver(
    known: Known,
    { agreement, fault }: Asked,
    change: Change,
    work: () => Promise<Webhook>,
  ): Promise<void> {
    this.world.handshakes.agreements.set(known.config.url, agreement)
    if (change.method === null || agreement === 'yes')
      this.note({ kind: 'verifying', webhook: known })
    const answered = await this.attempt(fault, work)
    if (answered === null) await this.noteUntold(known)
    else this.noteAnswer(known, answered, change)
  }

  /** What an owner was told; and what that should have been. */
  private noteAnswer(
    webhook: Known,
    { verification }: Webhook,
    change: Change,
    url = webhook.config.url,
  ): void {
    webhook.asking = nextAsking(webhook.asking, change, this.world.handshakes.agreementOf(url))
    const { hasAgreed } = webhook.asking
    const isShown = (verification?.verifiedAt ?? null) !== null || !verification
    if (hasAgreed !== null && isShown !== hasAgreed) this.note({ kind: 'misread', webhook })
    if (hasAgreed === false) this.note({ kind: 'unverified', webhook })
  }

  /** Who is told no knows nothing but how it is asked, if he looks. */
  private async noteUntold(known: Known): Promise<Webhook | null> {
    const found = await this.world.truth.webhooks.find(this.ref(known))
    const method = found?.verification?.method ?? null
    known.asking = { method, hasAgreed: method === null ? true : null }
    return found
  }

  private async estrange({ webhook, ...next }: Step & { kind: 'estrange' }): Promise<void> {
    await this.take({ ...next, kind: 'guard', webhook, agreement: 'yes', fault: null })
    await this.take({ ...next, kind: 'behave', webhook })
    await this.take({ ...next, kind: 'publish', count: 1 })
    // What the publish began is over, unless its receiver is slow.
    await this.advance(1)
    await this.withWebhook(webhook, async ({ config }) => {
      this.world.handshakes.agreements.set(config.url, 'no')
    })
    await this.take({ kind: 'move', webhook })
    await this.take({ ...next, kind: 'publish', count: 2 })
    await this.work()
    await this.advance(70_000)
    return this.work()
  }

  /** Who is told no may find it done. */
  private async reshape(
    known: Known,
    { shape: at, fault }: Pick<Step & { kind: 'reshape' }, 'shape' | 'fault'>,
  ): Promise<void> {
    const shape = SHAPES[at] ?? SHAPES[0]
    if (known.config.isMute) return
    const { filter, body } = shape
    const { webhooks } = this.world.engine
    // What is published in the same millisecond is of either.
    await this.advance(1)
    const since = this.world.now + this.world.skewMs
    await this.attempt(fault, () =>
      webhooks.update(this.ref(known), (now) => ({ ...now, expressions: { filter, body } })),
    )
    const found = await this.world.truth.webhooks.find(this.ref(known))
    const present = found?.shapes?.at(-1)
    if (present?.filter === filter && present.body === body) known.shapes.push({ shape, since })
    else this.unheardShapes.push({ known, shape, since })
    await this.advance(1)
  }

  /** What was asked for and not answered may have been done later: its row says when. */
  private async hearOfShapes(): Promise<void> {
    for (const { known, shape, since } of this.unheardShapes) {
      const found = await this.world.truth.webhooks.find(this.ref(known))
      const isMeant = ({ filter, body }: Pick<typeof shape, 'filter' | 'body'>) =>
        filter === shape.filter && body === shape.body
      const done = found?.shapes?.find((one) => one.since >= since && isMeant(one))
      if (done === undefined || known.shapes.some((one) => one.since === done.since)) continue
      known.shapes.push({ shape, since: done.since })
      known.shapes.sort((a, b) => a.since - b.since)
    }
  }

  /** What an owner asks for while something goes wrong; null: nobody was told of it. */
  private async attempt<T>(fault: Fault | null, work: () => Promise<T>): Promise<T | null> {
    this.world.inject(fault)
    const answer = await this.world.whileAlive(() => work().catch(orNotThere))
    this.world.inject(null)
    return answer === 'died' ? null : answer
  }

  /** Who is told no may find it done. */
  private async pause(known: Known, paused: boolean): Promise<void> {
    if (!paused) this.note({ kind: 'unpaused', webhook: known })
    await this.world.engine.webhooks.update(this.ref(known), (now) => ({ ...now, paused }))
    known.config = { ...known.config, paused }
    if (paused) this.note({ kind: 'paused', webhook: known })
  }

  /** Who is told no may find it done. */
  private async rate(known: Known, rate: Rate | null): Promise<void> {
    this.note({ kind: 'rating', webhook: known })
    await this.world.engine.webhooks.update(this.ref(known), (now) => ({ ...now, rate }))
    known.config = { ...known.config, rate }
    this.note({ kind: 'rated', webhook: known, rate })
  }

  /** Who is told no may find it done. */
  private async order(known: Known, order: Order | null): Promise<void> {
    // Together they are refused.
    const found = await this.world.truth.webhooks.find(this.ref(known))
    if (order !== null && found && batchOf(found) !== null) await this.together(known, null)
    this.note({ kind: 'ordering', webhook: known })
    this.unheardOrders.add(known)
    await this.world.engine.webhooks.update(this.ref(known), (now) => ({ ...now, order }))
    known.config = { ...known.config, order }
    this.unheardOrders.delete(known)
    this.note({ kind: 'ordered', webhook: known, order })
    // What is published in the same millisecond is in no order for certain.
    await this.advance(1)
  }

  /** Who is told no may find it done. */
  private async together(known: Known, batch: Batch | null): Promise<void> {
    // Another surface has no format for it.
    if (known.config.isMute) return
    const found = await this.world.truth.webhooks.find(this.ref(known))
    if (batch !== null && found && orderOf(found) !== null) await this.order(known, null)
    await this.world.engine.webhooks.update(this.ref(known), (now) => ({ ...now, batch }))
    known.config = { ...known.config, batch }
  }

  private async gather({ webhook: at, ...next }: Step & { kind: 'gather' }): Promise<void> {
    await this.take({ ...next, kind: 'together', webhook: at })
    await this.take({ kind: 'behave', webhook: at, behaviour: next.behaviour })
    this.world.inject(next.fault)
    await this.take({ ...next, kind: 'publish' })
    await this.work()
    this.world.inject(null)
    await this.take({ kind: 'behave', webhook: at, behaviour: 'ok' })
    await this.advance(2_000)
    await this.work()
  }

  private async queueUp({ webhook: at, ...next }: Step & { kind: 'queueUp' }): Promise<void> {
    await this.take({ ...next, kind: 'order', webhook: at })
    await this.take({ kind: 'behave', webhook: at, behaviour: next.behaviour })
    this.world.inject(next.fault)
    for (let one = 0; one < next.count; one += 1) {
      await this.take({ ...next, kind: 'publish', count: 1 })
      await this.advance(1)
    }
    await this.work()
    this.world.inject(null)
    await this.take({ kind: 'behave', webhook: at, behaviour: 'ok' })
    await this.advance(2_000)
    await this.work()
  }

  private async skip(known: Known): Promise<void> {
    const { order } = await this.world.truth.monitor(known.id).health()
    for (const { key } of order.blocked)
      await this.world.engine.webhooks.skipBlocked(this.ref(known), key)
  }

  /** Who is told no may find it done, or half of it. */
  private async cancel(known: Known): Promise<void> {
    this.note({ kind: 'cancelled', webhook: known, eventIds: [] })
    const ids = this.accepted.map(({ id }) => id)
    const before = await this.world.truth.monitor(known.id).statesOfEvents(ids)
    const pending = ids.filter((_, at) => ['held', 'failing'].includes(before[at]?.status ?? ''))
    await this.world.engine.webhooks.cancel(this.ref(known), {})
    this.note({ kind: 'cancelled', webhook: known, eventIds: pending })
  }

  private async rotate(step: Step & { kind: 'rotate' }): Promise<void> {
    const secret = secretAt(step.secret)
    await this.withWebhook(step.webhook, async (known) => {
      const { webhooks } = this.world.engine
      const clock = this.world.now + this.world.skewMs
      const graceEnds = clock + step.graceSeconds * 1_000
      const options = { secret, gracePeriodSeconds: step.graceSeconds }
      const former = known.config.secrets
        .filter((one) => one.secret !== secret)
        .map((one) => ({ ...one, until: Math.min(one.until ?? graceEnds, graceEnds) }))
        .filter(({ until }) => until > clock)
      const isTooMany = former.length >= MOST_SECRETS
      try {
        await webhooks.rotateSecret(this.ref(known), options)
      } catch (error) {
        // Refused, so that none stops before its time.
        if (isTooMany && error instanceof EngineError && error.code === 'limit_reached') return
        throw error
      }
      known.config = { ...known.config, secrets: [{ secret, until: null }, ...former] }
    })
  }

  /** Who wants which events that are not routed yet, after a configuration changed. */
  private reconcile(): void {
    for (const event of this.accepted) {
      const times = this.timesQueued(event.id)
      if (!event.first || times === 0) continue
      for (const webhook of this.webhooks) {
        if (!webhook.deleted && covers(webhook.config, event.type)) {
          if (event.allowed.has(webhook)) continue
          event.allowed.add(webhook)
          for (let time = 0; time < times; time += 1)
            this.note({ kind: 'asked', webhook, eventId: event.id, how: 'publish' })
        } else if (event.wanted.delete(webhook)) {
          this.note({ kind: 'excused', webhook, eventId: event.id })
        }
      }
    }
  }

  private async publish(types: readonly string[], key: string | null): Promise<void> {
    const drafts = types.map((type) => draftOf(type, key))
    // What an unfinished publish stored was routed before this one was accepted.
    const first = key === null || !this.usedKeys.has(key)
    if (key !== null) this.usedKeys.add(key)
    await this.watch(async () => {
      const publish = () => this.world.engine.events.publish(this.tenantId, drafts)
      // Refused with 503: nothing was promised.
      const answered = await this.world.whileAlive(() => publish().catch(orRefused))
      for (const { id, type } of answered === 'died' ? [] : answered) {
        this.adopt(id, type, { key, first, isPromised: true })
      }
      // What nobody was told of may have been accepted all the same.
      for (const { id, type } of await this.unknown()) {
        this.adopt(id, type, { key, first, isPromised: false })
      }
      await this.world.advance(0)
      return true
    })
  }

  private async schedule(type: string, delayMs: number): Promise<void> {
    const { engine, now, skewMs } = this.world
    const draft = { ...draftOf(type, null), deliverAt: now + skewMs + delayMs }
    await this.watch(async () => {
      const publish = () => engine.events.publish(this.tenantId, [draft])
      const answered = await this.world.whileAlive(() => publish().catch(orRefused))
      for (const { id } of answered === 'died' ? [] : answered) this.expect(id, type, true)
      await this.world.advance(0)
      return true
    })
  }

  /** Who is told no may find it cancelled. */
  private async unschedule(at: number): Promise<void> {
    const waiting = this.waiting()
    const known = waiting[at % Math.max(1, waiting.length)]
    if (known === undefined) return
    await this.watch(async () => {
      const cancel = () => this.world.engine.events.cancel(this.tenantId, known.id)
      const answer = await this.world.whileAlive(() => cancel().catch(orNotThere))
      if (answer !== 'died' && answer !== null) known.isCancelled = true
      return true
    })
  }

  private waiting(): readonly Scheduled[] {
    return this.scheduled.filter(({ deliverAt }) => deliverAt > this.world.now)
  }

  private expect(id: string, type: string, isPromised: boolean): void {
    if (this.scheduled.some((known) => known.id === id)) return
    const deliverAt = timeOf(id) - this.world.skewMs
    this.scheduled.push({ id, type, deliverAt, isPromised, isCancelled: false })
  }

  /** Takes down which scheduled events were accepted meanwhile, before anything of them was sent; nobody may have been told of some. */
  private async adoptDue(): Promise<void> {
    const { eventLog } = this.world.truth
    const waiting = await eventLog.list({ limit: 1_000, isScheduled: true })
    for (const { id, type } of waiting.items) this.expect(id, type, false)
    const { items } = await eventLog.list({ limit: 1_000 })
    for (const event of items.filter(({ publishedAt }) => publishedAt !== undefined)) {
      const { id, type } = event
      const isPromised = this.scheduled.some((known) => known.id === id && known.isPromised)
      this.expect(id, type, false)
      const isForNobody = isCancelled(event) || isExpunged(event)
      this.adopt(id, type, { key: null, first: true, isPromised, isForNobody })
    }
  }

  /** An event was accepted. It was before anything was sent, whatever was seen already. */
  private adopt(
    id: string,
    type: string,
    {
      key,
      first,
      isPromised,
      isForNobody = false,
    }: { key: string | null; first: boolean; isPromised: boolean; isForNobody?: boolean },
  ): void {
    if (this.accepted.some((known) => known.id === id)) return
    const at = this.world.now
    const wanting = this.webhooks.filter(
      ({ deleted, config }) => first && !isForNobody && !deleted && covers(config, type),
    )
    const [wanted, allowed] = [new Set(isPromised ? wanting : []), new Set(wanting)]
    this.accepted.push({ id, type, key, at, first, wanted, allowed })
    this.whenAccepted.set(id, new Map(wanting.map((webhook) => [webhook, this.nowOf(webhook)])))
    for (const webhook of wanting) {
      this.trace.push({ at, kind: 'asked', webhook, eventId: id, how: 'publish' })
      if (isPromised) this.trace.push({ at, kind: 'promised', webhook, eventId: id })
    }
    // One that was resumed half-way, say: the event log decided by what it knew, and may know better now.
    if (wanting.some((webhook) => this.nowOf(webhook).status === 'unclear')) {
      this.trace.push({ at, kind: 'seen', webhooks: this.seen, settled: false })
    }
  }

  /** Events of producers that stand in the log or in the queue, and that nobody was told of. */
  private async unknown(): Promise<readonly { readonly id: string; readonly type: string }[]> {
    const { items } = await this.world.truth.eventLog.list({ limit: 1_000 })
    const queued = this.world.queues.events.flatMap(
      ({ body }) => fromEventMessage(body)?.events ?? [],
    )
    return [...items, ...queued].filter(
      ({ id, type, publishedAt }) =>
        publishedAt === undefined &&
        !isSystemEventType(type) &&
        !this.accepted.some((known) => known.id === id),
    )
  }

  private async resendDiverted(known: Known): Promise<void> {
    const { webhooks } = this.world.engine
    const { items } = await this.world.calmly(() =>
      webhooks.diverted(this.ref(known), { limit: 250 }),
    )
    const ids = items.map(({ event }) => event.id)
    await this.ask(known, ids, () => webhooks.resendDiverted(this.ref(known), {}))
  }

  /** What somebody asked to be sent again is lost with the process that held it; what is kept stays kept. */
  private async lose(known: Known): Promise<void> {
    const kept = new Set<string>()
    const { items } = await this.world.truth.monitor(known.id).diverted({ limit: 1_000 })
    for (const { event } of items) kept.add(event.id)
    const lost = this.world.lose('deliveries', (body) => {
      const message = fromDeliveryText(body)
      if (message?.kind !== 'deliver' || message.webhookId !== known.id) return false
      return message.carrier !== undefined && message.run !== '' && kept.has(message.event.id)
    })
    for (const body of lost) {
      const message = fromDeliveryText(body)
      if (message?.kind !== 'deliver') continue
      this.note({ kind: 'excused', webhook: known, eventId: message.event.id })
    }
    if (lost.length > 0) this.hasLost.add(known)
  }

  /** What is asked for may be done, or half of it, although the answer is no. */
  private async erase({ event: at, byScope, fault }: Step & { kind: 'erase' }): Promise<void> {
    const known = [...this.accepted, ...this.scheduled]
    const named = byScope ? known.filter(({ type }) => type === TYPES[2]) : []
    const eventIds = byScope ? named.map(({ id }) => id) : [this.accepted[at]?.id ?? '']
    if (eventIds.length === 0 || eventIds.includes('')) return
    for (const id of eventIds) this.toErase.add(id)
    const request = byScope ? { scope: SCOPE } : { eventIds }
    const { administration } = this.world.engine
    this.world.inject(fault)
    const erase = () => administration.eraseEvents(this.tenantId, request)
    const asked = await this.world.whileAlive(() => erase().catch(orNull))
    this.world.inject(null)
    if (asked !== 'died' && asked !== null) this.erasures.set(asked.jobId, eventIds)
    // What is published in the same millisecond counts as before.
    await this.advance(1)
  }

  private async replay(known: Known, onlyMissing: boolean): Promise<void> {
    const { webhooks, events } = this.world.engine
    const { items } = await this.world.calmly(() => events.list(this.tenantId, { limit: 250 }))
    const any = { ...known.config, enabled: true }
    const wanted = items.filter(
      ({ id, type, cancelledAt }) =>
        covers(any, type) &&
        cancelledAt === undefined &&
        timeOf(id) < this.world.now + this.world.skewMs &&
        !(onlyMissing && this.hasReceived(known, id) === 'surely'),
    )
    const query = { since: 0, until: null, onlyMissing }
    const ids = wanted.map(({ id }) => id)
    const missing = ids.filter((id) => !onlyMissing || this.hasReceived(known, id) === 'no')
    const work = () => webhooks.replay(this.ref(known), query)
    await this.ask(known, ids, work, { promised: missing, ifMissing: onlyMissing })
  }

  /** Whether the webhook got the event; `surely`: and nothing kept that from being written down. */
  private hasReceived(known: Known, eventId: string): 'no' | 'perhaps' | 'surely' {
    const received = this.trace.flatMap((fact) => {
      if (fact.kind !== 'request' || fact.request.webhook !== known) return []
      const { sent, safe } = fact.request
      if (sent.eventId !== eventId) return []
      const isWritten = safe && this.world.runsOf(known.id, eventId).length > 0
      if (sent.behaviour === 'ok') return [isWritten ? 'surely' : 'perhaps'] as const
      return sent.behaviour === 'slow' ? (['perhaps'] as const) : []
    })
    return received.find((how) => how === 'surely') ?? received[0] ?? 'no'
  }

  /** Somebody asks for events to be sent again; when that fails, it may happen all the same. */
  private async ask(
    webhook: Known,
    eventIds: readonly string[],
    work: () => Promise<unknown>,
    { promised = eventIds, ifMissing = false } = {},
  ): Promise<void> {
    const how = ifMissing ? 'ifMissing' : 'again'
    for (const eventId of eventIds) this.note({ kind: 'asked', webhook, eventId, how })
    await work()
    for (const eventId of promised) this.note({ kind: 'promised', webhook, eventId })
  }

  private async withWebhook(at: number, work: (known: Known) => Promise<unknown>): Promise<void> {
    const known = this.webhooks[at]
    if (known && !known.deleted) await this.asOwner(known, () => work(known))
  }

  /** What an owner asks for; when a component is down the answer is no, whatever was done by then. */
  private async asOwner(known: Known | null, work: () => Promise<unknown>): Promise<void> {
    try {
      await work()
    } catch (error) {
      if (!isRefused(error)) throw error
      const there =
        known && (await this.world.calmly(() => this.world.engine.webhooks.find(this.ref(known))))
      if (known && !there) known.deleted = true
    }
    this.reconcile()
  }

  private isSendable(eventId: string): Promise<boolean> {
    return this.world.calmly(async () => {
      const event = await this.world.ports.eventLog(this.tenantId).find(eventId)
      return event !== null && !isExpunged(event) && !isCancelled(event)
    })
  }

  private timesQueued(eventId: string): number {
    return this.world.queues.events.filter(({ body }) => body.includes(eventId)).length
  }
}

/** It has left, or was never accepted; or nothing was promised. */
function orNotThere(error: unknown): null {
  const isNotThere =
    error instanceof EngineError && (error.code === 'not_found' || error.code === 'conflict')
  return isNotThere ? null : orNull(error)
}

function draftOf(type: string, deduplicationKey: string | null) {
  const scope = type === TYPES[2] ? SCOPE : {}
  const about = { time: null, scope, actor: null, requestId: null }
  return { type, data: DATA, deduplicationKey, ...about }
}

/** Nothing was promised. */
function orRefused(error: unknown): readonly never[] {
  if (isRefused(error)) return []
  throw error
}

function orNull(error: unknown): null {
  if (isRefused(error)) return null
  throw error
}

function isRefused(error: unknown): boolean {
  return (
    error instanceof InjectedFault || (error instanceof EngineError && error.code === 'unavailable')
  )
}

/** Whether it wants the events that Hookline publishes itself. */
function namesOwn({ pattern }: Config): boolean {
  return pattern === 'webhook.*'
}

function secretAt(at: number): string {
  return SECRETS[at] ?? ''
}

function patternAt(at: number): string {
  return PATTERNS[at] ?? '*'
}

function policyAt(at: number) {
  return POLICIES[at] ?? DEFAULT_FAILURE_HANDLING
}

function toDraft({ url, pattern, policy, enabled }: Config) {
  return { url, eventTypes: [pattern], failureHandling: policy, enabled }
}
