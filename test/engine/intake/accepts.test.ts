// Events that match a webhook and mean nothing in its dialect: they end wherever they turn up, and leave nothing behind.

import { describe, expect, it } from 'vitest'
import { DEFAULT_FAILURE_HANDLING } from '../../../src/engine/attempt/failure-handling.ts'
import { toDeliveryText } from '../../../src/engine/messages/delivery-message.ts'
import { plainAlert } from '../../../src/engine/notifications/alert.ts'
import type { DialectRuntimes, Wire } from '../../../src/engine/ports/index.ts'
import { aDelivery, anEvent, Bench, inbound } from '../../fixtures/bench.ts'

/** Means nothing without a total. */
const wire: Wire = {
  encode: async ({ data }) => ({ headers: [], body: data }),
  accepts: ({ data }) => data.includes('total'),
  alert: plainAlert,
}
const dialectRuntimes: DialectRuntimes = () => ({ wire, policy: DEFAULT_FAILURE_HANDLING })
const ACK = { kind: 'ack' }

async function open() {
  const bench = await Bench.open({ dialectRuntimes })
  const webhook = await bench.webhook()
  const [meaningless, meant] = [anEvent({ data: '{}' }), anEvent()]
  const suspend = () => bench.setState(webhook, { suspendedAt: Date.now() })
  const logged = async () => {
    const { items } = await bench.engine.events.list(bench.tenantId, { limit: 10 })
    return new Map(items.map(({ id, webhookIds }) => [id, webhookIds]))
  }
  const kept = async () => {
    const { items } = await bench.engine.webhooks.diverted(bench.ref(webhook), { limit: 10 })
    return items.map(({ event }) => event.id)
  }
  return { bench, webhook, meaningless, meant, suspend, logged, kept }
}

describe('an event that means nothing to a webhook', () => {
  it('is logged, but not as a delivery to it', async () => {
    const { bench, webhook, meaningless, meant, logged } = await open()
    expect(await bench.consumeEvents([meaningless, meant])).toEqual(ACK)
    expect(bench.requests.map(({ body }) => body)).toEqual(['{"total":1.10}'])
    expect(await logged()).toEqual(
      new Map([
        [meant.id, [webhook.id]],
        [meaningless.id, []],
      ]),
    )
  })

  it('is not kept while the webhook is suspended', async () => {
    const { bench, meaningless, meant, suspend, kept } = await open()
    await suspend()
    await bench.consumeEvents([meaningless, meant])
    expect(await kept()).toEqual([meant.id])
  })

  it('is not kept when its message crashed the deliveries consumer', async () => {
    const { bench, webhook, meaningless, kept } = await open()
    const message = aDelivery(webhook, meaningless, { ifConcerned: true, role: 'duplicate' })
    await bench.engine.consumers.deadDeliveries([inbound(toDeliveryText(message))])
    expect(await kept()).toEqual([])
  })

  it('is not kept when its message crashed the events consumer', async () => {
    const { bench, meaningless, meant, logged, kept } = await open()
    const message = inbound(bench.eventMessage([meaningless, meant]))
    expect(await bench.engine.consumers.deadEvents([message])).toEqual([ACK])
    expect(await kept()).toEqual([meant.id])
    expect((await logged()).get(meaningless.id)).toEqual([])
  })

  it('ends at the deliveries consumer when a replay brings it, whether the webhook is suspended or not', async () => {
    const { bench, webhook, meaningless, suspend, kept } = await open()
    const replayed = aDelivery(webhook, meaningless, { ifConcerned: true })
    expect(await bench.consumeDelivery(replayed)).toEqual(ACK)
    await suspend()
    expect(await bench.consumeDelivery(replayed)).toEqual(ACK)
    expect(bench.requests).toEqual([])
    expect(await kept()).toEqual([])
  })

  it('is not sent to it again when it is sent to all', async () => {
    const { bench, meaningless, meant } = await open()
    await bench.consumeEvents([meaningless, meant])
    expect(await bench.engine.events.resend(bench.tenantId, meaningless.id, null)).toBe(0)
    expect(await bench.engine.events.resend(bench.tenantId, meant.id, null)).toBe(1)
  })
})
