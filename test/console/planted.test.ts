// Whatever text somebody else controls, on every page that shows it: it is text there, and each is shown somewhere.

import { beforeAll, describe, expect, it } from 'vitest'
import { attemptOf, call, createWebhook, final } from '../end-to-end/world.ts'
import {
  createKey,
  createOperatorKey,
  createTenant,
  openReceiver,
  sendAs,
} from '../fixtures/hookline.ts'
import { Visitor } from './visitor.ts'

/** What would run, named so that each place is told from the others. */
const planted = (place: string) => `<img src=x onerror="${place}">'`
/** How it stands in a page that takes it for text. */
const shown = (place: string) => `&lt;img src=x onerror=&quot;${place}&quot;&gt;&#39;`
/** The same where it stood in a JSON text. */
const shownInJson = (place: string) => `&lt;img src=x onerror=\\&quot;${place}\\&quot;&gt;&#39;`

let operator: Visitor
let administrator: Visitor
let place: string
const pages = new Map<string, string>()

async function look(visitor: Visitor, path: string, status = 200): Promise<void> {
  const page = await visitor.ask(path)
  expect(page.status, path).toBe(status)
  pages.set(path, page.html)
}

beforeAll(async () => {
  const tenant = await createTenant(planted('tenant'))
  const key = await createKey(tenant, { name: planted('key') })
  const operatorKey = await createOperatorKey({ name: planted('operator') })
  const type = {
    description: planted('type'),
    group: planted('group'),
    examples: [{ a: planted('example') }],
    schemas: { 1: { type: 'object', description: planted('schema') } },
  }
  const put = { method: 'PUT', path: '/v1/event-types/planted.type', body: JSON.stringify(type) }
  expect((await sendAs(operatorKey)(put)).status).toBe(200)
  const receiver = openReceiver(() => {
    const location = `https://other.example/${planted('location')}`
    const headers = { location, server: planted('header') }
    return new Response(planted('answer'), { status: 302, headers })
  })
  const { id: webhookId } = await createWebhook(key, receiver, {
    ...final,
    ...{ name: planted('webhook'), description: planted('description'), eventTypes: ['*'] },
  })
  const event = {
    ...{ type: 'planted.type', data: { a: planted('data') }, tags: [planted('tag')] },
    scope: { a: planted('scope') },
  }
  const { events } = await call<{ events: [{ id: string }] }>(key, 202, 'POST', '/events', event)
  const eventId = events[0].id
  const attemptId = await attemptOf(key, eventId, webhookId)
  operator = new Visitor()
  await operator.signIn(operatorKey.token)
  administrator = new Visitor()
  await administrator.signIn('test-admin-token')
  place = `/console/tenants/${tenant.id}`
  const webhook = `${place}/webhooks/${webhookId}`
  const wild = encodeURIComponent(planted('query'))
  for (const path of [
    ...[place, `${place}/webhooks`, `${place}/webhooks?search=${wild}`, webhook, `${webhook}/edit`],
    ...[`${webhook}/failures`, `${webhook}/diverted`, `${place}/events`, `${place}/jobs`],
    ...[`${webhook}/attempts/${attemptId}?event=${eventId}`, `${place}/events/${eventId}`],
    ...[`${place}/event-types`, `${place}/event-types/planted.type`, `${place}/live`],
    ...[`${place}/audit`, `${place}/audit?target=${wild}`, `/console/tenants?search=${wild}`],
    ...['/console/tenants', `${place}/keys`, '/console/session'],
  ]) {
    await look(operator, path)
  }
  await look(administrator, '/console/operator-keys')
  await look(new Visitor(), `/console/sign-in?next=${wild}`)
  await look(operator, `${place}/webhooks/${wild}`, 404)
})

describe('what somebody else wrote', () => {
  it('runs on no page', () => {
    for (const [path, html] of pages) expect(html.includes('<img src=x'), path).toBe(false)
  })

  it.each([
    ...['tenant', 'key', 'operator', 'type', 'group', 'webhook', 'description'],
    ...['answer', 'header', 'tag', 'scope', 'query'],
  ])('is shown as it is: %s', (from) => {
    const all = [...pages.values()].join('\n')
    expect(all.includes(shown(from))).toBe(true)
  })

  it.each(['example', 'schema', 'data'])('is shown as JSON has it: %s', (from) => {
    const all = [...pages.values()].join('\n')
    expect(all.includes(shownInJson(from))).toBe(true)
  })

  it('is shown as an address has it: where a receiver redirects to', () => {
    const all = [...pages.values()].join('\n')
    expect(all).toMatch(/https:\/\/other\.example\/[^"<]*location/)
  })
})
