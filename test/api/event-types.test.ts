// The catalogue of event types, and what follows from it for publishing, webhooks and the API's description.

import asyncapi30 from '@asyncapi/specs/schemas/3.0.0.json'
import { Validator } from '@cfworker/json-schema'
import openapi31 from '@seriousme/openapi-schema-validator/schemas/v3.1/schema.json'
import { afterEach, describe, expect, it } from 'vitest'
import { createOperatorKey, openReceiver, send, sendAs } from '../fixtures/hookline.ts'
import { type Ask, askAdmin, newCaller } from './asked.ts'

const OLD = {
  type: 'object',
  properties: { total: { type: 'number' } },
  required: ['total'],
  additionalProperties: false,
}
const NEW = {
  type: 'object',
  properties: {
    total: { type: 'string', pattern: '^[0-9.]+$' },
    lines: { type: 'array', items: { $ref: '#/$defs/line' } },
  },
  required: ['total'],
  $defs: { line: { type: 'object', required: ['sku'], properties: { sku: { type: 'string' } } } },
}
const EXAMPLE = { total: '12.50', lines: [{ sku: 'a' }] }

let made: string[] = []
let count = 0
/** A name that no other test has. */
function newName(): string {
  count += 1
  return `catalogue.test${count}`
}

const save = async (name: string, definition: object, query = '') => {
  made.push(name)
  return askAdmin('PUT', `/v1/event-types/${name}${query}`, definition)
}

/** The catalogue is of the deployment, which other tests share. */
afterEach(async () => {
  for (const name of made) await askAdmin('DELETE', `/v1/event-types/${name}`)
  made = []
})

const publish = (ask: Ask, event: object | string) => ask('POST', '/v1/events', event)

describe('the catalogue', () => {
  it('is written by the administrator and with an operator key that may, and read with every key', async () => {
    const name = newName()
    const saved = await save(name, {
      group: 'Billing',
      schemas: { '2025-01': OLD, '2026-11': NEW },
      examples: [EXAMPLE],
    })
    const shown = {
      ...{ name, description: null, group: 'Billing', deprecated: false, archived: false },
      ...{ featureFlag: null, check: 'off', schemas: { '2025-01': OLD, '2026-11': NEW } },
      ...{
        conversions: [],
        examples: [EXAMPLE],
        createdAt: expect.any(String),
        updatedAt: expect.any(String),
      },
    }
    expect(saved, saved.text).toMatchObject({ status: 200, body: { ...shown } })
    const { ask, tenant } = await newCaller(['events:read'])
    expect((await ask('GET', `/v1/event-types/${name}`)).body).toEqual(shown)
    expect((await ask('GET', '/v1/event-types?group=Billing')).body).toMatchObject({
      items: [shown],
    })
    expect((await ask('DELETE', `/v1/event-types/${name}`)).status).toBe(403)
    const everything = await newCaller(undefined, tenant)
    expect((await everything.ask('PUT', `/v1/event-types/${name}`, {})).status).toBe(403)
    const path = `/v1/event-types/${name}`
    const askWith = async (permissions: readonly string[]) => {
      const call = sendAs(await createOperatorKey({ permissions }))
      return (method: string, body?: object) =>
        call({ method, path, ...(body && { body: JSON.stringify(body) }) })
    }
    const reader = await askWith(['tenants:write'])
    expect((await reader('GET')).body).toEqual(shown)
    expect(await reader('PUT', {})).toMatchObject({
      status: 403,
      body: { detail: expect.stringContaining('catalogue:write') },
    })
    const write = await askWith(['catalogue:write'])
    expect((await write('PUT', shownAsInput(shown))).status).toBe(200)
    expect((await write('DELETE')).status).toBe(204)
    expect((await ask('GET', `/v1/event-types/${name}`)).status).toBe(404)
  })

  const shownAsInput = ({ createdAt: _, updatedAt: __, ...input }: Record<string, unknown>) => input

  it('is listed in order of name, page by page, without archived types unless they are asked for', async () => {
    for (const name of ['zz.b', 'zz.a', 'zz.c'])
      await save(name, { group: 'zz', archived: name === 'zz.b' })
    const names = async (query: string) => {
      const { body } = await askAdmin('GET', `/v1/event-types?group=zz${query}`)
      const { items, nextCursor } = body as { items: { name: string }[]; nextCursor: string | null }
      return [items.map(({ name }) => name), nextCursor]
    }
    expect(await names('')).toEqual([['zz.a', 'zz.c'], null])
    expect(await names('&archived=true&limit=2')).toEqual([['zz.a', 'zz.b'], 'event-types.zz.b'])
    expect(await names('&archived=true&limit=2&cursor=event-types.zz.b')).toEqual([['zz.c'], null])
  })

  it.each([
    [{ schemas: { '2025-01': { type: 'text' } } }, 'schemas.2025-01.type'],
    [
      { schemas: { '1': { properties: { a: { pattern: '(?=x)' } } } } },
      'schemas.1.properties.a.pattern',
    ],
    [{ schemas: { 'no version': {} } }, 'schemas.no version'],
    [{ schemas: { _1: {} } }, 'schemas._1'],
    [{ schemas: { '1': OLD }, examples: [{ total: 1 }, { total: 'x' }] }, 'examples[1].total'],
    [{ check: 'always' }, 'check'],
    [{ name: 'another' }, 'name'],
  ])('refuses %j', async (definition, path) => {
    const answer = await save(newName(), definition)
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ path }] } })
  })

  it('refuses names of events that Hookline publishes itself', async () => {
    expect((await save('webhook.suspended', {})).status).toBe(400)
  })

  it('says what a change breaks, and refuses it for a version that is published unless told', async () => {
    const name = newName()
    await save(name, { schemas: { '2025-01': OLD } })
    const added = await save(name, { schemas: { '2025-01': OLD, '2026-11': NEW } })
    expect(added.status).toBe(200)
    const { breaks } = added.body as { breaks: object[] }
    const between = { from: '2025-01', to: '2026-11' }
    expect(breaks).toContainEqual({
      ...between,
      kind: 'type_changed',
      breaks: 'both',
      path: '#/properties/total/type',
    })
    const changed = { schemas: { '2025-01': { ...OLD, properties: {} }, '2026-11': NEW } }
    const refusal = await save(name, changed)
    expect(refusal).toMatchObject({
      status: 409,
      body: { errors: [{ path: 'schemas.2025-01' }] },
    })
    expect(refusal.text).toContain('property_removed at #/properties/total')
    const accepted = await save(name, changed, '?acceptBreaks=true')
    expect(accepted).toMatchObject({ status: 200 })
    expect((await save(name, {})).text).toContain('version_removed')
  })

  it('counts a conversion that is removed or changed as a break of the version that it makes', async () => {
    const name = newName()
    const schemas = { '2025-01': OLD, '2026-11': NEW }
    const conversion = { from: '2026-11', to: '2025-01', expression: '{ "total": $number(total) }' }
    expect((await save(name, { schemas, conversions: [conversion] })).status).toBe(200)
    const refusal = await save(name, { schemas })
    expect(refusal).toMatchObject({
      status: 409,
      body: {
        errors: [
          {
            path: 'conversions',
            message: 'conversion_removed at #/conversions/2026-11/2025-01',
          },
        ],
      },
    })
    const changed = [{ ...conversion, expression: '{ "total": 2 * $number(total) }' }]
    expect((await save(name, { schemas, conversions: changed })).status).toBe(409)
    const accepted = await save(name, { schemas, conversions: changed }, '?acceptBreaks=true')
    expect(accepted).toMatchObject({
      status: 200,
      body: {
        breaks: [
          {
            ...{ kind: 'conversion_changed', breaks: 'both' },
            ...{ path: '#/conversions/2026-11/2025-01', from: '2025-01', to: '2025-01' },
          },
        ],
      },
    })
  })
})

describe('a number that JavaScript cannot hold', () => {
  const put = async (body: string) =>
    sendAs(await createOperatorKey())({ method: 'PUT', path: `/v1/event-types/${newName()}`, body })

  it('is refused in a schema and in an example, and named', async () => {
    const schemas = '{"1":{"properties":{"n":{"enum":[1,1e400,9007199254740993]}}}}'
    const { status, body } = await put(`{"schemas":${schemas},"examples":[{"n":1e-400}]}`)
    expect({ status, body }).toMatchObject({
      status: 400,
      body: {
        errors: [
          { path: 'schemas.1.properties.n.enum[1]' },
          {
            path: 'schemas.1.properties.n.enum[2]',
            message: expect.stringContaining('9007199254740992'),
          },
          { path: 'examples[0].n' },
        ],
      },
    })
  })

  it('is refused in what is imported, and passed over elsewhere', async () => {
    const schema = '{"maximum":9223372036854775807}'
    const content = `{"application/json":{"schema":${schema}}}`
    const webhooks = `{"x":{"post":{"requestBody":{"content":${content}}}}}`
    const body = `{"openapi":"3.1.0","info":{"version":"1"},"x-of-others":1e400,"webhooks":${webhooks}}`
    const path = '/v1/event-types/import/openapi'
    const answer = await sendAs(await createOperatorKey())({ method: 'POST', path, body })
    expect(answer.body).toMatchObject({
      status: 400,
      errors: [{ path: 'webhooks.x.post.requestBody.content.application/json.schema.maximum' }],
    })
  })
})

describe('publishing', () => {
  it('is refused under enforce, with the path, and nothing of the request is published', async () => {
    const name = newName()
    await save(name, { check: 'enforce', schemas: { '2026-11': NEW } })
    const { ask } = await newCaller()
    const bad = { type: name, data: { total: '1', lines: [{ sku: 'a' }, {}] } }
    expect(await publish(ask, bad)).toMatchObject({
      status: 400,
      body: { errors: [{ path: 'data.lines[1].sku', message: 'Required.' }] },
    })
    const both = await publish(ask, [{ type: name, data: EXAMPLE }, bad])
    expect(both.body).toMatchObject({ errors: [{ path: '[1].data.lines[1].sku' }] })
    expect((await ask('GET', '/v1/events')).body).toMatchObject({ items: [] })
    expect((await publish(ask, { type: name, data: EXAMPLE })).status).toBe(202)
    const unknown = { type: name, versions: { '2026-12': EXAMPLE } }
    expect((await publish(ask, unknown)).body).toMatchObject({
      errors: [{ path: 'versions.2026-12' }],
    })
  })

  it('goes on under warn and off, and for types that are not listed or archived', async () => {
    const { ask } = await newCaller()
    for (const definition of [
      { check: 'warn' },
      { check: 'off' },
      { check: 'enforce', archived: true },
    ]) {
      const name = newName()
      await save(name, { ...definition, schemas: { '2026-11': NEW } })
      expect((await publish(ask, { type: name, data: {} })).status).toBe(202)
    }
    expect((await publish(ask, { type: newName(), data: {} })).status).toBe(202)
    // Four events, of which one type warned.
    expect((await ask('GET', '/v1/usage')).body).toMatchObject({
      items: [{ events: 4, invalid: 1 }],
    })
  })

  it.each([
    [{}, 'data'],
    [{ versions: {} }, 'data'],
    [{ data: {}, versions: { '1': {} } }, 'versions'],
    [{ versions: { '1': [] } }, 'versions.1'],
    [{ versions: { 'a b': {} } }, 'versions.a b'],
    [{ versions: Object.fromEntries(Array.from({ length: 21 }, (_, n) => [n, {}])) }, 'versions'],
  ])('of %j is refused', async (event, path) => {
    const { ask } = await newCaller()
    const answer = await publish(ask, { type: 'a', ...event })
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ path }] } })
  })
})

describe('a webhook', () => {
  const webhook = async (ask: Ask, type: string, given: object = {}) => {
    const receiver = openReceiver()
    const answer = await ask('POST', '/v1/webhooks', {
      url: receiver.url,
      eventTypes: [type],
      ...given,
    })
    expect(answer, answer.text).toMatchObject({ status: 201 })
    return { ...receiver, body: answer.body as { id: string; version: string | null } }
  }
  const dataOf = (body: string | undefined) => body?.replace(/^.*?"data":/s, '').slice(0, -1)

  it('is pinned to the newest version, to a named one, or to none', async () => {
    const { ask } = await newCaller()
    await save(newName(), { schemas: { '3026-11': NEW, '2025-01': OLD } })
    const { body } = await webhook(ask, 'a')
    expect(body.version).toBe('3026-11')
    expect((await webhook(ask, 'a', { version: '2025-07' })).body.version).toBe('2025-07')
    expect((await webhook(ask, 'a', { version: null })).body.version).toBeNull()
    const patch = async (change: object) =>
      ((await ask('PATCH', `/v1/webhooks/${body.id}`, change)).body as { version: unknown }).version
    expect(await patch({ name: 'x' })).toBe('3026-11')
    expect(await patch({ version: '2025-01' })).toBe('2025-01')
    expect(await patch({ version: null })).toBeNull()
  })

  it('gets the data of its version, byte for byte, also when it is sent again after the pin was changed', async () => {
    const name = newName()
    const { ask } = await newCaller()
    await save(name, { check: 'enforce', schemas: { '2025-01': OLD, '2026-11': NEW } })
    const old = await webhook(ask, name, { version: '2026-10' })
    const early = await webhook(ask, name, { version: '2024-01' })
    const newest = await webhook(ask, name, { version: '2026-11' })
    const free = await webhook(ask, name, { version: null })
    const versions = '{"2025-01":{ "total": 1.10 }, "2026-11": {"total":"1.10" }}'
    const { body } = await publish(ask, `{"type":"${name}","versions":${versions}}`)
    const [{ id }] = (body as { events: [{ id: string }] }).events
    const got = async ({ received }: typeof old, count = 1) =>
      dataOf((await received(count))[count - 1]?.body)
    expect(await got(old)).toBe('{ "total": 1.10 }')
    expect(await got(early)).toBe('{ "total": 1.10 }')
    expect(await got(newest)).toBe('{"total":"1.10" }')
    expect(await got(free)).toBe('{"total":"1.10" }')
    const shown = await ask('GET', `/v1/events/${id}`)
    expect(shown.text).toContain('"data":{"total":"1.10" }')
    expect(shown.text).toContain(
      '"versions":{"2026-11":{"total":"1.10" },"2025-01":{ "total": 1.10 }}',
    )
    await ask('PATCH', `/v1/webhooks/${old.body.id}`, { version: '2026-11' })
    await ask('POST', `/v1/events/${id}/resend`, { webhookId: old.body.id })
    expect(await got(old, 2)).toBe('{ "total": 1.10 }')
  })

  it('gets data alone as far as it is valid under its version, and is told why not', async () => {
    const name = newName()
    const { ask } = await newCaller()
    await save(name, { schemas: { '2025-01': OLD, '2026-11': NEW } })
    const old = await webhook(ask, name, { version: '2025-01' })
    const { body } = await publish(ask, { type: name, data: { total: '2' } })
    const [{ id }] = (body as { events: [{ id: string }] }).events
    const shown = await ask('GET', `/v1/events/${id}?unmatched=true`)
    expect(shown.body).toMatchObject({
      deliveries: [],
      unmatched: { items: [{ webhookId: old.body.id, reasons: ['version'] }] },
    })
    await ask('PATCH', `/v1/webhooks/${old.body.id}`, { version: '2026-11' })
    await ask('POST', `/v1/events/${id}/resend`, { webhookId: old.body.id })
    expect(dataOf((await old.received(1))[0]?.body)).toBe('{"total":"2"}')
  })

  it('is tested with an example that is valid under its version, given, made up, or with none', async () => {
    const name = newName()
    const { ask } = await newCaller()
    const both = { type: 'object', required: ['total'] }
    const odd = { ...both, properties: { total: { type: 'string', pattern: '^[a-f]{7}$' } } }
    await save(name, { schemas: { '2025-01': odd, '2026-11': both }, examples: [EXAMPLE] })
    const { body, received } = await webhook(ask, 'a', { version: '2025-06' })
    const test = (given: object = {}) =>
      ask('POST', `/v1/webhooks/${body.id}/test`, { type: name, ...given })
    const refused = await test()
    expect(refused).toMatchObject({ status: 400, body: { errors: [{ path: 'type' }] } })
    expect(refused.text).toContain('The webhook gets version 2025-01 of this type')
    expect((await test({ data: { total: 5 } })).status).toBe(200)
    const schemas = { '2025-01': OLD, '2026-11': both }
    await save(name, { schemas, examples: [EXAMPLE] }, '?acceptBreaks=true')
    expect((await test()).status).toBe(200)
    await save(name, { schemas, examples: [EXAMPLE, { total: 2 }] })
    expect((await test()).status).toBe(200)
    expect((await received(3)).map((request) => dataOf(request.body))).toEqual([
      '{"total":5}',
      '{"total":1}',
      '{"total":2}',
    ])
  })

  it('is tested with the example of a type', async () => {
    const name = newName()
    const { ask } = await newCaller()
    await save(name, { schemas: { '2026-11': NEW }, examples: [EXAMPLE] })
    const { body, received } = await webhook(ask, 'a')
    await ask('POST', `/v1/webhooks/${body.id}/test`, { type: name })
    expect(dataOf((await received(1))[0]?.body)).toBe(JSON.stringify(EXAMPLE))
  })
})

describe('conversions', () => {
  const UP = { from: '2025-01', to: '2026-11', expression: '{ "total": $string(total) }' }
  const DOWN = { from: '2026-11', to: '2025-01', expression: '{ "total": $number(total) }' }
  const SCHEMAS = { '2025-01': OLD, '2026-11': NEW }

  it('are refused where they are wrong, with the place', async () => {
    const name = newName()
    const wrong = async (...conversions: readonly object[]) => {
      const answer = await save(name, { schemas: SCHEMAS, conversions, examples: [EXAMPLE] })
      expect(answer, answer.text).toMatchObject({ status: 400 })
      return (answer.body as { errors: { path: string; message: string }[] }).errors
    }
    const changed = (change: object) => wrong({ ...DOWN, ...change })
    expect(await changed({ expression: '{ "total": ' })).toEqual([
      {
        path: 'conversions[0].expression',
        message: 'Expected "}" before end of expression (character 11, line 1, column 12).',
      },
    ])
    expect(await changed({ expression: '$secret("a")' })).toMatchObject([
      { message: '$secret() is not available in a conversion (character 0, line 1, column 1).' },
    ])
    expect(await changed({ to: '2024-01' })).toMatchObject([{ path: 'conversions[0].to' }])
    expect(await changed({ to: '2026-11' })).toMatchObject([{ path: 'conversions[0].to' }])
    expect(await changed({ when: 'always' })).toMatchObject([{ path: 'conversions[0].when' }])
    expect(await wrong(DOWN, UP, DOWN)).toMatchObject([{ path: 'conversions[2]' }])
    expect(await changed({ expression: '{ "sum": total }' })).toEqual([
      {
        path: 'conversions[0].expression',
        message: 'It fails on example 0: What it makes is not valid at total: Required.',
      },
    ])
  })

  it('refuses conversions that take more steps than a request has, however many examples are left', async () => {
    const endless = '($f := function($n) { $f($n + 1) }; $f(0))'
    const answer = await save('order.endless', {
      schemas: { '2025-01': {}, '2026-11': {} },
      conversions: [{ from: '2026-11', to: '2025-01', expression: endless }],
      examples: Array.from({ length: 10 }, (_, n) => ({ n })),
    })
    const { errors } = answer.body as { errors: { path: string; message: string }[] }
    expect([answer.status, errors.length]).toEqual([400, 10])
    expect(new Set(errors.map(({ path }) => path))).toEqual(new Set(['conversions[0].expression']))
    expect(errors.at(-1)?.message).toMatch(/^It fails on example 9: It takes more steps/)
  })

  it('are tried beforehand, on numbers as they were written', async () => {
    const { ask } = await newCaller(['webhooks:read'])
    const preview = async (conversion: string, data: string) => {
      const event = `{"type":"a","data":${data}}`
      const about = JSON.stringify({ conversion }).slice(0, -1)
      const answer = await ask('POST', '/v1/expressions/preview', `${about},"event":${event}}`)
      expect(answer, answer.text).toMatchObject({ status: 200, body: { body: null } })
      return (answer.body as { conversion: object }).conversion
    }
    expect(await preview('{ "sum": total }', '{"total":1.10}')).toEqual({
      ...{ text: '{"sum":1.10}', error: null, steps: expect.any(Number) },
    })
    expect(await preview('total', '{"total":1.10}')).toMatchObject({
      ...{ text: null, error: 'It makes no object.' },
    })
    const refused = await ask('POST', '/v1/expressions/preview', {
      ...{ conversion: '$secret("a")', event: { type: 'a' } },
    })
    expect(refused).toMatchObject({ status: 400, body: { errors: [{ path: 'conversion' }] } })
  })

  it('are of a test as well', async () => {
    const name = newName()
    const { ask } = await newCaller()
    await save(name, { schemas: SCHEMAS, conversions: [DOWN], examples: [EXAMPLE] })
    const receiver = openReceiver()
    const input = { url: receiver.url, eventTypes: ['a'], version: '2025-01' }
    const { id } = (await ask('POST', '/v1/webhooks', input)).body as { id: string }
    await ask('POST', `/v1/webhooks/${id}/test`, { type: name })
    expect((await receiver.received(1))[0]?.body).toContain('"data":{"total":12.5}')
  })
})

describe('documents', () => {
  it('are OpenAPI 3.1 and AsyncAPI 3.0 by the schemas of their initiatives', async () => {
    await save(newName(), {
      description: 'Paid.',
      group: 'B',
      deprecated: true,
      schemas: { '2025-01': OLD, '2026-11': NEW },
      examples: [EXAMPLE],
    })
    await save(newName(), {})
    const words = {
      ...{ title: 5, description: ['x'], deprecated: 'yes', examples: { a: 1 }, format: null },
      ...{ discriminator: { propertyName: 'kind' }, externalDocs: { url: 'not one' }, xml: {} },
    }
    const properties = { title: { ...words, type: 'object' }, a: { items: words } }
    await save(newName(), { schemas: { '1': { ...words, properties } } })
    const errorsOf = async (path: string, validator: Validator) =>
      validator.validate((await askAdmin('GET', path)).body).errors
    const openApi = new Validator(openapi31 as object, '2020-12', false)
    for (const path of ['/v1/openapi.json', '/v1/event-types/export/openapi']) {
      expect(await errorsOf(path, openApi), path).toEqual([])
    }
    const asyncApi = new Validator(asyncapi30 as object, '7', false)
    expect(await errorsOf('/v1/event-types/export/asyncapi', asyncApi)).toEqual([])
    expect(asyncApi.validate({ asyncapi: '3.0.0', info: { title: 1 } }).valid).toBe(false)
  })

  it('shows a type that has a feature flag to nobody without a key', async () => {
    const name = newName()
    await save(name, { featureFlag: 'beta', schemas: { '1': { type: 'object' } } })
    const open = await send({ method: 'GET', path: '/v1/openapi.json' })
    expect(open.text).not.toContain(name)
    expect((await askAdmin('GET', '/v1/event-types/export/openapi')).text).toContain(name)
  })

  it('show the types as webhooks, and an export can be imported', async () => {
    const name = newName()
    await save(name, {
      description: 'Paid.',
      group: 'B',
      schemas: { '2025-01': OLD, '2026-11': NEW },
      examples: [EXAMPLE],
    })
    for (const path of ['/v1/openapi.json', '/v1/event-types/export/openapi']) {
      const { webhooks, components } = (await askAdmin('GET', path)).body as Record<
        string,
        Record<string, unknown>
      >
      expect(webhooks?.[name]).toMatchObject({ post: { description: 'Paid.', tags: ['B'] } })
      expect(components?.schemas).toMatchObject({
        [`${name}.data`]: {
          properties: {
            lines: { items: { $ref: `#/components/schemas/${name}.data/$defs/line` } },
          },
        },
      })
    }
    const old = await askAdmin('GET', '/v1/event-types/export/openapi?version=2025-12')
    expect(old.body).toMatchObject({ components: { schemas: { [`${name}.data`]: OLD } } })
    const asyncApi = await askAdmin('GET', '/v1/event-types/export/asyncapi')
    expect(asyncApi.body).toMatchObject({
      asyncapi: '3.0.0',
      components: { messages: { [name]: { title: name } } },
    })

    const exported = (await askAdmin('GET', '/v1/event-types/export/openapi')).body as {
      webhooks: object
    }
    const only = {
      ...exported,
      webhooks: Object.fromEntries(
        Object.entries(exported.webhooks).filter(([key]) => key === name),
      ),
    }
    const before = await askAdmin('GET', `/v1/event-types/${name}`)
    const again = await askAdmin('POST', '/v1/event-types/import/openapi', only)
    expect(again, again.text).toMatchObject({ status: 200, body: { eventTypes: [{ breaks: [] }] } })
    const { updatedAt: _, ...unchanged } = before.body as Record<string, unknown>
    expect((await askAdmin('GET', `/v1/event-types/${name}`)).body).toMatchObject(unchanged)
    await askAdmin('DELETE', `/v1/event-types/${name}`)
    const imported = await askAdmin(
      'POST',
      '/v1/event-types/import/openapi?version=2026-11&check=enforce',
      only,
    )
    expect(imported, imported.text).toMatchObject({
      status: 200,
      body: {
        eventTypes: [
          { name, description: 'Paid.', group: 'B', check: 'enforce', examples: [EXAMPLE] },
        ],
      },
    })
    const { ask } = await newCaller()
    const bad = await publish(ask, { type: name, data: { total: '1', lines: [{}] } })
    expect(bad.body).toMatchObject({ errors: [{ path: 'data.lines[0].sku' }] })
  })

  it.each([
    [{}, 'openapi'],
    [{ openapi: '3.0.0', webhooks: {} }, 'openapi'],
    [{ openapi: '3.1.0', info: { version: '1' }, webhooks: {} }, 'webhooks'],
    [
      document({ $ref: '#/components/schemas/None' }),
      'webhooks.x.post.requestBody.content.application/json.schema',
    ],
    [
      document({ properties: { a: { $ref: 'other.json' } } }),
      'webhooks.x.post.requestBody.content.application/json.schema',
    ],
    [document({ type: 'text' }), 'schemas.1.type'],
    [{ ...document({}), info: { version: 'v 1' } }, 'version'],
    [document({}, '.'), 'webhooks..'],
    [document({}, '..'), 'webhooks...'],
    [document({}, 'webhook.suspended'), 'webhooks.webhook.suspended'],
  ])('%j cannot be imported', async (given, path) => {
    const answer = await askAdmin('POST', '/v1/event-types/import/openapi', given)
    expect(answer.body).toMatchObject({
      status: 400,
      errors: expect.arrayContaining([expect.objectContaining({ path })]),
    })
  })

  function document(schema: object, name = 'x') {
    const content = { 'application/json': { schema } }
    return {
      openapi: '3.1.0',
      info: { version: '1' },
      webhooks: { [name]: { post: { requestBody: { content } } } },
    }
  }
})
