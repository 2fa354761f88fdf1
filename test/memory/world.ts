// A whole Hookline in memory: the real engine on ports whose queues, clock and receivers the test moves. Nothing
// waits for real time, so thousands of histories fit into a test.

import { nativeOutbound } from '../../src/api/native-wire.ts'
import { createEngine, type Engine, type InboundMessage } from '../../src/engine/index.ts'
import type { Header, Outcome } from '../../src/engine/model.ts'
import { toDeliveryText } from '../../src/engine/pipeline/delivery-message.ts'
import { toEventMessages } from '../../src/engine/pipeline/event-message.ts'
import { parseRetryAfter } from '../../src/engine/pipeline/retry-after.ts'
import type { DeliveryMessage, Monitor, OutgoingRequest, Ports } from '../../src/engine/ports.ts'
import { createMemoryEventLog } from './event-log.ts'
import { createMemoryMonitor } from './monitor.ts'
import { createMemoryStores } from './stores.ts'

export type QueueName = 'events' | 'deliveries'

interface QueuedMessage {
  readonly id: string
  readonly body: string
  readonly timestamp: number
  attempts: number
  availableAt: number
}

/** How a receiver answers for now. `busy`, `closing` and `absurd` ask for patience, each in another way. */
export type Behaviour =
  | 'ok'
  | 'slow'
  | 'error'
  | 'gone'
  | 'missing'
  | 'moved'
  | 'busy'
  | 'closing'
  | 'absurd'
  | 'silent'
  | 'hanging'

export interface Sent {
  readonly at: number
  readonly url: string
  readonly eventId: string
  readonly body: string
  readonly headers: readonly Header[]
  readonly behaviour: Behaviour
}

/** What happens to one call of a port. `hang`: it never answers, and the isolate dies waiting for it. */
export type FaultMode = 'before' | 'after' | 'hang' | 'die'

export interface Fault {
  /** Which call, from 1, among those that `ports` selects. */
  readonly call: number
  readonly mode: FaultMode
  /** Calls whose name starts so; '' selects all. */
  readonly port: string
}

export class InjectedFault extends Error {}

const NEVER = new Promise<never>(() => {})

/** Milliseconds until the answer, longer than a batch holds its slot; one that hangs is given up then. */
export const LATE_MS = { slow: 5_000, hanging: 15_000 } as const

export class World {
  now = Date.UTC(2026, 10, 22)
  readonly sent: Sent[] = []
  readonly behaviours = new Map<string, Behaviour>()
  readonly queues: Record<QueueName, QueuedMessage[]> = { events: [], deliveries: [] }
  readonly ports: Ports
  readonly engine: Engine
  /** Calls of ports so far in this batch or since the fault was set, by the selection of the fault. */
  calls = 0
  /** What the clock of an isolate is ahead of the true time, in milliseconds. */
  skewMs = 0
  /** Ports that cannot be reached, by how their names start. */
  readonly down = new Set<string>()
  private fault: Fault | null = null
  private generation = 0
  private onDeath: () => void = () => {}

  private readonly monitors = new Map<string, Monitor>()
  private readonly owed: DeliveryMessage[] = []
  private readonly slotEnds = new Set<() => void>()
  private inBackground: Promise<void>[] = []
  private answers: { readonly at: number; readonly answer: () => void }[] = []
  private messages = 0

  constructor() {
    this.ports = this.createPorts()
    this.engine = createEngine(this.ports)
  }

  /** Hands the next messages of a queue to its consumer; false when none is available. A crash loses the verdicts. */
  async runBatch(queue: QueueName, size = 5): Promise<boolean> {
    await this.sendOwed()
    const batch = this.queues[queue]
      .filter(({ availableAt }) => availableAt <= this.now)
      .slice(0, size)
    if (batch.length === 0) return false
    for (const message of batch) message.attempts += 1
    const inbound: InboundMessage[] = batch.map(({ id, timestamp, attempts, body }) => ({
      id,
      timestamp,
      attempts,
      body,
    }))
    const verdicts = await this.whileAlive(() => this.engine.consumers[queue](inbound))
    for (const [index, message] of batch.entries()) {
      const verdict = verdicts === 'died' ? undefined : verdicts[index]
      if (verdict?.kind === 'ack') this.remove(queue, message)
      else message.availableAt = this.now + Math.ceil(verdict?.delaySeconds ?? 1) * 1_000
    }
    await this.sendOwed()
    return true
  }

  /** Moves the clock; attempts that were under way end when their time has come. */
  async advance(ms: number): Promise<void> {
    this.now += ms
    const due = this.answers.filter(({ at }) => at <= this.now)
    this.answers = this.answers.filter(({ at }) => at > this.now)
    for (const { answer } of due) answer()
    // Others are still under way: what was answered is written down meanwhile.
    if (due.length > 0 && this.answers.length > 0) await new Promise((next) => setTimeout(next, 0))
    if (this.answers.length === 0) {
      await Promise.all(this.inBackground)
      this.inBackground = []
    }
    await this.sendOwed()
  }

  /** What the work comes to, or `died` when the isolate dies before. */
  whileAlive<T>(work: () => Promise<T>): Promise<T | 'died'> {
    const died = new Promise<'died'>((resolve) => {
      this.onDeath = () => resolve('died')
    })
    return Promise.race([work(), died])
  }

  /** The isolate dies: what was under way is never heard of again. */
  die(): void {
    this.generation += 1
    this.answers = []
    this.inBackground = []
    this.slotEnds.clear()
    this.onDeath()
  }

  /** One call from now on goes wrong. */
  inject(fault: Fault | null): void {
    this.fault = fault
    this.calls = 0
  }

  /**
   * Runs everything there is to run until both queues are empty, moving the clock as far as it takes. `around` is given
   * each step.
   */
  async settle(
    around: (step: () => Promise<boolean>) => Promise<boolean> = (step) => step(),
  ): Promise<void> {
    const run = (queue: QueueName) => around(() => this.runBatch(queue))
    for (let round = 0; round < 2_000; round += 1) {
      const busy = (await run('events')) || (await run('deliveries'))
      if (busy) continue
      const due = [...this.queues.events, ...this.queues.deliveries].map((m) => m.availableAt)
      const next = Math.min(...due, ...this.answers.map(({ at }) => at))
      if (next === Number.POSITIVE_INFINITY) return
      await around(async () => {
        await this.advance(Math.max(next - this.now, 0))
        return true
      })
    }
    throw new Error('The world does not come to rest.')
  }

  /** The queue delivers a message twice. */
  duplicate(queue: QueueName, index: number): void {
    const message = this.queues[queue][index]
    if (message) this.queues[queue].push({ ...message })
  }

  private remove(queue: QueueName, message: QueuedMessage): void {
    const index = this.queues[queue].indexOf(message)
    if (index >= 0) this.queues[queue].splice(index, 1)
  }

  private enqueue(queue: QueueName, body: string, delaySeconds = 0): void {
    this.messages += 1
    const availableAt = this.now + Math.ceil(delaySeconds) * 1_000
    const id = `message-${this.messages}`
    this.queues[queue].push({ id, body, timestamp: this.now, attempts: 0, availableAt })
  }

  private async sendOwed(): Promise<void> {
    for (const message of this.owed.splice(0)) this.enqueue('deliveries', toDeliveryText(message))
  }

  private async send({ url, headers, body }: OutgoingRequest): Promise<Outcome> {
    const behaviour = this.behaviours.get(url) ?? 'ok'
    const eventId = headers.find(([name]) => name === 'webhook-id')?.[1] ?? ''
    this.sent.push({ at: this.now, url, eventId, body, headers, behaviour })
    if (behaviour !== 'slow' && behaviour !== 'hanging') {
      return answerOf(behaviour, this.now + this.skewMs, this.now)
    }
    const durationMs = LATE_MS[behaviour]
    const at = this.now + durationMs
    const answered = new Promise<void>((answer) => {
      this.answers.push({ at, answer })
    })
    // Nothing else happens meanwhile: the slot ends.
    for (const end of this.slotEnds) end()
    await answered
    return behaviour === 'slow'
      ? { kind: 'delivered', statusCode: 200, durationMs }
      : { ...failure(null), durationMs }
  }

  private createPorts(): Ports {
    const stores = createMemoryStores()
    const clock = () => this.now + this.skewMs
    const owe = (message: DeliveryMessage) => this.owed.push(message)
    const monitor = (webhookId: string): Monitor => {
      const present = this.monitors.get(webhookId)
      if (present) return present
      const made = createMemoryMonitor({ clock, delayScale: 1, owe })
      const wrapped = this.wrap('monitor', made)
      this.monitors.set(webhookId, wrapped)
      return wrapped
    }
    const log = createMemoryEventLog({
      clock,
      owe,
      statesOf: (webhookId, ids) => monitor(webhookId).statesOfEvents(ids),
    })
    const eventLog = this.wrap('eventLog', log)
    return {
      clock,
      log: () => {},
      random: () => 0.5,
      background: (work) => this.inBackground.push(work),
      wait: (_, signal) =>
        new Promise((resolve) => {
          this.slotEnds.add(resolve)
          signal?.addEventListener('abort', () => this.slotEnds.delete(resolve))
        }),
      tenants: this.wrap('tenants', stores.tenants),
      keys: this.wrap('keys', stores.keys),
      templates: this.wrap('templates', stores.templates),
      webhooks: this.wrap('webhooks', stores.webhooks),
      deduplication: this.wrap('deduplication', stores.deduplication),
      deadLetters: this.wrap('deadLetters', stores.deadLetters),
      events: this.wrap('events', {
        send: async (tenantId, events, { ask }) => {
          const texts = toEventMessages({ tenantId, ask, events })
          for (const text of texts) this.enqueue('events', text)
        },
      }),
      deliveries: this.wrap('deliveries', {
        send: async (messages) => {
          for (const { message, delaySeconds } of messages) {
            this.enqueue('deliveries', toDeliveryText(message), delaySeconds)
          }
        },
      }),
      monitor,
      eventLog: () => eventLog,
      diagnostics: { look: async () => [] },
      send: (request) => this.send(request),
      checkTarget: () => null,
      outbounds: (dialect) => (dialect === 'native' ? nativeOutbound : null),
      settings: { delayScale: 1, webhooksPerTenant: 1_000, variables: {} },
    }
  }

  /** A port whose every call can go wrong. */
  private wrap<P extends object>(name: string, port: P): P {
    return new Proxy(port, {
      get: (target, method, receiver) => {
        const work: unknown = Reflect.get(target, method, receiver)
        if (typeof work !== 'function') return work
        return (...args: readonly unknown[]) =>
          this.perform(`${name}.${String(method)}`, () => Reflect.apply(work, target, args))
      },
    })
  }

  private async perform<T>(name: string, work: () => Promise<T>): Promise<T> {
    const { generation } = this
    const mode = this.nextMode(name)
    if (mode === 'before') throw new InjectedFault(`${name} failed before its effect`)
    if (mode === 'hang') this.die()
    if (generation !== this.generation) return NEVER
    const result = await work()
    if (mode === 'after') throw new InjectedFault(`${name} failed after its effect`)
    if (mode === 'die') this.die()
    // An isolate that died does not go on with what it was answered.
    return generation === this.generation ? result : NEVER
  }

  private nextMode(name: string): FaultMode | null {
    for (const port of this.down) if (name.startsWith(port)) return 'before'
    if (this.fault === null || !name.startsWith(this.fault.port)) return null
    this.calls += 1
    return this.calls === this.fault.call ? this.fault.mode : null
  }
}

/** Milliseconds after which a closed receiver says it will be back. */
export const CLOSED_MS = 3_600_000

const STATUS = {
  error: 500,
  gone: 410,
  missing: 404,
  moved: 302,
  busy: 429,
  closing: 503,
  absurd: 503,
  silent: null,
} as const

/** An answer, whose `Retry-After` the isolate reads by its own clock. */
function answerOf(
  behaviour: Exclude<Behaviour, 'slow' | 'hanging'>,
  clock: number,
  now: number,
): Outcome {
  if (behaviour === 'ok') return { kind: 'delivered', statusCode: 200, durationMs: 20 }
  const asked: Partial<Record<Behaviour, string>> = {
    busy: '120',
    closing: new Date(now + CLOSED_MS).toUTCString(),
    absurd: '99999999999999999999',
  }
  const retryAfterSeconds = parseRetryAfter(asked[behaviour] ?? null, clock)
  return { ...failure(STATUS[behaviour]), retryAfterSeconds }
}

function failure(statusCode: number | null): Outcome & { readonly kind: 'failed' } {
  return {
    kind: 'failed',
    statusCode,
    durationMs: 20,
    error: 'It failed.',
    responseExcerpt: null,
    retryAfterSeconds: null,
  }
}
