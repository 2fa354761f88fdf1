// The same of the real Worker, its database and its objects, in the runtime's own time: what a hanging flood costs
// another tenant in one batch.

import { createExecutionContext, createMessageBatch } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { createWorker } from '../../src/compose.ts'
import { dialects } from '../../src/dialects/index.ts'
import { fromDeliveryText } from '../../src/engine/messages/delivery-message.ts'
import { fromEventMessage } from '../../src/engine/messages/event-message.ts'
import type { Env } from '../../src/platform/env.ts'
import { call, openWorld } from '../end-to-end/world.ts'
import { callInstead, openReceiver } from '../fixtures/hookline.ts'

const { handlers } = createWorker(dialects)

/** A queue that keeps what it is given. */
function keepingQueue(): { readonly kept: unknown[]; readonly queue: Queue } {
  const kept: unknown[] = []
  const send = async (body: unknown) => void kept.push(body)
  const sendBatch = async (batch: Iterable<MessageSendRequest>) => {
    for (const { body } of batch) kept.push(body)
  }
  return { kept, queue: { send, sendBatch } as unknown as Queue }
}

it('a flood whose receivers hang does not hold up another tenant in the same batch', async ({
  task,
}) => {
  const events = keepingQueue()
  const deliveries = keepingQueue()
  // Publishes attempt nothing themselves, so that all of it meets in a batch.
  const queues = { ACCEPTED: events.queue, DELIVERIES: deliveries.queue }
  const own: Env = { ...env, ...queues, FIRST_ATTEMPTS: '0' }
  callInstead(async (request) => {
    const incoming = new Request(request) as Parameters<typeof handlers.fetch>[0]
    return handlers.fetch(incoming, own, createExecutionContext())
  })
  const dead = await openWorld()
  const well = await openWorld()
  const order: string[] = []
  const hanging = openReceiver(() => {
    order.push('dead')
    return new Promise(() => {})
  })
  const prompt = openReceiver(() => {
    order.push('well')
    return new Response(null, { status: 204 })
  })
  const create = (key: typeof well.key, { url }: { readonly url: string }) =>
    call<{ id: string }>(key, 201, 'POST', '/webhooks', { url, eventTypes: ['*'] })
  for (let n = 0; n < 20; n += 1) await create(dead.key, hanging)
  const webhook = await create(well.key, prompt)
  const thing = { type: 'thing', data: {} }
  await call(dead.key, 202, 'POST', '/events', Array(100).fill(thing))
  const answer = await call<{ events: [{ id: string }] }>(well.key, 202, 'POST', '/events', thing)
  const messages = events.kept.map((body, n) => ({
    id: `m${n}`,
    timestamp: new Date(),
    attempts: 1,
    body,
  }))
  const batch = createMessageBatch('hookline-accepted', messages)
  const ctx = createExecutionContext()
  const startedAt = Date.now()
  await handlers.queue(batch, own, ctx)
  const tookMs = Date.now() - startedAt

  expect(prompt.requests).toHaveLength(1)
  // One connection after the five that are waited for.
  expect(order.indexOf('well')).toBeLessThan(6)
  const [{ id }] = answer.events
  const { deliveries: fate } = await call<{ deliveries: unknown }>(
    well.key,
    200,
    'GET',
    `/events/${id}`,
  )
  expect(fate).toMatchObject([{ webhookId: webhook.id, status: 'delivered', attempts: 1 }])
  // Nothing of the flood is lost: what hangs is on the deliveries queue, the rest on the events queue again.
  const handedOver = deliveries.kept.map(fromDeliveryText)
  const rest = events.kept
    .slice(messages.length)
    .flatMap((body) => fromEventMessage(body)?.remaining)
  const waiting = rest.reduce((count, one) => count + (one?.webhookIds.length ?? 0), 0)
  expect(handedOver.filter((message) => message?.kind === 'deliver').length + waiting).toBe(2_000)
  task.meta.counted = `2000 deliveries that hang before it, in one batch of the real Worker: another tenant's is request ${order.indexOf('well') + 1}; the batch took ${tookMs} ms`
})
