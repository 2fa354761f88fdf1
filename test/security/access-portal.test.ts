// The pages of customers against the table of the API: with each set of capabilities, a page is shown and a form is done exactly where the
// table says that the permissions of the link suffice for the operations that the page stands on.

import { beforeAll, describe, expect, it } from 'vitest'
import { type Capability, permissionsOfCapabilities } from '../../src/engine/model/index.ts'
import { Visitor } from '../console/visitor.ts'
import {
  answering,
  call,
  createWebhook,
  eventually,
  final,
  openWorld,
} from '../end-to-end/world.ts'
import { administrate } from '../fixtures/hookline.ts'
import { NEEDS } from './access-table.ts'

interface Ids {
  readonly tenant: string
  readonly webhook: string
  readonly event: string
  readonly attempt: string
}

const webhook = '/v1/webhooks/:webhookId'

/** Each page, and what of the API it cannot do without. */
const PAGES = {
  '/webhooks': ['GET /v1/webhooks'],
  '/webhooks/{webhook}': [`GET ${webhook}`, `GET ${webhook}/health`, `GET ${webhook}/attempts`],
  '/webhooks/{webhook}/diverted': [`GET ${webhook}/diverted`],
  '/webhooks/{webhook}/edit': [`GET ${webhook}`],
  '/webhooks/{webhook}/attempts/{attempt}?event={event}': [`GET ${webhook}/attempts`],
  '/events': ['GET /v1/events'],
  '/events/{event}': ['GET /v1/events/:eventId'],
  '/event-types': ['GET /v1/event-types'],
} as const satisfies Readonly<Record<string, readonly string[]>>

/** Each form, with what it sends, and the operation that it is. The one that ends the webhook comes last. */
const FORMS = [
  ['/webhooks', 'POST /v1/webhooks', { url: 'https://example.com/hooks', eventTypes: '*' }],
  ['/webhooks/{webhook}/enabled', `PATCH ${webhook}`, { enabled: 'true' }],
  ['/webhooks/{webhook}/secret', `GET ${webhook}/secret`, {}],
  ['/webhooks/{webhook}/diverted/resend', `POST ${webhook}/diverted/resend`, { event: '{event}' }],
  ['/webhooks/{webhook}/rotate-secret', `POST ${webhook}/rotate-secret`, {}],
  ['/webhooks/{webhook}/test', `POST ${webhook}/test`, { type: 'invoice.paid', data: '{}' }],
  ['/events/{event}/resend', 'POST /v1/events/:eventId/resend', { webhook: '{webhook}' }],
  ['/webhooks/{webhook}/delete', `DELETE ${webhook}`, {}],
] as const

const filled = (text: string, ids: Ids) =>
  text.replaceAll(/\{(\w+)\}/g, (_, name: keyof Ids) => ids[name])

/** Whether the table lets a key with these permissions do it. */
function mayDo(operation: string, permissions: readonly string[]): boolean {
  const needs = NEEDS[operation]
  if (!Array.isArray(needs)) throw new Error(`${operation} is not the key's of a tenant.`)
  return needs.every((one) => permissions.includes(one))
}

async function furnish(): Promise<Ids> {
  const { key, tenant } = await openWorld()
  const { id } = await createWebhook(key, answering(500), { ...final, eventTypes: ['*'] })
  const input = { type: 'invoice.paid', data: {} }
  const { events } = await call<{ events: [{ id: string }] }>(key, 202, 'POST', '/events', input)
  const event = events[0].id
  let attempt = ''
  await eventually(async () => {
    const diverted = `/webhooks/${id}/diverted`
    expect((await call<{ items: object[] }>(key, 200, 'GET', diverted)).items).not.toEqual([])
    const path = `/webhooks/${id}/attempts?eventId=${event}`
    const { items } = await call<{ items: { id: string }[] }>(key, 200, 'GET', path)
    attempt = items[0]?.id ?? ''
    expect(attempt).not.toBe('')
  })
  return { tenant: tenant.id, webhook: id, event, attempt }
}

async function customerOf(tenantId: string, capabilities: readonly Capability[]): Promise<Visitor> {
  const path = `/v1/tenants/${tenantId}/portal-links`
  const link = await administrate<{ url: string; capabilities: Capability[] }>(path, {
    capabilities,
  })
  expect(new Set(link.capabilities)).toEqual(new Set(['view', ...capabilities]))
  const visitor = new Visitor()
  const shown = await visitor.ask(new URL(link.url).pathname, { method: 'POST' })
  expect(shown).toMatchObject({ status: 200, at: '/portal/webhooks' })
  return visitor
}

/** What a link may have beside seeing; all sets of it. */
const GIVEN = ['manage-webhooks', 'resend-events', 'read-secrets'] as const satisfies Capability[]
const SETS = Array.from({ length: 2 ** GIVEN.length }, (_, set) =>
  GIVEN.filter((_, at) => (set >> at) % 2 === 1),
)

describe.each(SETS.map((capabilities) => [capabilities]))('a link that may %j', (capabilities) => {
  const permissions = permissionsOfCapabilities(['view', ...capabilities])
  let ids: Ids
  let customer: Visitor
  beforeAll(async () => {
    ids = await furnish()
    customer = await customerOf(ids.tenant, capabilities)
  })

  it('shows the pages that the table lets its key have, and no other tenant’s', async () => {
    for (const [page, operations] of Object.entries(PAGES)) {
      const isFor = operations.every((operation) => mayDo(operation, permissions))
      const shown = await customer.ask(`/portal${filled(page, ids)}`)
      expect(shown.status, page).toBe(isFor ? 200 : 403)
    }
    // One of a stranger has the same capabilities, and sees none of what has an id.
    const stranger = await customerOf((await openWorld()).tenant.id, capabilities)
    for (const page of Object.keys(PAGES).filter((one) => one.includes('{'))) {
      expect((await stranger.ask(`/portal${filled(page, ids)}`)).status, page).toBe(404)
    }
  })

  it('does the forms that the table lets its key do', async () => {
    const page = await customer.ask('/portal/session')
    for (const [form, operation, fields] of FORMS) {
      const sent = Object.fromEntries(
        Object.entries(fields).map(([name, value]) => [
          name,
          value.startsWith('{') && value !== '{}' ? filled(value, ids) : value,
        ]),
      )
      const shown = await customer.send(page, `/portal${filled(form, ids)}`, sent)
      const isFor = mayDo(operation, permissions)
      expect(shown.status < 300 ? 'done' : shown.status, form).toBe(isFor ? 'done' : 403)
    }
  })
})
