// `null` for a field that may be left out says the same as leaving it out, unless null has a meaning of its own there.

import { beforeAll, describe, expect, it } from 'vitest'
import { parseDrafts } from '../../src/engine/intake/parse.ts'
import { PERMISSIONS } from '../../src/engine/model/index.ts'
import { openReceiver } from '../fixtures/hookline.ts'
import { type Ask, askAdmin, idOf, newCaller } from './asked.ts'

let ask: Ask
let tenantId = ''

beforeAll(async () => {
  const caller = await newCaller()
  ask = caller.ask
  tenantId = caller.tenant.id
})

const url = () => openReceiver().url

async function createWebhook(fields: object = {}): Promise<string> {
  const answer = await ask('POST', '/v1/webhooks', { url: url(), eventTypes: ['a'], ...fields })
  expect(answer.status, answer.text).toBe(201)
  return `/v1/webhooks/${idOf(answer)}`
}

describe('null is nothing said', () => {
  it('about a new tenant, template or key', async () => {
    const tenant = await askAdmin('POST', '/v1/tenants', { name: 'Nulls', id: null })
    expect(tenant).toMatchObject({ status: 201, body: { id: expect.any(String) } })
    const fields = { name: `nulls-${Date.now()}`, displayName: null, description: null }
    expect(await askAdmin('POST', '/v1/templates', fields)).toMatchObject({
      status: 201,
      body: { displayName: fields.name, description: '' },
    })
    const nothing = { name: null, subject: null, permissions: null, expiresAt: null }
    const key = await askAdmin('POST', `/v1/tenants/${tenantId}/keys`, nothing)
    expect(key).toMatchObject({
      status: 201,
      body: {
        name: null,
        subject: null,
        permissions: PERMISSIONS.filter((name) => !['mcp:write', 'ucp-agent:write'].includes(name)),
        expiresAt: null,
      },
    })
  })

  it('about an event', async () => {
    const event = {
      type: 'a',
      data: {},
      id: null,
      time: null,
      scope: null,
      actor: null,
      requestId: null,
    }
    const answer = await ask('POST', '/v1/events', [event, event])
    expect(answer).toMatchObject({
      status: 202,
      body: { events: [{ duplicate: false }, { duplicate: false }] },
    })
    expect(parseDrafts(JSON.stringify(event))).toEqual(parseDrafts('{"type":"a","data":{}}'))
  })

  it('about a new webhook, where it does not mean none', async () => {
    const webhook = await ask('POST', '/v1/webhooks', {
      url: url(),
      eventTypes: ['a'],
      enabled: null,
      paused: null,
      name: null,
      scope: null,
      headers: null,
      failureHandling: { triggers: null, divert: null, timeoutMs: null, retry: null },
    })
    expect(webhook).toMatchObject({
      status: 201,
      body: {
        enabled: true,
        paused: false,
        name: null,
        failureHandling: {
          triggers: expect.arrayContaining(['4xx', '5xx', 'timeout']),
          divert: true,
          timeoutMs: 15_000,
          retry: null,
          suspend: { afterSeconds: 432_000, afterFailures: 10 },
        },
      },
    })
  })

  it('about a change of a webhook', async () => {
    const failureHandling = { triggers: [404], divert: false, timeoutMs: 2_000 }
    const path = await createWebhook({ enabled: false, paused: true, failureHandling })
    const before = (await ask('GET', path)).body as Record<string, unknown>
    const nothing = { triggers: null, divert: null, timeoutMs: null }
    const answer = await ask('PATCH', path, {
      url: null,
      eventTypes: null,
      enabled: null,
      paused: null,
      failureHandling: nothing,
    })
    expect(answer.status, answer.text).toBe(200)
    expect(answer.body).toEqual({ ...before, updatedAt: expect.any(String) })
  })

  it.each([
    ['rotate-secret', { secret: null, gracePeriodSeconds: null }, 200],
    ['test', { type: null, data: null }, 200],
    ['cancel', { eventIds: null, eventTypes: null, after: null, before: null }, 200],
    ['diverted/resend', { since: null, until: null, eventTypes: null }, 202],
    [
      'replay',
      { since: '2026-11-22T10:00:00Z', until: null, eventTypes: null, onlyMissing: null },
      202,
    ],
  ])('about what %s is to do', async (name, body, status) => {
    const answer = await ask('POST', `${await createWebhook()}/${name}`, body)
    expect(answer.status, answer.text).toBe(status)
  })

  it('about where an event is sent again', async () => {
    const published = await ask('POST', '/v1/events', { type: 'a', data: {} })
    const { events } = published.body as { events: [{ id: string }] }
    const again = await ask('POST', `/v1/events/${events[0].id}/resend`, { webhookId: null })
    expect([202, 404]).toContain(again.status)
  })
})

describe('null is refused', () => {
  it.each([
    ['/v1/events', { type: null, data: {} }, 'type'],
    ['/v1/events', { type: 'a', data: null }, 'data'],
    ['/v1/webhooks', { url: null, eventTypes: ['a'] }, 'url'],
    ['/v1/webhooks', { url: 'https://a.example/', eventTypes: null }, 'eventTypes'],
  ])('where %s needs a value', async (path, body, field) => {
    const answer = await ask('POST', path, body)
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ path: field }] } })
  })
})

describe('the description', () => {
  type Fields = { properties: Record<string, object>; required?: string[] }
  type Document = { components: { schemas: Record<string, Fields> } }

  it('says of every field of an input that may be left out that it may be null', async () => {
    const { components } = (await ask('GET', '/v1/openapi.json')).body as Document
    const inputs = [
      'CreateTenant',
      'CreateTemplate',
      'CreateKey',
      'EventInput',
      'ResendEvent',
      'CreateWebhook',
      'PatchWebhook',
      'FailureHandlingInput',
      'RotateSecret',
      'TestWebhook',
      'ResendDiverted',
      'Replay',
    ]
    for (const name of inputs) {
      const { properties, required = [] } = components.schemas[name] ?? { properties: {} }
      const optional = Object.entries(properties).filter(([field]) => !required.includes(field))
      expect(optional.length, name).toBeGreaterThan(0)
      for (const [field, schema] of optional) {
        expect(JSON.stringify(schema), `${name}.${field}`).toMatch(
          /"type":(?:"null"|\[[^\]]*"null")/,
        )
      }
    }
  })
})
