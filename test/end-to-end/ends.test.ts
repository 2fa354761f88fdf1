// There is no silent end: whatever a receiver answers, and whatever an owner changes meanwhile, the event ends as its owner
// chose, and he can see how.

import { describe, expect, it } from 'vitest'
import { uuidToUlid } from '../../src/http/ids.ts'
import { openReceiver, publish, sendAs, type TestKey } from '../fixtures/hookline.ts'
import {
  answering,
  call,
  createWebhook,
  divertedIds,
  eventually,
  fares,
  openWorld,
  retryingAtOnce,
} from './world.ts'

interface Health {
  readonly status: string
  readonly consecutiveFailures: number
  readonly totals: Readonly<Record<string, number>>
}

const invoice = { type: 'invoice.paid', data: '{"total":1.10}' }
const healthOf = (key: TestKey, id: string) =>
  call<Health>(key, 200, 'GET', `/webhooks/${id}/health`)

describe('whatever is not a 2xx', () => {
  // A test's `Response` is bound to 200–599; 101, 600 and 999 are in test/engine/attempt/classify.test.ts.
  it.each([301, 302, 304])('is retried: %i', async (status) => {
    const { key } = await openWorld()
    const receiver = answering(status, 204)
    const webhook = await createWebhook(key, receiver, retryingAtOnce(3))
    const eventId = await publish(key, invoice)
    await fares(key, eventId, webhook, 'delivered')
    expect(receiver.requests).toHaveLength(2)
  })

  it('is kept at once, shown so, and suspends, where the owner excludes it', async () => {
    const { key } = await openWorld()
    const failureHandling = {
      triggers: ['4xx', '5xx', 'timeout'],
      suspend: { afterSeconds: 0, afterFailures: 1 },
    }
    const receiver = answering(302)
    const webhook = await createWebhook(key, receiver, { failureHandling })
    const eventId = await publish(key, invoice)
    await fares(key, eventId, webhook, 'diverted')
    expect(receiver.requests).toHaveLength(1)
    expect(
      await call(key, 200, 'GET', `/webhooks/${webhook.id}/diverted/${eventId}`),
    ).toMatchObject({
      trigger: '302',
      message:
        'The receiver responded with status 302. Redirects are not followed. (Not retried, because it is not one of the triggers of the webhook.)',
    })
    await eventually(async () => {
      expect(await healthOf(key, webhook.id)).toMatchObject({
        status: 'suspended',
        consecutiveFailures: 1,
      })
    })
  })

  it('is dropped at once, and shown so, where the owner excludes it and keeps nothing', async () => {
    const { key } = await openWorld()
    const failureHandling = { triggers: ['4xx'], divert: false }
    const webhook = await createWebhook(key, answering(302), { failureHandling })
    const eventId = await publish(key, invoice)
    await fares(key, eventId, webhook, 'dropped')
    expect(await divertedIds(key, webhook)).toEqual([])
  })
})

describe('pending retries of a webhook that is disabled', () => {
  it.each([
    ['diverted', true],
    ['dropped', false],
  ])('end as %s, as divert says', async (status, divert) => {
    const { key } = await openWorld()
    const retry = { type: 'linear', intervalSeconds: 1, attempts: 5 }
    const receiver = answering(500)
    const webhook = await createWebhook(key, receiver, { failureHandling: { retry, divert } })
    const eventId = await publish(key, invoice)
    await receiver.received(1)
    await call(key, 200, 'PATCH', `/webhooks/${webhook.id}`, { enabled: false })
    await fares(key, eventId, webhook, status)
    expect(await divertedIds(key, webhook)).toEqual(divert ? [eventId] : [])
  })
})

describe('a resend of an event that is failing', () => {
  it.concurrent.each([0, 1, 3, 5])(
    'joins the run under way: %i resends make no more than four requests',
    async (resends) => {
      const { key } = await openWorld()
      const retry = { type: 'linear', intervalSeconds: 1, attempts: 3 }
      const receiver = answering(500)
      const webhook = await createWebhook(key, receiver, { failureHandling: { retry } })
      const eventId = await publish(key, invoice)
      await fares(key, eventId, webhook, 'failing')
      for (let time = 0; time < resends; time += 1) {
        await call(key, 202, 'POST', `/events/${eventId}/resend`, { webhookId: webhook.id })
      }
      await fares(key, eventId, webhook, 'diverted')
      expect(receiver.requests).toHaveLength(4)
    },
  )
})

describe('events of Hookline itself', () => {
  it('reach webhooks that name them, and no others', async () => {
    const { key, tenant } = await openWorld()
    const [all, named, exact] = [openReceiver(), openReceiver(), openReceiver()]
    await createWebhook(key, all, { eventTypes: ['*'] })
    await createWebhook(key, named, { eventTypes: ['webhook.*'] })
    await createWebhook(key, exact, { eventTypes: ['webhook.exhausted'] })
    const failing = await createWebhook(key, answering(500), { failureHandling: { retry: null } })
    const eventId = await publish(key, invoice)
    await fares(key, eventId, failing, 'diverted')
    for (const receiver of [named, exact]) {
      const [request] = await receiver.received(1)
      expect(JSON.parse(request?.body ?? '')).toMatchObject({
        type: 'webhook.exhausted',
        data: { webhookId: failing.id },
      })
    }
    const { items } = await call<{ items: { id: string; type: string }[] }>(
      key,
      200,
      'GET',
      '/events',
    )
    const own = items.find(({ type }) => type === 'webhook.exhausted')
    expect(own).toBeDefined()
    expect(all.requests.map(({ headers }) => headers['webhook-id'])).toEqual([eventId])

    const stream = (path: string) =>
      sendAs(key)({ method: 'GET', path: `/event/${tenant.id}/events/${path}` })
    const listed = (await stream('list')).body as { events: { locator: string; type: string }[] }
    expect(listed.events.map(({ type }) => type)).toEqual(['invoice.paid'])
    const locator = uuidToUlid(own?.id ?? '')
    expect(await stream(locator)).toMatchObject({ status: 404 })
    expect(await stream(`request/${locator}`)).toMatchObject({ status: 200, body: [] })
  })
})

describe('a suspended webhook that is given another URL', () => {
  it('is active again, and what it diverted stays resendable', async () => {
    const { key } = await openWorld()
    const webhook = await createWebhook(key, answering(410))
    const eventId = await publish(key, invoice)
    await fares(key, eventId, webhook, 'diverted')
    await eventually(async () => {
      expect(await healthOf(key, webhook.id)).toMatchObject({ status: 'suspended' })
    })
    const moved = openReceiver()
    expect(
      await call(key, 200, 'PATCH', `/webhooks/${webhook.id}`, { url: moved.url }),
    ).toMatchObject({ status: 'active', suspendedAt: null })
    expect(await divertedIds(key, webhook)).toEqual([eventId])
    const job = await call<{ jobId: string }>(
      ...([key, 202, 'POST', `/webhooks/${webhook.id}/diverted/resend`] as const),
    )
    expect(job).toEqual({ jobId: expect.any(String), queued: 1 })
    await moved.received(1)
    await fares(key, eventId, webhook, 'delivered')
    expect(await call(key, 200, 'GET', `/jobs/${job.jobId}`)).toMatchObject({
      ...{ kind: 'resend', state: 'done', done: 1, total: 1, webhookId: webhook.id },
    })
  })

  it('stays suspended when only other fields change', async () => {
    const { key } = await openWorld()
    const receiver = answering(410)
    const webhook = await createWebhook(key, receiver)
    await fares(key, await publish(key, invoice), webhook, 'diverted')
    const path = `/webhooks/${webhook.id}`
    await eventually(async () => {
      expect(await call(key, 200, 'GET', path)).toMatchObject({ status: 'suspended' })
    })
    const same = { url: receiver.url, name: 'Renamed' }
    expect(await call(key, 200, 'PATCH', path, same)).toMatchObject({ status: 'suspended' })
  })
})
