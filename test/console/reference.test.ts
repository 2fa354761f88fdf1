// The reference of the API: everything that the description says, on pages that stay small, for everybody.

import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { createReference } from '../../src/console/index.tsx'
import { toCommand, toExample } from '../../src/console/reference/call.ts'
import type { DescribedOperation, SchemaObject } from '../../src/console/reference/description.ts'
import { toOutline } from '../../src/console/reference/outline.ts'
import { send } from '../fixtures/hookline.ts'
import { Visitor } from './visitor.ts'

type Document = {
  paths: Record<string, Record<string, { operationId: string; tags: [string]; summary: string }>>
}

const MOST_BYTES = 60_000

const visitor = new Visitor()
const text = (await send({ method: 'GET', path: '/v1/openapi.json' })).text
const operations = Object.values((JSON.parse(text) as Document).paths).flatMap((methods) =>
  Object.values(methods),
)
const index = await visitor.ask('/docs')
const linked = new Set(
  [...index.html.matchAll(/href="(\/docs\/[^"#]+)/g)].map(([, path = '']) => path),
)
const pages = await Promise.all(
  [...linked].map(async (path) => ({ path, ...(await visitor.ask(path)) })),
)

async function zipped(html: string): Promise<number> {
  const stream = new Blob([html]).stream().pipeThrough(new CompressionStream('gzip'))
  return (await new Response(stream).arrayBuffer()).byteLength
}

const idsIn = (html: string) => [...html.matchAll(/ id="([^"]+)"/g)].map(([, id = '']) => id)

describe('the reference', () => {
  it('has every operation on a page of its tag, once, and the index leads there', () => {
    const ids = pages.flatMap(({ html }) => idsIn(html))
    expect(operations.length).toBeGreaterThan(180)
    for (const { operationId, tags } of operations) {
      expect(
        ids.filter((id) => id === operationId),
        operationId,
      ).toHaveLength(1)
      const page = pages.find(({ html }) => idsIn(html).includes(operationId))
      expect(page?.path, operationId).toMatch(new RegExp(`^/docs/${tags[0]}(/\\d+)?$`))
    }
    const links = [...index.html.matchAll(/href="(\/docs\/[^"#]+)#([^"]+)"/g)]
    expect(links.length).toBeGreaterThan(140)
    for (const [, path, id = ''] of links) {
      expect(idsIn(pages.find((page) => page.path === path)?.html ?? '')).toContain(id)
    }
  })

  it('writes vendors as they write themselves', () => {
    for (const [tag, title] of [
      ['contractfit', 'Contract.fit'],
      ['crazygoldfish', 'CrazyGoldFish'],
      ['everypoint', 'EveryPoint'],
      ['infermedica', 'Infermedica'],
      ['socotra', 'Socotra'],
      ['svix', 'Svix'],
    ]) {
      expect(index.html).toContain(`>${title}</`)
      const page = pages.find(({ path }) => path === `/docs/${tag}`)
      expect(page?.html).toMatch(new RegExp(`<h1[^>]*>${title}`))
    }
  })

  it('has on each page what it points to there, and no id twice', () => {
    for (const { path, html } of pages) {
      const ids = idsIn(html)
      expect(ids.length, path).toBe(new Set(ids).size)
      for (const [, id = ''] of html.matchAll(/href="#([^"]+)"/g)) expect(ids, path).toContain(id)
    }
  })

  it('loads nothing from elsewhere, and lets nothing else run', () => {
    for (const { path, status, headers, html } of [{ path: '/docs', ...index }, ...pages]) {
      expect(status, path).toBe(200)
      expect(headers.get('content-security-policy'), path).toContain("default-src 'none'")
      const loaded = [...html.matchAll(/<(?:link|script|img)[^>]*(?:href|src)="([^"]+)"/g)]
      expect(loaded.length, path).toBeGreaterThan(1)
      for (const [, address] of loaded) expect(address, path).toMatch(/^\/console\/assets\//)
      expect(html, path).not.toMatch(/<style|<script>| style=| on\w+="/)
    }
  })

  it('has no page of more than 60 kB, before it is compressed', async () => {
    for (const { path, html } of [{ path: '/docs', ...index }, ...pages]) {
      expect(new TextEncoder().encode(html).length, path).toBeLessThan(MOST_BYTES)
      expect(await zipped(html), path).toBeLessThan(MOST_BYTES / 4)
    }
  })

  it('may be kept, and is not sent again where it is the same', async () => {
    expect(index.headers.get('cache-control')).toBe('public, max-age=300')
    const tag = index.headers.get('etag') ?? ''
    const again = await visitor.ask('/docs', { headers: { 'if-none-match': tag } })
    expect(again).toMatchObject({ status: 304, html: '' })
  })

  it.each(['/docs/nothing', '/docs/webhooks/99', '/docs/webhooks/0', '/docs/a/b/c'])(
    'has no page %s',
    async (path) => {
      const { status, headers, html } = await visitor.ask(path)
      expect(status).toBe(404)
      expect(html).toContain('The reference has no such page.')
      expect(headers.get('cache-control')).toBe('no-store')
      expect(headers.get('content-security-policy')).toContain("default-src 'none'")
    },
  )

  it('finds operations by words of their path, summary and tag', async () => {
    const { html } = await visitor.ask('/docs?search=Rotate+WEBHOOKS')
    expect(html).toContain('#rotateSecret')
    expect(html).not.toContain('#createWebhook"')
    const none = await visitor.ask(`/docs?search=${encodeURIComponent('<script>nothing')}`)
    expect(none.html).toContain('No operation has “&lt;script&gt;nothing”.')
    expect(none.html).not.toContain('<script>nothing')
  })

  it('says who may ask, what goes in and what comes out', () => {
    const html = pages.find((page) => page.path === '/docs/webhooks')?.html ?? ''
    expect(html).toContain('Permissions that the key needs: webhooks:write.')
    expect(html).toContain('/v1/tenants/{tenant}/webhooks')
    expect(html).toContain(', 1 to 2,048 characters')
    expect(html).toContain('<a href="#schema-CreatedWebhook">CreatedWebhook</a>')
    expect(html).toContain('curl -X POST &#39;https://hookline.test/v1/webhooks&#39;')
  })
})

describe('a description by somebody else', () => {
  const hostile = '<img src=x onerror=alert(1)>"\'`</pre>'
  const schema = {
    type: 'object',
    description: hostile,
    required: [hostile],
    properties: {
      [hostile]: { type: 'string', description: hostile, enum: [hostile], default: hostile },
      self: { $ref: '#/components/schemas/Self' },
      list: { type: 'array', items: { $ref: '#/components/schemas/Self' } },
    },
  }
  const content = { [hostile]: { schema: { $ref: '#/components/schemas/Self' } } }
  const operation = {
    ...{ operationId: 'one', summary: hostile, description: hostile, tags: ['tag'] },
    security: [{ bearer: [] }],
    parameters: [
      { name: hostile, in: 'query', required: true, schema: { type: 'string', example: hostile } },
    ],
    requestBody: { content },
    responses: { 200: { description: hostile, content, headers: { [hostile]: {} } } },
  }
  const document = {
    paths: { [`/v1/${hostile}`]: { post: operation } },
    components: { schemas: { Self: schema } },
  }
  const app = createReference({ fetch: () => Response.json(document) })
  const bindings = { ...env, exampleSecret: null, publicOrigin: null }
  const show = async (path: string) =>
    (await app.request(path, {}, bindings as never, createExecutionContext())).text()

  it.each(['/', '/tag', '/?search=img'])('is text, wherever it stands: %s', async (path) => {
    const html = await show(path)
    expect(html).toContain('&lt;img src=x')
    expect(html).not.toContain('<img')
    expect(html.match(/<\/pre>/g) ?? []).toHaveLength(path === '/tag' ? 1 : 0)
  })

  it('may hold itself', async () => {
    const html = await show('/tag')
    expect(html).toContain('array of <a href="#schema-Self">Self</a>')
    expect(idsIn(html).filter((id) => id === 'schema-Self')).toHaveLength(1)
  })
})

describe('a schema in words', () => {
  it.each<[SchemaObject, string, string[]]>([
    [{ type: 'string', format: 'uuid' }, 'string (uuid)', []],
    [{ type: ['string', 'null'], maxLength: 1 }, 'string or null', ['at most 1 character']],
    [
      { type: 'integer', minimum: 1, maximum: 250, default: 50 },
      'integer',
      ['1 to 250', '`50` unless given'],
    ],
    [{ type: 'integer', minimum: -9007199254740991, maximum: 9007199254740991 }, 'integer', []],
    [
      { type: 'array', minItems: 2, items: { type: 'string', minLength: 3 } },
      'array of string',
      ['at least 2 items', 'each at least 3 characters'],
    ],
    [
      { type: 'object', maxProperties: 16, additionalProperties: { type: 'string' } },
      'map of string',
      ['at most 16 entries'],
    ],
    [{ type: 'object', properties: {}, additionalProperties: {} }, 'object', []],
    [{ anyOf: [{ $ref: '#/components/schemas/A' }, { type: 'null' }] }, '→A or null', []],
    [{ type: 'string', const: 'a' }, 'string', ['always `a`']],
    [{ type: 'string', enum: ['a', 'b'] }, 'string', ['one of `a`, `b`']],
    [{}, 'any value', []],
  ])('%j', (schema, type, limits) => {
    const outline = toOutline(schema)
    const words = outline.type.map((part) => (typeof part === 'string' ? part : `→${part.name}`))
    expect(words.join('')).toBe(type)
    expect(outline.limits).toEqual(limits)
  })

  it('has the fields of each that it may be', () => {
    const one = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] }
    const { alternatives, fields } = toOutline({
      anyOf: [{ oneOf: [one, { type: 'integer', minimum: 0 }] }, { type: 'null' }],
    })
    expect(fields).toEqual([])
    expect(alternatives).toMatchObject([
      { fields: [{ field: 'a', isRequired: true }] },
      { limits: ['at least 0'] },
    ])
  })
})

describe('a call', () => {
  const schemas: Record<string, SchemaObject> = {
    Self: { properties: { self: { $ref: '#/components/schemas/Self' } }, required: ['self'] },
  }
  const schemaNamed = (name: string) => schemas[name] ?? {}

  it('has what has to be given, as words of a shell', () => {
    const operation: DescribedOperation = {
      ...{
        method: 'PUT',
        path: '/v1/x/{webhookId}',
        operationId: 'x',
        summary: '',
        description: '',
      },
      tags: ['x'],
      security: [{ administrator: [] }],
      parameters: [
        { name: 'q', in: 'query', required: true, schema: { type: 'string', example: 'a b' } },
        { name: 'other', in: 'query', required: false, schema: { type: 'string' } },
        { name: 'X-One', in: 'header', required: true, schema: { type: 'integer', minimum: 3 } },
      ],
      requestBody: {
        required: true,
        content: { 'application/json': { schema: { type: 'string', example: "it's" } } },
      },
      responses: {},
    }
    expect(toCommand(operation, { schemaNamed }, 'https://hooks.example').split(' \\\n  ')).toEqual(
      [
        "curl -X PUT 'https://hooks.example/v1/x/WEBHOOK_ID?q=a+b'",
        '-H "authorization: Bearer $ADMIN_TOKEN"',
        "-H 'X-One: 3'",
        "-H 'content-type: application/json'",
        `-d '"it'\\''s"'`,
      ],
    )
  })

  it('ends where a schema does not', () => {
    const example = JSON.stringify(toExample({ $ref: '#/components/schemas/Self' }, schemaNamed))
    expect(example).toMatch(/^(\{"self":)+null\}+$/)
  })
})
