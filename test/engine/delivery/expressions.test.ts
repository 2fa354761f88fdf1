// Webhooks with expressions beside those without: what they may take of an invocation, and how deliveries end by them.

import { describe, expect, it } from 'vitest'
import { EXPRESSION } from '../../../src/engine/expressions/bounds.ts'
import type { InboundMessage } from '../../../src/engine/index.ts'
import { toDeliveryText } from '../../../src/engine/messages/delivery-message.ts'
import type { Expressions, Webhook } from '../../../src/engine/model/index.ts'
import { readSettings } from '../../../src/platform/settings.ts'
import { newId } from '../../../src/primitives/ids.ts'
import { createMemoryDeployment } from '../../fakes/deployment.ts'
import { Bench, inbound, type Overrides } from '../../fixtures/bench.ts'

/** Costs all steps of an evaluation at its first node, and a moment: each element is counted as one copy of those before it. */
const ALL_STEPS = `[${'1,'.repeat(1_300)}1]`
/** Nearly as many, and has a value. */
const MANY_STEPS = `[${'1,'.repeat(1_100)}1]`

const draft = (fields: { type?: string; data?: string } = {}) => ({
  type: 'invoice.paid',
  time: '2026-11-22T10:00:00.000Z',
  data: '{"total":1.10}',
  scope: {},
  deduplicationKey: null,
  actor: null,
  requestId: null,
  ...fields,
})

async function publish(bench: Bench, count: number, data?: string): Promise<readonly string[]> {
  const drafts = Array.from({ length: count }, () => draft(data === undefined ? {} : { data }))
  const answers = await bench.engine.events.publish(bench.tenantId, drafts)
  await bench.settled()
  return answers.map(({ id }) => id)
}

/** Brings what the bench was handed, ten messages at a time, until nothing is left; tells in how many batches. */
async function drain(bench: Bench): Promise<number> {
  const continued: InboundMessage[] = []
  for (let batches = 0; ; batches += 1) {
    for (const { events, redelivered, webhookIds } of bench.published.splice(0)) {
      for (const [at, event] of events.entries()) {
        const how = { redelivered, webhookIds: webhookIds && [webhookIds[at] ?? []] }
        continued.push(inbound(bench.eventMessage([event], how)))
      }
    }
    const events = continued.splice(0, 10)
    const deliveries = events.length === 0 ? bench.handedOver.splice(0, 10) : []
    if (events.length + deliveries.length === 0) return batches
    if (events.length > 0) await bench.engine.consumers.events(events)
    const messages = deliveries.map(({ message }) => inbound(toDeliveryText(message)))
    const verdicts = await bench.engine.consumers.slowDeliveries(messages)
    bench.handedOver.push(...deliveries.filter((_, at) => verdicts[at]?.kind === 'retry'))
    await bench.settled()
  }
}

const statusesOf = async (bench: Bench, eventId: string) =>
  (await bench.engine.events.deliveries(bench.tenantId, eventId)).map(({ status }) => status)

const postponedIn = (bench: Bench) =>
  bench.lines.filter((line) => line.event === 'expressions.postponed')

async function withWebhooks(
  count: number,
  expressions: Partial<Expressions>,
  overrides: Overrides = {},
) {
  const bench = await Bench.open(overrides)
  const webhooks: Webhook[] = []
  for (let made = 0; made < count; made += 1) webhooks.push(await bench.webhook({ expressions }))
  return { bench, webhooks }
}

/** A publish takes on all that it has. */
const settings = readSettings({
  ...{ DELAY_SCALE: '', WEBHOOKS_PER_TENANT: '' },
  ...{ FAN_OUT: '10000', FIRST_ATTEMPTS: '' },
})

describe('ten thousand expressions that take all their steps', () => {
  it('end one by one, each visibly, with so many steps in one invocation at most', async () => {
    const { bench } = await withWebhooks(20, { body: ALL_STEPS }, { settings })
    const ids = await publish(bench, 500)
    await drain(bench)
    for (const id of ids) {
      expect(await statusesOf(bench, id)).toEqual(Array(20).fill('unsendable'))
    }
    const [first] = await bench.engine.events.deliveries(bench.tenantId, ids[0] ?? '')
    expect(first?.reason).toContain('The expression takes more than')
    for (const line of postponedIn(bench)) {
      expect(line).toMatchObject({ steps: expect.any(Number) })
      expect((line as { steps: number }).steps).toBeLessThanOrEqual(EXPRESSION.invocationSteps)
    }
  }, 120_000)

  it('arrive, where they have values, by the queue of the slow lane', async () => {
    const { bench, webhooks } = await withWebhooks(1, { body: MANY_STEPS })
    const ids = await publish(bench, 10)
    const inOneInvocation = bench.requests.length
    expect(inOneInvocation).toBeGreaterThanOrEqual(3)
    expect(inOneInvocation).toBeLessThanOrEqual(5)
    expect(bench.handedOver).toHaveLength(10 - inOneInvocation)
    expect(bench.handedOver[0]).toMatchObject({
      ...{ lane: 'slow', delaySeconds: 0 },
      message: { webhookId: webhooks[0]?.id, attempts: 0, role: 'watchdog' },
    })
    expect(await drain(bench)).toBeGreaterThan(1)
    expect(bench.requests).toHaveLength(10)
    for (const id of ids) expect(await statusesOf(bench, id)).toEqual(['delivered'])
  })

  it('hold up no other tenant of the same batch', async () => {
    const { bench } = await withWebhooks(20, { body: MANY_STEPS })
    const neighbour = await bench.neighbour()
    const theirs = await neighbour.webhook({ url: 'https://neighbour.example/' })
    const shaped = await neighbour.webhook({
      url: 'https://neighbour.example/b',
      expressions: { body: '"b"' },
    })
    const event = (tenant: Bench) => ({ ...draft(), id: newId(Date.now()), tenant })
    const messages = [bench, bench, neighbour].map((tenant) => {
      const { tenant: of, deduplicationKey: _, ...fields } = event(tenant)
      return inbound(of.eventMessage([fields]))
    })
    await bench.engine.consumers.events(messages)
    const urls = bench.requests.map(({ url }) => url)
    expect(urls).toContain(theirs.url)
    expect(urls).toContain(shaped.url)
    expect(bench.handedOver.map(({ lane }) => lane)).not.toContain(undefined)
  })

  it('of a few steps do not use them up', async () => {
    const { bench } = await withWebhooks(2, { body: '{"text": type}' })
    await publish(bench, 500)
    expect(bench.requests).toHaveLength(1_000)
    expect(bench.handedOver).toHaveLength(0)
    expect(postponedIn(bench)).toEqual([])
  })
})

describe('a filter', () => {
  it('that says no ends a delivery where that is noted, and nobody else is told', async () => {
    const { bench, webhooks } = await withWebhooks(1, { filter: 'data.total > 1000' })
    const [webhook] = webhooks as [Webhook]
    const [id = ''] = await publish(bench, 1)
    expect(bench.requests).toEqual([])
    expect(await bench.noted({ id }, webhook)).toMatchObject({ delivered: null, isFiltered: true })
    expect(await bench.ports.monitor(webhook.id).statesOfEvents([id])).toMatchObject([
      { status: 'pending' },
    ])
    expect(await bench.engine.events.deliveries(bench.tenantId, id)).toMatchObject([
      {
        ...{ status: 'filtered', attempts: 0, lastAttemptAt: null },
        reason: 'The filter of the webhook leaves the event out.',
      },
    ])
    const health = await bench.engine.webhooks.health(bench.ref(webhook))
    expect(health.totals).toEqual({ delivered: 0, failed: 0, diverted: 0, unsendable: 0 })
    expect(bench.lines.filter(({ event }) => event === 'delivery.filtered')).toHaveLength(1)
  })

  it('that says yes lets an event through', async () => {
    const { bench } = await withWebhooks(1, { filter: 'data.total > 1' })
    const [id = ''] = await publish(bench, 1)
    expect(await statusesOf(bench, id)).toEqual(['delivered'])
  })

  it('that fails makes the event unsendable, with the reason', async () => {
    const { bench } = await withWebhooks(1, { filter: '$number(data.total & "x") > 1' })
    const [id = ''] = await publish(bench, 1)
    const [delivery] = await bench.engine.events.deliveries(bench.tenantId, id)
    expect(delivery).toMatchObject({ status: 'unsendable' })
    expect(delivery?.reason).toMatch(/^The expression in `filter` fails: /)
  })

  it('counts as it was when the event was accepted', async () => {
    const { bench, webhooks } = await withWebhooks(1, { filter: 'true' }, { firstAttempts: 0 })
    const [id = ''] = await publish(bench, 1)
    await new Promise((resolve) => setTimeout(resolve, 2))
    await bench.engine.webhooks.update(bench.ref(webhooks[0] as Webhook), (now) => ({
      ...now,
      expressions: { filter: 'false' },
    }))
    await drain(bench)
    expect(await statusesOf(bench, id)).toEqual(['delivered'])
  })

  it('ends what comes by a queue as well', async () => {
    const { bench } = await withWebhooks(6, { filter: `$count(${MANY_STEPS}) < 5` })
    const [id = ''] = await publish(bench, 1)
    expect(bench.handedOver.length).toBeGreaterThan(0)
    await drain(bench)
    expect(bench.requests).toEqual([])
    expect(await statusesOf(bench, id)).toEqual(Array(6).fill('filtered'))
  })

  it('is passed over where somebody chooses the webhook, and asked where nobody does', async () => {
    const deployment = createMemoryDeployment()
    const bench = await Bench.open({}, deployment)
    const webhook = await bench.webhook({ expressions: { filter: 'false' } })
    const [id = ''] = await publish(bench, 1)
    const resend = async (webhookId: string | null) => {
      const before = deployment.sentByObjects.length
      await bench.engine.events.resend(bench.tenantId, id, webhookId)
      await bench.settled()
      const sent = deployment.sentByObjects.slice(before)
      expect(sent).toHaveLength(1)
      for (const message of sent) await bench.consumeDelivery(message)
      return statusesOf(bench, id)
    }
    expect(await resend(null)).toEqual(['filtered'])
    expect(bench.requests).toEqual([])
    expect(await resend(webhook.id)).toEqual(['delivered'])
    expect(bench.requests).toHaveLength(1)
  })
})
