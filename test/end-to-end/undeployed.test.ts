// A webhook of a surface that this deployment no longer has: its owner finds it under /v1, and its events wait.

import { expect, it } from 'vitest'
import { dialects } from '../../src/dialects/index.ts'
import { acme } from '../dialects/acme/index.ts'
import { openReceiver, presentations, publish, type TestKey } from '../fixtures/hookline.ts'
import { startWorker } from '../fixtures/worker.ts'
import { makeOutagesShort } from './outage.ts'
import { call, eventually, openWorld, type TestWebhook } from './world.ts'

makeOutagesShort(1)

const REASON = 'The dialect of the webhook, acme, is not part of this deployment.'

/** Makes a webhook on Acme's surface, in a deployment that has it. */
async function createHook(key: TestKey, callback: string): Promise<TestWebhook> {
  const { fetch } = startWorker([...dialects, acme])
  const body = JSON.stringify({ callback, topics: ['invoice.paid'] })
  const request = { method: 'POST', headers: presentations.bearer(key), body }
  expect(await fetch(new Request('https://hookline.test/acme/v1/hooks', request))).toMatchObject({
    status: 201,
  })
  const { items } = await call<{ items: TestWebhook[] }>(key, 200, 'GET', '/webhooks')
  const [webhook] = items
  if (webhook === undefined) throw new Error('There is no webhook.')
  return webhook
}

it('its events wait with a reason until it is disabled; /v1 shows, changes and deletes it', async () => {
  const { key } = await openWorld()
  const receiver = openReceiver()
  const webhook = await createHook(key, receiver.url)
  const path = `/webhooks/${webhook.id}`
  expect(webhook).toMatchObject({ dialect: 'acme', status: 'active', secretsReadable: true })

  const eventId = await publish(key, { type: 'invoice.paid', data: '{}' })
  const { url } = receiver
  const nothing = { statusCode: null, error: null, nextAttemptAt: null }
  const waiting = {
    url,
    status: 'pending',
    attempts: 0,
    lastAttemptAt: null,
    ...nothing,
    reason: REASON,
  }
  await eventually(async () => {
    const event = await call<{ deliveries: unknown[] }>(key, 200, 'GET', `/events/${eventId}`)
    expect(event.deliveries).toEqual([{ webhookId: webhook.id, ...waiting }])
  })
  expect(await call(key, 503, 'POST', `${path}/test`, {})).toMatchObject({ detail: REASON })
  expect(await call(key, 200, 'GET', `${path}/health`)).toMatchObject({
    status: 'active',
    consecutiveFailures: 0,
    suspendsAt: null,
    totals: { delivered: 0, failed: 0, diverted: 0, unsendable: 0 },
  })
  expect(receiver.requests).toEqual([])

  const changed = await call(key, 200, 'PATCH', path, { name: 'Old', enabled: false })
  expect(changed).toMatchObject({ dialect: 'acme', name: 'Old', status: 'disabled' })
  await eventually(async () => {
    const event = await call<{ deliveries: unknown[] }>(key, 200, 'GET', `/events/${eventId}`)
    expect(event.deliveries).toMatchObject([
      { status: 'diverted', reason: 'The webhook is disabled.' },
    ])
  })
  await call(key, 204, 'DELETE', path)
})
