// Event types out of OpenAPI documents and into them, as the SDK asks for it, and where it has no method as Svix's cloud is asked.

import type { Svix } from 'svix'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createKey, createOperatorKey, createTenant, sendAs } from '../../fixtures/hookline.ts'
import { openClient, openFirstClient } from './clients.ts'

const PAID = {
  type: 'object',
  properties: {
    type: { const: 'x.paid' },
    timestamp: {},
    data: { $ref: '#/components/schemas/D' },
  },
}
const DATA = { type: 'object', properties: { total: { type: 'number' } } }
const webhook = (schema: object, more = {}) => ({
  post: { requestBody: { content: { 'application/json': { schema } } }, ...more },
})
const specOf = (webhooks: object) => ({
  ...{ openapi: '3.1.0', info: { title: 'X', version: '7.0.0' } },
  ...{ webhooks, components: { schemas: { D: DATA } } },
})

let svix: Svix
let ask: ReturnType<typeof sendAs>
beforeAll(async () => {
  const operator = await createOperatorKey()
  ask = sendAs(operator)
  svix = await openClient(operator.token)
})
afterEach(async () => {
  const { data } = await svix.eventType.list({ includeArchived: true, limit: 250 })
  for (const { name } of data) await svix.eventType.delete(name, { expunge: true })
})

describe('an import', () => {
  it('saves webhooks as types whose schema is that of the whole body', async () => {
    const spec = specOf({
      'x.paid': webhook(PAID, { description: 'Paid.', tags: ['Billing'], deprecated: true }),
    })
    expect(await svix.eventType.importOpenapi({ spec })).toEqual({ data: { modified: ['x.paid'] } })
    expect(await svix.eventType.get('x.paid')).toMatchObject({
      ...{ description: 'Paid.', groupName: 'Billing', deprecated: true, archived: false },
      schemas: { '1': { properties: { data: { $ref: '#/$defs/D_1' } }, $defs: { D_1: DATA } } },
    })
  })

  it('takes a text, `x-webhooks`, and the first SDK', async () => {
    const { webhooks, ...rest } = specOf({ 'x.a': webhook(DATA) })
    const specRaw = JSON.stringify({ ...rest, 'x-webhooks': webhooks })
    const client = await openFirstClient()
    expect((await client.eventType.importOpenapi({ specRaw })).data.modified).toEqual(['x.a'])
    expect(await svix.eventType.get('x.a')).toMatchObject({ schemas: { '1': DATA } })
  })

  it('replaces the newest version of a type, and keeps the others', async () => {
    const schemas = { '1': { type: 'string' }, '2': { type: 'number' } }
    await svix.eventType.create({ name: 'x.a', description: 'A', schemas, archived: true })
    await svix.eventType.importOpenapi({ spec: specOf({ 'x.a': webhook(DATA) }) })
    expect(await svix.eventType.get('x.a')).toMatchObject({
      ...{ description: 'A', archived: false },
      schemas: { '1': { type: 'string' }, '2': DATA },
    })
  })

  it('with dryRun says what it would save, and saves nothing', async () => {
    const spec = specOf({ 'x.a': webhook(DATA, { description: 'A' }) })
    const { data } = await svix.eventType.importOpenapi({ spec, dryRun: true })
    expect(data).toMatchObject({
      modified: [],
      toModify: [{ name: 'x.a', description: 'A', deprecated: false, schemas: { '1': DATA } }],
    })
    expect((await svix.eventType.list()).data).toEqual([])
  })

  it('with replaceAll archives what the document does not have', async () => {
    for (const name of ['x.a', 'x.b']) await svix.eventType.create({ name, description: name })
    const spec = specOf({ 'x.a': webhook(DATA) })
    const { data } = await svix.eventType.importOpenapi({ spec, replaceAll: true })
    expect(data.modified).toEqual(['x.a', 'x.b'])
    expect((await svix.eventType.list()).data.map(({ name }) => name)).toEqual(['x.a'])
    expect(await svix.eventType.get('x.b')).toMatchObject({ archived: true })
  })

  it.each<[string, object, number, unknown]>([
    ['neither form', {}, 400, { code: 'generic_error' }],
    ['both forms', { spec: specOf({}), specRaw: '{}' }, 400, { code: 'generic_error' }],
    ['YAML', { specRaw: 'openapi: 3.1.0' }, 501, { code: 'not_implemented' }],
    ['a text that is no JSON', { specRaw: '{' }, 400, { code: 'generic_error' }],
    [
      'another version of OpenAPI',
      { spec: { ...specOf({}), openapi: '3.0.0' } },
      422,
      { detail: [{ loc: ['body', 'spec', 'openapi'] }] },
    ],
    [
      'a document without webhooks',
      { spec: specOf({}) },
      422,
      { detail: [{ loc: ['body', 'spec', 'webhooks'] }] },
    ],
    [
      'a schema that is none',
      { specRaw: JSON.stringify(specOf({ 'x.a': webhook({ type: 'nothing' }) })) },
      422,
      { detail: [{ loc: ['body', 'specRaw', 'schemas', '1', 'type'] }] },
    ],
    [
      'a name that may be none',
      { spec: specOf({ '..': webhook(DATA) }) },
      422,
      { detail: [{ loc: ['body', 'spec', 'webhooks', '..'] }] },
    ],
  ])('of %s is refused', async (_, body, status, answer) => {
    const path = '/api/v1/event-type/import/openapi'
    expect(await ask({ method: 'POST', path, body: JSON.stringify(body) })).toMatchObject({
      status,
      body: answer,
    })
    expect((await svix.eventType.list()).data).toEqual([])
  })

  it('of a number that cannot be kept is refused, and of one elsewhere in the document is not', async () => {
    const path = '/api/v1/event-type/import/openapi'
    const body = JSON.stringify({
      spec: { ...specOf({ 'x.a': webhook({ maximum: 77 }) }), paths: 78 },
    })
    const refused = await ask({
      method: 'POST',
      path,
      body: body.replace('77', '9007199254740993'),
    })
    expect(refused).toMatchObject({ status: 422, body: { detail: [{ loc: expect.any(Array) }] } })
    const taken = await ask({ method: 'POST', path, body: body.replace('78', '9007199254740993') })
    expect(taken).toMatchObject({ status: 200 })
  })

  it('is the operator’s', async () => {
    const { token } = await createKey(await createTenant())
    const spec = specOf({ 'x.a': webhook(DATA) })
    const call = (await openClient(token)).eventType.importOpenapi({ spec })
    await expect(call).rejects.toMatchObject({ code: 403 })
  })
})

describe('an export', () => {
  it('is a task that has ended, whose document can be imported', async () => {
    const spec = specOf({ 'x.paid': webhook(PAID, { description: 'Paid.' }) })
    await svix.eventType.importOpenapi({ spec })
    const before = await svix.eventType.get('x.paid')
    const path = '/api/v1/event-type/export/openapi'
    const answer = await ask({ method: 'POST', path })
    expect(answer).toMatchObject({ status: 202, body: { status: 'finished' } })
    const task = await svix.backgroundTask.get((answer.body as { id: string }).id)
    expect(task).toMatchObject({
      status: 'finished',
      data: {
        webhooks: {
          'x.paid': {
            post: {
              parameters: [
                { name: 'svix-id' },
                { name: 'svix-timestamp' },
                { name: 'svix-signature' },
              ],
              requestBody: {
                content: {
                  'application/json': { schema: { $ref: '#/components/schemas/x.paid.data' } },
                },
              },
            },
          },
        },
      },
    })
    await svix.eventType.delete('x.paid', { expunge: true })
    await svix.eventType.importOpenapi({ spec: task.data })
    const { schemas, description } = await svix.eventType.get('x.paid')
    expect({ schemas, description }).toEqual({
      schemas: before.schemas,
      description: before.description,
    })
  })
})

it.each(['.', '..'])('no type is called %s, made or imported', async (name) => {
  const made = svix.eventType.create({ name, description: 'x' })
  await expect(made).rejects.toMatchObject({
    code: 422,
    body: { detail: [{ loc: ['body', 'name'] }] },
  })
  const imported = svix.eventType.importOpenapi({ spec: specOf({ [name]: webhook(DATA) }) })
  await expect(imported).rejects.toMatchObject({ code: 422 })
  expect((await svix.eventType.list({ includeArchived: true })).data).toEqual([])
})

it('versions are plain numbers, and none begins with an underscore', async () => {
  const schemas = { '1': { type: 'object' }, '2': { type: 'object' } }
  await svix.eventType.create({ name: 'x.a', description: 'x', schemas })
  expect((await svix.eventType.get('x.a')).schemas).toEqual(schemas)
  const other = svix.eventType.patch('x.a', { schemas: { _1: {} } })
  await expect(other).rejects.toMatchObject({
    code: 422,
    body: { detail: [{ loc: ['body', 'schemas', '_1'] }] },
  })
})

it('the schemas of a type that is saved must be numbers as they are kept, too', async () => {
  const body = '{"description":"x","schemas":{"1":{"maximum":9007199254740993}}}'
  expect(await ask({ method: 'PUT', path: '/api/v1/event-type/x.a', body })).toMatchObject({
    status: 422,
    body: { detail: [{ loc: ['body', 'schemas', '1', 'maximum'] }] },
  })
})
