// One tenant on metered bindings, with its queues in the hands of whoever measures: what is sent waits until it is
// consumed in batches of a chosen size. Everything else is the runtime's own: D1, Durable Objects, the Worker's handlers.

import {
  createExecutionContext,
  createMessageBatch,
  getQueueResult,
  runDurableObjectAlarm,
  runInDurableObject,
  waitOnExecutionContext,
} from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { vi } from 'vitest'
import type { Env } from '../../src/platform/env.ts'
import { DAY_MS } from '../../src/primitives/time.ts'
import { LOG } from '../../src/tuning.ts'
import { copyWebhook } from './copies.ts'
import type { Counts } from './counts.ts'
import { accepts, records } from './gathering.ts'
import { HeldQueue, logsQueue, monitorsQueue, type Waiting } from './held-queue.ts'
import { meter } from './meter.ts'
import worker from './worker.ts'

const ORIGIN = 'https://hookline.test'
/** An hour: longer than the first delays of a retry. So often is something retried at most. */
const ROUND_MS = 3_600_000
const ROUNDS = 5

export class Scenario {
  private readonly events = new HeldQueue()
  private readonly deliveries = new HeldQueue()
  private readonly slow = new HeldQueue()
  private readonly env: Env = {
    ...env,
    ACCEPTED: this.events.binding,
    DELIVERIES: this.deliveries.binding,
    SLOW: this.slow.binding,
  }
  private token = ''
  private tenantId = ''
  private readonly webhookIds: string[] = []
  private static readonly opened = new Set<Scenario>()

  /** A tenant with a key and so many webhooks for `invoice.*`. Nothing of this is counted. */
  static async open({
    webhooks,
    fields = {},
  }: {
    readonly webhooks: number
    /** Of each, beside its URL and types. */
    readonly fields?: Readonly<Record<string, unknown>>
  }): Promise<Scenario> {
    const scenario = new Scenario()
    Scenario.opened.add(scenario)
    monitorsQueue.held = scenario.deliveries
    logsQueue.held = scenario.events
    const admin = scenario.env.ADMIN_TOKEN
    const tenant = await scenario.call<{ id: string }>(admin, '/tenants', { name: 'Bars' })
    const path = `/tenants/${tenant.id}/keys`
    const { token } = await scenario.call<{ token: string }>(admin, path, {})
    scenario.token = token
    scenario.tenantId = tenant.id
    for (let index = 0; index < webhooks; index += 1) await scenario.webhook(['invoice.*'], fields)
    // Objects write their schema and set their first alarm once in their life, keys are read once in a while.
    await scenario.publish(0, 1)
    await scenario.consume(1)
    meter.take()
    return scenario
  }

  /**
   * Has nothing of what was measured wake up later: an alarm that rings while something else is measured, ten seconds after what asked for
   * it, would be counted there.
   */
  static async closeAll(): Promise<void> {
    for (const { objects } of Scenario.opened) {
      for (const stub of objects) {
        await runInDurableObject(stub, (_, { storage }) => storage.deleteAlarm())
      }
    }
    Scenario.opened.clear()
  }

  /** When the alarms of its event log and its monitors ring, Unix milliseconds. */
  alarms(): Promise<readonly (number | null)[]> {
    const alarmOf = (stub: DurableObjectStub) =>
      runInDurableObject(stub, (_, { storage }) => storage.getAlarm())
    return Promise.all(this.objects.map(alarmOf))
  }

  private get objects(): readonly DurableObjectStub[] {
    const monitors = this.webhookIds.map((id) => env.MONITORS.getByName(id))
    return [env.EVENT_LOGS.getByName(this.tenantId), ...monitors]
  }

  async webhook(
    eventTypes: readonly string[],
    fields: Readonly<Record<string, unknown>> = {},
  ): Promise<{ id: string }> {
    const made = await this.call<{ id: string }>(this.token, '/webhooks', {
      url: 'https://receiver.example/hooks',
      eventTypes,
      ...fields,
    })
    this.webhookIds.push(made.id)
    return made
  }

  /** Has the objects forget what is old when so many milliseconds have passed; answers what that counted. */
  async forget(afterMs: number): Promise<Counts> {
    meter.take()
    await whenPassed(afterMs, async () => {
      await env.EVENT_LOGS.getByName(this.tenantId).sweep()
      for (const id of this.webhookIds) await runDurableObjectAlarm(env.MONITORS.getByName(id))
    })
    return meter.take()
  }

  copyWebhook({ id }: { readonly id: string }, copies: number): Promise<void> {
    return copyWebhook(env.DB, id, copies)
  }

  /**
   * Publishes and delivers; answers what that counted. `together`: so many publishes at a time, which share each write.
   */
  async measure({
    events,
    perPublish,
    together = 1,
    batchSize = 10,
    isKeyed = false,
  }: {
    readonly events: number
    readonly perPublish: number
    readonly together?: number
    readonly batchSize?: number
    /** Each event has an `id` of its producer's, which is a deduplication key. */
    readonly isKeyed?: boolean
  }): Promise<Counts> {
    meter.take()
    for (let index = 0; index < events; index += perPublish * together) {
      accepts.expect(together)
      records.expect(together)
      await Promise.all(
        Array.from({ length: together }, (_, place) =>
          this.publish(index + place * perPublish, perPublish, isKeyed ? keyOf : undefined),
        ),
      )
    }
    accepts.expect(1)
    records.expect(1)
    await this.consume(batchSize)
    return meter.take()
  }

  /** An event alone, again and again, so many milliseconds apart; the event log's alarm rings when it is due. */
  async measureApart(events: number, everyMs: number): Promise<Counts> {
    const log = env.EVENT_LOGS.getByName(this.tenantId)
    const begins = noonWithinPeriod(Date.now(), (events + 1) * everyMs)
    const publishAt = async (at: number, index: number) => {
      vi.setSystemTime(at)
      await this.publish(index, 1)
      for (;;) {
        const due = await runInDurableObject(log, (_, { storage }) => storage.getAlarm())
        if (due === null || due > at + everyMs) break
        vi.setSystemTime(due)
        await runDurableObjectAlarm(log)
      }
    }
    vi.useFakeTimers({ now: begins, toFake: ['Date'] })
    try {
      // The table of a period is made with its first event: once in some days, and whichever day this is measured on.
      await publishAt(begins, 0)
      meter.take()
      for (let index = 1; index <= events; index += 1) {
        await publishAt(begins + index * everyMs, index)
      }
    } finally {
      vi.useRealTimers()
    }
    return meter.take()
  }

  /** Publishes each alone for some seconds later, and has it accepted and delivered then; answers what that counted. */
  async measureScheduled(events: number, delayMs: number): Promise<Counts> {
    const log = env.EVENT_LOGS.getByName(this.tenantId)
    const deliverAt = new Date(Date.now() + delayMs).toISOString()
    // The table is made with the first, once in the life of an event log.
    await this.publish(0, 1, { deliverAt })
    meter.take()
    for (let index = 1; index <= events; index += 1) await this.publish(index, 1, { deliverAt })
    await whenPassed(delayMs, async () => {
      await runDurableObjectAlarm(log)
      await this.consume(10)
    })
    return meter.take()
  }

  /**
   * Publishes some at a time to webhooks whose events wait, and has their monitors release what waits; `between`: once all of it
   * does. Answers what that counted.
   */
  async measureReleased(
    events: number,
    perPublish = 1,
    between: () => Promise<void> = async () => {},
  ): Promise<Counts> {
    meter.take()
    for (let index = 0; index < events; index += perPublish) await this.publish(index, perPublish)
    await between()
    for (let round = 0; round < events; round += 1) {
      for (const id of this.webhookIds) await runDurableObjectAlarm(env.MONITORS.getByName(id))
      if (this.deliveries.isEmpty) break
      await this.consume(10)
    }
    return meter.take()
  }

  /** The webhooks are paused no more. */
  async resume(): Promise<void> {
    for (const id of this.webhookIds)
      await this.call(this.token, `/webhooks/${id}`, { paused: false }, 'PATCH')
  }

  /** Publishes each alone to a webhook whose consumer reads them then, in one page; answers what that counted, and how many it read. */
  async measurePulled(events: number): Promise<Counts & { readonly read: number }> {
    meter.take()
    for (let index = 0; index < events; index += 1) await this.publish(index, 1)
    const [id = ''] = this.webhookIds
    const page = await this.read<{ items: unknown[] }>(`/webhooks/${id}/pull?limit=250`)
    return { ...meter.take(), read: page.items.length }
  }

  private async read<T>(path: string): Promise<T> {
    const request = new Request(`${ORIGIN}/v1${path}`, {
      headers: { authorization: `Bearer ${this.token}` },
    })
    const ctx = createExecutionContext()
    const response = await worker.fetch(request, this.env, ctx)
    await waitOnExecutionContext(ctx)
    return (await response.json()) as T
  }

  private async publish(
    first: number,
    count: number,
    fields: object | (() => object) = {},
  ): Promise<void> {
    const body = Array.from({ length: count }, (_, offset) => ({
      type: 'invoice.paid',
      data: { number: first + offset, customer: 'cus_4QFJOjw2pOmAGJ', total: 1999 },
      ...(typeof fields === 'function' ? fields() : fields),
    }))
    await this.call(this.token, '/events', count === 1 ? body[0] : body)
  }

  /** Consumes what waits, in batches, until nothing does; retries when they are due. */
  async consume(batchSize: number): Promise<void> {
    await this.consumeQueue(this.events, 'hookline-accepted', batchSize)
    if (!this.events.isEmpty) throw new Error('Events were to come again.')
    const isOver = () => this.deliveries.isEmpty && this.slow.isEmpty && this.events.isEmpty
    for (let round = 1; !isOver(); round += 1) {
      if (round > ROUNDS) throw new Error('Something is retried again and again.')
      await whenPassed(round * ROUND_MS, async () => {
        await this.consumeQueue(this.events, 'hookline-accepted', batchSize)
        await this.consumeQueue(this.deliveries, 'hookline-deliveries', batchSize)
        await this.consumeQueue(this.slow, 'hookline-slow', batchSize)
      })
    }
  }

  private async consumeQueue(held: HeldQueue, queue: string, batchSize: number): Promise<void> {
    const retried: Waiting[] = []
    for (let batch = held.take(batchSize); batch.length > 0; batch = held.take(batchSize)) {
      retried.push(...(await this.deliver(queue, batch)))
    }
    held.giveBack(retried)
  }

  /** Answers the messages that are to come again. */
  private async deliver(queue: string, waiting: readonly Waiting[]): Promise<readonly Waiting[]> {
    const ctx = createExecutionContext()
    const batch = createMessageBatch(queue, [...waiting])
    await worker.queue(batch, this.env, ctx)
    const { retryMessages } = await getQueueResult(batch, ctx)
    const again = new Set(retryMessages.map(({ msgId }) => msgId))
    return waiting.filter(({ id }) => again.has(id))
  }

  private async call<T>(token: string, path: string, input: unknown, method = 'POST'): Promise<T> {
    const request = new Request(`${ORIGIN}/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(input),
    })
    const ctx = createExecutionContext()
    const response = await worker.fetch(request, this.env, ctx)
    await waitOnExecutionContext(ctx)
    const text = await response.text()
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${text}`)
    return JSON.parse(text)
  }
}

const keyOf = () => ({ id: `invoice-${crypto.randomUUID()}` })

/** The next noon (UTC) from which so long is within one period: so much of it is on the next day, whenever this is measured. */
function noonWithinPeriod(now: number, spanMs: number): number {
  const noon = (Math.ceil(now / DAY_MS - 0.5) + 0.5) * DAY_MS
  const next = Math.ceil(noon / LOG.periodMs) * LOG.periodMs
  return noon + spanMs < next ? noon : next + DAY_MS / 2
}

/**
 * Does something whose retries all come within one day (UTC), and so within one period of the event log's tables: the table of a period
 * is made with its first event, and what was counted is told of each day, whenever this is measured.
 */
export function withinDay<T>(work: () => Promise<T>): Promise<T> {
  const now = Date.now()
  const nextDay = Math.ceil(now / DAY_MS) * DAY_MS
  return now + ROUNDS * ROUND_MS < nextDay ? work() : whenPassed(nextDay - now, work)
}

/** Does something as if so many milliseconds had passed. */
async function whenPassed<T>(ms: number, work: () => Promise<T>): Promise<T> {
  const before = vi.isFakeTimers() ? Date.now() : null
  vi.useFakeTimers({ now: Date.now() + ms, toFake: ['Date'] })
  try {
    return await work()
  } finally {
    if (before === null) vi.useRealTimers()
    else vi.useFakeTimers({ now: before, toFake: ['Date'] })
  }
}
