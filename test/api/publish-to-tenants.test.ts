// POST /v1/events with an operator key: each event names its tenant.

import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { createDialectRuntimes } from '../../src/compose.ts'
import { createEngine } from '../../src/engine/create-engine.ts'
import { createPorts } from '../../src/platform/ports.ts'
import {
  createKey,
  createOperatorKey,
  createTenant,
  openReceiver,
  sendAs,
} from '../fixtures/hookline.ts'
import { type Ask, askAdmin, asking, invalidAt, NOBODY, refusal, refused } from './asked.ts'

let operator: Ask
beforeAll(async () => {
  operator = asking(sendAs(await createOperatorKey()))
})

const newUid = () => `customer-${crypto.randomUUID()}`
const event = (tenant: string | undefined, about: object = {}) => ({
  type: 'invoice.paid',
  data: {},
  ...(tenant !== undefined && { tenant }),
  ...about,
})

/** A tenant with a uid, a webhook, and what its receiver gets. */
async function openTenant() {
  const uid = newUid()
  const { id } = await createTenant('Acme', { uid })
  const receiver = openReceiver()
  const body = { url: receiver.url, eventTypes: ['*'] }
  expect((await operator('POST', `/v1/tenants/${uid}/webhooks`, body)).status).toBe(201)
  return { id, uid, receiver }
}

const listed = async (tenant: string) => {
  const { body } = await operator('GET', `/v1/tenants/${tenant}/events`)
  return (body as { items: { id: string }[] }).items.map(({ id }) => id)
}

describe('a publish with an operator key', () => {
  it('reaches each tenant’s own webhooks, by id and by uid, answered in order', async () => {
    const [one, two] = [await openTenant(), await openTenant()]
    const answer = await operator('POST', '/v1/events', [
      event(one.uid, { data: { n: 1 } }),
      event(two.id.toUpperCase(), { data: { n: 2 } }),
      event(one.id, { data: { n: 3 } }),
    ])
    expect(answer.status, answer.text).toBe(202)
    const { events } = answer.body as { events: { id: string; duplicate: boolean }[] }
    expect(events.map(({ duplicate }) => duplicate)).toEqual([false, false, false])
    expect(await listed(one.uid)).toEqual([events[2]?.id, events[0]?.id])
    expect(await listed(two.uid)).toEqual([events[1]?.id])
    const numbersOf = async ({ receiver }: typeof one, count: number) =>
      (await receiver.received(count)).map(({ body }) => JSON.parse(body).data.n).toSorted()
    expect(await numbersOf(one, 2)).toEqual([1, 3])
    expect(await numbersOf(two, 1)).toEqual([2])
  })

  it('of one event answers as ever', async () => {
    const { uid } = await openTenant()
    const answer = await operator('POST', '/v1/events', event(uid, { id: 'k' }))
    expect(answer).toMatchObject({ status: 202, body: { events: [{ duplicate: false }] } })
    const again = await operator('POST', '/v1/events', event(uid, { id: 'k' }))
    expect(again).toMatchObject({ status: 202, body: { events: [{ duplicate: true }] } })
    const other = await operator('POST', '/v1/events', event(uid, { id: 'k', data: { n: 1 } }))
    expect(refusal(other)).toEqual({ ...refused(409, 'conflict'), paths: ['id'] })
  })

  it('is refused as a whole, naming each event whose tenant is missing or unknown', async () => {
    const { uid } = await openTenant()
    const missing = await operator('POST', '/v1/events', [event(uid), event(undefined)])
    expect(refusal(missing)).toEqual(invalidAt('[1].tenant'))
    const unknown = [event(uid), event(newUid()), event(NOBODY), event(uid)]
    const answer = await operator('POST', '/v1/events', unknown)
    expect(refusal(answer)).toEqual(invalidAt('[1].tenant', '[2].tenant'))
    const single = await operator('POST', '/v1/events', event('nobody'))
    expect(refusal(single)).toEqual(invalidAt('tenant'))
    expect(await listed(uid)).toEqual([])
  })

  it.each(['', 'a b', '.', '..', 'ä', 'a'.repeat(257), null, 4])(
    'with the tenant %j is 400',
    async (tenant) => {
      const answer = await operator('POST', '/v1/events', [event(undefined, { tenant })])
      expect(answer.status).toBe(400)
      expect(answer.text).toContain('tenant')
    },
  )

  it('of CloudEvents names its tenant in the path', async () => {
    const { uid } = await openTenant()
    const cloudEvent = { specversion: '1.0', id: '1', source: '/s', type: 'a', data: {} }
    const path = '/events/cloudevents'
    expect((await operator('POST', `/v1/tenants/${uid}${path}`, cloudEvent)).status).toBe(202)
    const answer = await operator('POST', `/v1${path}`, cloudEvent)
    expect(refusal(answer)).toEqual(refused(403, 'forbidden'))
  })

  it('names its tenant once: in the path, or in the event', async () => {
    const { uid } = await openTenant()
    const path = `/v1/tenants/${uid}/events`
    expect((await operator('POST', path, event(undefined))).status).toBe(202)
    expect(refusal(await operator('POST', path, [event(uid)]))).toEqual(invalidAt('tenant'))
    const creating = event(undefined, { createTenant: true })
    expect(refusal(await operator('POST', path, creating))).toEqual(invalidAt('createTenant'))
  })
})

describe('the key of a tenant', () => {
  it('names no tenant in its events, not even its own', async () => {
    const tenant = await createTenant()
    const ask = asking(sendAs(await createKey(tenant)))
    const answer = await ask('POST', '/v1/events', [event(undefined), event(tenant.id)])
    expect(refusal(answer)).toEqual(invalidAt('[1].tenant'))
  })
})

describe('createTenant', () => {
  const creating = (tenant: string, about: object = {}) =>
    event(tenant, { createTenant: true, ...about })

  it('makes an unknown tenant with that uid, once', async () => {
    const [one, two] = [newUid(), newUid()]
    const events = [creating(one), event(one), creating(two)]
    expect((await operator('POST', '/v1/events', events)).status).toBe(202)
    const { body } = await operator('GET', `/v1/tenants/${one}`)
    expect(body).toMatchObject({ uid: one, name: one, metadata: {} })
    expect(await listed(one)).toHaveLength(2)
    expect(await listed(two)).toHaveLength(1)
    expect((await operator('POST', '/v1/events', events)).status).toBe(202)
    expect(await listed(one)).toHaveLength(4)
    expect((await operator('GET', `/v1/tenants/${one}`)).body).toEqual(body)
  })

  it('by many at once makes one', async () => {
    const uid = newUid()
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => operator('POST', '/v1/events', creating(uid))),
    )
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 202))
    expect(await listed(uid)).toHaveLength(10)
  })

  it('takes the permission to', async () => {
    const uid = newUid()
    const key = await createOperatorKey({ permissions: ['events:write'] })
    const ask = asking(sendAs(key))
    const answer = await ask('POST', '/v1/events', creating(uid))
    expect(refusal(answer)).toEqual(refused(403, 'forbidden'))
    expect(answer.text).toContain('tenants:write')
    expect((await operator('GET', `/v1/tenants/${uid}`)).status).toBe(404)
  })

  it('takes no permission where there is one already', async () => {
    const uid = newUid()
    expect((await operator('POST', '/v1/events', creating(uid))).status).toBe(202)
    const ask = asking(sendAs(await createOperatorKey({ permissions: ['events:write'] })))
    expect((await ask('POST', '/v1/events', creating(uid))).status).toBe(202)
    const both = await ask('POST', '/v1/events', [creating(uid), creating(newUid())])
    expect(refusal(both)).toEqual(refused(403, 'forbidden'))
  })

  it('makes nothing for a request that is refused', async () => {
    const uid = newUid()
    const answer = await operator('POST', '/v1/events', [creating(uid), event(newUid())])
    expect(refusal(answer)).toEqual(invalidAt('[1].tenant'))
    expect((await operator('GET', `/v1/tenants/${uid}`)).status).toBe(404)
  })

  it('makes nothing for data that its type refuses, and says where it is', async () => {
    const [uid, other] = [newUid(), await createTenant()]
    const type = `checked.${newUid()}`
    const schemas = { '2026-11': { type: 'object', required: ['total'] } }
    await askAdmin('PUT', `/v1/event-types/${type}`, { check: 'enforce', schemas })
    const events = [creating(uid), event(other.id, { type })]
    const answer = await operator('POST', '/v1/events', events)
    expect(refusal(answer)).toEqual(invalidAt('[1].data.total'))
    expect(answer.body).toMatchObject({ detail: '[1].data.total: Required.' })
    expect((await operator('GET', `/v1/tenants/${uid}`)).status).toBe(404)
  })

  it('makes nothing where an id stands for another event, here or in the request', async () => {
    const [uid, other] = [newUid(), await createTenant()]
    const keyed = (about: object) => event(other.id, { id: 'one', ...about })
    expect((await operator('POST', '/v1/events', keyed({}))).status).toBe(202)
    const differs = [creating(uid), keyed({ data: { n: 'another' } })]
    const answer = await operator('POST', '/v1/events', differs)
    expect(refusal(answer)).toEqual({ ...refused(409, 'conflict'), paths: ['[1].id'] })
    const twice = ['a', 'b'].map((n) => creating(uid, { id: 'two', data: { n } }))
    expect((await operator('POST', '/v1/events', twice)).status).toBe(409)
    expect((await operator('GET', `/v1/tenants/${uid}`)).status).toBe(404)
    const apart = [uid, newUid()].map((name) => creating(name, { id: 'two', data: { name } }))
    expect((await operator('POST', '/v1/events', apart)).status).toBe(202)
  })

  it('with a uid that rests is 409, and says when to come again', async () => {
    const { id, uid } = await openTenant()
    await askAdmin('PATCH', `/v1/tenants/${id}`, { uid: null })
    const other = newUid()
    const answer = await operator('POST', '/v1/events', [creating(uid), creating(other)])
    expect(refusal(answer)).toEqual({ ...refused(409, 'conflict'), paths: ['[0].tenant'] })
    expect(answer.headers.get('retry-after')).toBe('10')
    expect((await operator('GET', `/v1/tenants/${other}`)).status).toBe(404)
  })

  it('is 409 as well where another isolate deleted the tenant, which is still known here', async () => {
    const { id, uid } = await openTenant()
    expect((await operator('POST', '/v1/events', creating(uid))).status).toBe(202)
    const elsewhere = createPorts({ ...env }, createExecutionContext(), createDialectRuntimes())
    await createEngine(elsewhere).administration.deleteTenant(id)
    const answer = await operator('POST', '/v1/events', [creating(uid)])
    expect(refusal(answer)).toEqual({ ...refused(409, 'conflict'), paths: ['tenant'] })
    expect(answer.headers.get('retry-after')).toBe('10')
    expect(refusal(await operator('POST', '/v1/events', event(uid)))).toEqual(invalidAt('tenant'))
  })
})
