// What tells of events that failed, in a mail or as an event of its own, has no word of their content: neither before an erasure nor after.

import { createScheduledController } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, expect, it, vi } from 'vitest'
import worker from '../../src/worker.ts'
import { createOperatorKey, openReceiver, type ReceivedRequest } from '../fixtures/hookline.ts'
import { plantedIn, plantedInStores } from './planted.ts'
import { call, createWebhook, eventually, fares, openWorld } from './world.ts'

const { queue } = worker

afterEach(() => {
  worker.queue = queue
  vi.useRealTimers()
})

interface Mailed {
  readonly to: string
  readonly text: string
}

it('quotes nothing of an event that is erased', async () => {
  const mailed: Mailed[] = []
  const mailing: typeof env = {
    ...env,
    NOTICES: { send: async (mail: Mailed) => void mailed.push(mail) } as unknown as SendEmail,
    ...{ NOTICE_FROM: 'hooks@example.com', PUBLIC_URL: 'https://hooks.example' },
  }
  worker.queue = (batch, _, ctx) => queue(batch, mailing, ctx)
  const { tenant, key } = await openWorld()
  await env.DB.prepare(
    "INSERT INTO notice_addresses (tenant_id, address, confirmed_at, expires_at) VALUES (?, 'ops@acme.example', 1, 0)",
  )
    .bind(tenant.id)
    .run()

  // It repeats what it got, where that is kept of what receivers say.
  const echoing = openReceiver(({ body }: ReceivedRequest) => {
    return new Response(body, { status: 500, headers: { server: 'planted-server' } })
  })
  const failing = await createWebhook(key, echoing, { failureHandling: { retry: null } })
  const listening = openReceiver()
  const told = await createWebhook(key, listening, { eventTypes: ['webhook.exhausted'] })
  const objects = [
    env.EVENT_LOGS.getByName(tenant.id),
    ...[failing, told].map(({ id }) => env.MONITORS.getByName(id)),
    env.DEPLOYMENT_JOBS.getByName('deployment'),
  ]
  const scope = { user: 'planted-user' }
  const publishOne = async (text: string) => {
    const event = { type: 'invoice.paid', data: { text }, scope }
    const { events } = await call<{ events: [{ id: string }] }>(key, 202, 'POST', '/events', event)
    await fares(key, events[0].id, failing, 'diverted')
  }
  await publishOne('planted-first')
  await listening.received(1)
  await eventually(async () => expect(mailed).toHaveLength(1))
  await publishOne('planted-second')
  await listening.received(2)
  const waiting = () =>
    env.DB.prepare('SELECT count FROM notices WHERE tenant_id = ?').bind(tenant.id).first('count')
  await eventually(async () => expect(await waiting()).toBe(1))
  expect((await plantedInStores(objects)).size).toBeGreaterThan(0)

  const { token } = await createOperatorKey({ permissions: ['erase'] })
  const operator = { ...key, token }
  await call(operator, 202, 'POST', `/tenants/${tenant.id}/erase`, { scope })
  await eventually(async () => expect([...(await plantedInStores(objects))]).toEqual([]))

  // The second one is told of an hour later, as one that was given up.
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_001 })
  const ctx = { waitUntil: () => {}, passThroughOnException: () => {} }
  await worker.scheduled(createScheduledController(), mailing, ctx as unknown as ExecutionContext)
  await eventually(async () => expect(mailed).toHaveLength(2))
  for (const { to, text } of mailed) {
    expect(to).toBe('ops@acme.example')
    expect(text).toMatch(/An event was given up/)
  }
  const texts = [...mailed.map(({ text }) => text), ...listening.requests.map(({ body }) => body)]
  expect(texts).toHaveLength(4)
  expect([...plantedIn(texts.join('\n'))]).toEqual([])
})
