import { Validator } from '@cfworker/json-schema'
import openapi31 from '@seriousme/openapi-schema-validator/schemas/v3.1/schema.json'
import { describe, expect, it } from 'vitest'
import { createNativeApi } from '../../src/api/index.ts'
import { LOCAL_TARGET } from '../../src/api/schema/target-url.ts'
import { createDialectRuntimes } from '../../src/compose.ts'
import { PERMISSIONS } from '../../src/engine/model/index.ts'
import { send } from '../fixtures/hookline.ts'

type Operation = {
  operationId: string
  security: Record<string, unknown>[]
  requestBody?: { content: object }
  responses: Record<string, { content?: Record<string, unknown> }>
}
type Document = { openapi: string; paths: Record<string, Record<string, Operation>> }

async function readDocument(): Promise<Document> {
  const answer = await send({ method: 'GET', path: '/v1/openapi.json' })
  expect(answer.status).toBe(200)
  return answer.body as Document
}

const document = await readDocument()
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
)

/** Every object within a value, with the value itself. */
function objectsIn(value: unknown): object[] {
  if (typeof value !== 'object' || value === null) return []
  return [value, ...Object.values(value).flatMap(objectsIn)]
}

describe('GET /v1/openapi.json', () => {
  it('is OpenAPI 3.1 by the schema of the OpenAPI Initiative', () => {
    const result = new Validator(openapi31 as object, '2020-12', false).validate(document)
    expect(result.errors).toEqual([])
  })

  it('tells what is wrong with a document that is not', () => {
    const validator = new Validator(openapi31 as object, '2020-12', false)
    const broken = { ...document, paths: { '/v1/tenants': { get: { responses: { ok: {} } } } } }
    expect(validator.validate(broken).valid).toBe(false)
  })

  it('refers to nothing that is not in it', () => {
    const refs = objectsIn(document).flatMap((value) =>
      '$ref' in value && typeof value.$ref === 'string' ? [value.$ref] : [],
    )
    expect(refs.length).toBeGreaterThan(50)
    for (const ref of new Set(refs)) {
      const found = ref
        .split('/')
        .slice(1)
        .reduce<unknown>((at, name) => (at as Record<string, unknown>)?.[name], document)
      expect(found, ref).toBeTypeOf('object')
    }
  })

  it('describes every route there is, and no other', () => {
    const routed = createNativeApi(createDialectRuntimes())
      .routes.filter(({ method }) => method !== 'ALL')
      .map(({ method, path }) => `${method} /v1${path.replaceAll(/:(\w+)/g, '{$1}')}`)
    const described = operations.map(({ method, path }) => `${method.toUpperCase()} ${path}`)
    expect(described.toSorted()).toEqual([...new Set(routed)].toSorted())
  })

  it('describes the calls of the contract', () => {
    const described = operations.map(({ method, path }) => `${method.toUpperCase()} ${path}`)
    expect(described.toSorted()).toEqual(
      [
        'GET /v1/openapi.json',
        'POST /v1/tenants',
        'GET /v1/tenants',
        'GET /v1/tenants/{tenantId}',
        'DELETE /v1/tenants/{tenantId}',
        'POST /v1/tenants/{tenantId}/keys',
        'GET /v1/tenants/{tenantId}/keys',
        'DELETE /v1/tenants/{tenantId}/keys/{keyId}',
        'GET /v1/templates',
        'POST /v1/templates',
        'GET /v1/dead-letters',
        'POST /v1/secrets/reencrypt',
        'GET /v1/health',
        'GET /v1/status',
        'POST /v1/events',
        'POST /v1/events/cloudevents',
        'POST /v1/events/cloudevents/batch',
        'GET /v1/events',
        'GET /v1/events/{eventId}',
        'POST /v1/events/{eventId}/resend',
        'POST /v1/webhooks',
        'GET /v1/webhooks',
        'GET /v1/webhooks/{webhookId}',
        'PATCH /v1/webhooks/{webhookId}',
        'DELETE /v1/webhooks/{webhookId}',
        'POST /v1/webhooks/{webhookId}/rotate-secret',
        'POST /v1/webhooks/{webhookId}/resume',
        'POST /v1/webhooks/{webhookId}/test',
        'GET /v1/webhooks/{webhookId}/attempts',
        'GET /v1/webhooks/{webhookId}/health',
        'GET /v1/webhooks/{webhookId}/diverted',
        'GET /v1/webhooks/{webhookId}/diverted/{eventId}',
        'DELETE /v1/webhooks/{webhookId}/diverted/{eventId}',
        'POST /v1/webhooks/{webhookId}/diverted/{eventId}/resend',
        'POST /v1/webhooks/{webhookId}/diverted/resend',
        'POST /v1/webhooks/{webhookId}/replay',
        'GET /v1/jobs',
        'GET /v1/jobs/{jobId}',
        'DELETE /v1/jobs/{jobId}',
      ].toSorted(),
    )
  })

  it('has one kind of body for every call: of several, generated clients make what cannot be called', () => {
    const types = Object.fromEntries(
      operations
        .filter(({ operation }) => operation.requestBody)
        .map(({ operation }) => [
          operation.operationId,
          Object.keys(operation.requestBody?.content ?? {}),
        ]),
    )
    for (const [id, ofCall] of Object.entries(types)) expect(ofCall, id).toHaveLength(1)
    expect(types).toMatchObject({
      publishEvents: ['application/json'],
      publishCloudEvent: ['application/cloudevents+json'],
      publishCloudEventBatch: ['application/cloudevents-batch+json'],
    })
  })

  it('describes a URL as one that may be a target of this deployment', () => {
    const uris = objectsIn(document).filter((value) => 'format' in value && value.format === 'uri')
    expect(uris).toHaveLength(3)
    for (const uri of uris) expect(uri).toMatchObject({ type: 'string', pattern: LOCAL_TARGET })
  })

  it('gives every call an id of its own', () => {
    const ids = operations.map(({ operation }) => operation.operationId)
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('says of every call but the public ones who may make it, and how a refusal looks', () => {
    for (const { path, operation } of operations) {
      if (path === '/v1/openapi.json' || path === '/v1/health') continue
      expect(operation.security.length, path).toBeGreaterThan(0)
      expect(operation.responses['401']?.content, path).toHaveProperty('application/problem+json')
    }
  })

  it('names every permission', () => {
    const text = JSON.stringify(document)
    for (const permission of PERMISSIONS) expect(text).toContain(permission)
  })
})
