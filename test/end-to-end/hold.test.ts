// docs/contracts/delivery.md, "Hold", as an owner and a receiver see it: through /v1, with real queues and objects.

import { describe, expect, it } from 'vitest'
import { openReceiver, publish } from '../fixtures/hookline.ts'
import { call, createWebhook, eventually, fares, openWorld } from './world.ts'

const event = { type: 'invoice.paid', data: '{"total":1}' }
const PAUSE_SECONDS = 2

interface Held {
  readonly hold: { readonly until: string; readonly waiting: number } | null
}

/** A receiver that refuses the first request and asks for a pause, and takes everything from then on. */
function pausing() {
  const times: number[] = []
  const receiver = openReceiver(() => {
    times.push(Date.now())
    if (times.length > 1) return new Response(null, { status: 204 })
    return new Response('Too much.', {
      status: 429,
      headers: { 'retry-after': String(PAUSE_SECONDS) },
    })
  })
  return { receiver, times }
}

describe('a receiver that asks for a pause', () => {
  it('gets nothing in it, and all that waited after it', async () => {
    const { key } = await openWorld()
    const { receiver, times } = pausing()
    const retry = { type: 'linear', intervalSeconds: 0, attempts: 1 }
    const webhook = await createWebhook(key, receiver, { failureHandling: { retry } })
    const health = () => call<Held>(key, 200, 'GET', `/webhooks/${webhook.id}/health`)
    const first = await publish(key, event)
    await eventually(async () => expect((await health()).hold).not.toBeNull())
    const others = await Promise.all(Array.from({ length: 12 }, () => publish(key, event)))
    await eventually(async () => expect((await health()).hold?.waiting).toBeGreaterThan(0))
    const [waiting] = others
    if (waiting !== undefined) await fares(key, waiting, webhook, 'held')
    for (const id of [first, ...others]) await fares(key, id, webhook, 'delivered')
    const [refused = 0, next = 0] = times
    expect(next - refused).toBeGreaterThanOrEqual(PAUSE_SECONDS * 1_000)
    expect(times).toHaveLength(14)
    await eventually(async () => expect((await health()).hold).toBeNull())
  })
})
