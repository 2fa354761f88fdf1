// The id of a tenant may be written in upper case at every door that events come in by, and means the same tenant.

import { env, exports } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import {
  createKey,
  createOperatorKey,
  openReceiver,
  presentations,
  send,
  type TestKey,
  type TestTenant,
} from '../fixtures/hookline.ts'
import { call, createWebhook, eventually, openWorld } from './world.ts'

const paid = { type: 'invoice.paid', data: { total: 1 } }
const cloudEvent = {
  specversion: '1.0',
  id: 'one',
  source: '/billing',
  type: 'invoice.paid',
  data: {},
}
const JSON_TYPE = { 'content-type': 'application/json' }
const CLOUD_EVENT_TYPE = { 'content-type': 'application/cloudevents+json' }

/** Publishes one event for the tenant that is named so. */
type Door = (name: string, keys: { operator: TestKey; own: TestKey }) => Promise<void>

async function post(
  key: TestKey,
  path: string,
  input: unknown,
  type: Readonly<Record<string, string>> = JSON_TYPE,
): Promise<void> {
  const headers = { ...presentations.bearer(key), ...type }
  const answer = await send({ method: 'POST', path, body: JSON.stringify(input) }, headers)
  expect(answer, answer.text).toMatchObject({ status: 202 })
}

const doors: Readonly<Record<string, Door>> = {
  'RPC publish()': async (name) => {
    const { events } = await exports.Publisher.publish(name, paid)
    expect(events).toMatchObject([{ type: 'invoice.paid', duplicate: false }])
  },
  'RPC publish() of an array': async (name) => {
    expect((await exports.Publisher.publish(name, [paid])).events).toHaveLength(1)
  },
  'the events queue': async (name) => {
    await env.EVENTS.send({ v: 1, tenantId: name, events: [paid] })
  },
  'POST /v1/tenants/{tenant}/events': (name, { operator }) =>
    post(operator, `/v1/tenants/${name}/events`, paid),
  'POST /v1/tenants/{tenant}/events with the key of the tenant': (name, { own }) =>
    post(own, `/v1/tenants/${name}/events`, paid),
  'POST /v1/tenants/{tenant}/events of a CloudEvent': (name, { operator }) =>
    post(operator, `/v1/tenants/${name}/events`, cloudEvent, CLOUD_EVENT_TYPE),
  'POST /v1/events with an operator key': (name, { operator }) =>
    post(operator, '/v1/events', { ...paid, tenant: name }),
  'POST /v1/events with createTenant': (name, { operator }) =>
    post(operator, '/v1/events', { ...paid, tenant: name, createTenant: true }),
  'POST /api/v1/app/{app}/msg of Svix': (name, { operator }) =>
    post(operator, `/api/v1/app/${name}/msg`, { eventType: 'invoice.paid', payload: {} }),
}

/** Writings of one id. */
const writings: readonly [string, (tenant: TestTenant) => string][] = [
  ['upper case', ({ id }) => id.toUpperCase()],
  ['mixed case', ({ id }) => id.slice(0, 18).toUpperCase() + id.slice(18)],
]

describe.each(writings)('the id of a tenant in %s', (_, write) => {
  it.each(Object.entries(doors))('is taken by %s', async (_, publish) => {
    const { tenant, key } = await openWorld()
    const receiver = openReceiver()
    await createWebhook(key, receiver)
    await publish(write(tenant), {
      operator: await createOperatorKey(),
      own: await createKey(tenant),
    })
    await receiver.received(1)
    // In the log of the tenant, and in no other one.
    await eventually(async () => {
      const { items } = await call<{ items: unknown[] }>(key, 200, 'GET', '/events')
      expect(items).toHaveLength(1)
    })
  })
})
