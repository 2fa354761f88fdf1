// A deployment to be fuzzed: its own Worker with real D1 and Durable Objects, whose every change is noticed. Queues
// keep what they are given until the test hands it on.

import {
  createExecutionContext,
  createMessageBatch,
  getQueueResult,
  waitOnExecutionContext,
} from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { vi } from 'vitest'
import { createWorker } from '../../../src/compose.ts'
import { dialects } from '../../../src/dialects/index.ts'
import { toTaskId } from '../../../src/dialects/svix/ids.ts'
import { OPERATIONS_TENANT, type WebhookDraft } from '../../../src/engine/model/index.ts'
import type { Env } from '../../../src/platform/env.ts'
import { type Recorded, recordD1 } from '../../platform/d1/recorded-d1.ts'

const { handlers, engineOf } = createWorker(dialects)

/** Milliseconds after which a request counts as hanging. */
const DEADLINE_MS = 20_000

/** Methods of the Durable Objects that change nothing. */
const READING = /^(?:find|list|attempts|health|states|diverted$|jobs?$|ping|then$)/

/** Rows of one table beyond which what the fuzz made is removed, so that looking at it stays cheap. */
const MANY_ROWS = 30

/** After how many changes that is done. */
const TIDY_EVERY = 10

const TABLES = [
  'tenants',
  'freed_uids',
  'former_uids',
  'idempotency_keys',
  'keys',
  'sessions',
  'portal_links',
  'pull_consumers',
  'operator_keys',
  'webhooks',
  'subscriptions',
  'templates',
  'deduplication_keys',
  'dead_letters',
]

export interface Party {
  readonly tenantId: string
  readonly token: string
  readonly basic: string
  readonly keyId: string
  readonly eventId: string
  /** What may lose its content. */
  readonly spareEventId: string
  /** Of the first event to the webhook of Svix, and a task of the tenant. */
  readonly attemptId: string
  readonly taskId: string
  readonly requestId: string
  /** Of each dialect, `native` among them. */
  readonly webhookIds: Map<string, string>
}

export interface Observed {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** What changed while the request was answered. */
  readonly changes: readonly string[]
  /** What was logged. */
  readonly log: readonly string[]
}

export class World {
  readonly templateIds: string[] = []
  /** What may be deleted. */
  spare = { tenantId: '', keyId: '' }
  operatorToken = ''
  /** A webhook that is told of those of all tenants. */
  operational = ''
  readonly sent: { readonly queue: string; readonly body: unknown }[] = []
  private readonly database = recordD1(env.DB)
  private tidied = 0
  private readonly calls: string[] = []
  private readonly log: string[] = []
  private readonly own: Env = {
    ...env,
    DB: this.database.db,
    ACCEPTED: this.queueNamed('hookline-accepted'),
    EVENTS: this.queueNamed('hookline-events'),
    DELIVERIES: this.queueNamed('hookline-deliveries'),
    SLOW: this.queueNamed('hookline-slow'),
    MONITORS: this.watched(env.MONITORS),
    EVENT_LOGS: this.watched(env.EVENT_LOGS),
  }

  /** `webhooks`: how many each party has of each dialect. Every event goes to all of them. */
  static async begin({ webhooks = 2 } = {}): Promise<{ world: World; me: Party; other: Party }> {
    const world = new World()
    vi.spyOn(console, 'log').mockImplementation((line: unknown) => {
      world.log.push(String(line))
    })
    vi.spyOn(globalThis, 'fetch').mockImplementation(async (input) => {
      // Made like any request, so that a header or URL that makes none shows itself.
      new Request(input)
      return new Response('no', { status: 500 })
    })
    for (const name of ['first', 'second']) {
      const { administration } = world.engine()
      const { id } = await administration.createTemplate({
        name,
        displayName: name,
        description: '',
      })
      world.templateIds.push(id)
    }
    const me = await world.addParty('me', webhooks)
    const other = await world.addParty('other', webhooks)
    await world.addSpare()
    await world.addOperator()
    return { world, me, other }
  }

  private engine(ctx = createExecutionContext()) {
    return engineOf(this.own, ctx)
  }

  private async addParty(name: string, webhooks: number): Promise<Party> {
    const ctx = createExecutionContext()
    const { administration, events } = this.engine(ctx)
    const { id: tenantId } = await administration.createTenant({ name, id: null })
    const options = { name: null, subject: null, permissions: null, expiresAt: null }
    const { key, secret } = await administration.createKey(tenantId, options, null)
    await administration.createKey(tenantId, options, null)
    const requestId = crypto.randomUUID()
    const webhookIds = new Map<string, string>()
    for (const dialect of ['native', ...dialects.map(({ id }) => id)]) {
      for (let nth = 1; nth <= webhooks; nth += 1) {
        webhookIds.set(dialect, await this.addWebhook(tenantId, dialect))
      }
    }
    const draft = { type: 'fuzz.event', deduplicationKey: null, time: null, scope: {}, actor: null }
    const [event, spareEvent] = await events.publish(tenantId, [
      { ...draft, data: '{"a":1.10}', requestId },
      { ...draft, data: '{}', requestId },
    ])
    // What the publish notes in the background is no change by the first request.
    await waitOnExecutionContext(ctx)
    await this.deliver()
    const { webhooks: own } = this.engine()
    const ref = { tenantId, id: webhookIds.get('svix') ?? '' }
    const asked = { eventId: event?.id, limit: 1, cursor: undefined }
    const [attempt] = (await own.attempts(ref, asked)).items
    const { jobId } = await own.resendDiverted(ref, { since: Date.now() })
    return {
      tenantId,
      token: `${key.id}.${secret}`,
      basic: btoa(`${key.id}:${secret}`),
      keyId: key.id,
      eventId: event?.id ?? '',
      spareEventId: spareEvent?.id ?? '',
      attemptId: attempt?.id ?? '',
      taskId: toTaskId(tenantId, jobId),
      requestId,
      webhookIds,
    }
  }

  /** What belongs to the deployment: who may ask for all of it, and what there is. */
  private async addOperator(): Promise<void> {
    const { administration, eventTypes } = this.engine()
    const draft = { name: null, permissions: null, expiresAt: null }
    const { key, secret } = await administration.createOperatorKey(draft)
    this.operatorToken = `${key.id}.${secret}`
    await administration.createTenant(OPERATIONS_TENANT)
    this.operational = await this.addWebhook(OPERATIONS_TENANT.id, 'svix')
    const type = { name: 'fuzz.listed', description: null, group: null, featureFlag: null }
    const more = {
      deprecated: false,
      archived: false,
      check: 'off',
      schemas: {},
      conversions: [],
      examples: [],
    } as const
    await eventTypes.save([{ ...type, ...more }], { acceptsBreaks: false })
  }

  private async addSpare(): Promise<void> {
    const { administration } = this.engine()
    const { id: tenantId } = await administration.createTenant({ name: 'spare', id: null })
    const options = { name: null, subject: null, permissions: null, expiresAt: null }
    const { key } = await administration.createKey(tenantId, options, null)
    this.spare = { tenantId, keyId: key.id }
  }

  /** A webhook that diverts whatever it is sent. */
  private async addWebhook(tenantId: string, dialect: string): Promise<string> {
    const draft: WebhookDraft = {
      dialect,
      owner: null,
      uniqueKey: crypto.randomUUID(),
      name: null,
      url: 'https://receiver.example/hook',
      eventTypes: ['*'],
      scope: {},
      enabled: true,
      failureHandling: {
        triggers: ['5xx'],
        retry: null,
        divert: true,
        suspend: null,
        alertUrl: null,
        timeoutMs: 5_000,
      },
      attributes: {},
      secrets: { signing: [], headers: [], attributes: {} },
    }
    return (await this.engine().webhooks.create(tenantId, draft)).id
  }

  /** Answers a request; what it set in motion has ended, too. Rejects when that takes too long. */
  async fetch(request: Request): Promise<Observed> {
    this.sent.length = 0
    this.calls.length = 0
    this.log.length = 0
    this.database.calls.length = 0
    const ctx = createExecutionContext()
    const answered = (async () => {
      const incoming = request as Parameters<typeof handlers.fetch>[0]
      const response = await handlers.fetch(incoming, this.own, ctx)
      const text = await response.text()
      await waitOnExecutionContext(ctx)
      return { status: response.status, headers: response.headers, text }
    })()
    const answer = await withinDeadline(answered)
    return {
      ...answer,
      changes: [
        ...this.database.calls.filter(isWriting).map(({ sql }) => `D1 ${sql.slice(0, 40)}`),
        ...this.sent.map(({ queue }) => `queue ${queue}`),
        ...this.calls,
      ],
      log: [...this.log],
    }
  }

  /** Hands messages to the Worker as their queue would; returns its verdicts. */
  async consume(queue: string, bodies: readonly unknown[], attempts = 1) {
    const batch = createMessageBatch(
      queue,
      bodies.map((body) => ({
        id: crypto.randomUUID(),
        timestamp: new Date(),
        attempts,
        body,
      })),
    )
    const ctx = createExecutionContext()
    await withinDeadline(handlers.queue(batch, this.own, ctx))
    return getQueueResult(batch, ctx)
  }

  /** Hands on what waits in the queues. */
  async deliver(): Promise<void> {
    for (const { queue, body } of this.sent.splice(0)) await this.consume(queue, [body])
  }

  /** What was logged since the last `fetch` or `forget`. */
  logged(): readonly string[] {
    return this.log
  }

  forget(): void {
    this.log.length = 0
  }

  /** All that D1 holds. Its tables stand in order of their primary keys. */
  async snapshot(): Promise<string> {
    const tables = await env.DB.batch(
      TABLES.map((table) => env.DB.prepare(`SELECT * FROM ${table}`)),
    )
    return JSON.stringify(tables.map(({ results }) => results))
  }

  /** Puts back what `me` lost, and removes what the fuzz left in heaps. */
  async tidy(me: Party, other: Party): Promise<void> {
    const kept = [...me.webhookIds.values()]
    const marks = kept.map(() => '?').join(',')
    const spare = this.spare.keyId
    const [webhooks, keys] = await env.DB.batch<{ id: string }>([
      env.DB.prepare(`SELECT id FROM webhooks WHERE id IN (${marks})`).bind(...kept),
      env.DB.prepare('SELECT id FROM keys WHERE id = ?').bind(spare),
    ])
    if (keys?.results.length === 0) await this.addSpare()
    const present = new Set(webhooks?.results.map(({ id }) => id))
    for (const [dialect, id] of me.webhookIds) {
      if (!present.has(id)) me.webhookIds.set(dialect, await this.addWebhook(me.tenantId, dialect))
    }
    this.tidied += 1
    if (this.tidied % TIDY_EVERY === 0) await this.clear(me, other)
  }

  /** Removes from `me` and from the lists of the administrator what is more than enough. */
  private async clear(me: Party, other: Party): Promise<void> {
    const kept = [...me.webhookIds.values()]
    const marks = kept.map(() => '?').join(',')
    await env.DB.batch([
      env.DB.prepare(
        `DELETE FROM subscriptions WHERE tenant_id = ? AND webhook_id NOT IN (${marks})
         AND (SELECT count(*) FROM webhooks) > ${MANY_ROWS}`,
      ).bind(me.tenantId, ...kept),
      env.DB.prepare(
        `DELETE FROM webhooks WHERE tenant_id = ? AND id NOT IN (${marks})
         AND (SELECT count(*) FROM webhooks) > ${MANY_ROWS}`,
      ).bind(me.tenantId, ...kept),
      env.DB.prepare(
        `DELETE FROM keys WHERE tenant_id = ? AND id <> ?
         AND (SELECT count(*) FROM keys) > ${MANY_ROWS}`,
      ).bind(me.tenantId, me.keyId),
      env.DB.prepare(
        `DELETE FROM templates WHERE id NOT IN (?, ?)
         AND (SELECT count(*) FROM templates) > ${MANY_ROWS}`,
      ).bind(...this.templateIds),
      env.DB.prepare(
        `DELETE FROM tenants WHERE id NOT IN (?, ?, ?, ?)
         AND (SELECT count(*) FROM tenants) > ${MANY_ROWS}`,
      ).bind(me.tenantId, other.tenantId, this.spare.tenantId, OPERATIONS_TENANT.id),
      env.DB.prepare(
        `DELETE FROM operator_keys WHERE id <> ? AND (SELECT count(*) FROM operator_keys) > ${MANY_ROWS}`,
      ).bind(this.operatorToken.split('.')[0]),
      env.DB.prepare(
        `DELETE FROM deduplication_keys WHERE (SELECT count(*) FROM deduplication_keys) > ${MANY_ROWS}`,
      ),
    ])
  }

  private queueNamed(queue: string): Queue {
    const { sent } = this
    const send = async (body: unknown): Promise<void> => {
      sent.push({ queue, body })
    }
    const sendBatch = async (batch: Iterable<MessageSendRequest>): Promise<void> => {
      for (const { body } of batch) sent.push({ queue, body })
    }
    const metrics = async () => ({ backlogCount: 0, backlogBytes: 0 })
    return { send, sendBatch, metrics } as unknown as Queue
  }

  /** The same namespace, whose objects' changing calls are noted. */
  private watched<Namespace extends object>(namespace: Namespace): Namespace {
    const { calls } = this
    const watchStub = (stub: object) =>
      new Proxy(stub, {
        get(target, name) {
          const member = Reflect.get(target, name)
          if (typeof member !== 'function' || READING.test(String(name))) return member
          return async (...args: unknown[]) => {
            const result = await Reflect.apply(member, target, args)
            // `false`, or none, says that there was nothing to change.
            if (result !== false && result !== 0) calls.push(String(name))
            return result
          }
        },
      })
    return new Proxy(namespace, {
      get(target, name) {
        const member = Reflect.get(target, name)
        if (typeof member !== 'function') return member
        const bound = member.bind(target)
        return name === 'getByName' ? (id: string) => watchStub(bound(id)) : bound
      },
    })
  }
}

/** A statement that changed a row, as far as its result tells. */
function isWriting({ sql, meta }: Recorded): boolean {
  return /^\s*(?:insert|update|delete|replace)\b/i.test(sql) && meta?.changes !== 0
}

async function withinDeadline<T>(work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const expired = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`No answer within ${DEADLINE_MS} ms.`)), DEADLINE_MS)
  })
  try {
    return await Promise.race([work, expired])
  } finally {
    clearTimeout(timer)
  }
}
