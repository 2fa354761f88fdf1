// Every form, found by the routes of the pages: none does anything without the token of its session.

import { beforeAll, describe, expect, it } from 'vitest'
import { createConsole, createPortal } from '../../src/console/index.tsx'
import { createWebhook, openWorld, type World } from '../end-to-end/world.ts'
import { administrate, createOperatorKey, openReceiver } from '../fixtures/hookline.ts'
import { Visitor } from './visitor.ts'

/** No page is asked for here. */
const noApi = { fetch: () => new Response() }

/** What needs no session: there the origin is what counts. */
const WITHOUT_SESSION = ['/sign-in', '/open/:code', '/notices/:code']

function formsOf({ routes }: ReturnType<typeof createConsole>): string[] {
  const posts = routes.filter(({ method }) => method === 'POST').map(({ path }) => path)
  return [...new Set(posts)].filter((path) => !WITHOUT_SESSION.includes(path))
}

let world: World
let webhookId: string
let operator: Visitor
let customer: Visitor

beforeAll(async () => {
  world = await openWorld()
  webhookId = (await createWebhook(world.key, openReceiver())).id
  operator = new Visitor()
  await operator.signIn((await createOperatorKey({})).token)
  customer = new Visitor()
  const path = `/v1/tenants/${world.tenant.id}/portal-links`
  const { url } = await administrate<{ url: string }>(path, {})
  await customer.ask(new URL(url).pathname, { method: 'POST' })
})

const NOBODY = '01900000-0000-7000-8000-000000000000'
const pathOf = (route: string) =>
  route
    .replace(':tenant', world.tenant.id)
    .replace(':webhook', webhookId)
    .replaceAll(/:\w+/g, NOBODY)

/** Enough for each of them to be done, were it not for the token. */
const FIELDS = { url: 'https://forged.example/', eventTypes: '*', type: 'a', data: '{}' }

describe.each([
  ['console', () => operator, formsOf(createConsole(noApi)), 18],
  ['portal', () => customer, formsOf(createPortal(noApi)), 9],
] as const)('a form of the %s', (place, visitorOf, forms, atLeast) => {
  it('is found', () => expect(forms.length).toBeGreaterThanOrEqual(atLeast))

  it.each(forms)('does nothing without the token of its session: %s', async (route) => {
    for (const token of [undefined, '', 'f'.repeat(64)]) {
      const fields = { ...FIELDS, ...(token !== undefined && { 'form-token': token }) }
      const path = `/${place}${pathOf(route)}`
      const shown = await visitorOf().ask(path, { method: 'POST', fields })
      expect(shown.status, path).toBe(403)
    }
    const page = place === 'console' ? '/console/session' : '/portal/session'
    expect((await visitorOf().ask(page)).status).toBe(200)
  })
})
