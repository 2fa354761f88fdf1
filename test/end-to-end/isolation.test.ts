// docs/contracts/delivery.md, "Lanes": what is wrong with one webhook is no other webhook's trouble.

import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { openReceiver, publish, sendAs } from '../fixtures/hookline.ts'
import { call, createWebhook, fares, openWorld } from './world.ts'

const event = { type: 'invoice.paid', data: '{"total":1}' }

describe('a webhook whose secrets cannot be opened', () => {
  it('lets its events wait, and keeps no other webhook from theirs', async () => {
    const { key, tenant } = await openWorld()
    const damaged = await createWebhook(key, openReceiver(), { failureHandling: { retry: null } })
    const receiver = openReceiver()
    const healthy = await createWebhook(key, receiver)
    await env.DB.prepare('UPDATE webhooks SET sealed = ? WHERE id = ?')
      .bind('v1.00000000.AAAA', damaged.id)
      .run()
    await env.EVENT_LOGS.getByName(tenant.id).refresh()
    const id = await publish(key, event)
    await fares(key, id, healthy, 'delivered')
    await fares(key, id, damaged, 'pending')
    expect(receiver.requests).toHaveLength(1)
  })
})

describe('a header that a dialect sends itself', () => {
  it('is sent once, as the dialect says', async () => {
    const { key } = await openWorld()
    const receiver = openReceiver()
    const registered = await sendAs(key)({
      method: 'POST',
      path: '/api/v2/config/webhook',
      body: JSON.stringify({
        url: receiver.url,
        authorization_token: 'zGORr7q1I4egIr0c0eKXD7CMpIcjFooJ',
        subscribed_events: ['survey_created'],
      }),
    })
    const { id } = registered.body as { id: string }
    await call(key, 200, 'PATCH', `/webhooks/${id}`, {
      headers: { 'X-Webhook-Infermedica-Token': 'forged', 'x-other': 'kept' },
    })
    await publish(key, { type: 'survey_created', data: '{}' })
    const [request] = await receiver.received(1)
    const token = request?.headers['x-webhook-infermedica-token']
    expect(token).toBe('zGORr7q1I4egIr0c0eKXD7CMpIcjFooJ')
    expect(request?.headers['x-other']).toBe('kept')
  })
})
