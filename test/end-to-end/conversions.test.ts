// docs/event-types.md, "Conversions", as producers and receivers see it: through every door, with real queues, objects and alarms.

import { env, exports } from 'cloudflare:workers'
import { afterAll, describe, expect, it } from 'vitest'
import { formatTime } from '../../src/primitives/time.ts'
import { askAdmin } from '../api/asked.ts'
import { createOperatorKey, openReceiver, send, sendAs } from '../fixtures/hookline.ts'
import { answering, call, createWebhook, eventually, openWorld, retryingAtOnce } from './world.ts'

const schemaOf = (type: string) => ({
  type: 'object',
  properties: { total: { type } },
  required: ['total'],
})
const DOWN = {
  from: '2026-11',
  to: '2025-01',
  expression: '{ "total": $number(total), "ref": ref }',
}
const UP = {
  from: '2025-01',
  to: '2026-11',
  expression: '{ "total": $string(total), "ref": ref }',
}

const made: string[] = []
async function saveType(check: 'off' | 'warn' | 'enforce') {
  const name = `converted.type${made.length + 1}`
  made.push(name)
  const schemas = { '2025-01': schemaOf('number'), '2026-11': schemaOf('string') }
  const type = { check, schemas, conversions: [DOWN, UP] }
  const saved = await askAdmin('PUT', `/v1/event-types/${name}`, type)
  expect(saved, saved.text).toMatchObject({ status: 200 })
  return name
}
/** The catalogue is of the deployment, which other tests share. */
afterAll(async () => {
  for (const name of made) await askAdmin('DELETE', `/v1/event-types/${name}`)
})

interface Published {
  readonly events: readonly { readonly id: string }[]
}

const REF = '9007199254740993.10'
const NEW_DATA = `{ "total": "1.50", "ref": ${REF} }`
const OLD_DATA = `{"total":1.5,"ref":${REF}}`

describe('a webhook that is pinned to an older version', () => {
  it('gets what is made for it: the same bytes at each attempt and resend, whatever is changed', async () => {
    const type = await saveType('enforce')
    const { key } = await openWorld()
    const receiver = answering(500, 500, 204)
    const pinned = { eventTypes: [type], version: '2025-01', ...retryingAtOnce(5) }
    const webhook = await createWebhook(key, receiver, pinned)
    const newest = openReceiver()
    await createWebhook(key, newest, { eventTypes: [type], version: '2026-11' })
    const answer = await sendAs(key)({
      ...{ method: 'POST', path: '/v1/events' },
      body: `{"type":"${type}","data":${NEW_DATA}}`,
    })
    const id = (answer.body as Published).events[0]?.id
    await receiver.received(3)
    const other = { ...DOWN, expression: '{ "total": 0 }' }
    const schemas = { '2025-01': schemaOf('number'), '2026-11': schemaOf('string') }
    await askAdmin('PUT', `/v1/event-types/${type}`, { schemas, conversions: [other] })
    await call(key, 200, 'PATCH', `/webhooks/${webhook.id}`, { version: '2026-11' })
    await call(key, 202, 'POST', `/events/${id}/resend`, { webhookId: webhook.id })
    const bodies = (await receiver.received(4)).map(({ body }) => body)
    expect(bodies[0]).toContain(`"data":${OLD_DATA}}`)
    expect(new Set(bodies).size).toBe(1)
    expect((await newest.received(1))[0]?.body).toContain(`"data":${NEW_DATA}}`)
    const shown = await sendAs(key)({ method: 'GET', path: `/v1/events/${id}` })
    expect(shown.text).toContain(`"versions":{"2026-11":${NEW_DATA},"2025-01":${OLD_DATA}}`)
  })

  it('is told why there is nothing for it, where only a warning is wanted', async () => {
    const type = await saveType('warn')
    const { key } = await openWorld()
    const webhook = await createWebhook(key, openReceiver(), {
      ...{ eventTypes: [type], version: '2025-01' },
    })
    const { events } = await call<Published>(key, 202, 'POST', '/events', {
      ...{ type, data: { total: 'much' } },
    })
    const found = await call(key, 200, 'GET', `/events/${events[0]?.id}?unmatched=true`)
    expect(found).toMatchObject({
      deliveries: [],
      unmatched: {
        items: [
          {
            ...{ webhookId: webhook.id, reasons: ['version'] },
            detail: expect.stringMatching(/^The conversion of 2026-11 to 2025-01 fails: The /),
          },
        ],
      },
    })
    await eventually(async () => {
      const { items } = await call<{ items: { invalid: number }[] }>(key, 200, 'GET', '/usage')
      expect(items).toMatchObject([{ events: 1, invalid: 1 }])
    })
  })

  it('has nothing refused to it under enforce: the producer is told which conversion fails', async () => {
    const type = await saveType('enforce')
    const { key } = await openWorld()
    const events = [
      { type, data: { total: '1' } },
      { type, data: { total: 'much' } },
    ]
    expect(await call(key, 400, 'POST', '/events', events)).toMatchObject({
      errors: [
        {
          path: '[1].data',
          message: expect.stringContaining('The conversion of version 2026-11 to 2025-01 fails: '),
        },
      ],
    })
  })
})

describe('at every door', () => {
  const doors: readonly (readonly [
    name: string,
    publish: (of: {
      type: string
      world: Awaited<ReturnType<typeof openWorld>>
    }) => Promise<unknown>,
  ])[] = [
    [
      'of several events',
      async ({ type, world: { key } }) =>
        call(key, 202, 'POST', '/events', [
          { type: 'other', data: {} },
          { type, data: { total: '2' } },
        ]),
    ],
    [
      'of several tenants',
      async ({ type, world: { tenant } }) => {
        const operator = sendAs(await createOperatorKey())
        const other = (await openWorld()).tenant.id
        const events = [tenant.id, other].map((id) => ({
          ...{ type, tenant: id, data: { total: '2' } },
        }))
        const asked = { method: 'POST', path: '/v1/events', body: JSON.stringify(events) }
        const answer = await operator(asked)
        expect(answer, answer.text).toMatchObject({ status: 202 })
      },
    ],
    [
      'of CloudEvents',
      async ({ type, world: { key } }) => {
        const event = { specversion: '1.0', id: '1', source: '/a', type, data: { total: '2' } }
        const answer = await send(
          { method: 'POST', path: '/v1/events', body: JSON.stringify(event) },
          {
            authorization: `Bearer ${key.token}`,
            'content-type': 'application/cloudevents+json',
          },
        )
        expect(answer, answer.text).toMatchObject({ status: 202 })
      },
    ],
    [
      'of RPC',
      ({ type, world: { tenant } }) =>
        exports.Publisher.publish(tenant.id, { type, data: { total: '2' } }),
    ],
    [
      'of the queue',
      ({ type, world: { tenant } }) =>
        env.EVENTS.send({ v: 1, tenantId: tenant.id, events: [{ type, data: { total: '2' } }] }),
    ],
    [
      'of Svix’s messages',
      async ({ type, world: { tenant } }) => {
        const answer = await sendAs(await createOperatorKey())({
          ...{ method: 'POST', path: `/api/v1/app/${tenant.id}/msg` },
          body: JSON.stringify({ eventType: type, payload: { total: '2' } }),
        })
        expect(answer, answer.text).toMatchObject({ status: 202 })
      },
    ],
    [
      'of scheduled events',
      async ({ type, world: { key } }) =>
        call(key, 202, 'POST', '/events', {
          ...{ type, data: { total: '2' }, deliverAt: formatTime(Date.now() + 1_100) },
        }),
    ],
  ]
  it.each(doors)('%s data is made', async (_, publish) => {
    const type = await saveType('enforce')
    const world = await openWorld()
    const receiver = openReceiver()
    await createWebhook(world.key, receiver, { eventTypes: [type], version: '2025-01' })
    await publish({ type, world })
    expect((await receiver.received(1))[0]?.body).toContain('"data":{"total":2}')
  })

  it('data of an older version is made to what others get', async () => {
    const type = await saveType('enforce')
    const { key } = await openWorld()
    const receiver = openReceiver()
    await createWebhook(key, receiver, { eventTypes: [type], version: null })
    const versions = { '2025-01': { total: 1.5 } }
    const { events } = await call<Published>(key, 202, 'POST', '/events', {
      ...{ type, versions, id: 'once' },
    })
    expect((await receiver.received(1))[0]?.body).toContain('"data":{"total":"1.5"}')
    const again = await call(key, 202, 'POST', '/events', { type, versions, id: 'once' })
    expect(again).toMatchObject({ events: [{ id: events[0]?.id, duplicate: true }] })
  })
})
