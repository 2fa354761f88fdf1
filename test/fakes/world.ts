// A whole Hookline in memory: the real engine on ports whose queues, clock and receivers the test moves. Nothing
// waits for real time, so thousands of histories fit into a test: time moves when nothing else does.

import { nativeRuntime } from '../../src/api/native-wire.ts'
import { IsolateRequests } from '../../src/engine/health/requests-under-way.ts'
import { UNTRIED, withFirst, withFirstOutcome } from '../../src/engine/health/runs.ts'
import {
  createEngine,
  type Engine,
  type InboundMessage,
  type Verdict,
} from '../../src/engine/index.ts'
import { fromDeliveryText } from '../../src/engine/messages/delivery-message.ts'
import type {
  Header,
  Lane,
  Outcome,
  Run,
  RunState,
  ShardSchedule,
} from '../../src/engine/model/index.ts'
import {
  FIRST_RUN,
  hasEnded,
  MULTI_STATUS,
  ONE_SHARD,
  readShardSchedule,
  shardCount,
} from '../../src/engine/model/index.ts'
import type {
  DeliverMessage,
  DialectRuntime,
  EventLog,
  Monitor,
  OutgoingRequest,
  Ports,
  Report,
  Send,
  Timer,
} from '../../src/engine/ports/index.ts'
import { chooseQueue } from '../../src/platform/queues/choose-queue.ts'
import { shardedEventLogs } from '../../src/platform/shards/event-logs.ts'
import { RETENTION } from '../../src/retention.ts'
import type { ReceiverAnswer } from '../contracts/send.ts'
import { NO_KEYS } from '../fixtures/signing-keys.ts'
import { createMemoryDeploymentJobs } from './deployment-jobs.ts'
import { createMemoryDiagnostics } from './diagnostics.ts'
import { createMemoryEventLog, type MemoryEventLog } from './event-log.ts'
import type { FakeObject, Surroundings } from './fake-object.ts'
import { Handshakes, isHandshake } from './handshakes.ts'
import { type Fault, type Fired, InjectedFault, Injector } from './injector.ts'
import { createMemoryMonitor, type MemoryMonitor } from './monitor.ts'
import { createMemoryDeliveryQueue, createMemoryEventQueue } from './queues.ts'
import { createMemorySend, failure } from './send.ts'
import { createMemoryStores, raiseEpoch, readWebhooks, Tables } from './stores.ts'
import { createMemoryAddressCheck, createMemoryTargetCheck } from './targets.ts'
import { Timers } from './timers.ts'
import { untraced } from './tracing.ts'

export { type Fault, type FaultMode, InjectedFault } from './injector.ts'

export type QueueName = 'events' | 'deliveries'

interface QueuedMessage {
  readonly id: string
  readonly body: string
  readonly timestamp: number
  /** The slow one's deliveries have a queue of their own. */
  readonly lane: Lane
  attempts: number
  availableAt: number
}

/** Stand for queues, of which only the choice is asked. */
const WAYS = [{}, {}] as unknown as readonly [Queue, Queue]

/** How a receiver answers for now. `busy`, `closing` and `absurd` ask for patience, each in another way. */
export type Behaviour =
  | 'ok'
  | 'slow'
  | 'error'
  | 'gone'
  | 'missing'
  | 'moved'
  | 'odd'
  | 'switching'
  | 'busy'
  | 'closing'
  | 'absurd'
  | 'silent'
  | 'hanging'

/** What a receiver does that takes some of several events and refuses others, or does not name them; one alone it takes. */
export type ReceiverBehaviour = Behaviour | 'choosy'

export interface Sent {
  readonly at: number
  readonly url: string
  readonly eventId: string
  readonly body: string
  readonly headers: readonly Header[]
  /** Of a request that tells of several events, each of which is one of these: its `webhook-id`, and all of them. */
  readonly joint?:
    | { readonly id: string; readonly eventIds: readonly string[]; readonly isChoosy: boolean }
    | undefined
  readonly behaviour: Behaviour
  /** What its receiver says that it allows a minute; null: as many as there are. */
  readonly allowed?: number | null | undefined
  /** The batch that sent it; null unless the world is traced. */
  readonly batch: number | null
  /** The run its message carried; null unless the world is traced. */
  readonly run: Run | null
  /** What the log said of that run when it was sent. */
  readonly logged: string | null
  /** The receiver got it, and nobody heard its answer. */
  readonly unheard: boolean
}

/** Something that lives, calls, and can die: an isolate, or an object between two starts. */
interface Life {
  alive: boolean
  readonly end: () => void
}

/** One batch in its consumer. */
interface Batch {
  readonly number: number
  readonly queue: QueueName
  readonly messages: readonly QueuedMessage[]
  /** The runs it brings, by `<webhook>/<event>`; only when the world is traced. */
  readonly runs: ReadonlyMap<string, readonly Run[]>
}

/** More than any chain of promises between two calls of ports. */
const REST_TURNS = 200

const NEVER = new Promise<never>(() => {})

/** Milliseconds until the answer, longer than a batch holds its slot; one that hangs is given up then. */
export const LATE_MS = { slow: 5_000, hanging: 15_000 } as const

/** Milliseconds for which a batch may take its slot; the test goes on meanwhile when it takes longer. */
const SLOT_MS = 2_000

/**
 * Milliseconds after which the platform ends a consumer, and its isolate here
 * (https://developers.cloudflare.com/queues/platform/limits/).
 */
const LIMIT_MS = 15 * 60_000

/** Messages that one `sendBatch` takes. */
const BATCH_MESSAGES = 100

/** A dialect that has no words for the events of one type. */
export const MUTE_TYPE = 'order.lost'
const OUTBOUNDS: Readonly<Record<string, DialectRuntime>> = {
  native: nativeRuntime,
  mute: {
    ...nativeRuntime,
    wire: {
      ...nativeRuntime.wire,
      encode: async (event, ...about) =>
        event.type === MUTE_TYPE ? null : nativeRuntime.wire.encode(event, ...about),
    },
  },
}

const checkTarget = createMemoryTargetCheck()

/** Who asks receivers. */
const PUBLIC_HOST = 'hooks.example'

/** Milliseconds after which a request counts as unanswered. */
const TIMEOUT_MS = 15_000

export class World {
  now = Date.UTC(2026, 10, 22)
  readonly sent: Sent[] = []
  private readonly underWay = new IsolateRequests()
  readonly behaviours = new Map<string, ReceiverBehaviour>()
  /** What receivers say that they allow a minute; null: nothing. */
  readonly allowed = new Map<string, number | '*' | null>()
  /** Whether receivers want to be sent to, whatever else they answer. */
  readonly handshakes = new Handshakes(PUBLIC_HOST)
  readonly queues: Record<QueueName, QueuedMessage[]> = { events: [], deliveries: [] }
  readonly injector = new Injector()
  /** What the clock of an isolate is ahead of the true time, in milliseconds. */
  skewMs = 0
  /** How many first attempts a publish makes itself. */
  firstAttempts = 1_000
  private shards: ShardSchedule = ONE_SHARD
  /** The queues of each kind: one, or two. */
  private ways: readonly Queue[] = [WAYS[0]]
  /** Remembers which batch and run a request belongs to. */
  traced = false
  /** By its place in `sent`, what the log knew of the event of a request whose run its batch has not reported yet. */
  private readonly unreported = new Map<
    number,
    { readonly webhookId: string; readonly known: readonly RunState[] }
  >()

  private isolate: Life = this.begin()
  private shared: { readonly life: Life; readonly ports: Ports; readonly engine: Engine } | null =
    null
  private readonly tables = new Tables()
  private readonly stores = createMemoryStores(this.tables)
  private readonly monitors = new Map<string, MemoryMonitor>()
  private readonly objectLives = new Map<FakeObject, Life>()
  private readonly log: MemoryEventLog
  private readonly logs = new Map<string, MemoryEventLog>()
  private readonly deploymentJobs = createMemoryDeploymentJobs({
    ...this.stores,
    clock: () => this.now + this.skewMs,
    eventLog: (tenantId) => this.trueLogOf(tenantId),
    monitor: (webhookId) => this.monitorOf(webhookId),
  })
  private readonly timers = new Timers()
  /** What was begun and has not ended, by whose it is. */
  private readonly running = new Map<Promise<unknown>, Life>()
  /** What answers only when time moves, or never. */
  private readonly stalls = new Map<object, Life>()
  private stalled = Promise.withResolvers<void>()
  private readonly endings = new Map<Life, Set<() => void>>()
  private activity = 0
  private batches = 0
  private messages = 0

  constructor() {
    this.log = this.openLog()
  }

  /** A shard of the event log of a tenant: `log` is the first of the first tenant. */
  private logOf(tenantId: string, shard = 0): MemoryEventLog {
    const name = `${tenantId}/${shard}`
    const known = this.logs.get(name)
    if (known !== undefined) return known
    const isFirst = shard === 0 && !this.allLogs.some((log) => log === this.log)
    const log = isFirst ? this.log : this.openLog()
    this.logs.set(name, log)
    return log
  }

  /** Has event logs several shards, as a deployment says it, and two queues of each kind: before anything is published. */
  spread(shards: string): void {
    const schedule = readShardSchedule(shards)
    if (schedule === null) throw new Error(`They are no shards: ${shards}`)
    this.shards = schedule
    this.ways = shardCount(schedule) === 1 ? [WAYS[0]] : WAYS
  }

  /** Those of the same tenant. */
  private otherShards(log: MemoryEventLog): readonly MemoryEventLog[] {
    const [own = ''] = [...this.logs].find(([, one]) => one === log) ?? []
    const tenantId = own.slice(0, own.lastIndexOf('/') + 1)
    const all = [...this.logs].filter(([name]) => name.startsWith(tenantId))
    return all.flatMap(([, one]) => (one === log ? [] : one))
  }

  /** All of the shards that were ever asked. */
  private get allLogs(): readonly MemoryEventLog[] {
    return [...this.logs.values()]
  }

  private openLog(): MemoryEventLog {
    /** A call that the event log makes. */
    const inLog = <T>(name: string, work: () => T | Promise<T>): Promise<T> =>
      this.inTime(this.perform(this.lifeOf(log.object), name, null, async () => work()))
    const log: MemoryEventLog = this.openObject((around) =>
      createMemoryEventLog({
        ...around,
        eraseAt: (webhookId, work) => inLog('objects.ask', () => work(this.monitorOf(webhookId))),
        lineUp: (deliveries) =>
          inLog('objects.ask', () => this.monitorOf(deliveries.ref.id).lineUp(deliveries)),
        statesOf: (webhookId, ids) =>
          inLog('objects.ask', () => this.monitorOf(webhookId).statesOfEvents(ids)),
        answersOf: (webhookId, ids) =>
          inLog('objects.ask', () => this.monitorOf(webhookId).lastAnswers(ids)),
        readWebhooks: (tenantId) =>
          inLog('objects.read', () => readWebhooks(this.tables, tenantId)),
        raiseEpoch: (tenantId, epoch) =>
          inLog('objects.raise', () => raiseEpoch(this.tables, tenantId, epoch)),
        sendAccepted: (texts) =>
          inLog('objects.send', () => {
            const batch = texts.slice(0, BATCH_MESSAGES)
            for (const text of batch) this.enqueue('events', text)
            return batch.length
          }),
        dialectRuntimes: (dialect) => OUTBOUNDS[dialect] ?? null,
        otherShards: () => this.otherShards(log),
      }),
    )
    return log
  }

  get ports(): Ports {
    return this.present.ports
  }

  get engine(): Engine {
    return this.present.engine
  }

  /** Calls of ports since the fault was set, by its selection. */
  get calls(): number {
    return this.injector.calls
  }

  get down(): Set<string> {
    return this.injector.down
  }

  /** Whether something goes on in the background, and waits for time to move. */
  get isBusy(): boolean {
    return this.running.size > 0
  }

  get mishaps(): number {
    return this.injector.mishaps
  }

  /** Batches that were begun. */
  get begun(): number {
    return this.batches
  }

  get fired(): Fired | null {
    return this.injector.fired
  }

  /** What is known of an event at a webhook, run by run; no call that could fail. */
  runsOf(webhookId: string, eventId: string): readonly RunState[] {
    const runs = this.monitorOf(webhookId).runsOf(eventId)
    const first = this.outcomeOf(eventId, webhookId)
    return first ? withFirst(runs, withFirstOutcome(UNTRIED, first)) : runs
  }

  /** The stores themselves, which nothing can happen to. */
  get truth() {
    const { webhooks, deadLetters } = this.stores
    const [first] = this.tenantIds
    const eventLog = first === undefined ? this.log : this.trueLogOf(first)
    return { webhooks, deadLetters, eventLog, monitor: this.monitorOf }
  }

  /** What was noted of a delivery. */
  outcomeOf(eventId: string, webhookId: string) {
    const found = this.allLogs.map((log) => log.outcomeOf(eventId, webhookId))
    return found.find((outcome) => outcome !== null) ?? null
  }

  /** The events that the event logs accepted, of each in its order: `row` is the same of what was accepted together. */
  arrivals() {
    return this.allLogs.flatMap((one, log) =>
      one.arrivals().map((arrival) => ({ ...arrival, log })),
    )
  }

  /** What each event log knows of a webhook. */
  statesOf(webhookId: string) {
    return this.allLogs.flatMap((log) => log.stateOf(webhookId) ?? [])
  }

  private get tenantIds(): readonly string[] {
    return [...this.logs.keys()].map((name) => name.replace(/\/.*/, ''))
  }

  private trueLogOf(tenantId: string): EventLog {
    return shardedEventLogs(this.shards, (id, shard) => this.logOf(id, shard))(tenantId)
  }

  /** Hands the next messages of a queue to its consumer; false when none is available. A crash loses the verdicts. */
  async runBatch(queue: QueueName, size = 5): Promise<boolean> {
    const available = this.queues[queue].filter(({ availableAt }) => availableAt <= this.now)
    // Those of one queue of the kind.
    const wayOf = ({ body }: QueuedMessage) => chooseQueue(this.ways, body)
    const messages = available
      .filter((message, _, [first = message]) => wayOf(message) === wayOf(first))
      .filter((message, _, [first = message]) => message.lane === first.lane)
      .slice(0, size)
    if (messages.length === 0) return false
    this.batches += 1
    const runs = this.traced ? runsIn(messages) : new Map()
    const batch: Batch = { number: this.batches, queue, messages, runs }
    const inbound: InboundMessage[] = messages.map((message) => {
      message.attempts += 1
      message.availableAt = Number.POSITIVE_INFINITY
      const { id, timestamp, attempts, body } = message
      return { id, timestamp, attempts, body }
    })
    const life = this.isolate
    const { engine } = this.traced ? this.openPorts(life, batch) : this.present
    const cancelLimit = this.timers.add(this.now + LIMIT_MS, () => life.end())
    let isOver = false
    const end = (verdicts: readonly Verdict[]) => {
      if (isOver) return
      isOver = true
      cancelLimit()
      this.settleBatch(batch, verdicts)
    }
    const cancelDeath = this.onEnd(life, () => end([]))
    const consumer = messages[0]?.lane === 'slow' ? 'slowDeliveries' : queue
    const work = engine.consumers[consumer](inbound).then((verdicts) => {
      if (life.alive) end(verdicts)
      cancelDeath()
    })
    this.keep(work, life)
    const until = this.now + SLOT_MS
    await this.settleDown(work, life)
    while (!isOver && this.timers.next <= until) {
      this.moveTo(this.timers.next)
      await this.idle()
    }
    await this.rest()
    return true
  }

  /** Moves the clock; what waits for a time on the way goes on when it has come. */
  async advance(ms: number): Promise<void> {
    const until = this.now + ms
    await this.rest()
    while (this.timers.next <= until) {
      this.moveTo(this.timers.next)
      await this.idle()
    }
    this.now = until
    await this.rest()
  }

  /** What somebody asks for; `died` when no answer comes, because the isolate died or a port does not answer. */
  async whileAlive<T>(work: () => Promise<T>): Promise<T | 'died'> {
    const life = this.isolate
    const none = Symbol('none')
    let answer: T | typeof none = none
    const answered = work().then((value) => {
      answer = value
    })
    await this.settleDown(answered, life)
    await this.rest()
    return answer === none ? 'died' : answer
  }

  /** The isolate dies: what was under way is never heard of again. */
  die(): void {
    this.injector.mishaps += 1
    this.isolate.end()
  }

  /** Looks around without meeting a fault, and without being counted. */
  calmly<T>(look: () => Promise<T>): Promise<T> {
    return this.injector.calmly(look)
  }

  /** One call from now on goes wrong. */
  inject(fault: Fault | null): void {
    this.injector.set(fault)
  }

  /**
   * Runs everything there is to run until both queues are empty, moving the clock as far as it takes. `around` is given
   * each step; nothing is waited for that comes after `until`.
   */
  async settle(
    around: (step: () => Promise<boolean>) => Promise<boolean> = (step) => step(),
    until = Number.POSITIVE_INFINITY,
  ): Promise<void> {
    const run = (queue: QueueName) => around(() => this.runBatch(queue))
    for (let round = 0; round < 5_000; round += 1) {
      const busy = (await run('events')) || (await run('deliveries'))
      if (busy) continue
      const due = [...this.queues.events, ...this.queues.deliveries].map((m) => m.availableAt)
      const next = Math.min(...due, this.timers.next)
      if (next === Number.POSITIVE_INFINITY || next > until) return
      await around(async () => {
        await this.advance(Math.max(next - this.now, 0))
        return true
      })
    }
    throw new Error('The world does not come to rest.')
  }

  /** A queue loses the messages of which that is said. */
  lose(queue: QueueName, isLost: (body: string) => boolean): readonly string[] {
    const lost = this.queues[queue].filter(({ body }) => isLost(body))
    for (const message of lost) this.remove(queue, message)
    return lost.map(({ body }) => body)
  }

  /** The queue delivers a message twice. */
  duplicate(queue: QueueName, index: number): void {
    const message = this.queues[queue][index]
    if (message) this.queues[queue].push({ ...message })
  }

  // -------------------------------------------------------------- lives

  private get present() {
    const { isolate } = this
    if (this.shared?.life !== isolate) this.shared = this.openPorts(isolate, null)
    return this.shared
  }

  private begin(): Life {
    const life: Life = {
      alive: true,
      end: () => {
        if (!life.alive) return
        life.alive = false
        if (this.isolate === life) this.isolate = this.begin()
        for (const [work, whose] of this.running) if (whose === life) this.running.delete(work)
        for (const [stall, whose] of this.stalls) if (whose === life) this.stalls.delete(stall)
        const endings = this.endings.get(life) ?? []
        this.endings.delete(life)
        for (const ending of endings) ending()
        this.signal()
      },
    }
    return life
  }

  private onEnd(life: Life, work: () => void): () => void {
    const endings = this.endings.get(life) ?? new Set()
    this.endings.set(life, endings.add(work))
    return () => endings.delete(work)
  }

  private keep(work: Promise<unknown>, life: Life): void {
    if (!life.alive) return
    this.running.set(work, life)
    const done = () => this.running.delete(work)
    work.then(done, done)
  }

  /** An object with its queue and its alarm; it may die while it sends, and its alarm wakes it. */
  private openObject<M extends { readonly object: FakeObject }>(
    open: (around: Surroundings) => M,
  ): M {
    let alarmAt = Number.POSITIVE_INFINITY
    let cancel = () => {}
    const scheduleAlarm = (at: number) => {
      if (alarmAt <= at) return
      cancel()
      alarmAt = at
      // By the object's own clock.
      cancel = this.timers.add(at - this.skewMs, () => {
        alarmAt = Number.POSITIVE_INFINITY
        this.keep(made.object.alarm(), this.lifeOf(made.object))
      })
    }
    const made = open({
      clock: () => this.now + this.skewMs,
      delayScale: 1,
      send: (texts) => this.sendPending(this.lifeOf(made.object), texts),
      scheduleAlarm,
      goOn: (work) => this.keep(work, this.lifeOf(made.object)),
      isConfigured: async (ref) => (await this.stores.webhooks.find(ref)) !== null,
      pauseOf: (ref) =>
        this.inTime(
          this.perform(this.lifeOf(made.object), 'objects.pause', null, async () => {
            const webhook = await this.stores.webhooks.find(ref)
            return webhook?.pause ?? null
          }),
        ),
    })
    return made
  }

  private lifeOf(object: FakeObject): Life {
    const present = this.objectLives.get(object)
    if (present?.alive) return present
    const life = this.begin()
    this.objectLives.set(object, life)
    this.onEnd(life, () => object.restart())
    return life
  }

  private readonly monitorOf = (webhookId: string): MemoryMonitor => {
    const present = this.monitors.get(webhookId)
    if (present) return present
    const made = this.openObject(createMemoryMonitor)
    this.monitors.set(webhookId, made)
    return made
  }

  private sendPending(life: Life, texts: readonly string[]): Promise<number> {
    const batch = texts.slice(0, BATCH_MESSAGES)
    return this.inTime(
      this.perform(life, 'objects.send', null, async () => {
        for (const text of batch) this.enqueue('deliveries', text)
        return batch.length
      }),
    )
  }

  /** An object gives up what does not answer. */
  private async inTime<T>(work: Promise<T>): Promise<T> {
    const end = Promise.withResolvers<never>()
    const late = new Error('There was no answer in time.')
    const cancel = this.timers.add(this.now + RETENTION.answerMs, () => end.reject(late))
    try {
      return await Promise.race([work, end.promise])
    } finally {
      cancel()
    }
  }

  // -------------------------------------------------------------- time

  private moveTo(at: number): void {
    this.now = Math.max(this.now, at)
    this.timers.fire(this.now)
  }

  /** Work ends, or gets as far as it can before time moves. */
  private async settleDown(work: Promise<unknown>, life: Life): Promise<void> {
    if (!life.alive) return
    if (this.stalls.size === 0) await Promise.race([work, this.stalled.promise])
    if (this.stalls.size > 0) await this.idle()
  }

  /** All that is under way ends, or gets as far as it can. */
  private async rest(): Promise<void> {
    while (this.running.size > 0 && this.stalls.size === 0) {
      await Promise.race([Promise.allSettled(this.running.keys()), this.stalled.promise])
    }
    if (this.stalls.size > 0) await this.idle()
  }

  /** Nothing goes on any more that does not wait for time: between two calls there are few promises. */
  private async idle(): Promise<void> {
    let seen: number
    do {
      seen = this.activity
      for (let turn = 0; turn < REST_TURNS; turn += 1) await undefined
    } while (seen !== this.activity)
  }

  /** Something answers when time has moved, or never. */
  private stall(life: Life): () => void {
    const stall = {}
    this.stalls.set(stall, life)
    this.signal()
    return () => this.stalls.delete(stall)
  }

  /** Whoever waits for an end looks whether one can come. */
  private signal(): void {
    this.stalled.resolve()
    this.stalled = Promise.withResolvers()
  }

  private never(life: Life): Promise<never> {
    if (life.alive) this.stall(life)
    return NEVER
  }

  private timer(life: Life, ms: number): Timer {
    const { over, stop: cancel } = this.timers.timer(this.now, ms)
    const forget = this.onEnd(life, cancel)
    over.then(forget)
    const stop = () => {
      forget()
      cancel()
    }
    return { over, stop }
  }

  /** Waits as a receiver lets wait: nothing else may be going on. */
  private async lie(life: Life, ms: number): Promise<void> {
    const end = this.stall(life)
    await this.timer(life, ms).over
    end()
    this.activity += 1
  }

  // -------------------------------------------------------------- queues

  private settleBatch({ queue, messages }: Batch, verdicts: readonly Verdict[]): void {
    for (const [index, message] of messages.entries()) {
      const verdict = verdicts[index]
      if (verdict?.kind === 'ack') this.remove(queue, message)
      else message.availableAt = this.now + Math.ceil(verdict?.delaySeconds ?? 1) * 1_000
    }
  }

  private remove(queue: QueueName, message: QueuedMessage): void {
    const index = this.queues[queue].indexOf(message)
    if (index >= 0) this.queues[queue].splice(index, 1)
  }

  /** Puts a message into a queue, whoever sent it. */
  enqueue(queue: QueueName, body: string, delaySeconds = 0, lane: Lane = 'fast'): void {
    this.messages += 1
    const availableAt = this.now + Math.ceil(delaySeconds) * 1_000
    const id = `message-${this.messages}`
    this.queues[queue].push({ id, body, timestamp: this.now, lane, attempts: 0, availableAt })
  }

  // -------------------------------------------------------------- ports

  private async send(life: Life, batch: Batch | null, request: OutgoingRequest): Promise<Outcome> {
    if (!life.alive) return NEVER
    this.activity += 1
    const about = { batch: batch?.number ?? null, sent: this.sent.length, at: this.now }
    const mode = this.injector.nextMode('send.post', about)
    if (mode === 'hang') life.end()
    if (!life.alive) return NEVER
    if (mode === 'before') return failure(null)
    const isAsked = isHandshake(request)
    if (mode !== 'stall' && !isAsked) this.receive(batch, request, mode !== null)
    if (mode === 'die') life.end()
    if (!life.alive) return NEVER
    if (mode === 'after') return failure(null)
    if (mode !== null) {
      await this.lie(life, TIMEOUT_MS)
      return { ...failure(null), durationMs: TIMEOUT_MS }
    }
    if (isAsked) return this.handshakes.answer(request, this.now)
    const outcome = await this.senderOf(life)(request)
    return life.alive ? outcome : NEVER
  }

  /** Sends to the receivers as they are, when nothing goes wrong on the way. */
  private senderOf(life: Life): Send {
    return createMemorySend({
      receive: (request) => ({
        ...this.answerTo(request),
        allowedRate: this.allowed.get(request.url)?.toString(),
      }),
      checkTarget,
      clock: () => this.now + this.skewMs,
      wait: (ms) => this.lie(life, ms),
    })
  }

  private partsOf(url: string, id: string): readonly DeliverMessage[] {
    const whose = this.webhookAt(url)
    return whose === null ? [] : this.monitorOf(whose).together(id)
  }

  private answerTo({ url, headers }: OutgoingRequest): ReceiverAnswer {
    const behaviour = this.behaviours.get(url) ?? 'ok'
    if (behaviour !== 'choosy') return answerOf(behaviour, this.now)
    const parts = this.partsOf(url, idOf(headers))
    if (parts.length === 0) return { status: 200 }
    const told = parts.flatMap(({ event: { id } }, index) => {
      const status = CHOICES[choiceOf(index, parts.length)]
      return status ? [{ id, status }] : []
    })
    return { status: MULTI_STATUS, text: JSON.stringify(told) }
  }

  private receive(
    batch: Batch | null,
    { url, headers, body }: OutgoingRequest,
    unheard: boolean,
  ): void {
    const own = this.behaviours.get(url) ?? 'ok'
    const behaviour = own === 'choosy' ? 'ok' : own
    const eventId = idOf(headers)
    const webhookId = batch && this.webhookAt(url)
    const whose = this.webhookAt(url)
    const parts = this.partsOf(url, eventId)
    // A publish sends what it has accepted, for the first time.
    const first = this.traced && batch === null ? FIRST_RUN : null
    const run = webhookId ? this.runOf(batch, webhookId, eventId) : first
    const known = webhookId ? this.runsOf(webhookId, eventId) : []
    const logged = statusIn(known, run)
    const number = batch?.number ?? null
    const told = { at: this.now, url, body, headers, behaviour, batch: number, unheard }
    const allowed = saidBy(this.allowed.get(url))
    for (const [index, part] of parts.entries()) {
      const isChoosy = own === 'choosy'
      const did = isChoosy && CHOICES[choiceOf(index, parts.length)] !== 200 ? 'error' : behaviour
      const runs = this.runsOf(whose ?? '', part.event.id)
      const eventIds = parts.map(({ event }) => event.id)
      const joint = { id: eventId, eventIds, isChoosy }
      const about = { eventId: part.event.id, run: part.run, logged: statusIn(runs, part.run) }
      this.sent.push({ ...told, ...about, behaviour: did, joint, allowed })
    }
    if (parts.length > 0) return
    if (webhookId) this.unreported.set(this.sent.length, { webhookId, known })
    this.sent.push({
      ...{ ...told, eventId, allowed, run, logged },
    })
  }

  /** Which runs the requests of a batch were of, now that it says so. */
  private learnRuns(batch: Batch, { webhookId, entries }: Report): void {
    for (const entry of entries) {
      if (entry.kind !== 'attempt') continue
      const { eventId, run } = entry.attempt
      for (const [index, about] of this.unreported) {
        const request = this.sent[index]
        if (request?.batch !== batch.number) continue
        if (about.webhookId !== webhookId || request.eventId !== eventId) continue
        this.sent[index] = { ...request, run, logged: statusIn(about.known, run) }
        this.unreported.delete(index)
        break
      }
    }
  }

  private webhookAt(url: string): string | null {
    for (const { webhook } of this.tables.webhooks.values()) {
      if (webhook.url === url) return webhook.id
    }
    return null
  }

  /** The run that a batch brings an event in, until it reports that; of several, the first that it has not sent yet. */
  private runOf(batch: Batch, webhookId: string, eventId: string): Run {
    if (batch.queue === 'events') return FIRST_RUN
    const brought = batch.runs.get(`${webhookId}/${eventId}`) ?? []
    // What has ended is sent no more.
    const ended = this.runsOf(webhookId, eventId).filter(({ status }) => hasEnded(status))
    const open = brought.filter((run) => !ended.some((one) => one.run === run))
    const runs = open.length > 0 ? open : brought
    if (runs.length < 2) return runs[0] ?? FIRST_RUN
    const made = this.sent.filter((one) => one.batch === batch.number && one.eventId === eventId)
    return runs.find((run) => !made.some((one) => one.run === run)) ?? runs[0] ?? FIRST_RUN
  }

  private openPorts(life: Life, batch: Batch | null) {
    const wrap = <P extends object>(name: string, port: P): P => this.wrap(life, batch, name, port)
    const eventLogs = new Map<string, ReturnType<Ports['eventLog']>>()
    const shardOfTenant = (tenantId: string, shard: number) =>
      wrap<EventLog>('eventLog', this.untilDeath(this.logOf(tenantId, shard)))
    const ports: Ports = {
      clock: () => this.now + this.skewMs,
      log: () => {},
      inSpan: untraced,
      random: () => 0.5,
      background: (work) => {
        if (life.alive) this.keep(work, life)
      },
      timer: (ms) => (life.alive ? this.timer(life, ms) : { over: NEVER, stop() {} }),
      tenants: wrap('tenants', this.stores.tenants),
      keys: wrap('keys', this.stores.keys),
      sessions: wrap('sessions', this.stores.sessions),
      portalLinks: wrap('portalLinks', this.stores.portalLinks),
      notices: wrap('notices', this.stores.notices),
      pullConsumers: wrap('pullConsumers', this.stores.pullConsumers),
      templates: wrap('templates', this.stores.templates),
      eventTypes: wrap('eventTypes', this.stores.eventTypes),
      webhooks: wrap('webhooks', this.stores.webhooks),
      secrets: wrap('secrets', this.stores.secrets),
      deduplication: wrap('deduplication', this.stores.deduplication),
      idempotency: wrap('idempotency', this.stores.idempotency),
      deadLetters: wrap('deadLetters', this.stores.deadLetters),
      tenantJobs: wrap('tenantJobs', this.stores.tenantJobs),
      activity: wrap('activity', this.stores.activity),
      audit: wrap('audit', this.stores.audit),
      events: wrap(
        'events',
        createMemoryEventQueue((...message) => this.enqueue('events', ...message)),
      ),
      deliveries: wrap(
        'deliveries',
        createMemoryDeliveryQueue((...message) => this.enqueue('deliveries', ...message)),
      ),
      monitor: (webhookId) => {
        const monitor = wrap<Monitor>('monitor', this.monitorOf(webhookId))
        if (batch === null) return monitor
        const report: Monitor['report'] = (told) => {
          this.learnRuns(batch, told)
          return monitor.report(told)
        }
        return new Proxy(monitor, {
          get: (target, method, receiver) =>
            method === 'report' ? report : Reflect.get(target, method, receiver),
        })
      },
      eventLog: (tenantId) => {
        const log =
          eventLogs.get(tenantId) ?? shardedEventLogs(this.shards, shardOfTenant)(tenantId)
        eventLogs.set(tenantId, log)
        return log
      },
      deploymentJobs: wrap('deploymentJobs', this.deploymentJobs),
      diagnostics: createMemoryDiagnostics(),
      send: (request) => this.send(life, batch, request),
      underWay: this.underWay,
      checkTarget,
      checkAddresses: createMemoryAddressCheck(),
      dialectRuntimes: (dialect) => OUTBOUNDS[dialect] ?? null,
      settings: {
        delayScale: 1,
        webhooksPerTenant: 1_000,
        fanOut: 5_000,
        firstAttempts: this.firstAttempts,
        unlistedEventTypes: 'allow',
        shards: this.shards,
        publicHost: PUBLIC_HOST,
        httpSigning: NO_KEYS,
        variables: {},
      },
    }
    return { life, ports, engine: createEngine(ports) }
  }

  /** The event log, whose calls fail when it dies while they run. */
  private untilDeath(log: MemoryEventLog): MemoryEventLog {
    return new Proxy(log, {
      get: (target, method, receiver) => {
        const work: unknown = Reflect.get(target, method, receiver)
        if (typeof work !== 'function') return work
        return async (...args: readonly unknown[]) => {
          const death = Promise.withResolvers<never>()
          const died = new InjectedFault(`eventLog.${String(method)}: the object died`)
          const forget = this.onEnd(this.lifeOf(log.object), () => death.reject(died))
          try {
            return await Promise.race([Reflect.apply(work, target, args), death.promise])
          } finally {
            forget()
          }
        }
      },
    })
  }

  /** A port whose every call can go wrong. */
  private wrap<P extends object>(life: Life, batch: Batch | null, name: string, port: P): P {
    return new Proxy(port, {
      get: (target, method, receiver) => {
        const work: unknown = Reflect.get(target, method, receiver)
        if (typeof work !== 'function') return work
        return (...args: readonly unknown[]) =>
          this.perform(life, `${name}.${String(method)}`, batch, () =>
            Reflect.apply(work, target, args),
          )
      },
    })
  }

  /** One call of a port. Whoever died before does not make it, and whoever died since hears no answer. */
  private async perform<T>(
    life: Life,
    name: string,
    batch: Batch | null,
    work: () => Promise<T>,
  ): Promise<T> {
    if (!life.alive) return NEVER
    this.activity += 1
    const about = { batch: batch?.number ?? null, sent: this.sent.length, at: this.now }
    const mode = this.injector.nextMode(name, about)
    if (mode === 'before') throw new InjectedFault(`${name} failed before its effect`)
    if (mode === 'hang') life.end()
    if (mode === 'stall' || !life.alive) return this.never(life)
    const result = await work()
    this.activity += 1
    if (mode === 'after') throw new InjectedFault(`${name} failed after its effect`)
    if (mode === 'die') life.end()
    return mode === 'mute' || !life.alive ? this.never(life) : result
  }
}

function saidBy(allowed: number | '*' | null | undefined): number | null | undefined {
  return allowed === '*' ? null : (allowed ?? undefined)
}

function statusIn(known: readonly RunState[], run: Run | null): string | null {
  return known.find((one) => one.run === run)?.status ?? null
}

function runsIn(messages: readonly QueuedMessage[]): ReadonlyMap<string, readonly Run[]> {
  const runs = new Map<string, Run[]>()
  for (const { body } of messages) {
    const message = fromDeliveryText(body)
    if (message?.kind !== 'deliver') continue
    const key = `${message.webhookId}/${message.event.id}`
    runs.set(key, [...(runs.get(key) ?? []), message.run])
  }
  return runs
}

/** Milliseconds after which a closed receiver says it will be back. */
export const CLOSED_MS = 3_600_000

/** The status of each answer that is none of success; null is none at all. */
export const STATUS = {
  error: 500,
  gone: 410,
  missing: 404,
  moved: 302,
  odd: 999,
  switching: 101,
  busy: 429,
  closing: 503,
  absurd: 503,
  silent: null,
} as const

/** What a choosy receiver says of an event: that it took it, that it did not, or nothing. */
const CHOICES = [200, 500, null] as const

/** Depends on how many there are: of one it takes none, and of two the second. */
function choiceOf(index: number, count: number): number {
  return (index + count) % CHOICES.length
}

function idOf(headers: readonly Header[]): string {
  return headers.find(([name]) => name === 'webhook-id')?.[1] ?? ''
}

/** What a receiver that behaves so answers to a request of `now`. */
function answerOf(behaviour: Behaviour, now: number): ReceiverAnswer {
  const asked: Partial<Record<Behaviour, string>> = {
    busy: '120',
    closing: new Date(now + CLOSED_MS).toUTCString(),
    absurd: '99999999999999999999',
  }
  if (behaviour === 'ok') return { status: 200 }
  if (behaviour === 'slow') return { status: 200, afterMs: LATE_MS.slow }
  if (behaviour === 'hanging') return { status: null, afterMs: LATE_MS.hanging }
  return { status: STATUS[behaviour], retryAfter: asked[behaviour] }
}
