// Who changed what: every surface, and who may read it.

import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import type { AuditEntryResponse } from '../../src/api/schema/audit.ts'
import { createSurfaces } from '../../src/compose.ts'
import {
  createKey,
  createOperatorKey,
  createTenant,
  openReceiver,
  presentations,
  send,
  sendAs,
  type TestKey,
  type TestTenant,
} from '../fixtures/hookline.ts'
import { type Ask, askAdmin, asking, refusal, refused } from './asked.ts'

const URL_WITH_SECRET = 'https://receiver.example/hooks?token=hidden-in-the-url'

let operator: Ask
let operatorKey: TestKey
let tenant: TestTenant
let key: TestKey
let ask: Ask

beforeAll(async () => {
  operatorKey = await createOperatorKey({ name: 'Backend' })
  operator = asking(sendAs(operatorKey))
  tenant = await createTenant('Acme')
  key = await createKey(tenant, { name: 'Ada’s key' })
  ask = asking(sendAs(key))
})

async function read(query = '', path = `/v1/tenants/${tenant.id}/audit`) {
  const answer = await operator('GET', `${path}?limit=250&${query}`)
  expect(answer.status, answer.text).toBe(200)
  return (answer.body as { items: AuditEntryResponse[] }).items
}

/** What the audit has of one thing, oldest first. */
async function actionsOn(target: string, path?: string) {
  const entries = await read(`target=${encodeURIComponent(target)}`, path)
  return entries.map(({ action }) => action).toReversed()
}

const idIn = ({ body }: { body: unknown }) => (body as { id: string }).id

async function newWebhook(fields: object = {}): Promise<string> {
  const input = { url: 'https://receiver.example/', eventTypes: ['a'], ...fields }
  const answer = await ask('POST', '/v1/webhooks', input)
  expect(answer.status, answer.text).toBe(201)
  return idIn(answer)
}

describe('every operation that may change something', () => {
  const operations = createSurfaces().flatMap(({ id, surface }) =>
    surface.operations.map(({ description }) => ({ surface: id, ...description })),
  )

  it('says what it leaves in the audit, or why nothing', () => {
    const silent = operations.filter(
      ({ method, audit }) => method !== 'get' && (audit === undefined || audit.length === 0),
    )
    expect(silent.map(({ surface, id }) => `${surface} ${id}`)).toEqual([])
  })

  it('leaves nothing without a reason but for a few', () => {
    const reasons = operations.flatMap(({ surface, id, audit }) =>
      typeof audit === 'string' && !id.endsWith('OfTenant') ? [`${surface} ${id}`] : [],
    )
    expect(reasons.toSorted()).toEqual([
      'native commitPull',
      'native deletePullConsumer',
      'native previewExpressions',
      'native publishCloudEvent',
      'native publishCloudEventBatch',
      'native testWebhook',
      'svix exportEventTypesAsOpenApi',
      'svix precheckMessage',
      'svix seekConsumer',
      'svix sendExample',
      'svix testAttempt',
    ])
  })
})

describe('a change of a webhook', () => {
  it('is told with who made it, by which way, and which fields it was about', async () => {
    const id = await newWebhook({ name: 'Billing' })
    const patch = { url: URL_WITH_SECRET, eventTypes: ['b', 'c'], headers: { 'x-a': 'hidden' } }
    expect((await ask('PATCH', `/v1/webhooks/${id}`, patch)).status).toBe(200)
    const [updated, created] = await read(`target=${id}`)
    const author = {
      tenantId: tenant.id,
      actor: { kind: 'key', id: key.id, name: 'Ada’s key', subject: null },
      via: 'api',
      surface: 'native',
      target: { kind: 'webhook', id, name: 'Billing' },
    }
    expect(created).toMatchObject({ ...author, action: 'webhook.created', changes: [] })
    expect(updated).toMatchObject({ ...author, action: 'webhook.updated' })
    expect(updated?.changes).toEqual([
      { field: 'eventTypes', before: 'a', after: 'b, c' },
      { field: 'url' },
      { field: 'headers' },
    ])
    expect(JSON.stringify(await read())).not.toContain('hidden')
  })

  it('has an action of its own where it is switched, rotated, resumed or deleted', async () => {
    const id = await newWebhook()
    const path = `/v1/webhooks/${id}`
    for (const [method, below, body] of [
      ['PATCH', '', { enabled: false }],
      ['PATCH', '', { enabled: true }],
      ['PATCH', '', { enabled: true }],
      ['POST', '/rotate-secret', {}],
      ['POST', '/resume', undefined],
      ['DELETE', '', undefined],
    ] as const) {
      expect((await ask(method, `${path}${below}`, body)).status).toBeLessThan(300)
    }
    expect(await actionsOn(id)).toEqual([
      'webhook.created',
      'webhook.disabled',
      'webhook.enabled',
      'webhook.secret_rotated',
      'webhook.resumed',
      'webhook.deleted',
    ])
  })

  it('leaves nothing when it is refused', async () => {
    const id = await newWebhook()
    expect((await ask('PATCH', `/v1/webhooks/${id}`, { url: 'no url' })).status).toBe(400)
    expect(await actionsOn(id)).toEqual(['webhook.created'])
  })

  it('is told of on a vendor’s surface', async () => {
    const call = {
      method: 'POST',
      path: `/api/v1/app/${tenant.id}/endpoint`,
      body: JSON.stringify({ url: 'https://receiver.example/svix' }),
    }
    const made = await sendAs(key)(call)
    expect(made.status, made.text).toBe(201)
    const [entry] = await read('action=webhook.created')
    expect(entry).toMatchObject({ via: 'api', surface: 'svix', actor: { id: key.id } })
  })

  it('is told with the user that the key acts for', async () => {
    const users = await createKey(tenant, { subject: 'grace' })
    const input = { url: 'https://receiver.example/', eventTypes: ['a'] }
    const made = await asking(sendAs(users))('POST', '/v1/webhooks', input)
    const [entry] = await read('actor=grace')
    expect(entry?.target.id).toBe(idIn(made))
    expect(entry?.actor).toEqual({ kind: 'key', id: users.id, name: null, subject: 'grace' })
  })
})

describe('events and jobs', () => {
  it('are told of where somebody resent, replayed or expunged, and not where one was published', async () => {
    const id = await newWebhook()
    const published = await ask('POST', '/v1/events', { type: 'a', data: {} })
    const [event] = (published.body as { events: { id: string }[] }).events
    const eventId = event?.id ?? ''
    const resent = await ask('POST', `/v1/events/${eventId}/resend`, { webhookId: id })
    expect(resent.status, resent.text).toBe(202)
    expect((await ask('DELETE', `/v1/events/${eventId}/content`)).status).toBe(204)
    expect(await actionsOn(eventId)).toEqual(['event.resent', 'event.expunged'])
    const deliverAt = new Date(Date.now() + 60_000).toISOString()
    const later = await ask('POST', '/v1/events', { type: 'a', data: {}, deliverAt })
    const laterId = (later.body as { events: { id: string }[] }).events[0]?.id ?? ''
    expect((await ask('POST', `/v1/events/${laterId}/cancel`)).status).toBe(200)
    expect(await actionsOn(laterId)).toEqual(['event.cancelled'])
    const replayed = await ask('POST', `/v1/webhooks/${id}/replay`, {
      since: '2020-01-01T00:00:00Z',
    })
    const { jobId } = replayed.body as { jobId: string }
    const [entry] = await read(`target=${jobId}`)
    expect(entry).toMatchObject({
      action: 'job.started',
      target: { kind: 'job', id: jobId, name: 'replay' },
      changes: [{ field: 'webhookId', after: id }],
    })
    expect((await ask('POST', `/v1/webhooks/${id}/test`, {})).status).toBe(200)
    expect((await read(`actor=${key.id}`)).map(({ action }) => action)).not.toContain('test')
  })
})

describe('tenants and keys', () => {
  it('are told of, by an operator key and by the administrator', async () => {
    const uid = `audited-${crypto.randomUUID()}`
    const made = idIn(await operator('POST', '/v1/tenants', { name: 'Bee', uid }))
    const path = `/v1/tenants/${made}`
    await operator('PATCH', path, { name: 'Bee & Co', metadata: { plan: 'hidden' } })
    const fresh = await askAdmin('POST', `${path}/keys`, { name: 'fresh' })
    await askAdmin('DELETE', `${path}/keys/${idIn(fresh)}`)
    const link = await askAdmin('POST', `${path}/portal-links`, { name: 'For Grace' })
    await askAdmin('DELETE', `${path}/portal-links/${idIn(link)}`)
    const entries = (await read('', `${path}/audit`)).toReversed()
    expect(
      entries.map(({ action, actor, target }) => [action, actor.kind, actor.name, target.name]),
    ).toEqual([
      ['tenant.created', 'operator_key', 'Backend', 'Bee'],
      ['tenant.updated', 'operator_key', 'Backend', 'Bee & Co'],
      ['key.created', 'administrator', null, 'fresh'],
      ['key.deleted', 'administrator', null, 'fresh'],
      ['portal_link.created', 'administrator', null, 'For Grace'],
      ['portal_link.revoked', 'administrator', null, 'For Grace'],
    ])
    expect(entries[1]?.changes).toEqual([
      { field: 'name', before: 'Bee', after: 'Bee & Co' },
      { field: 'metadata' },
    ])
    expect(JSON.stringify(entries)).not.toContain('hidden')
    expect(JSON.stringify(entries)).not.toContain((fresh.body as { secret: string }).secret)
  })

  it('are told of with the name of an operator key that was deleted', async () => {
    const { id } = await createOperatorKey({ name: 'Former backend' })
    expect((await askAdmin('DELETE', `/v1/operator-keys/${id}`)).status).toBe(204)
    const [entry] = await read(`target=${id}&action=operator_key.deleted`, '/v1/audit')
    expect(entry?.target.name).toBe('Former backend')
  })

  it('are told of where an event made a tenant', async () => {
    const uid = `made-${crypto.randomUUID()}`
    const event = { type: 'a', data: {}, tenant: uid, createTenant: true }
    const published = await operator('POST', '/v1/events', event)
    expect(published.status, published.text).toBe(202)
    const made = idIn(await operator('GET', `/v1/tenants/${uid}`))
    expect(await actionsOn(made, `/v1/tenants/${uid}/audit`)).toEqual(['tenant.created'])
  })

  it('are told of in the deployment once a tenant was deleted', async () => {
    const gone = await createTenant('Gone')
    expect((await operator('DELETE', `/v1/tenants/${gone.id}`)).status).toBe(202)
    await expect
      .poll(async () => (await operator('GET', `/v1/tenants/${gone.id}`)).status)
      .toBe(404)
    const [entry, ...others] = await read(`target=${gone.id}`, '/v1/audit')
    expect(others).toEqual([])
    expect(entry).toMatchObject({
      action: 'tenant.deleted',
      tenantId: null,
      target: { kind: 'tenant', id: gone.id, name: 'Gone' },
    })
  })
})

describe('a suspension', () => {
  it('is told of once, as the system’s', async () => {
    const receiver = openReceiver(() => new Response('gone', { status: 410 }))
    const id = await newWebhook({ url: receiver.url, name: 'Gone', eventTypes: ['suspends'] })
    await ask('POST', '/v1/events', { type: 'suspends', data: {} })
    await expect
      .poll(() => actionsOn(id), { timeout: 10_000 })
      .toEqual(['webhook.created', 'webhook.suspended'])
    const [entry] = await read('actor=system')
    expect(entry).toMatchObject({
      tenantId: tenant.id,
      actor: { kind: 'system', id: null, name: null, subject: null },
      via: 'system',
      surface: null,
      target: { kind: 'webhook', id, name: 'Gone' },
      changes: [{ field: 'reason', after: expect.any(String) }],
    })
  })
})

describe('the list', () => {
  it('is for operator keys with audit:read, and not for the key of a tenant', async () => {
    const other = asking(sendAs(await createOperatorKey({ permissions: ['webhooks:read'] })))
    for (const path of ['/v1/audit', `/v1/tenants/${tenant.id}/audit`]) {
      expect(refusal(await ask('GET', path))).toEqual(refused(403, 'forbidden'))
      expect(refusal(await other('GET', path))).toEqual(refused(403, 'forbidden'))
    }
  })

  it('shows the administrator nothing of webhooks', async () => {
    const id = await newWebhook()
    for (const path of ['/v1/audit', `/v1/tenants/${tenant.id}/audit`]) {
      const answer = await askAdmin('GET', `${path}?limit=250`)
      expect(answer.status).toBe(200)
      expect(answer.text).toContain('key.created')
      expect(answer.text).not.toContain('"webhook.')
      expect(answer.text).not.toContain(id)
    }
  })

  it('has pages', async () => {
    for (let n = 0; n < 3; n += 1) await newWebhook()
    const path = `/v1/tenants/${tenant.id}/audit?action=webhook.created&limit=2`
    const first = (await operator('GET', path)).body as {
      items: AuditEntryResponse[]
      nextCursor: string
    }
    const second = (await operator('GET', `${path}&cursor=${first.nextCursor}`)).body as {
      items: AuditEntryResponse[]
    }
    const ids = [...first.items, ...second.items].map(({ id }) => id)
    expect(ids.length).toBeGreaterThan(2)
    expect(ids).toEqual([...new Set(ids)].toSorted().toReversed())
  })

  it('is there for a key that says who it is in any way', async () => {
    for (const headers of Object.values(presentations).map((present) => present(operatorKey))) {
      expect((await send({ method: 'GET', path: '/v1/audit' }, headers)).status).toBe(200)
    }
  })
})

it('answers although the audit cannot be written', async () => {
  await env.DB.prepare('ALTER TABLE audit RENAME TO audit_gone').run()
  try {
    const id = await newWebhook()
    expect((await ask('GET', `/v1/webhooks/${id}`)).status).toBe(200)
  } finally {
    await env.DB.prepare('ALTER TABLE audit_gone RENAME TO audit').run()
  }
})
