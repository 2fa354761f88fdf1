// An event that its webhook's dialect cannot express ends visibly: it is unsendable, with the reason.

import { describe, expect, it } from 'vitest'
import { openReceiver, publish, sendAs, type TestKey } from '../fixtures/hookline.ts'
import { call, eventually, fares, openWorld } from './world.ts'

const TEMPLATE = '01940000-0000-7000-8000-000000000001'

/** The `/v1` id of the one webhook of a tenant. */
async function theWebhook(key: TestKey): Promise<{ readonly id: string }> {
  const { items } = await call<{ items: { id: string }[] }>(key, 200, 'GET', '/webhooks')
  const [webhook] = items
  if (webhook === undefined) throw new Error('There is no webhook.')
  return webhook
}

async function openInstance() {
  const { key } = await openWorld()
  const receiver = openReceiver()
  const body = JSON.stringify({ url: receiver.url })
  await sendAs(key)({ method: 'PATCH', path: '/v3/instances/default/webhook', body })
  return { key, receiver, webhook: await theWebhook(key) }
}

const scope = { instance: 'default' }

describe('an event that EveryPoint has no format for', () => {
  it.each([
    ['a job without URI', 'job', '{"job":"/jobs/42"}'],
    ['a message without body', 'message', '{"folder":"/folders/shared-data"}'],
    ['an annotation without URI', 'annotation', '{"trigger":"/triggers/3"}'],
  ])('is shown as unsendable with the reason, and counted: %s', async (_, type, data) => {
    const { key, receiver, webhook } = await openInstance()
    const eventId = await publish(key, { type, data, scope })
    await fares(key, eventId, webhook, 'unsendable')
    const { deliveries } = await call<{ deliveries: unknown[] }>(
      key,
      200,
      'GET',
      `/events/${eventId}`,
    )
    const reason = `The format of the webhook cannot express an event of type ${type} with this data.`
    expect(deliveries).toEqual([
      {
        ...{ webhookId: webhook.id, url: receiver.url, status: 'unsendable', attempts: 0, reason },
        ...{ lastAttemptAt: null, statusCode: null, error: null, nextAttemptAt: null },
      },
    ])
    expect(await call(key, 200, 'GET', `/webhooks/${webhook.id}/health`)).toMatchObject({
      status: 'active',
      consecutiveFailures: 0,
      totals: { delivered: 0, failed: 0, diverted: 0, unsendable: 1 },
    })
    expect(receiver.requests).toEqual([])
    const test = { type, data: JSON.parse(data) }
    const refused = await call(key, 400, 'POST', `/webhooks/${webhook.id}/test`, test)
    expect(refused).toMatchObject({ detail: expect.stringContaining(reason) })
  })

  it('is tried again by a resend', async () => {
    const { key, webhook } = await openInstance()
    const eventId = await publish(key, { type: 'job', data: '{"job":"/jobs/42"}', scope })
    await fares(key, eventId, webhook, 'unsendable')
    await call(key, 202, 'POST', `/events/${eventId}/resend`, { webhookId: webhook.id })
    await eventually(async () => {
      expect(await call(key, 200, 'GET', `/webhooks/${webhook.id}/health`)).toMatchObject({
        totals: { unsendable: 2 },
      })
    })
    await fares(key, eventId, webhook, 'unsendable')
  })

  it('is none where the vendor tells nobody: an annotation without a trigger', async () => {
    const { key } = await openInstance()
    const data = '{"uri":"/annotations/9"}'
    const eventId = await publish(key, { type: 'annotation', data, scope })
    await eventually(async () => {
      expect(await call(key, 200, 'GET', `/events/${eventId}`)).toMatchObject({ deliveries: [] })
    })
  })
})

describe('a processed document of CrazyGoldFish', () => {
  async function openWebhook() {
    const { key } = await openWorld()
    const receiver = openReceiver()
    const body = JSON.stringify({ api_template: TEMPLATE, endpoint_url: receiver.url })
    await sendAs(key)({ method: 'POST', path: '/webhooks/v1/webhook/', body })
    return { key, webhook: await theWebhook(key) }
  }
  const document = { type: 'document.processed', data: '{}' }

  it('is unsendable when it names no template', async () => {
    const { key, webhook } = await openWebhook()
    await fares(key, await publish(key, document), webhook, 'unsendable')
  })

  it('is not the webhook’s when it names another template', async () => {
    const { key } = await openWebhook()
    const eventId = await publish(key, { ...document, scope: { template: 'another' } })
    await eventually(async () => {
      expect(await call(key, 200, 'GET', `/events/${eventId}`)).toMatchObject({ deliveries: [] })
    })
  })
})
