import { Validator } from '@cfworker/json-schema'
import openapi31 from '@seriousme/openapi-schema-validator/schemas/v3.1/schema.json'
import { describe, expect, it } from 'vitest'
import { LOCAL_TARGET } from '../../src/api/schema/target-url.ts'
import { createApp } from '../../src/compose.ts'
import { dialects } from '../../src/dialects/index.ts'
import { PERMISSIONS } from '../../src/engine/model/index.ts'
import { send } from '../fixtures/hookline.ts'

type Parameter = { name: string; schema: object }

type Operation = {
  operationId: string
  tags: string[]
  security: Record<string, unknown>[]
  parameters?: Parameter[]
  requestBody?: { content: object }
  responses: Record<string, { content?: Record<string, unknown> }>
}
type Document = {
  openapi: string
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, object> }
}

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

/** What a reference leads to. */
function resolve(ref: string): object {
  const found = ref
    .split('/')
    .slice(1)
    .reduce<unknown>((at, name) => (at as Record<string, unknown>)?.[name], document)
  return found as object
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
    for (const ref of new Set(refs)) expect(resolve(ref), ref).toBeTypeOf('object')
  })

  it('describes every route there is, and no other', () => {
    const routed = createApp()
      .routes.filter(
        ({ method, path }) =>
          method !== 'ALL' && !/^\/(?:console|portal|docs|mcp|\.well-known)(?:\/|$)/.test(path),
      )
      .map(
        ({ method, path }) => `${method} ${path.replaceAll(/:(\w+)(\{.*?\}+(?=\/|$))?/g, '{$1}')}`,
      )
    const described = operations.map(({ method, path }) => `${method.toUpperCase()} ${path}`)
    expect(described.toSorted()).toEqual([...new Set(routed)].toSorted())
  })

  it('describes the operations of the contracts', () => {
    const described = operations.map(({ method, path }) => `${method.toUpperCase()} ${path}`)
    const named = described.filter(
      (name) => !/\/v1\/tenants\/\{tenant\}\/(events|expressions|webhooks|jobs)/.test(name),
    )
    expect(named.toSorted()).toEqual(
      [
        'GET /api/v1/operational-webhook/endpoint',
        'POST /api/v1/operational-webhook/endpoint',
        'GET /api/v1/operational-webhook/endpoint/{endpoint_id}',
        'PUT /api/v1/operational-webhook/endpoint/{endpoint_id}',
        'DELETE /api/v1/operational-webhook/endpoint/{endpoint_id}',
        'GET /api/v1/operational-webhook/endpoint/{endpoint_id}/secret',
        'POST /api/v1/operational-webhook/endpoint/{endpoint_id}/secret/rotate',
        'GET /api/v1/operational-webhook/endpoint/{endpoint_id}/headers',
        'PUT /api/v1/operational-webhook/endpoint/{endpoint_id}/headers',
        'POST /api/v1/app/{app_id}/msg/precheck/active',
        'POST /api/v1/app/{app_id}/msg/bulk-expunge',
        'POST /api/v1/app/{app_id}/msg/expunge-all-contents',
        'GET /api/v1/app/{app_id}/msg/{msg_id}/raw',
        'GET /api/v1/app/{app_id}/poller/{sink_id}',
        'GET /api/v1/app/{app_id}/poller/{sink_id}/consumer/{consumer_id}',
        'POST /api/v1/app/{app_id}/poller/{sink_id}/consumer/{consumer_id}/seek',
        'POST /api/v1/event-type/import/openapi',
        'POST /api/v1/event-type/export/openapi',
        'GET /api/v1/background-task',
        'GET /api/v1/app',
        'POST /api/v1/app',
        'GET /api/v1/app/{app_id}',
        'PUT /api/v1/app/{app_id}',
        'PATCH /api/v1/app/{app_id}',
        'DELETE /api/v1/app/{app_id}',
        'GET /api/v1/app/{app_id}/endpoint',
        'POST /api/v1/app/{app_id}/endpoint',
        'GET /api/v1/app/{app_id}/endpoint/{endpoint_id}',
        'PUT /api/v1/app/{app_id}/endpoint/{endpoint_id}',
        'PATCH /api/v1/app/{app_id}/endpoint/{endpoint_id}',
        'DELETE /api/v1/app/{app_id}/endpoint/{endpoint_id}',
        'GET /api/v1/app/{app_id}/endpoint/{endpoint_id}/secret',
        'POST /api/v1/app/{app_id}/endpoint/{endpoint_id}/secret/rotate',
        'GET /api/v1/app/{app_id}/endpoint/{endpoint_id}/headers',
        'PUT /api/v1/app/{app_id}/endpoint/{endpoint_id}/headers',
        'PATCH /api/v1/app/{app_id}/endpoint/{endpoint_id}/headers',
        'POST /api/v1/app/{app_id}/endpoint/{endpoint_id}/recover',
        'POST /api/v1/app/{app_id}/endpoint/{endpoint_id}/replay-missing',
        'POST /api/v1/app/{app_id}/endpoint/{endpoint_id}/bulk-replay',
        'GET /api/v1/app/{app_id}/endpoint/{endpoint_id}/stats',
        'POST /api/v1/app/{app_id}/endpoint/{endpoint_id}/msg/test-attempt',
        'POST /api/v1/app/{app_id}/endpoint/{endpoint_id}/send-example',
        'GET /api/v1/app/{app_id}/endpoint/{endpoint_id}/msg',
        'POST /api/v1/app/{app_id}/msg',
        'GET /api/v1/app/{app_id}/msg',
        'GET /api/v1/app/{app_id}/msg/{msg_id}',
        'DELETE /api/v1/app/{app_id}/msg/{msg_id}/content',
        'GET /api/v1/app/{app_id}/msg/{msg_id}/endpoint',
        'GET /api/v1/app/{app_id}/msg/{msg_id}/attempt/{attempt_id}',
        'DELETE /api/v1/app/{app_id}/msg/{msg_id}/attempt/{attempt_id}/content',
        'POST /api/v1/app/{app_id}/msg/{msg_id}/endpoint/{endpoint_id}/resend',
        'GET /api/v1/app/{app_id}/attempt/endpoint/{endpoint_id}',
        'GET /api/v1/app/{app_id}/attempt/msg/{msg_id}',
        'GET /api/v1/event-type',
        'POST /api/v1/event-type',
        'GET /api/v1/event-type/{event_type_name}',
        'PUT /api/v1/event-type/{event_type_name}',
        'PATCH /api/v1/event-type/{event_type_name}',
        'DELETE /api/v1/event-type/{event_type_name}',
        'POST /api/v1/auth/app-portal-access/{app_id}',
        'POST /api/v1/auth/logout',
        'POST /api/v1/auth/app/{app_id}/expire-all',
        'GET /api/v1/background-task/{task_id}',
        'GET /api/v1/health',
        'GET /v1/openapi.json',
        'POST /v1/tenants',
        'GET /v1/tenants',
        'GET /v1/tenants/{tenant}',
        'PATCH /v1/tenants/{tenant}',
        'DELETE /v1/tenants/{tenant}',
        'POST /v1/operator-keys',
        'GET /v1/operator-keys',
        'DELETE /v1/operator-keys/{keyId}',
        'GET /v1/tenants/{tenant}/activity',
        'GET /v1/tenants/{tenant}/usage',
        'POST /v1/tenants/{tenant}/erase',
        'POST /v1/tenants/{tenant}/keys',
        'GET /v1/tenants/{tenant}/keys',
        'DELETE /v1/tenants/{tenant}/keys/{keyId}',
        'POST /v1/tenants/{tenant}/portal-links',
        'GET /v1/tenants/{tenant}/portal-links',
        'DELETE /v1/tenants/{tenant}/portal-links/{linkId}',
        'GET /v1/audit',
        'GET /v1/tail',
        'GET /v1/tenants/{tenant}/tail',
        'GET /v1/tenants/{tenant}/audit',
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
        'POST /v1/events/{eventId}/cancel',
        'DELETE /v1/events/{eventId}/content',
        'GET /v1/activity',
        'GET /v1/metrics',
        'GET /v1/summary',
        'GET /v1/usage',
        'POST /v1/event-types/import/openapi',
        'GET /v1/event-types/export/openapi',
        'GET /v1/event-types/export/asyncapi',
        'GET /v1/event-types',
        'GET /v1/event-types/{eventType}',
        'PUT /v1/event-types/{eventType}',
        'DELETE /v1/event-types/{eventType}',
        'POST /v1/expressions/preview',
        'GET /v1/expressions/presets',
        'POST /v1/webhooks',
        'GET /v1/webhooks',
        'GET /v1/webhooks/{webhookId}',
        'PATCH /v1/webhooks/{webhookId}',
        'DELETE /v1/webhooks/{webhookId}',
        'GET /v1/webhooks/{webhookId}/secret',
        'POST /v1/webhooks/{webhookId}/rotate-secret',
        'POST /v1/webhooks/{webhookId}/resume',
        'POST /v1/webhooks/{webhookId}/verify',
        'POST /v1/webhooks/{webhookId}/order/{key}/skip',
        'POST /v1/webhooks/{webhookId}/test',
        'GET /v1/webhooks/{webhookId}/attempts',
        'GET /v1/webhooks/{webhookId}/attempts/{attemptId}/request',
        'GET /v1/webhooks/{webhookId}/pull',
        'POST /v1/webhooks/{webhookId}/pull/commit',
        'DELETE /v1/webhooks/{webhookId}/pull/consumers/{consumer}',
        'GET /v1/webhooks/{webhookId}/stream',
        'GET /v1/webhooks/{webhookId}/activity',
        'GET /v1/webhooks/{webhookId}/health',
        'GET /v1/webhooks/{webhookId}/diverted',
        'GET /v1/webhooks/{webhookId}/diverted/{eventId}',
        'DELETE /v1/webhooks/{webhookId}/diverted/{eventId}',
        'POST /v1/webhooks/{webhookId}/diverted/{eventId}/resend',
        'POST /v1/webhooks/{webhookId}/diverted/resend',
        'POST /v1/webhooks/{webhookId}/cancel',
        'POST /v1/webhooks/{webhookId}/replay',
        'GET /v1/jobs',
        'GET /v1/jobs/{jobId}',
        'DELETE /v1/jobs/{jobId}',
        'GET /integrations',
        'POST /integrations',
        'GET /integrations/{id}',
        'PATCH /integrations/{id}',
        'DELETE /integrations/{id}',
        'GET /webhooks/v1/webhook',
        'POST /webhooks/v1/webhook',
        'GET /webhooks/v1/webhook/{id}',
        'PATCH /webhooks/v1/webhook/{id}',
        'DELETE /webhooks/v1/webhook/{id}',
        'GET /webhooks/v1/webhook-templates',
        'GET /v3/instances/{name}/webhook',
        'PATCH /v3/instances/{name}/webhook',
        'GET /api/v2/config/webhook',
        'POST /api/v2/config/webhook',
        'GET /api/v2/config/webhook/{id}',
        'PATCH /api/v2/config/webhook/{id}',
        'DELETE /api/v2/config/webhook/{id}',
        'POST /event/{tenantLocator}/webhooks',
        'GET /event/{tenantLocator}/webhooks/list',
        'GET /event/{tenantLocator}/webhooks/{webhookLocator}',
        'PATCH /event/{tenantLocator}/webhooks/{webhookLocator}',
        'PATCH /event/{tenantLocator}/webhooks/{webhookLocator}/unsuspend',
        'DELETE /event/{tenantLocator}/webhooks/{webhookLocator}',
        'GET /event/{tenantLocator}/webhooks/{webhookLocator}/diverted',
        'GET /event/{tenantLocator}/webhooks/{webhookLocator}/diverted/{eventLocator}',
        'DELETE /event/{tenantLocator}/webhooks/{webhookLocator}/diverted/{eventLocator}',
        'POST /event/{tenantLocator}/webhooks/{webhookLocator}/diverted/{eventLocator}/resend',
        'GET /event/{tenantLocator}/events/list',
        'GET /event/{tenantLocator}/events/request/{requestId}',
        'GET /event/{tenantLocator}/events/{eventLocator}',
      ].toSorted(),
    )
  })

  it('describes what a key may ask of its tenant once more where the path names the tenant', () => {
    const ofTenants = operations.filter(({ path }) =>
      /^\/v1\/(events|expressions|webhooks|jobs)/.test(path),
    )
    const named = ofTenants.map(({ path, method }) => {
      const twin = document.paths[path.replace('/v1/', '/v1/tenants/{tenant}/')]?.[method]
      const operation = document.paths[path]?.[method]
      expect(twin?.operationId, path).toBe(`${operation?.operationId}OfTenant`)
      expect(twin?.tags, path).toEqual(operation?.tags)
      expect(twin?.requestBody, path).toEqual(operation?.requestBody)
      return twin?.parameters?.map(({ name }) => name) ?? []
    })
    expect(named.length).toBeGreaterThan(20)
    for (const names of named) expect(names).toContain('tenant')
  })

  it('has one kind of body for every operation: of several, generated clients make what cannot be called', () => {
    const types = Object.fromEntries(
      operations
        .filter(({ operation }) => operation.requestBody)
        .map(({ operation }) => [
          operation.operationId,
          Object.keys(operation.requestBody?.content ?? {}),
        ]),
    )
    for (const [id, ofOne] of Object.entries(types)) expect(ofOne, id).toHaveLength(1)
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

  it('gives every operation an id of its own, which begins with its vendor', () => {
    const ids = operations.map(({ operation }) => operation.operationId)
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids).toContain('createWebhook')
    expect(ids).toContain('socotraCreateWebhook')
    for (const { path, operation } of operations.filter(({ path }) => !path.startsWith('/v1/'))) {
      expect(operation.operationId, path).toMatch(new RegExp(`^${operation.tags[0]}[A-Z]`))
    }
  })

  it('tags a vendor’s operations with its dialect, and its own with what they are about', () => {
    const tags = operations.map(({ path, operation: { tags } }) => [tags, path] as const)
    for (const [[tag = ''], path] of tags.filter(([, path]) => path.startsWith('/v1/'))) {
      expect(path).toMatch(new RegExp(`^/v1(/tenants/\\{tenant\\})?/${tag}(/|$)`))
    }
    for (const { id, basePath } of dialects) {
      const own = tags.filter(([, path]) => `${path}/`.startsWith(`${basePath}/`))
      expect(own.length).toBeGreaterThan(1)
      for (const [tag, path] of own) expect(tag, path).toEqual([id])
    }
  })

  it('says of every operation but the public ones who may ask for it, and how a refusal looks', () => {
    for (const { path, operation } of operations) {
      if (path === '/v1/openapi.json' || path === '/v1/health') continue
      expect(operation.security.length, path).toBeGreaterThan(0)
      const type = path.startsWith('/v1/') ? 'application/problem+json' : 'application/json'
      expect(Object.keys(operation.responses['401']?.content ?? {}), path).toEqual([type])
    }
  })

  it('has the errors of each surface as it answers them', () => {
    const schemaOf = (path: string, method: string) =>
      document.paths[path]?.[method]?.responses['404']?.content
    const reference = (name: string) => ({ schema: { $ref: `#/components/schemas/${name}` } })
    const json = (name: string) => ({ 'application/json': reference(name) })
    expect(schemaOf('/v1/webhooks/{webhookId}', 'get')).toEqual({
      'application/problem+json': reference('Problem'),
    })
    expect(schemaOf('/integrations/{id}', 'get')).toEqual(json('PlainError'))
    expect(schemaOf('/webhooks/v1/webhook/{id}', 'get')).toEqual(json('CrazyGoldFishError'))
    expect(schemaOf('/v3/instances/{name}/webhook', 'get')).toEqual(json('EveryPointError'))
    expect(schemaOf('/api/v2/config/webhook/{id}', 'get')).toEqual(json('PlainError'))
    expect(schemaOf('/event/{tenantLocator}/events/list', 'get')).toEqual(json('SocotraError'))
  })

  it.each([
    // A pull webhook, a receiver that has not agreed, a webhook without a verification.
    ['/v1/webhooks/{webhookId}/test', 'post', '409'],
    ['/v1/webhooks/{webhookId}/resume', 'post', '409'],
    ['/v1/webhooks/{webhookId}/cancel', 'post', '409'],
    ['/v1/webhooks/{webhookId}/replay', 'post', '409'],
    ['/v1/webhooks/{webhookId}/verify', 'post', '409'],
    ['/v1/webhooks/{webhookId}/diverted/resend', 'post', '409'],
    ['/v1/webhooks/{webhookId}/diverted/{eventId}/resend', 'post', '409'],
    // Pins and expressions that were changed a hundred times.
    ['/v1/webhooks/{webhookId}', 'patch', '409'],
    // An event or a webhook that there is not.
    ['/v1/expressions/preview', 'post', '404'],
  ])('says that %s refuses: %s, %s', (path, method, status) => {
    expect(Object.keys(document.paths[path]?.[method]?.responses ?? {})).toContain(status)
  })

  it('accepts every presentation of a key on every surface', () => {
    const key = [{ bearer: [] }, { basic: [] }, { apiKey: [] }]
    for (const { path, operation } of operations.filter(({ path }) => !path.startsWith('/v1/'))) {
      expect(operation.security, path).toEqual(key)
    }
  })

  it('says of every field and parameter of every surface what it means', () => {
    const isDescribed = (field: object): boolean =>
      'description' in field ||
      ('$ref' in field && typeof field.$ref === 'string' && isDescribed(resolve(field.$ref)))
    // What a deployment's own catalogue says of its events is its own.
    const ours = Object.entries(document.components.schemas).filter(
      ([name]) => !name.endsWith('.data'),
    )
    const fields = [document.paths, ...ours]
      .flatMap(objectsIn)
      .flatMap((value) =>
        'properties' in value ? Object.entries(value.properties as Record<string, object>) : [],
      )
    expect(fields.length).toBeGreaterThan(200)
    expect(fields.filter(([, field]) => !isDescribed(field)).map(([name]) => name)).toEqual([])
    const parameters = operations.flatMap(({ operation }) => operation.parameters ?? [])
    expect(parameters.length).toBeGreaterThan(100)
    const isParameterDescribed = (one: Parameter) => isDescribed(one) || isDescribed(one.schema)
    expect(parameters.filter((one) => !isParameterDescribed(one))).toEqual([])
  })

  it('names every permission', () => {
    const text = JSON.stringify(document)
    for (const permission of PERMISSIONS) expect(text).toContain(permission)
  })
})
