// docs/contracts/delivery.md, "Guarantees", when a component fails at its binding for a while: what was accepted arrives,
// and what could not be accepted says so.

import { afterEach, describe, expect, it, vi } from 'vitest'
import { openReceiver, publish, sendAs } from '../fixtures/hookline.ts'
import {
  databaseIsWell,
  failingDatabase,
  failingStubs,
  makeOutagesShort,
  stubErrors,
} from './outage.ts'
import {
  answering,
  call,
  createWebhook,
  eventually,
  fares,
  openWorld,
  retryingAtOnce,
} from './world.ts'

const event = { type: 'invoice.paid', data: '{"total":1}' }
const errors = Object.entries(stubErrors)

makeOutagesShort()
afterEach(() => {
  vi.restoreAllMocks()
  databaseIsWell()
})

describe('a monitor whose stub fails', () => {
  it.each(errors)('because it is %s gets its report later, once', async (_, error) => {
    const { key } = await openWorld()
    const receiver = answering(500, 204)
    const webhook = await createWebhook(key, receiver, retryingAtOnce(3))
    const failures = failingStubs('MONITORS', { methods: ['report', 'states'], times: 5, error })
    const id = await publish(key, event)
    await fares(key, id, webhook, 'delivered')
    expect(failures()).toBe(5)
    await eventually(async () => {
      const path = `/webhooks/${webhook.id}/health`
      expect(await call(key, 200, 'GET', path)).toMatchObject({
        totals: { delivered: receiver.requests.length - 1, failed: 1, diverted: 0 },
      })
    })
  })
})

describe('a log of events whose stub fails', () => {
  it.each(errors)(
    'because it is %s gets them later, and nothing is sent again',
    async (_, error) => {
      const { key } = await openWorld()
      const receiver = openReceiver()
      const webhook = await createWebhook(key, receiver)
      const failures = failingStubs('EVENT_LOGS', { methods: ['append'], times: 3, error })
      const id = await publish(key, event)
      await fares(key, id, webhook, 'delivered')
      expect([failures(), receiver.requests.length]).toEqual([3, 1])
    },
  )
})

describe('an object whose stub fails', () => {
  it.each([
    ['MONITORS', 'health', 'GET', '/health'],
    ['MONITORS', 'attempts', 'GET', '/attempts'],
    ['MONITORS', 'resume', 'POST', '/resume'],
    ['MONITORS', 'resendDiverted', 'POST', '/diverted/resend'],
    ['EVENT_LOGS', 'replay', 'POST', '/replay'],
  ] as const)(
    '%s.%s answers its caller 503, and is well afterwards',
    async (name, method, verb, path) => {
      const { key } = await openWorld()
      const { id } = await createWebhook(key, openReceiver())
      const input = verb === 'GET' ? undefined : { since: '2026-01-01T00:00:00Z' }
      failingStubs(name, { methods: [method], times: 1, error: stubErrors.overloaded })
      const ask = (status: number) =>
        call(key, status, verb, `/webhooks/${id}${path}`, path === '/resume' ? undefined : input)
      expect(await ask(503)).toMatchObject({ code: 'unavailable' })
      await ask({ '/resume': 204, '/diverted/resend': 202, '/replay': 202 }[path as string] ?? 200)
    },
  )
})

describe('a database that is down', () => {
  it('while events are routed delays them and loses none', async () => {
    const { key } = await openWorld()
    const receiver = openReceiver()
    const webhook = await createWebhook(key, receiver)
    await call(key, 200, 'GET', '/events')
    let statements = 0
    failingDatabase(() => {
      statements += 1
      return statements <= 5
    })
    // Without a deduplication key a publish needs no database.
    const ids = [await publish(key, event), await publish(key, event)]
    for (const id of ids) await fares(key, id, webhook, 'delivered')
    expect(statements).toBeGreaterThan(5)
    expect(receiver.requests.map(({ headers }) => headers['webhook-id']).toSorted()).toEqual(ids)
  })

  it('while a delivery is retried delays it and loses none', async () => {
    const { key } = await openWorld()
    const receiver = answering(500, 204)
    const webhook = await createWebhook(key, receiver, retryingAtOnce(2))
    let failures = 0
    failingDatabase(() => {
      const isDown = receiver.requests.length === 1 && failures < 5
      if (isDown) failures += 1
      return isDown
    })
    const id = await publish(key, event)
    await receiver.received(2)
    await fares(key, id, webhook, 'delivered')
    expect([failures, receiver.requests.length]).toEqual([5, 2])
  })

  it.each(['statement', 'answer'] as const)(
    'and loses the %s of a publish with an id refuses it; its repetition publishes it once',
    async (loss) => {
      const { key } = await openWorld()
      const receiver = openReceiver()
      const webhook = await createWebhook(key, receiver)
      await call(key, 200, 'GET', '/events')
      let isDown = true
      failingDatabase((sql) => isDown && sql.includes('deduplication_keys'), loss)
      const post = () =>
        sendAs(key)({
          method: 'POST',
          path: '/v1/events',
          body: '{"type":"invoice.paid","id":"order-42","data":{"total":1}}',
        })
      const refused = await post()
      expect(refused).toMatchObject({ status: 503, body: { code: 'unavailable' } })
      expect(refused.headers.get('retry-after')).toBe('5')
      isDown = false
      const accepted = await post()
      expect(accepted).toMatchObject({ status: 202 })
      const { events } = accepted.body as { events: [{ id: string }] }
      await fares(key, events[0].id, webhook, 'delivered')
      expect(await post()).toMatchObject({
        body: { events: [{ id: events[0].id, duplicate: true }] },
      })
      expect(receiver.requests).toHaveLength(1)
    },
  )

  it('as a webhook is suspended suspends it all the same', async () => {
    const { key } = await openWorld()
    const receiver = answering(410)
    const webhook = await createWebhook(key, receiver)
    let failures = 0
    failingDatabase((sql) => {
      const isState = sql.includes('"state_version" =') && failures < 1
      if (isState) failures += 1
      return isState
    })
    await publish(key, event)
    await eventually(async () => {
      expect(await call(key, 200, 'GET', `/webhooks/${webhook.id}`)).toMatchObject({
        status: 'suspended',
      })
    })
    expect(failures).toBe(1)
  })
})
