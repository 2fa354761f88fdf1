// A deployment whose secrets are those of .dev.vars.example: every request is refused, on every surface, and says why.

import { createExecutionContext } from 'cloudflare:test'
import { env, exports } from 'cloudflare:workers'
import { describe, expect, it, vi } from 'vitest'
import example from '../../.dev.vars.example?raw'
import { createWorker } from '../../src/compose.ts'
import { dialects } from '../../src/dialects/index.ts'
import type { Env } from '../../src/platform/env.ts'
import { EXAMPLES, findExampleSecret } from '../../src/platform/example-secrets.ts'
import { Publisher } from '../../src/worker.ts'
import { ED25519_KEY } from '../fixtures/signing-keys.ts'
import { allRoutes, pathOf, type Route } from './routes.ts'

const { handlers } = createWorker(dialects)
type Incoming = Parameters<typeof handlers.fetch>[0]

const SECRETS_KEY = 'dGVzdC1rZXktdGVzdC1rZXktdGVzdC1rZXktdGVzdCE='
const own = {
  ADMIN_TOKEN: 'my-own',
  SECRETS_KEY,
  SIGNING_KEYS: ED25519_KEY,
  ALLOW_PRIVATE_TARGETS: 'false',
}
const REPLACE = {
  ADMIN_TOKEN:
    'ADMIN_TOKEN has the value of .dev.vars.example, which everybody knows, so every request is refused. ' +
    'Make one of your own (openssl rand -hex 32), keep it, and give it to: npx wrangler secret put ADMIN_TOKEN',
  SECRETS_KEY:
    'SECRETS_KEY has the value of .dev.vars.example, which everybody knows, so every request is refused. ' +
    'Make one of your own (openssl rand -base64 32), keep it, and give it to: npx wrangler secret put SECRETS_KEY',
  SIGNING_KEYS:
    'SIGNING_KEYS has the value of .dev.vars.example, which everybody knows, so every request is refused. ' +
    'Make one of your own (openssl genpkey -algorithm ed25519 | openssl pkcs8 -topk8 -nocrypt -outform DER | openssl base64 -A), ' +
    'keep it, and give it to: npx wrangler secret put SIGNING_KEYS',
} as const
const names = ['ADMIN_TOKEN', 'SECRETS_KEY', 'SIGNING_KEYS'] as const

const at = (method: string, pattern: string): Route => ({
  name: `${method} ${pattern}`,
  method,
  pattern,
})

/** Every route but health, which has a shape of its own, and what is none. */
const everything = [
  ...allRoutes().filter(({ pattern }) => pattern !== '/v1/health'),
  ...['/', '/nowhere', '/v1/nowhere', '/v1/webhooks/'].map((path) => at('GET', path)),
  ...['/.well-known/jwks.json', '/.well-known/http-message-signatures-directory'].map((path) =>
    at('GET', path),
  ),
  at('PUT', '/.well-known/jwks.json'),
  ...['GET', 'POST'].map((method) => at(method, '/mcp')),
  at('PUT', '/v1/tenants'),
]

async function call(bindings: Partial<Env>, path: string, method = 'GET') {
  const request = new Request(`https://hookline.test${path}`, {
    method,
    headers: { authorization: 'Bearer dev-admin-token' },
  }) as Incoming
  const answer = await handlers.fetch(request, { ...env, ...bindings }, createExecutionContext())
  return { status: answer.status, text: await answer.text() }
}

describe('the examples', () => {
  it('are all that .dev.vars.example has', () => {
    const lines = example.split('\n').filter((line) => /^[^#]/.test(line))
    expect(lines).toEqual(Object.entries(EXAMPLES).map(([name, value]) => `${name}="${value}"`))
  })

  it.each(names)('are found: %s', (name) => {
    expect(findExampleSecret({ ...own, [name]: EXAMPLES[name] })).toBe(REPLACE[name])
    expect(findExampleSecret({ ...own, [name]: ` ${EXAMPLES[name]}\n` })).toBe(REPLACE[name])
  })

  it.each([
    ['secrets of one’s own', {}],
    ['no secrets', { ADMIN_TOKEN: undefined, SECRETS_KEY: undefined, SIGNING_KEYS: undefined }],
    ['no signing keys', { SIGNING_KEYS: '' }],
    [
      'local development',
      { ADMIN_TOKEN: EXAMPLES.ADMIN_TOKEN, ALLOW_PRIVATE_TARGETS: 'true' } as const,
    ],
    [
      'an example key behind another, which is there to be rotated away',
      { SECRETS_KEY: `${SECRETS_KEY},${EXAMPLES.SECRETS_KEY}` },
    ],
  ])('are not seen in %s', (_, bindings) => {
    expect(findExampleSecret({ ...own, ...bindings } as typeof own)).toBeNull()
  })

  it('are seen in front of another key', () => {
    const both = `${EXAMPLES.SECRETS_KEY},${SECRETS_KEY}`
    expect(findExampleSecret({ ...own, SECRETS_KEY: both })).toBe(REPLACE.SECRETS_KEY)
  })

  it.each(EXAMPLES.SIGNING_KEYS.split(','))(
    'are seen wherever they are among the signing keys: %s',
    (example) => {
      const both = `${ED25519_KEY}, ${example}`
      expect(findExampleSecret({ ...own, SIGNING_KEYS: both })).toBe(REPLACE.SIGNING_KEYS)
    },
  )
})

describe.each(names)('a deployment with the example %s', (name) => {
  const bindings = { ...own, [name]: EXAMPLES[name] }
  it.each(everything)('answers $name with 503 and what to do', async (route) => {
    const path = pathOf(route, () => 'any')
    const answer = await call(bindings, path, route.method)
    expect(answer.status).toBe(503)
    expect(answer.text).toContain(REPLACE[name])
  })

  it('answers each surface in its own shape', async () => {
    const problem = JSON.parse((await call(bindings, '/v1/webhooks')).text)
    expect(problem).toEqual({
      type: 'urn:hookline:problem:unavailable',
      title: 'Temporarily unavailable',
      status: 503,
      detail: REPLACE[name],
      code: 'unavailable',
    })
    for (const { basePath, title } of dialects) {
      const path = basePath.replaceAll(/:\w+(?:\{[^}]*\})?/g, 'default')
      const { status, text } = await call(bindings, path)
      expect({ title, status }).toEqual({ title, status: 503 })
      expect(JSON.parse(text), title).not.toHaveProperty('type')
    }
  })

  it('is not well', async () => {
    const { status, text } = await call(bindings, '/v1/health')
    expect(status).toBe(503)
    expect(JSON.parse(text)).toEqual({ status: 'degraded', reason: REPLACE[name] })
  })

  it('takes nothing by RPC', async () => {
    const publisher = new Publisher(createExecutionContext(), { ...env, ...bindings })
    await expect(publisher.publish(crypto.randomUUID(), { type: 'a', data: 1 })).rejects.toThrow(
      REPLACE[name],
    )
  })
})

it('a deployment with secrets of its own answers as ever', async () => {
  vi.spyOn(console, 'log').mockReturnValue()
  expect((await call(own, '/v1/health')).text).toBe('{"status":"ok"}')
  expect((await call(own, '/v1/webhooks')).status).toBe(401)
  expect((await exports.default.fetch('https://hookline.test/v1/openapi.json')).status).toBe(200)
})
