// Keys and the deployment's own jobs on the pages: what the administrator and operators make, revoke and start there.

import { describe, expect, it } from 'vitest'
import { createOperatorKey, createTenant, sendAs } from '../fixtures/hookline.ts'
import { type Shown, Visitor } from './visitor.ts'

const ADMINISTRATOR = 'test-admin-token'

async function visiting(credential: string): Promise<Visitor> {
  const visitor = new Visitor()
  await visitor.signIn(credential)
  return visitor
}

/** The token that a page shows this once. */
const tokenOn = ({ html }: Shown) => /[0-9a-f-]{36}\.[\w-]+/.exec(html)?.[0] ?? ''

const callWith = (token: string, path: string) =>
  sendAs({ id: '', secret: '', token })({ method: 'GET', path })

describe('the keys of a tenant', () => {
  it('are made, shown once, and revoked by the administrator', async () => {
    const tenant = await createTenant('Keys & Co')
    const visitor = await visiting(ADMINISTRATOR)
    const path = `/console/tenants/${tenant.id}/keys`
    const list = await visitor.ask('/console/tenants?search=Keys+%26+Co')
    expect(list.html).toContain(`href="${path}"`)
    const made = await visitor.send(await visitor.ask(path), path, { name: '<i>backend</i>' })
    expect(made.status).toBe(201)
    const token = tokenOn(made)
    expect((await callWith(token, '/v1/webhooks')).status).toBe(200)
    const listed = await visitor.ask(path)
    expect(listed.html).toContain('&lt;i&gt;backend&lt;/i&gt;')
    expect(listed.html).not.toContain(token)
    const [id] = token.split('.')
    const revoked = await visitor.send(listed, `${path}/${id}/revoke`)
    expect(revoked.at).toBe(path)
    expect((await visitor.ask(path)).html).not.toContain(id)
  })

  it('let agents write only where that was asked for, by who may grant it', async () => {
    const tenant = await createTenant('Agents & Co')
    const path = `/console/tenants/${tenant.id}/keys`
    const visitor = await visiting(ADMINISTRATOR)
    const page = await visitor.ask(path)
    expect(page.html).toContain('name="mcp-write"')
    await visitor.send(page, path, { name: 'reads' })
    expect((await visitor.ask(path)).html).not.toContain('diverted-events:delete, mcp:write')
    await visitor.send(page, path, { name: 'writes', 'mcp-write': 'true' })
    const listed = await visitor.ask(path)
    expect(listed.html.split('diverted-events:delete, mcp:write')).toHaveLength(2)
    await visitor.send(page, path, { name: 'a business', 'ucp-agent-write': 'true' })
    expect((await visitor.ask(path)).html).toContain('diverted-events:delete, ucp-agent:write')
    const operator = await visiting((await createOperatorKey()).token)
    const theirs = await operator.ask(path)
    expect(theirs.html).toContain('Make a key')
    expect(theirs.html).not.toContain('name="mcp-write"')
    expect(theirs.html).not.toContain('name="ucp-agent-write"')
    expect((await operator.send(theirs, path, { 'mcp-write': 'true' })).status).toBe(403)
  })

  it('are only looked at by an operator who may not make them', async () => {
    const tenant = await createTenant('Watched')
    const { token } = await createOperatorKey({ permissions: ['tenants:read', 'keys:read'] })
    const visitor = await visiting(token)
    const path = `/console/tenants/${tenant.id}/keys`
    const page = await visitor.ask(path)
    expect(page.status).toBe(200)
    expect(page.html).not.toContain('Make a key')
    expect((await visitor.send(page, path, { name: 'x' })).status).toBe(403)
  })

  it('are not for an operator who may not read them', async () => {
    const tenant = await createTenant('Closed')
    const { token } = await createOperatorKey({ permissions: ['tenants:read'] })
    const visitor = await visiting(token)
    expect((await visitor.ask(`/console/tenants/${tenant.id}/keys`)).status).toBe(403)
    expect((await visitor.ask('/console/tenants')).html).not.toContain('/keys"')
    for (const page of ['/console/operator-keys', '/console/jobs']) {
      expect([401, 403], page).toContain((await visitor.ask(page)).status)
    }
  })
})

describe('operator keys', () => {
  it('are made, shown once, and revoked by the administrator', async () => {
    const visitor = await visiting(ADMINISTRATOR)
    const path = '/console/operator-keys'
    const made = await visitor.send(await visitor.ask(path), path, { name: 'backend' })
    const token = tokenOn(made)
    expect((await callWith(token, '/v1/tenants')).status).toBe(200)
    const writing = await visitor.send(await visitor.ask(path), path, { 'mcp-write': 'true' })
    expect((await callWith(tokenOn(writing), '/v1/tenants')).status).toBe(200)
    expect((await visitor.ask(path)).html).toContain('erase, mcp:write')
    const [id] = token.split('.')
    expect((await visitor.send(made, `${path}/${id}/revoke`)).status).toBe(200)
    expect((await visitor.ask(path)).html).not.toContain(id)
  })

  it('are not made by a form of another session', async () => {
    const visitor = await visiting(ADMINISTRATOR)
    const foreign = await (await visiting(ADMINISTRATOR)).ask('/console/operator-keys')
    expect((await visitor.send(foreign, '/console/operator-keys', {})).status).toBe(403)
  })
})

describe('the jobs of the deployment', () => {
  it('are listed for the administrator, who starts a re-encryption', async () => {
    const visitor = await visiting(ADMINISTRATOR)
    const page = await visitor.ask('/console/jobs')
    expect(page.status).toBe(200)
    const started = await visitor.send(page, '/console/jobs/reencrypt')
    expect(started.status).toBe(200)
    expect((await visitor.ask('/console/jobs')).html).toContain('reencrypt')
  })

  it('refuse to stop what is none', async () => {
    const visitor = await visiting(ADMINISTRATOR)
    const page = await visitor.ask('/console/jobs')
    const path = '/console/jobs/0190a5c8-7f00-7000-8000-000000000009/cancel'
    expect((await visitor.send(page, path)).status).toBe(404)
  })
})
