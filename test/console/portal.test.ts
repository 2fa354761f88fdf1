// The portal: links that open it once, whose pages they are, what these offer, and what they never say.

import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { CONSOLE, KEYS, PORTAL_LINK } from '../../src/limits.ts'
import { askAdmin } from '../api/asked.ts'
import {
  attemptOf,
  call,
  createWebhook,
  eventually,
  final,
  openWorld,
  type World,
} from '../end-to-end/world.ts'
import {
  administrate,
  createKey,
  createOperatorKey,
  openReceiver,
  send,
  sendAs,
  type TestTenant,
} from '../fixtures/hookline.ts'
import { type Shown, Visitor } from './visitor.ts'

const PLANTED = `<img src=x onerror=alert(1)>"'--></script><script>alert(2)</script>`

interface Link {
  readonly id: string
  readonly url: string
  readonly expiresAt: string
  readonly usedAt: string | null
  readonly capabilities: readonly string[]
}

const linksOf = ({ id }: Pick<TestTenant, 'id'>) => `/v1/tenants/${id}/portal-links`
const makeLink = (tenant: Pick<TestTenant, 'id'>, input: object = {}) =>
  administrate<Link>(linksOf(tenant), input)
const pathOf = ({ url }: Pick<Link, 'url'>) => new URL(url).pathname
const pass = (ms: number) => vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ms })
afterEach(() => vi.useRealTimers())

/** Somebody who pressed the button of a new link. */
async function customerOf(tenant: Pick<TestTenant, 'id'>, input: object = {}): Promise<Visitor> {
  const visitor = new Visitor()
  const shown = await visitor.ask(pathOf(await makeLink(tenant, input)), { method: 'POST' })
  expect(shown).toMatchObject({ status: 200, at: '/portal/webhooks' })
  return visitor
}

const ALL = ['manage-webhooks', 'rotate-secrets', 'resend-events', 'read-secrets']

interface Furnished extends World {
  readonly webhookId: string
  readonly eventId: string
  readonly attemptId: string
}

async function furnish(): Promise<Furnished> {
  const world = await openWorld()
  const { key } = world
  const receiver = openReceiver(() => new Response(PLANTED, { status: 500 }))
  const { id: webhookId } = await createWebhook(key, receiver, {
    ...final,
    ...{ name: PLANTED, description: PLANTED, scope: {}, eventTypes: ['*'] },
  })
  const event = { type: 'invoice.paid', data: { text: PLANTED }, scope: { planted: PLANTED } }
  const { events } = await call<{ events: [{ id: string }] }>(key, 202, 'POST', '/events', event)
  const eventId = events[0].id
  const attemptId = await attemptOf(key, eventId, webhookId)
  await eventually(async () => {
    const diverted = `/webhooks/${webhookId}/diverted`
    expect((await call<{ items: object[] }>(key, 200, 'GET', diverted)).items).not.toEqual([])
  })
  return { ...world, webhookId, eventId, attemptId }
}

/** Each page, and what of the API below the tenant it cannot do without. */
function pagesOf({ webhookId, eventId, attemptId }: Furnished) {
  const webhook = `/webhooks/${webhookId}`
  return [
    ['/webhooks', '/webhooks'],
    [webhook, `${webhook}/health`],
    [`${webhook}/edit`, webhook],
    [`${webhook}/diverted`, `${webhook}/diverted`],
    [`${webhook}/attempts/${attemptId}?event=${eventId}`, `${webhook}/attempts`],
    ['/events', '/events'],
    [`/events/${eventId}`, `/events/${eventId}`],
  ] as const
}

let furnished: Furnished
beforeAll(async () => {
  furnished = await furnish()
})

describe('a link', () => {
  it('opens its tenant’s pages by a button, and once', async () => {
    const { tenant } = furnished
    const link = await makeLink(tenant)
    expect(link).toMatchObject({ usedAt: null, capabilities: ['view', ...ALL] })
    const [scanner, customer, thief] = [new Visitor(), new Visitor(), new Visitor()]
    for (let n = 0; n < 3; n += 1) {
      const landing = await scanner.ask(pathOf(link))
      expect(landing.status).toBe(200)
      expect(landing.html).toContain('<form method="post"')
    }
    expect(scanner.cookies.size).toBe(0)
    expect((await customer.ask(pathOf(link), { method: 'POST' })).at).toBe('/portal/webhooks')
    for (const method of ['GET', 'POST']) {
      const again = await thief.ask(pathOf(link), { method })
      expect(again.status).toBe(410)
      expect(again.html).toContain('This link was used already')
      expect(again.html).not.toContain(tenant.name)
    }
    expect(thief.cookies.size).toBe(0)
    const { items } = (await askAdmin('GET', linksOf(tenant))).body as { items: Link[] }
    expect(items.find(({ id }) => id === link.id)?.usedAt).not.toBeNull()
    expect(JSON.stringify(items)).not.toContain(pathOf(link).split('.')[1])
  })

  it('is opened by one of those who open it at once', async () => {
    const path = pathOf(await makeLink(furnished.tenant))
    const shown = await Promise.all(
      Array.from({ length: 5 }, () => new Visitor().ask(path, { method: 'POST' })),
    )
    expect(shown.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(shown.filter(({ status }) => status === 410)).toHaveLength(4)
  })

  it('opens nothing once it has expired', async () => {
    const path = pathOf(await makeLink(furnished.tenant))
    pass(PORTAL_LINK.unlessToldSeconds * 1_000)
    for (const method of ['GET', 'POST']) {
      const shown = await new Visitor().ask(path, { method })
      expect(shown.status).toBe(410)
      expect(shown.html).toContain('This link has expired')
    }
  })

  it('opens nothing once it was revoked, and what it opened ends', async () => {
    const { tenant } = furnished
    const [unused, used] = [await makeLink(tenant), await makeLink(tenant)]
    const customer = new Visitor()
    await customer.ask(pathOf(used), { method: 'POST' })
    for (const { id } of [unused, used]) {
      expect((await askAdmin('DELETE', `${linksOf(tenant)}/${id}`)).status).toBe(204)
      expect((await askAdmin('DELETE', `${linksOf(tenant)}/${id}`)).status).toBe(404)
    }
    const shown = await new Visitor().ask(pathOf(unused), { method: 'POST' })
    expect(shown.status).toBe(410)
    expect(shown.html).toContain('This link does not work')
    pass(KEYS.cacheMs)
    expect((await customer.ask('/portal/webhooks')).status).toBe(401)
  })

  it('is nobody’s with another code, and says no more than one that never was', async () => {
    const path = pathOf(await makeLink(furnished.tenant))
    const seen = async (at: string) => {
      const { status, html } = await new Visitor().ask(at, { method: 'POST' })
      return { status, html }
    }
    const never = await seen('/portal/open/01900000-0000-7000-8000-0000000000a0.x')
    expect(never.status).toBe(410)
    for (const wrong of [
      `${path}x`,
      path.replace(/\.(.)/, '.'),
      '/portal/open/x',
      '/portal/open/%00',
    ]) {
      expect(await seen(wrong), wrong).toEqual(never)
    }
    expect((await new Visitor().ask(path)).status).toBe(200)
  })

  it('of another tenant is none of this tenant’s', async () => {
    const stranger = await openWorld()
    const link = await makeLink(furnished.tenant)
    const path = `${linksOf(stranger.tenant)}/${link.id}`
    expect((await askAdmin('DELETE', path)).status).toBe(404)
    const key = await createKey(furnished.tenant)
    expect((await askAdmin('DELETE', `${linksOf(furnished.tenant)}/${key.id}`)).status).toBe(404)
    const customer = await customerOf(stranger.tenant)
    for (const [page] of pagesOf(furnished)) {
      const shown = await customer.ask(`/portal${page}`)
      expect(shown.html, page).not.toContain('&lt;img src=x')
      if (/[0-9a-f]{8}-/.test(page)) expect(shown.status, page).toBe(404)
    }
  })

  it.each([
    [{ capabilities: ['fly'] }],
    [{ expiresInSeconds: 59 }],
    [{ expiresInSeconds: PORTAL_LINK.maxSeconds + 1 }],
    [{ name: '' }],
    [{ tenant: 'x' }],
  ])('is not made of %j', async (input) => {
    const answer = await askAdmin('POST', linksOf(furnished.tenant), input)
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid' } })
  })

  it('grants no more than its maker has', async () => {
    const permissions = [
      'portal-links:write',
      'webhooks:read',
      'webhooks:list',
      'events:read',
    ] as const
    const poor = await createOperatorKey({ permissions })
    const path = linksOf(furnished.tenant)
    const ask = (input: object) =>
      sendAs(poor)({ method: 'POST', path, body: JSON.stringify(input) })
    expect((await ask({})).status).toBe(403)
    const viewer = await createOperatorKey({
      permissions: [...permissions, 'events:list', 'diverted-events:read', 'diverted-events:list'],
    })
    const made = await sendAs(viewer)({ method: 'POST', path, body: '{}' })
    expect(made).toMatchObject({ status: 201, body: { capabilities: ['view'] } })
    const body = JSON.stringify({ capabilities: ['read-secrets'] })
    expect((await sendAs(viewer)({ method: 'POST', path, body })).status).toBe(403)
  })

  it('of Svix’s app-portal-access opens the same pages, and its token the API', async () => {
    const operator = await createOperatorKey({})
    const path = `/api/v1/auth/app-portal-access/${furnished.tenant.id}`
    const answer = await sendAs(operator)({ method: 'POST', path, body: '{}' })
    const { url, token } = answer.body as { url: string; token: string }
    const customer = new Visitor()
    expect((await customer.ask(pathOf({ url }), { method: 'POST' })).at).toBe('/portal/webhooks')
    expect((await customer.ask(pathOf({ url }))).status).toBe(410)
    const app = `/api/v1/app/${furnished.tenant.id}/endpoint`
    const authorization = `Bearer ${token}`
    expect((await send({ method: 'GET', path: app }, { authorization })).status).toBe(200)
    const console = await new Visitor().signIn(token)
    expect(console.status).toBe(401)
    const expireAll = `/api/v1/auth/app/${furnished.tenant.id}/expire-all`
    expect((await sendAs(operator)({ method: 'POST', path: expireAll, body: '{}' })).status).toBe(
      204,
    )
    pass(KEYS.cacheMs)
    expect((await customer.ask('/portal/webhooks')).status).toBe(401)
  })
})

describe('a session of the portal', () => {
  it('is a new one, whatever the browser had, and its cookie is for these pages alone', async () => {
    const visitor = new Visitor()
    visitor.cookies.set('__Host-portal', 'planted.secret.signature')
    const path = pathOf(await makeLink(furnished.tenant))
    const { headers } = await visitor.ask(path, { method: 'POST', follows: false })
    const [cookie = ''] = headers.getSetCookie()
    expect(cookie).toMatch(/^__Host-portal=/)
    expect(cookie).not.toContain('planted')
    for (const part of ['HttpOnly', 'Secure', 'SameSite=Strict', 'Path=/']) {
      expect(cookie).toContain(part)
    }
    const [, value = ''] = /=([^;]*)/.exec(cookie) ?? []
    const elsewhere = new Visitor()
    elsewhere.cookies.set('__Host-hookline', value)
    expect((await elsewhere.ask('/console/tenants')).at).toMatch(/^\/console\/sign-in/)
    const calls = ['/v1/webhooks', `/v1/tenants/${furnished.tenant.id}/webhooks`]
    for (const path of calls) {
      const answer = await send({ method: 'GET', path }, { cookie: `__Host-portal=${value}` })
      expect(answer.status).toBe(401)
    }
  })

  it('is that of the link, where somebody planted a valid one of another tenant', async () => {
    const visitor = await customerOf((await openWorld()).tenant)
    const [planted] = visitor.cookies.values()
    const path = pathOf(await makeLink(furnished.tenant))
    expect((await visitor.ask(path, { method: 'POST' })).html).toContain(furnished.webhookId)
    expect([...visitor.cookies.values()]).not.toContain(planted)
  })

  it('is none of the console’s', async () => {
    const operator = await createOperatorKey({})
    const visitor = new Visitor()
    await visitor.signIn(operator.token)
    const [value = ''] = visitor.cookies.values()
    visitor.cookies.set('__Host-portal', value)
    expect((await visitor.ask('/portal/webhooks')).status).toBe(401)
  })

  it('ends with a working day, and when it is signed out of', async () => {
    const [one, other] = [await customerOf(furnished.tenant), await customerOf(furnished.tenant)]
    const page = await one.ask('/portal/session')
    expect((await one.send(page, '/portal/sign-out')).html).toContain('You are signed out')
    expect((await one.ask('/portal/webhooks')).status).toBe(401)
    pass(CONSOLE.sessionSeconds * 1_000 - 1_000)
    expect((await other.ask('/portal/webhooks')).status).toBe(200)
    pass(2_000)
    expect((await other.ask('/portal/webhooks')).status).toBe(401)
  })

  it('is begun, and used, by no form of another site', async () => {
    const foreign = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }
    const path = pathOf(await makeLink(furnished.tenant))
    const forced = await new Visitor().ask(path, { method: 'POST', headers: foreign, fields: {} })
    expect(forced.status).toBe(403)
    expect((await new Visitor().ask(path)).status).toBe(200)
    const customer = await customerOf(furnished.tenant)
    const fields = { url: 'https://example.com/forged', eventTypes: '*' }
    const form = { method: 'POST', fields } as const
    expect((await customer.ask('/portal/webhooks', form)).status).toBe(403)
    const fromElsewhere = { ...form, headers: foreign }
    expect((await customer.ask('/portal/webhooks', fromElsewhere)).status).toBe(403)
    const other = await customerOf(furnished.tenant)
    const stolen = await customer.send(
      await other.ask('/portal/webhooks/new'),
      '/portal/webhooks',
      fields,
    )
    expect(stolen.status).toBe(403)
    expect((await customer.ask('/portal/webhooks')).html).not.toContain('forged')
  })
})

describe('a page of the portal', () => {
  const sets = [
    [],
    ['manage-webhooks'],
    ['resend-events'],
    ['read-secrets'],
    ['rotate-secrets'],
    ALL,
  ]

  it.each(sets.map((capabilities) => [capabilities]))(
    'is for whom the API is, and offers what that permits: %j',
    async (capabilities) => {
      const customer = await customerOf(furnished.tenant, { capabilities })
      const [mayWrite, mayRotate, mayResend, mayRead] = ALL.map((one) => capabilities.includes(one))
      for (const [page] of pagesOf(furnished)) {
        expect((await customer.ask(`/portal${page}`)).status, page).toBe(200)
      }
      const base = `/portal/webhooks/${furnished.webhookId}`
      const webhook = await customer.ask(base)
      const list = await customer.ask('/portal/webhooks')
      const given = await customer.ask(`${base}/diverted`)
      expect(list.html.includes('New webhook')).toBe(mayWrite)
      expect(webhook.html.includes('Delete…')).toBe(mayWrite)
      expect(webhook.html.includes('Reveal the secret')).toBe(mayRead)
      expect(given.html.includes('Resend')).toBe(mayResend)
      const page = await customer.ask('/portal/session')
      const secret = await customer.send(page, `${base}/secret`)
      expect(secret.status).toBe(mayRead ? 200 : 403)
      expect(secret.html.includes('whsec_')).toBe(mayRead)
      expect(webhook.html.includes('Rotate the secret')).toBe(mayRotate)
      const rotated = await customer.send(page, `${base}/rotate-secret`)
      expect(rotated.status).toBe(mayRotate ? 200 : 403)
      const resent = await customer.send(page, `${base}/diverted/resend`, {
        event: furnished.eventId,
      })
      expect(resent.status).toBe(mayResend ? 200 : 403)
      const edited = await customer.send(page, `${base}/enabled`, { enabled: 'true' })
      expect(edited.status).toBe(mayWrite ? 200 : 403)
    },
  )

  it('shows of a user’s webhooks that user’s alone', async () => {
    const ada = await customerOf(furnished.tenant, { subject: 'ada' })
    expect((await ada.ask('/portal/webhooks')).html).not.toContain(furnished.webhookId)
    expect((await ada.ask(`/portal/webhooks/${furnished.webhookId}`)).status).toBe(404)
  })

  it('lists what is scheduled, but to who acts for a user, who sees none of it', async () => {
    const { key, tenant } = await openWorld()
    const deliverAt = new Date(Date.now() + 3_600_000).toISOString()
    await call(key, 202, 'POST', '/events', { type: 'later.on', data: {}, deliverAt })
    const customer = await customerOf(tenant)
    const { html } = await customer.ask('/portal/events')
    expect(html).toContain('<option value="scheduled">What is scheduled</option>')
    expect(html).not.toContain('later.on')
    const { html: scheduled } = await customer.ask('/portal/events?state=scheduled')
    expect(scheduled).toContain('>later.on</a>')
    const ada = await customerOf(tenant, { subject: 'ada' })
    expect((await ada.ask('/portal/events')).html).not.toContain('What is scheduled')
  })

  it('says no word of the deployment, of other tenants, or of ids that are not the customer’s', async () => {
    const customer = await customerOf(furnished.tenant)
    const poor = await customerOf(furnished.tenant, { capabilities: [] })
    const { webhookId, eventId } = furnished
    const empty = await customerOf((await openWorld()).tenant)
    const bare = ['/portal/webhooks', '/portal/events', '/portal/event-types', '/portal/session']
    const page = await customer.ask('/portal/session')
    const base = `/portal/webhooks/${webhookId}`
    const shown: Shown[] = [
      ...(await Promise.all(pagesOf(furnished).map(([path]) => customer.ask(`/portal${path}`)))),
      ...(await Promise.all(bare.map((path) => empty.ask(path)))),
      ...(await Promise.all(bare.map((path) => new Visitor().ask(path)))),
      await new Visitor().ask('/portal/open/x'),
      await new Visitor().ask(pathOf(await makeLink(furnished.tenant))),
      await customer.ask('/portal/webhooks/new'),
      await customer.ask('/portal/jobs'),
      await customer.ask('/portal/tenants'),
      await customer.ask(`${base}/failures`),
      await customer.ask('/portal/webhooks?cursor=x'),
      await customer.ask(`${base}?done=resent`),
      await customer.ask(`/portal/events/${furnished.key.id}`),
      await customer.send(page, '/portal/webhooks', {
        url: 'http://127.0.0.1:1/',
        eventTypes: '!',
      }),
      await customer.send(page, '/portal/webhooks', { url: 'ftp://x', eventTypes: '*' }),
      await customer.send(page, `${base}/test`, { type: 'a', data: 'no JSON' }),
      await customer.send(page, `${base}/test`, { type: 'webhook.suspended' }),
      await customer.send(page, `${base}/rotate-secret`),
      await poor.send(await poor.ask('/portal/session'), `${base}/delete`),
      await poor.send(await poor.ask('/portal/session'), `/portal/events/${eventId}/resend`),
      await customer.ask('/portal/webhooks', { method: 'POST', fields: { url: 'x' } }),
    ]
    for (const { html, at, status, headers } of shown) {
      const where = `${at} (${status})`
      expect(status, where).toBeLessThan(500)
      // Where receivers of tests are.
      const own = html.replaceAll(/https:\/\/[^\s<"]+/g, '')
      const said = /hookline|tenant|operator|administrator|console|dialect|\bkey\b/i.exec(own)
      expect(said && own.slice(Math.max(0, said.index - 80), said.index + 40), where).toBeNull()
      expect(html, where).not.toContain(furnished.tenant.id)
      expect(html, where).not.toContain(furnished.tenant.name)
      expect(headers.get('cache-control'), where).toBe('no-store')
    }
  })

  it('shows every text as text, and runs nothing but our own files', async () => {
    const customer = await customerOf(furnished.tenant)
    let seen = 0
    for (const [path] of pagesOf(furnished)) {
      const { html, headers } = await customer.ask(`/portal${path}`)
      for (const dangerous of ['<img src=x', '<script>alert', 'onerror=alert(1)>"']) {
        expect(html.includes(dangerous), `${path} has ${dangerous}`).toBe(false)
      }
      seen += html.split('&lt;img src=x').length - 1
      const policy = headers.get('content-security-policy') ?? ''
      expect(policy).toContain(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';",
      )
      expect(policy).toContain("frame-ancestors 'none'")
      expect(headers.get('x-frame-options')).toBe('DENY')
    }
    expect(seen).toBeGreaterThan(5)
  })
})
