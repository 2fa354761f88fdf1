// docs/contracts/delivery.md, "Guarantees", when a component fails at its binding for a while: what was accepted arrives,
// and what could not be accepted says so.

import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { openReceiver, publish } from '../fixtures/hookline.ts'
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
      const failures = failingStubs('EVENT_LOGS', { methods: ['accept'], times: 3, error })
      const id = await publish(key, event)
      await receiver.received(1)
      await fares(key, id, webhook, 'delivered')
      expect([failures(), receiver.requests.length]).toEqual([3, 1])
    },
  )

  it.each(errors)(
    'because it is %s as it should note a delivery has it from the monitor',
    async (_, error) => {
      const { key } = await openWorld()
      const receiver = openReceiver()
      const webhook = await createWebhook(key, receiver)
      const failures = failingStubs('EVENT_LOGS', { methods: ['record'], times: 2, error })
      const id = await publish(key, event)
      await fares(key, id, webhook, 'delivered')
      expect([failures(), receiver.requests.length]).toEqual([2, 1])
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
  it('delays no event: their log knows the webhooks', async () => {
    const { key } = await openWorld()
    const receiver = openReceiver()
    const webhook = await createWebhook(key, receiver)
    await call(key, 200, 'GET', '/events')
    const statements: string[] = []
    failingDatabase((sql) => {
      statements.push(sql)
      return true
    })
    const ids = [await publish(key, event), await publish(key, event)]
    await receiver.received(2)
    databaseIsWell()
    for (const id of ids) await fares(key, id, webhook, 'delivered')
    expect(statements).toEqual([])
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

  it('and was never read for a publish has its events wait in the queue', async () => {
    const { key, tenant } = await openWorld()
    const receiver = openReceiver()
    const webhook = await createWebhook(key, receiver)
    // Somebody cannot use what is known: it is read anew for the next publish.
    await env.EVENT_LOGS.getByName(tenant.id).announce(tenant.id, crypto.randomUUID(), false)
    let failures = 0
    failingDatabase((sql) => {
      const isDown = sql.includes('webhooks') && failures < 3
      if (isDown) failures += 1
      return isDown
    })
    const id = await publish(key, event)
    await receiver.received(1)
    await fares(key, id, webhook, 'delivered')
    expect([failures, receiver.requests.length]).toEqual([3, 1])
  })

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
