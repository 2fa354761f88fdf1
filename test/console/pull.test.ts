// A webhook to which nothing is sent, on the pages.

import { beforeAll, expect, it } from 'vitest'
import { openWorld, type World } from '../end-to-end/world.ts'
import { administrate, createOperatorKey, send } from '../fixtures/hookline.ts'
import { Visitor } from './visitor.ts'

let world: World
let visitor: Visitor
let webhooks: string
let token: string

beforeAll(async () => {
  world = await openWorld()
  visitor = new Visitor()
  token = (await createOperatorKey({})).token
  await visitor.signIn(token)
  webhooks = `/console/tenants/${world.tenant.id}/webhooks`
})

const make = async (fields: Record<string, string>) =>
  visitor.send(await visitor.ask(`${webhooks}/new`), webhooks, {
    ...{ eventTypes: 'a', enabled: 'true', ...fields },
  })
const pathIn = (html: string) =>
  new RegExp(`href="(${webhooks}/[0-9a-f-]{36})"`).exec(html)?.[1] ?? ''

it('is made without a URL, and its page tells who reads it', async () => {
  const made = await make({ pull: 'true', url: '' })
  expect(made.status).toBe(201)
  const path = pathIn(made.html)
  const page = await visitor.ask(path)
  expect(page.html).toContain('consumers read its events themselves')
  expect(page.html).toContain('/pull?waitMs=30000')
  for (const absent of ['Send a test event', 'Pause deliveries', 'Retries', 'Failure handling']) {
    expect(page.html, absent).not.toContain(absent)
  }
  const listed = await visitor.ask(webhooks)
  expect(listed.html).toContain('A pull webhook')
})

it('is changed on its form, which has no URL', async () => {
  const path = pathIn((await make({ pull: 'true', url: '' })).html)
  const edit = await visitor.ask(`${path}/edit`)
  expect(edit.html).not.toContain('name="url"')
  expect(edit.html).toContain('name="pull" value="true"')
  const fields = { pull: 'true', name: 'For billing', eventTypes: 'b' }
  const saved = await visitor.send(edit, `${path}/edit`, fields)
  expect(saved.html).toContain('For billing')
  expect(saved.at).toContain('done=saved')
})

it('is refused with a URL, in words beside the field', async () => {
  const refused = await make({ pull: 'true', url: 'https://example.com/' })
  expect(refused.status).toBe(400)
  expect(refused.html).toMatch(/id="url-wrong">[^<]*A pull webhook has no URL/)
  expect((await make({ url: '' })).status).toBe(400)
})

it('shows each consumer, until it is deleted', async () => {
  const path = pathIn((await make({ pull: 'true', url: '' })).html)
  const api = `/v1/tenants/${world.tenant.id}${path.slice(path.indexOf('/webhooks'))}`
  const headers = { authorization: `Bearer ${token}` }
  const { body } = await send({ method: 'GET', path: `${api}/pull` }, headers)
  const { cursor } = body as { cursor: string }
  const commit = JSON.stringify({ consumer: 'billing.eu', cursor })
  await send({ method: 'POST', path: `${api}/pull/commit`, body: commit }, headers)
  const page = await visitor.ask(path)
  expect(page.html).toContain('billing.eu')
  const after = await visitor.send(page, `${path}/consumers/delete`, { consumer: 'billing.eu' })
  expect(after.html).toContain('The consumer was deleted.')
  expect(after.html).not.toContain('billing.eu')
})

it('is not offered to a customer, whatever a form says', async () => {
  const links = `/v1/tenants/${world.tenant.id}/portal-links`
  const { url } = await administrate<{ url: string }>(links, { capabilities: ['manage-webhooks'] })
  const customer = new Visitor()
  await customer.ask(new URL(url).pathname, { method: 'POST' })
  const form = await customer.ask('/portal/webhooks/new')
  expect(form.status).toBe(200)
  expect(form.html).not.toContain('name="pull"')
  const fields = { pull: 'true', url: '', eventTypes: 'a', enabled: 'true' }
  const refused = await customer.send(form, '/portal/webhooks', fields)
  expect(refused.status).toBe(400)
})
