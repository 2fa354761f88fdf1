// Signing in and out: whose session it is, what it is good for, and when it ends.

import { afterEach, describe, expect, it, vi } from 'vitest'
import { CONSOLE, KEYS } from '../../src/limits.ts'
import { asking } from '../api/asked.ts'
import { createKey, createOperatorKey, createTenant, send } from '../fixtures/hookline.ts'
import { Visitor } from './visitor.ts'

const ADMIN = 'test-admin-token'
const TENANTS = '/console/tenants'

afterEach(() => vi.useRealTimers())

const pass = (ms: number) => vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ms })

async function signedIn(token: string): Promise<Visitor> {
  const visitor = new Visitor()
  expect((await visitor.signIn(token)).status).toBe(200)
  return visitor
}

describe('whoever is not signed in', () => {
  it.each(['/console', TENANTS, `${TENANTS}/x/webhooks/y/edit`, '/console/nothing'])(
    'is asked to sign in at %s',
    async (path) => {
      const shown = await new Visitor().ask(path)
      expect(shown.at).toMatch(/^\/console\/sign-in/)
      expect(shown.html).toContain('Sign in to Hookline')
    },
  )

  it('sees the page that was asked for, once signed in', async () => {
    const { token } = await createOperatorKey({})
    const visitor = new Visitor()
    const asked = await visitor.ask(`${TENANTS}?search=a`)
    const next = new URL(asked.at, 'https://x').searchParams.get('next') ?? ''
    expect((await visitor.signIn(token, next)).at).toBe(`${TENANTS}?search=a`)
  })

  it.each([
    'https://evil.example/console',
    '//evil.example',
    '/v1/tenants',
    '/console/../v1',
    'javascript:x',
  ])('is led to no other place than the console: %s', async (next) => {
    const { token } = await createOperatorKey({})
    expect((await new Visitor().signIn(token, next)).at).toBe(TENANTS)
  })

  it.each(['', 'x', 'a.b', '01900000-0000-7000-8000-000000000000.wrong'])(
    'is not let in with %j',
    async (credential) => {
      const visitor = new Visitor()
      const shown = await visitor.signIn(credential)
      expect(shown.status).toBe(401)
      expect(shown.html).toContain('invalid, revoked or expired')
      expect(visitor.cookies.size).toBe(0)
    },
  )
})

describe('a session', () => {
  it('begins at what the credential is for', async () => {
    const tenant = await createTenant()
    const key = await createKey(tenant, {})
    const operator = await createOperatorKey({})
    expect((await new Visitor().signIn(key.token)).at).toBe(`${TENANTS}/${tenant.id}`)
    expect((await new Visitor().signIn(operator.token)).at).toBe(TENANTS)
    expect((await new Visitor().signIn(ADMIN)).at).toBe(TENANTS)
  })

  it('is in a cookie that nothing but these pages has', async () => {
    const { token } = await createOperatorKey({})
    const fields = { credential: token }
    const path = '/console/sign-in'
    const { headers } = await new Visitor().ask(path, { method: 'POST', fields, follows: false })
    const [cookie = ''] = headers.getSetCookie()
    expect(cookie).toMatch(/^__Host-hookline=/)
    for (const part of [
      'HttpOnly',
      'Secure',
      'SameSite=Strict',
      'Path=/',
      `Max-Age=${CONSOLE.sessionSeconds}`,
    ]) {
      expect(cookie).toContain(part)
    }
    expect(cookie).not.toContain(token.split('.')[1])
  })

  it('opens no call of the API', async () => {
    const { token } = await createOperatorKey({})
    const visitor = await signedIn(token)
    const cookie = [...visitor.cookies].map((pair) => pair.join('=')).join('; ')
    for (const path of ['/v1/tenants', '/api/v1/app', '/v1/tenants/x/webhooks']) {
      expect((await send({ method: 'GET', path }, { cookie })).status).toBe(401)
    }
  })

  it('is another one at each sign-in, whatever the browser brought', async () => {
    const { token } = await createOperatorKey({})
    const victim = new Visitor()
    victim.cookies.set('__Host-hookline', 'planted.secret.signature')
    await victim.signIn(token)
    const [first] = victim.cookies.values()
    await victim.ask('/console/sign-in')
    await victim.signIn(token)
    const [second] = victim.cookies.values()
    expect(new Set(['planted.secret.signature', first, second]).size).toBe(3)
  })

  it('is nobody’s when its cookie was changed', async () => {
    const { token } = await createOperatorKey({})
    const visitor = await signedIn(token)
    const [[name, value] = ['', '']] = visitor.cookies
    for (const changed of [
      value.replace(/^./, 'f'),
      value.slice(0, -4),
      `${value}x`,
      'a.b.c',
      '%',
    ]) {
      const thief = new Visitor()
      thief.cookies.set(name, changed)
      expect((await thief.ask(TENANTS)).html).toContain('Sign in to Hookline')
    }
  })

  it('ends when it is signed out of, and no other does', async () => {
    const { token } = await createOperatorKey({})
    const [one, other] = [await signedIn(token), await signedIn(token)]
    const [cookie] = one.cookies
    await one.send(await one.ask(TENANTS), '/console/sign-out')
    expect((await one.ask(TENANTS)).html).toContain('Sign in to Hookline')
    // A copy of its cookie is worth nothing either.
    one.cookies.set(...(cookie ?? ['', '']))
    pass(KEYS.cacheMs)
    expect((await one.ask(TENANTS)).html).toContain('Sign in to Hookline')
    expect((await other.ask(TENANTS)).status).toBe(200)
  })

  it('ends everywhere, with all of its credential', async () => {
    const { token } = await createOperatorKey({})
    const stranger = await signedIn((await createOperatorKey({})).token)
    const [one, other] = [await signedIn(token), await signedIn(token)]
    await one.send(await one.ask('/console/session'), '/console/sign-out-everywhere')
    pass(KEYS.cacheMs)
    for (const visitor of [one, other]) {
      expect((await visitor.ask(TENANTS)).html).toContain('Sign in to Hookline')
    }
    expect((await stranger.ask(TENANTS)).html).not.toContain('Sign in to Hookline')
  })

  it('ends after a working day', async () => {
    const { token } = await createOperatorKey({})
    const visitor = await signedIn(token)
    pass(CONSOLE.sessionSeconds * 1_000 - 1_000)
    expect((await visitor.ask(TENANTS)).html).not.toContain('Sign in to Hookline')
    pass(2_000)
    expect((await visitor.ask(TENANTS)).html).toContain('Sign in to Hookline')
  })

  it('ends within seconds when its key is revoked', async () => {
    const { id, token } = await createOperatorKey({})
    const visitor = await signedIn(token)
    const admin = asking((call) => send(call, { authorization: `Bearer ${ADMIN}` }))
    expect((await admin('DELETE', `/v1/operator-keys/${id}`)).status).toBe(204)
    pass(KEYS.cacheMs)
    expect((await visitor.ask(TENANTS)).html).toContain('Sign in to Hookline')
  })
})

describe('a form', () => {
  it('of another site signs nobody in, as whomever', async () => {
    const { token } = await createOperatorKey({})
    const visitor = new Visitor()
    const headers = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }
    const fields = { credential: token, next: '' }
    const forced = await visitor.ask('/console/sign-in', { method: 'POST', fields, headers })
    expect(forced.status).toBe(403)
    expect(visitor.cookies.size).toBe(0)
  })

  it('of another site changes nothing', async () => {
    const tenant = await createTenant()
    const key = await createKey(tenant, {})
    const visitor = await signedIn(key.token)
    const path = `${TENANTS}/${tenant.id}/webhooks`
    const fields = { url: 'https://example.com/x', eventTypes: '*' }
    const page = await visitor.ask(`${path}/new`)
    const without = await visitor.ask(path, { method: 'POST', fields })
    expect(without.status).toBe(403)
    const foreign = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }
    const fromElsewhere = await visitor.ask(path, { method: 'POST', fields, headers: foreign })
    expect(fromElsewhere.status).toBe(403)
    const others = await signedIn((await createOperatorKey({})).token)
    const stolen = await visitor.send(await others.ask(TENANTS), path, fields)
    expect(stolen.status).toBe(403)
    expect((await visitor.ask(path)).html).toContain('There is no webhook yet')
    expect((await visitor.send(page, path, fields)).status).toBe(201)
  })
})
