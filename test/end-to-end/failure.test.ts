// docs/contracts/delivery.md, "Retries", "Giving up" and "Suspension", as an owner sees them: through /v1, with real
// queues and objects.

import { describe, expect, it } from 'vitest'
import { openReceiver, publish, type TestKey } from '../fixtures/hookline.ts'
import {
  answering,
  becomes,
  call,
  createWebhook,
  divertedIds,
  eventually,
  fares,
  final,
  openWorld,
  retryingAtOnce,
  type TestWebhook,
} from './world.ts'

const event = { type: 'invoice.paid', data: '{"total":1}' }
const onFirst = { retry: null, suspend: { afterSeconds: 0, afterFailures: 1 } }

function update(key: TestKey, { id }: TestWebhook, fields: Record<string, unknown>) {
  return call(key, 200, 'PATCH', `/webhooks/${id}`, fields)
}

describe('exhausted retries', () => {
  it('divert the event after its last attempt', async () => {
    const { key } = await openWorld()
    const receiver = answering(500)
    const webhook = await createWebhook(key, receiver, retryingAtOnce(2))
    const id = await publish(key, event)
    await fares(key, id, webhook, 'diverted')
    expect(receiver.requests).toHaveLength(3)
    expect(await divertedIds(key, webhook)).toEqual([id])
  })

  it('drop the event without divert, and the log says so', async () => {
    const { key } = await openWorld()
    const webhook = await createWebhook(key, answering(500), {
      failureHandling: { retry: null, divert: false },
    })
    const id = await publish(key, event)
    await fares(key, id, webhook, 'dropped')
    expect(await divertedIds(key, webhook)).toEqual([])
  })

  it('tell alertUrl once', async () => {
    const { key } = await openWorld()
    const alerted = openReceiver()
    const webhook = await createWebhook(key, answering(500), {
      failureHandling: {
        retry: { type: 'linear', intervalSeconds: 0, attempts: 1 },
        alertUrl: alerted.url,
      },
    })
    const id = await publish(key, event)
    const [alert] = await alerted.received(1)
    expect(JSON.parse(alert?.body ?? '')).toMatchObject({
      type: 'webhook.exhausted',
      webhookId: webhook.id,
      eventId: id,
      trigger: '500',
      diverted: true,
    })
    const second = await publish(key, event)
    await alerted.received(2)
    const alertedIds = alerted.requests.map(({ body }) => JSON.parse(body).eventId)
    expect(alertedIds).toEqual([id, second])
  })
})

describe('an owner who ends it', () => {
  it('by deleting the webhook gets nothing more, pending retries included', async () => {
    const { key } = await openWorld()
    const witness = openReceiver()
    const receiver = openReceiver(async () => {
      if (receiver.requests.length === 1) {
        await call(key, 204, 'DELETE', `/webhooks/${webhook.id}`)
      }
      return new Response(null, { status: 500 })
    })
    const webhook = await createWebhook(key, receiver, retryingAtOnce(5))
    const another = await createWebhook(key, witness)
    const first = await publish(key, event)
    await fares(key, first, another, 'delivered')
    const second = await publish(key, event)
    await fares(key, second, another, 'delivered')
    await eventually(async () => expect(witness.requests).toHaveLength(2))
    expect(receiver.requests).toHaveLength(1)
  })

  it('by disabling the webhook gets nothing more, pending retries included', async () => {
    const { key } = await openWorld()
    const receiver = openReceiver(async () => {
      if (receiver.requests.length === 1) await update(key, webhook, { enabled: false })
      return new Response(null, { status: 500 })
    })
    const webhook = await createWebhook(key, receiver, retryingAtOnce(5))
    const id = await publish(key, event)
    await fares(key, id, webhook, 'diverted')
    expect(receiver.requests).toHaveLength(1)
    await publish(key, event)
    expect(receiver.requests).toHaveLength(1)
  })

  it('by moving the webhook gets its retries at the new address', async () => {
    const { key } = await openWorld()
    const moved = openReceiver()
    const receiver = openReceiver(async () => {
      await update(key, webhook, { url: moved.url, headers: { 'X-Moved': 'yes' } })
      return new Response(null, { status: 500 })
    })
    const webhook = await createWebhook(key, receiver, retryingAtOnce(5))
    const id = await publish(key, event)
    const [request] = await moved.received(1)
    expect(request?.headers).toMatchObject({ 'x-moved': 'yes', 'webhook-id': id })
    await fares(key, id, webhook, 'delivered')
    expect(receiver.requests).toHaveLength(1)
  })
})

describe('suspension', () => {
  it('comes at once with 410, and diverts what follows', async () => {
    const { key } = await openWorld()
    const receiver = answering(410)
    const webhook = await createWebhook(key, receiver)
    const first = await publish(key, event)
    await becomes(key, webhook, 'suspended')
    const second = await publish(key, event)
    await fares(key, second, webhook, 'diverted')
    expect(receiver.requests).toHaveLength(1)
    expect(await divertedIds(key, webhook)).toEqual([second, first])
  })

  it('drops what follows when the webhook diverts nothing', async () => {
    const { key } = await openWorld()
    const webhook = await createWebhook(key, answering(410), { failureHandling: { divert: false } })
    await publish(key, event)
    await becomes(key, webhook, 'suspended')
    const id = await publish(key, event)
    await fares(key, id, webhook, 'dropped')
    expect(await divertedIds(key, webhook)).toEqual([])
  })

  it('comes with the first exhausted event of {0, 1}, not with its first failure', async () => {
    const { key } = await openWorld()
    const receiver = answering(500, 500, 500, 204)
    const webhook = await createWebhook(key, receiver, {
      failureHandling: {
        retry: { type: 'linear', intervalSeconds: 0, attempts: 2 },
        suspend: { afterSeconds: 0, afterFailures: 1 },
      },
    })
    const id = await publish(key, event)
    await becomes(key, webhook, 'suspended')
    expect(receiver.requests).toHaveLength(3)
    expect(await divertedIds(key, webhook)).toEqual([id])
  })

  it('comes only after so many distinct events', async () => {
    const { key } = await openWorld()
    const webhook = await createWebhook(key, answering(500), {
      failureHandling: { retry: null, suspend: { afterSeconds: 0, afterFailures: 2 } },
    })
    const first = await publish(key, event)
    await fares(key, first, webhook, 'diverted')
    await becomes(key, webhook, 'active')
    await publish(key, event)
    await becomes(key, webhook, 'suspended')
  })

  it('never comes with null', async () => {
    const { key } = await openWorld()
    const webhook = await createWebhook(key, answering(500), {
      failureHandling: { retry: null, suspend: null },
    })
    for (let n = 0; n < 3; n += 1) await fares(key, await publish(key, event), webhook, 'diverted')
    await becomes(key, webhook, 'active')
  })

  it('diverts pending retries instead of sending them', async () => {
    const { key } = await openWorld()
    const receiver = openReceiver(({ body }) => {
      const gone = body.includes('invoice.gone')
      return new Response(null, { status: gone ? 410 : 500 })
    })
    const webhook = await createWebhook(key, receiver, {
      failureHandling: { retry: { type: 'schedule', delaysSeconds: [1, 300] } },
    })
    const pending = await publish(key, event)
    await fares(key, pending, webhook, 'failing')
    await publish(key, { type: 'invoice.gone', data: '{}' })
    await becomes(key, webhook, 'suspended')
    await fares(key, pending, webhook, 'diverted')
    expect(receiver.requests.filter(({ body }) => !body.includes('invoice.gone'))).toHaveLength(1)
  })

  it('is lifted by resume, after which events arrive again', async () => {
    const { key } = await openWorld()
    const receiver = answering(410, 204)
    const webhook = await createWebhook(key, receiver)
    await publish(key, event)
    await becomes(key, webhook, 'suspended')
    await call(key, 204, 'POST', `/webhooks/${webhook.id}/resume`)
    await becomes(key, webhook, 'active')
    const id = await publish(key, event)
    await fares(key, id, webhook, 'delivered')
  })
})

describe('a diverted event', () => {
  it('is delivered by a resend, with its id, and is diverted no longer', async () => {
    const { key } = await openWorld()
    const receiver = answering(500, 204)
    const webhook = await createWebhook(key, receiver, final)
    const id = await publish(key, event)
    await fares(key, id, webhook, 'diverted')
    await call(key, 202, 'POST', `/webhooks/${webhook.id}/diverted/${id}/resend`)
    await fares(key, id, webhook, 'delivered')
    expect(receiver.requests.map(({ headers }) => headers['webhook-id'])).toEqual([id, id])
    expect(receiver.requests[1]?.body).toBe(receiver.requests[0]?.body)
    expect(await divertedIds(key, webhook)).toEqual([])
  })

  it('can be resent again after a resend that failed', async () => {
    const { key } = await openWorld()
    const receiver = answering(500, 500, 204)
    const webhook = await createWebhook(key, receiver, final)
    const id = await publish(key, event)
    await fares(key, id, webhook, 'diverted')
    const resend = () =>
      call<{ queued: number }>(key, 202, 'POST', `/webhooks/${webhook.id}/diverted/resend`, {})
    const started = { jobId: expect.any(String), queued: 1 }
    expect(await resend()).toEqual(started)
    await receiver.received(2)
    await eventually(async () => {
      const { totals } = await call<{ totals: { failed: number } }>(
        ...([key, 200, 'GET', `/webhooks/${webhook.id}/health`] as const),
      )
      expect(totals.failed).toBe(2)
    })
    expect(await resend()).toEqual(started)
    await receiver.received(3)
    await eventually(async () => expect(await divertedIds(key, webhook)).toEqual([]))
  })

  it('is resent in bulk after a suspension, those of the asked types', async () => {
    const { key } = await openWorld()
    const receiver = answering(410, 204)
    const webhook = await createWebhook(key, receiver)
    const ids = [await publish(key, event)]
    await becomes(key, webhook, 'suspended')
    for (let n = 0; n < 3; n += 1) ids.push(await publish(key, event))
    const other = await publish(key, { type: 'invoice.other', data: '{}' })
    await fares(key, other, webhook, 'diverted')
    await eventually(async () => expect(await divertedIds(key, webhook)).toHaveLength(5))
    await call(key, 204, 'POST', `/webhooks/${webhook.id}/resume`)
    const answer = await call(key, 202, 'POST', `/webhooks/${webhook.id}/diverted/resend`, {
      eventTypes: ['invoice.paid'],
    })
    expect(answer).toEqual({ jobId: expect.any(String), queued: 4 })
    await eventually(async () => expect(await divertedIds(key, webhook)).toEqual([other]))
    const delivered = receiver.requests.slice(1).map(({ headers }) => headers['webhook-id'])
    expect(delivered.toSorted()).toEqual(ids.toSorted())
  })

  it('can be deleted, and is then gone', async () => {
    const { key } = await openWorld()
    const webhook = await createWebhook(key, answering(500), final)
    const id = await publish(key, event)
    await fares(key, id, webhook, 'diverted')
    await call(key, 204, 'DELETE', `/webhooks/${webhook.id}/diverted/${id}`)
    await call(key, 404, 'GET', `/webhooks/${webhook.id}/diverted/${id}`)
  })
})

describe('Hookline’s own events', () => {
  it('tell subscribers of exhaustion, suspension and resumption', async () => {
    const { key } = await openWorld()
    const subscriber = openReceiver()
    await createWebhook(key, subscriber, { eventTypes: ['webhook.*'] })
    const webhook = await createWebhook(key, answering(500), { failureHandling: onFirst })
    const id = await publish(key, event)
    await becomes(key, webhook, 'suspended')
    await subscriber.received(2)
    await call(key, 204, 'POST', `/webhooks/${webhook.id}/resume`)
    const told = (await subscriber.received(3)).map(({ body }) => JSON.parse(body))
    expect(told.map(({ type }) => type).toSorted()).toEqual([
      'webhook.exhausted',
      'webhook.resumed',
      'webhook.suspended',
    ])
    expect(told.find(({ type }) => type === 'webhook.exhausted')?.data).toMatchObject({
      webhookId: webhook.id,
      reason: '500',
      eventId: id,
      exhaustedEvents: 1,
    })
    expect(told.find(({ type }) => type === 'webhook.suspended')?.data).toMatchObject({
      webhookId: webhook.id,
      reason: 'failing',
      failedEvents: 1,
    })
  })

  it('never trigger themselves', async () => {
    const { key } = await openWorld()
    const receiver = answering(500)
    const webhook = await createWebhook(key, receiver, {
      eventTypes: ['*', 'webhook.*'],
      failureHandling: { retry: null, suspend: null },
    })
    await publish(key, event)
    await receiver.received(2)
    await eventually(async () => expect(await divertedIds(key, webhook)).toHaveLength(2))
    const last = await publish(key, event)
    await fares(key, last, webhook, 'diverted')
    await eventually(async () => expect(await divertedIds(key, webhook)).toHaveLength(4))
    const types = receiver.requests.map(({ body }) => JSON.parse(body).type)
    expect(types.filter((type) => type === 'webhook.exhausted')).toHaveLength(2)
  })

  it('cannot be published by others', async () => {
    const { key } = await openWorld()
    await call(key, 400, 'POST', '/events', { type: 'webhook.suspended', data: {} })
  })
})
