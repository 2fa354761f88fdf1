// What the pages say of who changed what, and to whom.

import { beforeAll, describe, expect, it } from 'vitest'
import {
  administrate,
  createKey,
  createOperatorKey,
  createTenant,
  sendAs,
  type TestTenant,
} from '../fixtures/hookline.ts'
import { Visitor } from './visitor.ts'

const NASTY = '<img src=x onerror=alert(1)>'

let tenant: TestTenant
let webhookId: string
let tenantToken: string

beforeAll(async () => {
  tenant = await createTenant('Acme')
  const key = await createKey(tenant, { name: 'Ada’s key' })
  tenantToken = key.token
  const ask = (method: string, path: string, body: object) =>
    sendAs(key)({ method, path, body: JSON.stringify(body) })
  const made = await ask('POST', '/v1/webhooks', {
    url: 'https://receiver.example/',
    eventTypes: ['a'],
    name: NASTY,
  })
  webhookId = (made.body as { id: string }).id
  await ask('PATCH', `/v1/webhooks/${webhookId}`, { url: 'https://other.example/' })
})

async function visitorWith(token: string): Promise<Visitor> {
  const visitor = new Visitor()
  await visitor.signIn(token)
  return visitor
}

const withoutTags = (html: string) => html.replaceAll(/<[^>]*>/g, '').replaceAll(/\s+/g, ' ')

describe('the page of the audit', () => {
  it('says as sentences who changed what, and shows every text as text', async () => {
    const visitor = await visitorWith((await createOperatorKey({})).token)
    const { status, html } = await visitor.ask(`/console/tenants/${tenant.id}/audit`)
    expect(status).toBe(200)
    expect(html).not.toContain('<img src=x')
    expect(withoutTags(html)).toContain('The key Ada’s key changed url of the webhook')
    expect(html).toContain(`/console/tenants/${tenant.id}/webhooks/${webhookId}`)
    expect(new TextEncoder().encode(html).length).toBeLessThan(60_000)
  })

  it('finds what was asked for, by times that are UTC’s', async () => {
    const visitor = await visitorWith((await createOperatorKey({})).token)
    const path = `/console/tenants/${tenant.id}/audit`
    const { html } = await visitor.ask(`${path}?action=key&after=2020-01-01T00:00`)
    expect(withoutTags(html)).toContain('The administrator created the key Ada’s key')
    expect(withoutTags(html)).not.toContain('changed url')
    const none = await visitor.ask(`${path}?before=2020-01-01T00:00`)
    expect(none.html).toContain('Nothing was changed.')
  })

  it('says that a change was made on these pages', async () => {
    const key = await createOperatorKey({})
    const visitor = await visitorWith(key.token)
    const path = `/console/tenants/${tenant.id}/webhooks/${webhookId}`
    const page = await visitor.ask(path)
    await visitor.send(page, `${path}/enabled`, { enabled: 'false' })
    const list = await sendAs(key)({
      method: 'GET',
      path: `/v1/tenants/${tenant.id}/audit?action=webhook.disabled`,
    })
    expect(list.body).toMatchObject({
      items: [{ via: 'console', surface: 'native', actor: { kind: 'operator_key', id: key.id } }],
    })
  })

  it('says that a customer opened a portal link, and what was changed behind it', async () => {
    const key = await createOperatorKey({})
    const draft = { name: 'For Grace' }
    const { id, url } = await administrate<{ id: string; url: string }>(
      `/v1/tenants/${tenant.id}/portal-links`,
      draft,
    )
    const { pathname } = new URL(url)
    const customer = new Visitor()
    await customer.ask(pathname)
    await customer.ask(pathname, { method: 'POST' })
    await customer.ask(pathname, { method: 'POST' })
    const path = `/portal/webhooks/${webhookId}`
    await customer.send(await customer.ask(path), `${path}/enabled`, { enabled: 'true' })
    const list = await sendAs(key)({
      method: 'GET',
      path: `/v1/tenants/${tenant.id}/audit?actor=${id}`,
    })
    const author = {
      via: 'portal',
      actor: { kind: 'key', id, name: 'For Grace', subject: null },
    }
    expect((list.body as { items: object[] }).items).toMatchObject([
      { ...author, action: 'webhook.enabled', surface: 'native', target: { id: webhookId } },
      { ...author, action: 'portal_link.opened', surface: null, target: { id, name: 'For Grace' } },
    ])
    const visitor = await visitorWith(key.token)
    const page = await visitor.ask(`/console/tenants/${tenant.id}/audit?actor=${id}`)
    expect(withoutTags(page.html)).toContain(
      'A customer with the portal link For Grace opened the portal link For Grace',
    )
  })

  it('is not for the key of a tenant, nor for an operator key without audit:read', async () => {
    const other = await createOperatorKey({ permissions: ['tenants:read', 'webhooks:read'] })
    for (const token of [tenantToken, other.token]) {
      const visitor = await visitorWith(token)
      const path = `/console/tenants/${tenant.id}/audit`
      expect((await visitor.ask(path)).status).toBe(403)
      expect((await visitor.ask('/console/audit')).status).toBe(403)
      expect((await visitor.ask(`/console/tenants/${tenant.id}`)).html).not.toContain(path)
    }
  })

  it('shows the administrator nothing of webhooks', async () => {
    const visitor = await visitorWith('test-admin-token')
    const { status, html } = await visitor.ask(`/console/audit?target=${webhookId}`)
    expect(status).toBe(200)
    expect(html).toContain('Nothing was changed.')
    expect((await visitor.ask('/console/audit')).html).toContain('created')
  })
})
