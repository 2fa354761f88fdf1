// Requests that fail before any surface sees them: they get a document and headers like all others.

import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { createWorker } from '../../src/compose.ts'
import { dialects } from '../../src/dialects/index.ts'

const { handlers } = createWorker(dialects)
type Incoming = Parameters<typeof handlers.fetch>[0]

it.each([
  ['a host that is none', 'http://a b/v1/health', {}, 400, 'malformed'],
  [
    'a deployment whose origins are none',
    'https://hookline.test/v1/health',
    { ALLOWED_ORIGINS: '*' },
    500,
    'internal',
  ],
])('%s is answered with a document', async (_, url, bindings, status, code) => {
  const request: Incoming = new Request('https://hookline.test/') as Incoming
  Object.defineProperty(request, 'url', { value: url })
  const answer = await handlers.fetch(request, { ...env, ...bindings }, createExecutionContext())
  expect(answer.status).toBe(status)
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    'content-type': 'application/problem+json',
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  })
  expect(await answer.json()).toMatchObject({ code, status })
})
