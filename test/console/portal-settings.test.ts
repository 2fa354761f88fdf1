// The portal of a deployment that names its brand, and origins that may frame it.

import { expect, it } from 'vitest'
import { dialects } from '../../src/dialects/index.ts'
import { administrate, createTenant } from '../fixtures/hookline.ts'
import { startWorker } from '../fixtures/worker.ts'
import { Visitor } from './visitor.ts'

const { fetch } = startWorker(dialects, {
  PORTAL_NAME: 'Acme <Webhooks>',
  PORTAL_LOGO_URL: 'https://cdn.acme.example/logo.svg?v=1',
  PORTAL_COLOR: '#ffcc00',
  PORTAL_ORIGINS: 'https://app.acme.example, https://admin.acme.example',
  PUBLIC_URL: 'https://hooks.acme.example/',
})
const visitor = () => new Visitor((request) => fetch(request))

async function makeLink(): Promise<string> {
  const { id } = await createTenant()
  const { url } = await administrate<{ url: string }>(`/v1/tenants/${id}/portal-links`, {})
  return new URL(url).pathname
}

it('shows name, logo and colour', async () => {
  const shown = await visitor().ask(await makeLink())
  expect(shown.html).toContain('Acme &lt;Webhooks&gt;')
  expect(shown.html).toContain('src="https://cdn.acme.example/logo.svg?v=1"')
  const policy = shown.headers.get('content-security-policy')
  expect(policy).toContain("img-src 'self' https://cdn.acme.example;")
  const [, style = ''] = /href="([^"]*brand-[^"]*)"/.exec(shown.html) ?? []
  expect((await visitor().ask(style)).html).toMatch(/--accent: light-dark\(#[0-9a-f]{6}, #ffcc00\)/)
  const [, icon = ''] = /rel="icon" href="([^"]*)"/.exec(shown.html) ?? []
  expect((await visitor().ask(icon)).html).toContain('#ffcc00')
})

it('is framed by the origins that are named, and its cookie is made for that', async () => {
  const path = await makeLink()
  const { headers } = await visitor().ask(path, { method: 'POST', follows: false })
  const [cookie = ''] = headers.getSetCookie()
  for (const part of ['__Host-portal=', 'SameSite=None', 'Secure', 'Partitioned', 'HttpOnly']) {
    expect(cookie).toContain(part)
  }
  expect(headers.get('x-frame-options')).toBeNull()
  expect(headers.get('content-security-policy')).toMatch(
    /frame-ancestors https:\/\/app\.acme\.example https:\/\/admin\.acme\.example(;|$)/,
  )
})

it('asks for the token of its session in every form, where its cookie comes along', async () => {
  const customer = visitor()
  await customer.ask(await makeLink(), { method: 'POST' })
  const form = { method: 'POST', fields: { url: 'https://forged.example/', eventTypes: '*' } }
  expect((await customer.ask('/portal/webhooks', form)).status).toBe(403)
  const foreign = { origin: 'https://app.acme.example', 'sec-fetch-site': 'cross-site' }
  expect((await customer.ask('/portal/webhooks', { ...form, headers: foreign })).status).toBe(403)
  expect((await customer.ask('/portal/webhooks')).html).not.toContain('forged')
})

it('leaves the console unframed, and its cookie strict', async () => {
  const shown = await visitor().ask('/console/sign-in')
  expect(shown.headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
  expect(shown.headers.get('x-frame-options')).toBe('DENY')
  expect(shown.html).toContain('Sign in to Hookline')
})

it('tells links at its public address', async () => {
  const { id } = await createTenant()
  const response = await fetch(
    new Request(`https://internal.example/v1/tenants/${id}/portal-links`, {
      method: 'POST',
      headers: { authorization: 'Bearer test-admin-token' },
    }),
  )
  const { url } = (await response.json()) as { url: string }
  expect(url).toMatch(/^https:\/\/hooks\.acme\.example\/portal\/open\//)
})
