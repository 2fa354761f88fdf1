// A vendor that does not exist, added as src/dialects/README.md teaches it: a folder (acme/), a line (the list below
// stands for the one in vendors.ts) and a test. Nothing else changes, and all that surfaces promise holds for it.

/// <reference types="vite/client" />

import { describe, expect, it } from 'vitest'
import { dialects } from '../../src/dialects/index.ts'
import readme from '../../src/dialects/README.md?raw'
import { callInstead, createKey, send, sendAs } from '../fixtures/hookline.ts'
import { startWorker } from '../fixtures/worker.ts'
import { acme } from './acme/index.ts'
import { openWorld } from './behaviours/world.ts'
import { conformance } from './conformance.ts'
import { restSubject } from './rest-subject.ts'

const { fetch } = startWorker([...dialects, acme])
callInstead(fetch)

conformance(
  restSubject({
    title: 'Acme',
    dialect: 'acme',
    basePath: '/acme/v1',
    collection: '/acme/v1/hooks',
    create: (url) => ({ callback: url, topics: ['paid'] }),
    update: (url) => ({ callback: url }),
    shown: ({ id, url }) => ({ id, callback: url, topics: ['paid'] }),
    error: () => ({ fault: expect.any(Number), text: expect.any(String) }),
    urlField: 'callback',
    secret: null,
    notified: () => ({
      event: { type: 'paid', data: '{"n":1.10}' },
      headers: { 'x-acme-topic': 'paid' },
      signed: false,
      body: () => '{"topic":"paid","payload":{"n":1.10}}',
    }),
  }),
  { 'lists webhooks in order of creation': 'Acme lists the newest first' },
)

it('lists the newest hook first', async () => {
  const { send } = await openWorld()
  for (const topic of ['first', 'second']) {
    const body = JSON.stringify({ callback: 'https://receiver.example/hook', topics: [topic] })
    await send({ method: 'POST', path: '/acme/v1/hooks', body })
  }
  const { body } = await send({ method: 'GET', path: '/acme/v1/hooks' })
  expect(body).toMatchObject([{ topics: ['second'] }, { topics: ['first'] }])
})

describe('the list of its operations', () => {
  it('refuses every other method, and who lacks a permission', async () => {
    const { send, tenant } = await openWorld()
    const wrong = await send({ method: 'PUT', path: '/acme/v1/hooks' })
    expect(wrong).toMatchObject({ status: 405, body: { fault: 5 } })
    expect(wrong.headers.get('allow')).toBe('GET, HEAD, POST')
    const reader = sendAs(await createKey(tenant, { permissions: ['webhooks:read'] }))
    const forbidden = await reader({ method: 'POST', path: '/acme/v1/hooks', body: '{' })
    expect(forbidden).toMatchObject({ status: 403, body: { fault: 4 } })
  })

  it('stands in the description, which stays unambiguous', async () => {
    const { body } = await send({ method: 'GET', path: '/v1/openapi.json' })
    const { paths } = body as { paths: Record<string, Record<string, { operationId: string }>> }
    expect(paths['/acme/v1/hooks/{id}']).toMatchObject({
      get: { operationId: 'acmeGetHook', tags: ['acme'] },
      patch: { operationId: 'acmeUpdateHook', tags: ['acme'] },
      delete: { operationId: 'acmeDeleteHook', tags: ['acme'] },
    })
    expect(paths['/acme/v1/hooks']?.post).toMatchObject({
      operationId: 'acmeCreateHook',
      responses: {
        201: {
          content: { 'application/json': { schema: { $ref: '#/components/schemas/AcmeHook' } } },
        },
        403: {
          content: { 'application/json': { schema: { $ref: '#/components/schemas/AcmeFault' } } },
        },
      },
    })
    const ids = Object.values(paths).flatMap((ofPath) =>
      Object.values(ofPath).map(({ operationId }) => operationId),
    )
    expect(new Set(ids).size).toBe(ids.length)
  })
})

describe('the page that teaches writing a dialect', () => {
  const files = import.meta.glob<string>('./acme/*.ts', {
    query: '?raw',
    import: 'default',
    eager: true,
  })

  it.each(Object.entries(files))('prints %s as it runs here', (path, text) => {
    const withoutImports = text.replace(/^import .*\n/gm, '').trim()
    expect(readme).toContain(`// ${path.slice(2)}\n${withoutImports}\n`)
  })
})
