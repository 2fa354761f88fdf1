// One history: what owners, producers, receivers and the platform do, step by step, and what of it must be remembered
// to judge the outcome.

import fc from 'fast-check'
import type { FailureHandling, WebhookDraft } from '../../src/engine/model.ts'
import { DEFAULT_FAILURE_HANDLING } from '../../src/engine/pipeline/failure-handling.ts'
import { type Behaviour, type Fault, type QueueName, World } from '../memory/world.ts'

const TYPES = ['order.paid', 'order.lost', 'user.new'] as const
const PATTERNS = ['order.paid', 'order.*', '*', 'user.new'] as const

const POLICIES: readonly FailureHandling[] = [
  DEFAULT_FAILURE_HANDLING,
  {
    ...DEFAULT_FAILURE_HANDLING,
    retry: { type: 'schedule', delaysSeconds: [5, 60] },
    suspend: { afterSeconds: 0, afterFailures: 1 },
  },
  { ...DEFAULT_FAILURE_HANDLING, retry: null, divert: false, suspend: null },
  {
    ...DEFAULT_FAILURE_HANDLING,
    retry: { type: 'linear', intervalSeconds: 10, attempts: 2 },
    suspend: { afterSeconds: 60, afterFailures: 2 },
  },
]

const index = fc.nat({ max: 5 })
const queue = fc.constantFrom<QueueName>('events', 'deliveries')
const behaviour = fc.constantFrom<Behaviour>('ok', 'error', 'gone', 'silent', 'slow')
const fault = fc.record<Fault>({
  call: fc.integer({ min: 1, max: 8 }),
  mode: fc.constantFrom('before', 'after', 'hang', 'die'),
  port: fc.constantFrom('', 'monitor', 'eventLog', 'deliveries', 'webhooks'),
})

const STEPS = {
  create: fc.record({ pattern: fc.nat({ max: 3 }), policy: fc.nat({ max: 3 }) }),
  toggle: fc.record({ webhook: index }),
  remove: fc.record({ webhook: index }),
  publish: fc.record({ type: fc.nat({ max: 2 }), count: fc.integer({ min: 1, max: 3 }) }),
  publishKeyed: fc.record({ key: index, faulty: fc.boolean() }),
  behave: fc.record({ webhook: index, behaviour }),
  advance: fc.record({ ms: fc.constantFrom<number>(500, 5_000, 70_000, 3_600_000, 100_000_000) }),
  batch: fc.record({ queue }),
  faultyBatch: fc.record({ queue, fault }),
  duplicate: fc.record({ queue, message: index }),
  resume: fc.record({ webhook: index }),
  resendDiverted: fc.record({ webhook: index }),
  resend: fc.record({ event: index, webhook: index }),
  replay: fc.record({ webhook: index, onlyMissing: fc.boolean() }),
} as const

type Steps = typeof STEPS
export type Step = {
  [K in keyof Steps]: { kind: K } & (Steps[K] extends fc.Arbitrary<infer T> ? T : never)
}[keyof Steps]

const of = <K extends keyof Steps>(kind: K) =>
  STEPS[kind].map((fields: object) => ({ kind, ...fields }) as Step)

/** Publishing, batches and misbehaviour more often than administration. */
export const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: of('create') },
  { weight: 1, arbitrary: of('toggle') },
  { weight: 1, arbitrary: of('remove') },
  { weight: 6, arbitrary: of('publish') },
  { weight: 2, arbitrary: of('publishKeyed') },
  { weight: 4, arbitrary: of('behave') },
  { weight: 4, arbitrary: of('advance') },
  { weight: 8, arbitrary: of('batch') },
  { weight: 3, arbitrary: of('faultyBatch') },
  { weight: 1, arbitrary: of('duplicate') },
  { weight: 2, arbitrary: of('resume') },
  { weight: 2, arbitrary: of('resendDiverted') },
  { weight: 1, arbitrary: of('resend') },
  { weight: 1, arbitrary: of('replay') },
)

export interface Known {
  readonly id: string
  readonly url: string
  readonly pattern: string
  readonly policy: FailureHandling
  enabled: boolean
  deleted: boolean
  /** Was disabled or deleted at any time: its deliveries may have been dropped for that. */
  interrupted: boolean
}

export interface Accepted {
  readonly id: string
  readonly type: string
  /** Webhooks that matched it when it was accepted. */
  readonly wanted: readonly Known[]
}

export class Story {
  readonly world = new World()
  readonly webhooks: Known[] = []
  readonly accepted: Accepted[] = []
  /** Sends that were made although the webhook was deleted, disabled or suspended. */
  readonly forbidden: string[] = []
  /** Something happened after which a second send is allowed. */
  repeatable = false
  /** Sendings that were asked for, beside the first, by `<webhook>/<event>`. */
  readonly extraRuns = new Map<string, number>()
  tenantId = ''
  private readonly usedKeys = new Set<string>()

  static async begin(): Promise<Story> {
    const story = new Story()
    const tenant = await story.world.engine.administration.createTenant({ name: 'Acme', id: null })
    story.tenantId = tenant.id
    await story.create(2, 0)
    await story.create(1, 1)
    return story
  }

  async take(next: Step): Promise<void> {
    const { engine } = this.world
    switch (next.kind) {
      case 'create':
        return this.create(next.pattern, next.policy)
      case 'toggle':
        return this.withWebhook(next.webhook, async (known) => {
          known.enabled = !known.enabled
          known.interrupted ||= !known.enabled
          const { enabled } = known
          await engine.webhooks.update(this.ref(known), (now) => ({ ...now, enabled }))
        })
      case 'remove':
        return this.withWebhook(next.webhook, async (known) => {
          known.deleted = true
          known.interrupted = true
          await engine.webhooks.delete(this.ref(known))
        })
      case 'publish':
        return this.publish(
          Array.from({ length: next.count }, () => TYPES[next.type] ?? TYPES[0]),
          null,
        )
      case 'publishKeyed':
        if (next.faulty) this.world.inject({ call: 2, mode: 'after', port: '' })
        await this.publish([TYPES[0]], `key-${next.key}`)
        return this.world.inject(null)
      case 'behave':
        return this.withWebhook(next.webhook, async ({ url }) => {
          this.world.behaviours.set(url, next.behaviour)
        })
      case 'advance':
        return this.world.advance(next.ms)
      case 'batch':
        return this.watch(() => this.world.runBatch(next.queue))
      case 'faultyBatch':
        this.repeatable = true
        return this.watch(async () => {
          this.world.inject(next.fault)
          await this.world.runBatch(next.queue)
          this.world.inject(null)
        })
      case 'duplicate':
        this.repeatable = true
        return this.world.duplicate(next.queue, next.message)
      case 'resume':
        return this.withWebhook(next.webhook, (known) => engine.webhooks.resume(this.ref(known)))
      case 'resendDiverted':
        return this.withWebhook(next.webhook, async (known) => {
          this.allowRunOfAll(known)
          await engine.webhooks.resendDiverted(this.ref(known), {})
        })
      case 'resend':
        return this.withWebhook(next.webhook, async (known) => {
          const event = this.accepted[next.event]
          if (!event || !(await this.isLogged(event.id))) return
          this.allowRun(known, event.id)
          await engine.events.resend(this.tenantId, event.id, known.id)
        })
      case 'replay':
        return this.withWebhook(next.webhook, async (known) => {
          this.allowRunOfAll(known)
          const { onlyMissing } = next
          const query = { since: 0, until: null, eventTypes: null, onlyMissing }
          await engine.webhooks.replay(this.ref(known), query)
        })
    }
  }

  /** Faults stop, receivers recover, time passes until nothing is left to do. */
  async end(): Promise<void> {
    for (const { url } of this.webhooks) this.world.behaviours.set(url, 'ok')
    await this.world.settle()
  }

  ref({ id }: Known) {
    return { tenantId: this.tenantId, id }
  }

  private async create(pattern: number, policy: number): Promise<void> {
    const url = `https://receiver-${this.webhooks.length}.example/`
    const eventTypes = [PATTERNS[pattern] ?? '*']
    const failureHandling = POLICIES[policy] ?? DEFAULT_FAILURE_HANDLING
    const draft: WebhookDraft = {
      dialect: 'native',
      owner: null,
      slot: null,
      name: null,
      url,
      eventTypes,
      scope: {},
      enabled: true,
      failureHandling,
      attributes: {},
      secrets: { signing: [], headers: [], attributes: {} },
    }
    const { id } = await this.world.engine.webhooks.create(this.tenantId, draft)
    const state = { enabled: true, deleted: false, interrupted: false }
    this.webhooks.push({
      id,
      url,
      pattern: eventTypes[0] ?? '*',
      policy: failureHandling,
      ...state,
    })
  }

  private async publish(types: readonly string[], key: string | null): Promise<void> {
    const drafts = types.map((type) => ({
      type,
      data: '{"n":1.10}',
      deduplicationKey: key,
      time: null,
      scope: {},
      actor: null,
      requestId: null,
    }))
    // What an unfinished publish stored was routed before this one was accepted.
    const first = key === null || !this.usedKeys.has(key)
    if (key !== null) this.usedKeys.add(key)
    try {
      for (const { id, type } of await this.world.engine.events.publish(this.tenantId, drafts)) {
        const wanted = this.webhooks.filter(
          (known) => first && known.enabled && !known.deleted && covers(known, type),
        )
        if (!this.accepted.some((known) => known.id === id))
          this.accepted.push({ id, type, wanted })
        else this.repeatable = true
      }
    } catch {
      // Refused with 503: nothing was promised.
      this.repeatable = true
    }
  }

  /** Notes requests to webhooks that must not get any. */
  private async watch(run: () => Promise<unknown>): Promise<void> {
    const before = this.world.sent.length
    const closed = new Map<string, string>()
    for (const known of this.webhooks) {
      const present = await this.world.engine.webhooks.find(this.ref(known))
      if (present === null) closed.set(known.url, 'deleted')
      else if (!present.enabled) closed.set(known.url, 'disabled')
      else if (present.suspendedAt !== null) closed.set(known.url, 'suspended')
    }
    await run()
    for (const { url, eventId } of this.world.sent.slice(before)) {
      const why = closed.get(url)
      if (why) this.forbidden.push(`${eventId} was sent to ${url}, which is ${why}`)
    }
  }

  private async withWebhook(at: number, work: (known: Known) => Promise<unknown>): Promise<void> {
    const known = this.webhooks[at]
    if (known && !known.deleted) await work(known)
  }

  private async isLogged(eventId: string): Promise<boolean> {
    return (await this.world.ports.eventLog(this.tenantId).find(eventId)) !== null
  }

  private allowRun(known: Known, eventId: string): void {
    const pair = `${known.id}/${eventId}`
    this.extraRuns.set(pair, (this.extraRuns.get(pair) ?? 0) + 1)
  }

  private allowRunOfAll(known: Known): void {
    for (const { id } of this.accepted) this.allowRun(known, id)
  }
}

function covers({ pattern }: Known, type: string): boolean {
  return (
    pattern === '*' ||
    pattern === type ||
    (pattern.endsWith('.*') && type.startsWith(pattern.slice(0, -1)))
  )
}
