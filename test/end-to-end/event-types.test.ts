// The catalogue of event types, at the doors of other Workers.

import { env, exports } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { askAdmin, newCaller } from '../api/asked.ts'
import { callNoOther, openReceiver } from '../fixtures/hookline.ts'
import { eventually } from './world.ts'

callNoOther()

const schemaOf = (type: string) => ({
  type: 'object',
  properties: { total: { type } },
  required: ['total'],
})

/** A type with two versions, and a tenant with a webhook for each of them. */
async function openCatalogue(name: string) {
  const schemas = { '2025-01': schemaOf('number'), '2026-11': schemaOf('string') }
  const saved = await askAdmin('PUT', `/v1/event-types/${name}`, { check: 'enforce', schemas })
  expect(saved.status, saved.text).toBe(200)
  const { ask, tenant } = await newCaller()
  const receivers = ['2025-01', '2026-11'].map(async (version) => {
    const receiver = openReceiver()
    const input = { url: receiver.url, eventTypes: [name], version }
    expect((await ask('POST', '/v1/webhooks', input)).status).toBe(201)
    return receiver
  })
  return { tenantId: tenant.id, receivers: await Promise.all(receivers) }
}

const eventOf = (type: string, older: unknown) => ({
  type,
  versions: { '2025-01': { total: older }, '2026-11': { total: '1' } },
})

async function receive({ receivers }: Awaited<ReturnType<typeof openCatalogue>>) {
  const bodies = receivers.map(async ({ received }) => (await received(1))[0]?.body ?? '')
  return (await Promise.all(bodies)).map((body) => /"data":.*}/s.exec(body)?.[0])
}

const DATA = ['"data":{"total":1}}', '"data":{"total":"1"}}']

it('holds what another Worker publishes to the catalogue, version by version', async () => {
  const type = 'doors.rpc'
  const opened = await openCatalogue(type)
  await exports.Publisher.publish(opened.tenantId, eventOf(type, 1))
  expect(await receive(opened)).toEqual(DATA)
  const bad = async () => exports.Publisher.publish(opened.tenantId, eventOf(type, 'one'))
  await expect(bad()).rejects.toThrow('versions.2025-01.total')
})

it('holds what another Worker enqueues to it: what is refused is kept, with the reason', async () => {
  const type = 'doors.queue'
  const opened = await openCatalogue(type)
  const { tenantId } = opened
  await env.EVENTS.send({ v: 1, tenantId, events: [eventOf(type, 1)] })
  expect(await receive(opened)).toEqual(DATA)
  await env.EVENTS.send({ v: 1, tenantId, events: [eventOf(type, 'one')] })
  await eventually(async () => {
    const { body } = await askAdmin('GET', '/v1/dead-letters?limit=250')
    const { items } = body as { items: { body: string; reason: string }[] }
    const kept = items.find((one) => one.body.includes(tenantId))
    expect(kept?.reason).toContain('versions.2025-01.total')
  })
})
