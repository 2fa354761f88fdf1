// An event that its webhook's dialect cannot express ends visibly: it is unsendable, with the reason.

import { afterEach, describe, expect, it, vi } from 'vitest'
import { wire } from '../../src/dialects/everypoint/wire.ts'
import { NOBODY } from '../api/asked.ts'
import { Visitor } from '../console/visitor.ts'
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

afterEach(() => vi.restoreAllMocks())

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

  it('has no request as sent, and a page says so', async () => {
    const { key, webhook } = await openInstance()
    const eventId = await publish(key, { type: 'job', data: '{"job":"/jobs/42"}', scope })
    await fares(key, eventId, webhook, 'unsendable')
    const attempts = `/webhooks/${webhook.id}/attempts`
    expect(await call(key, 200, 'GET', `${attempts}?eventId=${eventId}`)).toMatchObject({
      items: [],
    })
    const refused = await call(key, 404, 'GET', `${attempts}/${NOBODY}/request?eventId=${eventId}`)
    expect(refused).toMatchObject({ detail: expect.stringContaining('attempt') })
    const visitor = new Visitor()
    const { at } = await visitor.signIn(key.token)
    const page = await visitor.ask(`${at}${attempts}/${NOBODY}?event=${eventId}`)
    expect(page.status).toBe(404)
    const ofEvent = await visitor.ask(`${at}/events/${eventId}`)
    expect(ofEvent.html).toContain('cannot express an event of type job')
  })

  it('has none either where it was sent, and cannot be any more', async () => {
    const { key, webhook, receiver } = await openInstance()
    const data = '{"job":"/jobs/42","uri":"/jobs/42"}'
    const eventId = await publish(key, { type: 'job', data, scope })
    await receiver.received(1)
    await fares(key, eventId, webhook, 'delivered')
    const attempts = `/webhooks/${webhook.id}/attempts`
    const { items } = await call<{ items: [{ id: string }] }>(key, 200, 'GET', attempts)
    const path = `${attempts}/${items[0].id}`
    await call(key, 200, 'GET', `${path}/request?eventId=${eventId}`)
    // As an update of the surface, or of the webhook's version, may have it.
    vi.spyOn(wire, 'encode').mockResolvedValue(null)
    const reason = 'The format of the webhook cannot express an event of type job with this data.'
    const refused = await call(key, 409, 'GET', `${path}/request?eventId=${eventId}`)
    expect(refused).toMatchObject({ detail: expect.stringContaining(reason) })
    const visitor = new Visitor()
    const { at } = await visitor.signIn(key.token)
    const page = await visitor.ask(`${at}${path}?event=${eventId}`)
    expect(page.status).toBe(200)
    expect(page.html).toContain(reason)
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
