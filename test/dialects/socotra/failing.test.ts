// What happens to a delivery that fails: triggers, retries, alerts, diverted events, suspension.

import { describe, expect, it, vi } from 'vitest'
import { openReceiver, type Receiver } from '../../fixtures/hookline.ts'
import { openClient, WAIT } from './client.ts'
import { toUlid } from './ulid.ts'

const failingReceiver = (status = 500) => openReceiver(() => new Response(null, { status }))

/** A receiver that fails until it is repaired. */
function openBrokenReceiver(): Receiver & { repair: () => void } {
  let status = 500
  const receiver = openReceiver(() => new Response(null, { status }))
  return Object.assign(receiver, {
    repair: () => {
      status = 204
    },
  })
}

const DATETIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)

describe('a delivery that fails', () => {
  it('is neither tried again nor kept nor a reason to suspend, unless the webhook says so', async () => {
    const { create, publish, read, diverted } = await openClient()
    const receiver = failingReceiver()
    const webhook = await create({}, { url: receiver.url })
    await publish({ type: 'policy.issue', data: { n: 1 } })
    await receiver.received(1)
    await publish({ type: 'policy.issue', data: { n: 2 } })
    await receiver.received(2)
    expect(receiver.requests.map(({ body }) => /"n":\d/.exec(body)?.[0])).toEqual([
      '"n":1',
      '"n":2',
    ])
    expect(await diverted(webhook, 0)).toEqual([])
    expect(await read(webhook)).toMatchObject({ suspended: false, suspendedAt: null })
  })

  it('is diverted where the webhook says so', async () => {
    const { request, create, publish, diverted } = await openClient()
    const requestId = '0190a1b2-c3d4-7e5f-8a6b-000000000003'
    const webhook = await create(
      { failureHandling: { divert: true } },
      { url: failingReceiver().url },
    )
    const [eventId = ''] = await publish({ type: 'policy.issue', data: {}, requestId })
    const [event] = await diverted(webhook, 1)
    expect(event).toEqual({
      eventLocator: toUlid(eventId),
      requestLocator: toUlid(requestId),
      failureMessage: 'The receiver responded with status 500.',
      failureTimestamp: DATETIME,
      failureTrigger: '500',
    })
    const path = `/webhooks/${webhook.locator}/diverted/${event?.eventLocator}`
    expect((await request('GET', path)).body).toEqual(event)
    expect(await request('DELETE', path)).toMatchObject({ status: 200, text: '{}' })
    expect(await diverted(webhook, 0)).toEqual([])
    for (const [method, end] of [
      ['GET', ''],
      ['DELETE', ''],
      ['POST', '/resend'],
    ] as const) {
      const answer = await request(method, path + end)
      expect(answer).toMatchObject({ status: 404, body: { message: 'No such diverted event.' } })
    }
  })

  it.each([
    ['4xx', 2],
    ['5xx', 1],
  ])('with a 302, which its page cannot name, goes with %s: %i requests', async (named, count) => {
    const { create, publish, diverted, read } = await openClient()
    const receiver = failingReceiver(302)
    const retryStrategy = { attempts: 1, interval: 0, type: 'linear' }
    const failureHandling = { triggers: [named], divert: true, retryStrategy }
    const webhook = await create({ failureHandling }, { url: receiver.url })
    await publish({ type: 'policy.issue', data: {} })
    expect(await diverted(webhook, 1)).toMatchObject([{ failureTrigger: '302' }])
    expect(receiver.requests).toHaveLength(count)
    expect((await read(webhook)).failureHandling).toMatchObject({ triggers: [named] })
  })

  it('for want of an answer is a timeout', async () => {
    const { create, publish, diverted } = await openClient()
    openReceiver()
    const url = 'https://nobody-listens.example/'
    const webhook = await create({ failureHandling: { divert: true } }, { url })
    await publish({ type: 'policy.issue', data: {} })
    expect(await diverted(webhook, 1)).toMatchObject([{ failureTrigger: 'timeout' }])
  })

  it('outside the triggers is kept at once, and alerted like any that is given up', async () => {
    const { create, publish, read, diverted } = await openClient()
    const answers = [500, 503]
    const receiver = openReceiver(() => new Response(null, { status: answers.shift() ?? 204 }))
    const alerts = openReceiver()
    const triggers = ['503', 'timeout']
    const failureHandling = { triggers, divert: true, alertEndpoint: { url: alerts.url } }
    const webhook = await create({ failureHandling }, { url: receiver.url })
    await publish({ type: 'policy.issue', data: {} })
    await receiver.received(1)
    const [covered = ''] = await publish({ type: 'policy.issue', data: {} })
    const [first, second] = await diverted(webhook, 2)
    expect(first).toMatchObject({ eventLocator: toUlid(covered), failureTrigger: '503' })
    expect(second).toMatchObject({ failureTrigger: '500' })
    expect(second?.failureMessage).toContain('not one of the triggers')
    await alerts.received(2)
    expect(receiver.requests).toHaveLength(2)
    expect(await read(webhook)).toMatchObject({ suspended: false })
  })

  it('is tried again as often as the strategy says, with the same body', async () => {
    const { create, publish, diverted } = await openClient()
    const receiver = failingReceiver(404)
    const retryStrategy = { attempts: 2, interval: 0, type: 'exponential' }
    const failureHandling = { divert: true, retryStrategy, triggers: ['404'] }
    const webhook = await create({ failureHandling }, { url: receiver.url })
    await publish({ type: 'policy.issue', data: {} })
    await diverted(webhook, 1)
    const bodies = receiver.requests.map(({ body }) => body)
    expect(bodies).toEqual([bodies[0], bodies[0], bodies[0]])
  })

  it('is delivered by a resend, which leaves nothing diverted', async () => {
    const { request, create, publish, diverted } = await openClient()
    const receiver = openBrokenReceiver()
    const webhook = await create({ failureHandling: { divert: true } }, { url: receiver.url })
    await publish({ type: 'policy.issue', data: {} })
    const [event] = await diverted(webhook, 1)
    receiver.repair()
    const path = `/webhooks/${webhook.locator}/diverted/${event?.eventLocator}/resend`
    expect(await request('POST', path)).toMatchObject({ status: 200, text: '{}' })
    const [first, second] = await receiver.received(2)
    expect(second?.body).toBe(first?.body)
    expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id'])
    await diverted(webhook, 0)
  })

  it('is listed among the diverted events in pages', async () => {
    const { request, create, publish, diverted } = await openClient()
    const webhook = await create(
      { failureHandling: { divert: true } },
      { url: failingReceiver().url },
    )
    await publish(...[1, 2, 3].map((n) => ({ type: 'policy.issue', data: { n } })))
    const all = await diverted(webhook, 3)
    const path = `/webhooks/${webhook.locator}/diverted`
    expect((await request('GET', `${path}?count=2`)).body).toEqual(all.slice(0, 2))
    expect((await request('GET', `${path}?count=500&offset=2`)).body).toEqual(all.slice(2))
    expect((await request('GET', `${path}?offset=3`)).body).toEqual([])
    expect((await request('GET', `${path}?count=501`)).body).toEqual(all)
    expect((await request('GET', `${path}?count=9999999999&offset=1`)).body).toEqual(all.slice(1))
    for (const query of ['count=0', 'offset=-1']) {
      expect(await request('GET', `${path}?${query}`)).toMatchObject({ status: 400 })
    }
  })
})

describe('a suspension', () => {
  it('begins with the first event given up, diverts what follows, and ends when it is lifted', async () => {
    const { request, create, publish, read, diverted } = await openClient()
    const receiver = openBrokenReceiver()
    const failureHandling = { divert: true, suspend: true }
    const webhook = await create({ failureHandling }, { url: receiver.url })
    const [first = ''] = await publish({ type: 'policy.issue', data: { n: 1 } })
    await vi.waitFor(async () => {
      expect(await read(webhook)).toMatchObject({ suspended: true, suspendedAt: DATETIME })
    }, WAIT)
    const [second = ''] = await publish({ type: 'policy.issue', data: { n: 2 } })
    const kept = await diverted(webhook, 2)
    expect(kept).toMatchObject([
      { eventLocator: toUlid(second), failureTrigger: 'suspended' },
      { eventLocator: toUlid(first), failureTrigger: '500' },
    ])
    expect(receiver.requests).toHaveLength(1)

    receiver.repair()
    const unsuspend = await request('PATCH', `/webhooks/${webhook.locator}/unsuspend`)
    expect(unsuspend).toMatchObject({ status: 204, text: '' })
    expect(await read(webhook)).toMatchObject({ suspended: false, suspendedAt: null })
    for (const { eventLocator } of kept) {
      await request('POST', `/webhooks/${webhook.locator}/diverted/${eventLocator}/resend`)
    }
    await receiver.received(3)
    await diverted(webhook, 0)
  })

  it('is lifted by another URL, and what it kept stays resendable', async () => {
    const { request, create, update, publish, read, diverted } = await openClient()
    const failureHandling = { divert: true, suspend: true }
    const webhook = await create({ failureHandling }, { url: failingReceiver().url })
    await publish({ type: 'policy.issue', data: {} })
    await vi.waitFor(async () => {
      expect(await read(webhook)).toMatchObject({ suspended: true })
    }, WAIT)
    const receiver = openReceiver()
    const updated = await update(webhook, { endpoint: { url: receiver.url } })
    expect(updated).toMatchObject({ suspended: false, suspendedAt: null })
    const [kept] = await diverted(webhook, 1)
    await request('POST', `/webhooks/${webhook.locator}/diverted/${kept?.eventLocator}/resend`)
    await receiver.received(1)
    await diverted(webhook, 0)
  })

  it('that is not there can be lifted, as often as one likes', async () => {
    const { request, create } = await openClient()
    const { locator } = await create()
    for (const _ of [1, 2]) {
      expect(await request('PATCH', `/webhooks/${locator}/unsuspend`)).toMatchObject({
        status: 204,
      })
    }
  })
})

describe('an alert', () => {
  it('tells once that an event was given up, with the credentials of its own endpoint', async () => {
    const { create, publish } = await openClient()
    const receiver = failingReceiver()
    const alerts = openReceiver()
    const alertEndpoint = {
      url: alerts.url,
      hmacEnabled: true,
      secret: 'of the alert',
      tag: 'red',
      headers: { 'X-Of': ['alerts'] },
    }
    const retryStrategy = { attempts: 1, interval: 0, type: 'linear' }
    const failureHandling = { alertEndpoint, divert: true, suspend: true, retryStrategy }
    const endpoint = { url: receiver.url, hmacEnabled: true, secret: 'of the webhook', tag: 'blue' }
    const { locator } = await create(
      { failureHandling },
      { ...endpoint, headers: { 'X-Of': ['webhook'] } },
    )
    const [eventId = ''] = await publish({ type: 'policy.issue', data: { password: 'not told' } })
    const [alert] = await alerts.received(1)
    expect(receiver.requests).toHaveLength(2)
    expect(alert?.headers).toMatchObject({
      'content-type': 'application/json',
      'x-of': 'alerts',
      'socotra-signature': await hmacHex('of the alert', alert?.body ?? ''),
      'socotra-signature-tag': 'red',
      'webhook-signature': expect.stringMatching(/^v1,\S+$/),
    })
    const body = JSON.parse(alert?.body ?? '')
    expect(Object.entries(body)).toEqual([
      ['webhookLocator', locator],
      ['eventLocator', toUlid(eventId)],
      ['failureTrigger', '500'],
      ['failureMessage', 'The receiver responded with status 500.'],
      ['failureTimestamp', DATETIME],
      ['diverted', true],
      ['suspended', true],
    ])
  })

  it('tells of each event that was kept because of the suspension, once', async () => {
    const { create, publish, read, diverted } = await openClient()
    const alerts = openReceiver()
    const failureHandling = { divert: true, suspend: true, alertEndpoint: { url: alerts.url } }
    const webhook = await create({ failureHandling }, { url: failingReceiver().url })
    await publish({ type: 'policy.issue', data: { n: 1 } })
    await vi.waitFor(async () => {
      expect(await read(webhook)).toMatchObject({ suspended: true })
    }, WAIT)
    const ids = await publish(...[2, 3].map((n) => ({ type: 'policy.issue', data: { n } })))
    await diverted(webhook, 3)
    const told = (await alerts.received(3)).slice(1).map(({ body }) => JSON.parse(body))
    expect(told.map(({ eventLocator }) => eventLocator).toSorted()).toEqual(
      ids.map(toUlid).toSorted(),
    )
    for (const body of told) {
      expect(body).toMatchObject({ failureTrigger: 'suspended', diverted: true, suspended: true })
    }
  })

  it('goes unsigned to an endpoint that is just a URL', async () => {
    const { create, publish } = await openClient()
    const alerts = openReceiver()
    const endpoint = { url: failingReceiver().url, hmacEnabled: true, secret: 'of the webhook' }
    await create({ failureHandling: { alertEndpoint: alerts.url } }, endpoint)
    await publish({ type: 'policy.issue', data: {} })
    const [alert] = await alerts.received(1)
    expect(Object.keys(alert?.headers ?? {}).filter((name) => name.includes('signature'))).toEqual(
      [],
    )
    expect(JSON.parse(alert?.body ?? '')).toMatchObject({ diverted: false, suspended: false })
  })
})

/** Independent of the product: what a receiver would compute. */
async function hmacHex(secret: string, body: string): Promise<string> {
  const { createHmac } = await import('node:crypto')
  return createHmac('sha256', secret).update(body).digest('hex')
}
