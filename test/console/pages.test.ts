// Every page: who may see it, and that no text of anybody's is more than text there.

import { beforeAll, describe, expect, it } from 'vitest'
import type { Permission } from '../../src/engine/model/index.ts'
import {
  call,
  createWebhook,
  eventually,
  final,
  openWorld,
  type World,
} from '../end-to-end/world.ts'
import {
  createKey,
  createOperatorKey,
  openReceiver,
  sendAs,
  type TestKey,
} from '../fixtures/hookline.ts'
import { Visitor } from './visitor.ts'

/** What would run if a page took it for more than text. */
const PLANTED = `<img src=x onerror=alert(1)>"'--></script><script>alert(2)</script>`

interface Furnished extends World {
  readonly webhookId: string
  readonly eventId: string
  readonly attemptId: string
}

async function furnish(): Promise<Furnished> {
  const world = await openWorld()
  const { key } = world
  const receiver = openReceiver(
    () => new Response(PLANTED, { status: 500, headers: { 'x-planted': PLANTED } }),
  )
  const { id: webhookId } = await createWebhook(key, receiver, {
    ...final,
    ...{ name: PLANTED, description: PLANTED, scope: {}, eventTypes: ['*'] },
  })
  const event = {
    type: 'invoice.paid',
    data: { text: PLANTED },
    scope: { planted: PLANTED },
    tags: [PLANTED],
  }
  const { events } = await call<{ events: [{ id: string }] }>(key, 202, 'POST', '/events', event)
  const eventId = events[0].id
  let attemptId = ''
  await eventually(async () => {
    const path = `/webhooks/${webhookId}/diverted`
    const diverted = await call<{ items: object[] }>(key, 200, 'GET', path)
    expect(diverted.items).not.toEqual([])
    const attempts = `/webhooks/${webhookId}/attempts?eventId=${eventId}`
    const { items } = await call<{ items: { id: string }[] }>(key, 200, 'GET', attempts)
    attemptId = items[0]?.id ?? ''
    expect(attemptId).not.toBe('')
  })
  return { ...world, webhookId, eventId, attemptId }
}

/** Each page below a tenant, and what of the API it cannot do without. */
function pagesOf({
  webhookId,
  eventId,
  attemptId,
}: Furnished): readonly (readonly [string, string])[] {
  const webhook = `/webhooks/${webhookId}`
  return [
    ['/webhooks', '/webhooks'],
    [webhook, `${webhook}/health`],
    [`${webhook}/edit`, webhook],
    [`${webhook}/failures`, webhook],
    [`${webhook}/diverted`, `${webhook}/diverted`],
    [`${webhook}/attempts/${attemptId}?event=${eventId}`, `${webhook}/attempts`],
    ['/events', '/events'],
    [`/events/${eventId}`, `/events/${eventId}`],
    ['/jobs', '/jobs'],
  ]
}

let furnished: Furnished
beforeAll(async () => {
  furnished = await furnish()
})

const visiting = async (key: Pick<TestKey, 'token'>) => {
  const visitor = new Visitor()
  await visitor.signIn(key.token)
  return (path: string) => visitor.ask(`/console/tenants/${furnished.tenant.id}${path}`)
}

describe('a page', () => {
  it('shows every text as text', async () => {
    const see = await visiting(furnished.key)
    let seen = 0
    for (const [path] of [...pagesOf(furnished), ['']]) {
      const { status, html } = await see(path ?? '')
      expect(status, path).toBe(200)
      for (const dangerous of ['<img src=x', '<script>alert', 'onerror=alert(1)>"']) {
        expect(html.includes(dangerous), `${path} has ${dangerous}`).toBe(false)
      }
      seen += html.split('&lt;img src=x').length - 1
    }
    expect(seen).toBeGreaterThan(5)
  })

  it('has the request of an attempt, its payload as text', async () => {
    const { webhookId, attemptId, eventId } = furnished
    const see = await visiting(furnished.key)
    const { html } = await see(`/webhooks/${webhookId}/attempts/${attemptId}?event=${eventId}`)
    expect(html).toContain('webhook-signature: v1,')
    expect(html).toMatch(/<pre id="request-body"[^>]*>[^<]*&lt;img src=x/)
    expect(html).toMatch(/<pre id="curl"[^>]*>curl -i [^<]*&lt;img src=x/)
  })

  it('runs nothing but our own files, in no frame, and tells nobody where it was', async () => {
    const see = await visiting(furnished.key)
    for (const [path] of pagesOf(furnished)) {
      const { headers, html } = await see(path)
      const policy = headers.get('content-security-policy') ?? ''
      expect(policy).toContain("default-src 'none'")
      expect(policy).toContain("script-src 'self'")
      expect(policy).toContain("frame-ancestors 'none'")
      expect(headers.get('x-frame-options')).toBe('DENY')
      expect(headers.get('referrer-policy')).toBe('no-referrer')
      expect(headers.get('cache-control')).toBe('no-store')
      // Without what stands between quotes in a tag, which is no attribute.
      expect(html.replaceAll(/"[^"]*"/g, '""')).not.toMatch(
        /<[^>]* (?:style|on[a-z]+)=|<script>|<style/,
      )
    }
  })

  const sets: readonly (readonly Permission[])[] = [
    ['webhooks:read'],
    ['webhooks:read', 'webhooks:list'],
    ['events:read'],
    ['events:read', 'events:list'],
    ['diverted-events:read', 'diverted-events:list', 'webhooks:read'],
    ['webhooks:write'],
  ]
  it.each(sets.map((permissions) => [permissions]))(
    'is for whom the API is: %j',
    async (permissions) => {
      const tenantKey = await createKey(furnished.tenant, { permissions })
      const operatorKey = await createOperatorKey({ permissions: [...permissions, 'tenants:read'] })
      for (const key of [tenantKey, operatorKey]) {
        const see = await visiting(key)
        for (const [page, api] of pagesOf(furnished)) {
          const path = `/v1/tenants/${furnished.tenant.id}${api}`
          const { status } = await sendAs(key)({ method: 'GET', path })
          expect((await see(page)).status, `${page} with ${permissions.join(', ')}`).toBe(status)
        }
      }
    },
  )

  it('of another tenant reads like none', async () => {
    const stranger = await openWorld()
    const visitor = new Visitor()
    await visitor.signIn(stranger.key.token)
    for (const [path] of [...pagesOf(furnished), ['']]) {
      const shown = await visitor.ask(`/console/tenants/${furnished.tenant.id}${path}`)
      expect([403, 404], path).toContain(shown.status)
      expect(shown.html).not.toContain(furnished.tenant.name)
      expect(shown.html).not.toContain('&lt;img src=x')
    }
  })

  it('of a webhook is not for the administrator', async () => {
    const visitor = new Visitor()
    await visitor.signIn('test-admin-token')
    for (const [path] of pagesOf(furnished)) {
      const shown = await visitor.ask(`/console/tenants/${furnished.tenant.id}${path}`)
      expect(shown.status, path).toBe(401)
    }
    expect((await visitor.ask('/console/tenants')).status).toBe(200)
    expect((await visitor.ask('/console/operator-keys')).status).toBe(200)
    expect((await visitor.ask(`/console/tenants/${furnished.tenant.id}/keys`)).status).toBe(200)
  })

  it('takes no more than 60 KB', async () => {
    const see = await visiting(furnished.key)
    for (const [path] of pagesOf(furnished)) {
      expect(new TextEncoder().encode((await see(path)).html).length, path).toBeLessThan(60_000)
    }
  })
})
