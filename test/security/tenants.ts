// A tenant with something on every surface: a webhook each, events, and diverted ones; and a picture of all that is
// stored, to see that nothing changed.

import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { expect, vi } from 'vitest'
import { fromSvixId, toSvixId, toTaskId } from '../../src/dialects/svix/ids.ts'
import { toUlid } from '../dialects/socotra/ulid.ts'
import {
  administrate,
  type Call,
  createKey,
  createOperatorKey,
  createTenant,
  openReceiver,
  publish,
  sendAs,
  type TestKey,
  type TestTenant,
} from '../fixtures/hookline.ts'

/** Where a consumer stands that has read all there is. */
const NOW_CURSOR = `pull.${Date.now() * 1_000}`

/** The ids that a pattern's parameters stand for, by surface. */
export interface Ids {
  readonly tenant: string
  readonly key: string
  readonly operatorKey: string
  readonly portalLink: string
  readonly event: string
  /** A resend of nothing. */
  readonly job: string
  /** Delivered to the endpoint of Svix's surface, and the attempt that did it. */
  readonly delivered: string
  readonly attempt: string
  /** Diverted at the native webhook and at the one of Socotra's surface: one to delete, one to send again. */
  readonly diverted: readonly [toDelete: string, toResend: string]
  readonly native: string
  readonly contractfit: string
  readonly crazygoldfish: string
  readonly everypoint: string
  readonly infermedica: string
  /** As a UUID. */
  readonly socotra: string
  readonly svix: string
  /** Its consumers read its events, one of them under the name `kept`. */
  readonly pulled: string
  /** An operational webhook. */
  readonly operational: string
}

export interface FurnishedTenant {
  readonly tenant: TestTenant
  readonly key: TestKey
  readonly ids: Ids
  /** All that must never be read by anybody else. */
  readonly marks: readonly string[]
}

/** One of the templates that every deployment has (migrations). */
const TEMPLATE = '01940000-0000-7000-8000-000000000001'

const aCloudEvent = (id: string) => ({
  specversion: '1.0',
  id,
  source: '/things',
  type: 'thing.new',
  data: {},
})

/** A document of OpenAPI with one event type. */
const IMPORTED = {
  openapi: '3.1.0',
  info: { version: '1' },
  webhooks: {
    'matrix.imported': {
      post: { requestBody: { content: { 'application/json': { schema: {} } } } },
    },
  },
}

/** The legal body of each call that takes one. */
export function bodyOf(route: string, templateId: string): object | undefined {
  const url = 'https://elsewhere.example/hook'
  const bodies: Readonly<Record<string, object>> = {
    'POST /v1/tenants': { name: 'New' },
    'POST /v1/tenants/:tenant/keys': { name: 'new' },
    'POST /v1/tenants/:tenant/portal-links': { name: 'new' },
    'PATCH /v1/tenants/:tenant': { metadata: { plan: 'gold' } },
    'POST /v1/tenants/:tenant/erase': { scope: { matrix: 'nobody' } },
    'POST /v1/operator-keys': { name: 'new' },
    'POST /v1/templates': { name: 'new-template' },
    'PUT /v1/event-types/:eventType{[A-Za-z0-9._-]{1,256}}': { group: 'matrix' },
    'POST /v1/event-types/import/openapi': IMPORTED,
    'POST /api/v1/event-type/import/openapi': { spec: IMPORTED },
    'POST /v1/events': { type: 'thing.new', data: {} },
    'POST /v1/events/cloudevents': aCloudEvent('one'),
    'POST /v1/events/cloudevents/batch': [aCloudEvent('of-a-batch')],
    'POST /v1/expressions/preview': { filter: 'true', event: { type: 'thing.new' } },
    'POST /v1/webhooks': { url, eventTypes: ['never.published'] },
    'PATCH /v1/webhooks/:webhookId': { name: 'renamed' },
    'POST /v1/webhooks/:webhookId/cancel': { before: '2020-01-01T00:00:00Z' },
    'POST /v1/webhooks/:webhookId/pull/commit': {
      consumer: 'kept',
      cursor: NOW_CURSOR,
    },
    'POST /api/v1/app/:app_id/poller/:sink_id/consumer/:consumer_id{[A-Za-z0-9._-]{1,64}}/seek': {
      after: '2026-01-01T00:00:00Z',
    },
    'POST /v1/webhooks/:webhookId/replay': { since: '2020-01-01T00:00:00Z' },
    'POST /integrations': { type: 'webhook', events: ['document_predict'], target: url },
    'PATCH /integrations/:id': { target: url },
    'POST /webhooks/v1/webhook': {
      api_template: templateId,
      endpoint_url: url,
      secret_hash: 'secret',
    },
    'PATCH /webhooks/v1/webhook/:id': { endpoint_url: url },
    'PATCH /v3/instances/:name{[a-z0-9-]{1,512}}/webhook': { url },
    'POST /api/v2/config/webhook': {
      url,
      authorization_token: 'token',
      subscribed_events: ['survey_created'],
    },
    'PATCH /api/v2/config/webhook/:id': { url },
    'POST /api/v1/app': { name: 'New' },
    'PUT /api/v1/app/:app_id': { name: 'New' },
    'PATCH /api/v1/app/:app_id': { metadata: { plan: 'gold' } },
    'POST /api/v1/app/:app_id/endpoint': { url },
    'PUT /api/v1/app/:app_id/endpoint/:endpoint_id': { url },
    'PATCH /api/v1/app/:app_id/endpoint/:endpoint_id': { description: 'new' },
    'PUT /api/v1/app/:app_id/endpoint/:endpoint_id/headers': { headers: { 'x-a': 'b' } },
    'PATCH /api/v1/app/:app_id/endpoint/:endpoint_id/headers': { headers: { 'x-a': 'b' } },
    'POST /api/v1/app/:app_id/endpoint/:endpoint_id/recover': { since: '2020-01-01T00:00:00Z' },
    'POST /api/v1/app/:app_id/endpoint/:endpoint_id/replay-missing': {
      since: '2020-01-01T00:00:00Z',
    },
    'POST /api/v1/app/:app_id/endpoint/:endpoint_id/bulk-replay': { since: '2020-01-01T00:00:00Z' },
    'POST /api/v1/app/:app_id/endpoint/:endpoint_id/send-example': { eventType: 'matrix.type' },
    'POST /api/v1/app/:app_id/endpoint/:endpoint_id/msg/test-attempt': {
      eventType: 'thing.new',
      payload: {},
    },
    'POST /api/v1/app/:app_id/msg/bulk-expunge': { ids: ['none'] },
    'POST /api/v1/app/:app_id/msg/precheck/active': { eventType: 'thing.new' },
    'POST /api/v1/app/:app_id/msg': { eventType: 'thing.new', payload: {} },
    'POST /api/v1/event-type': { name: 'matrix.made', description: 'x' },
    'PUT /api/v1/event-type/:event_type_name{[A-Za-z0-9._-]{1,256}}': { description: 'x' },
    'PATCH /api/v1/event-type/:event_type_name{[A-Za-z0-9._-]{1,256}}': { description: 'y' },
    'POST /api/v1/operational-webhook/endpoint': { url },
    'PUT /api/v1/operational-webhook/endpoint/:endpoint_id': { url },
    'PUT /api/v1/operational-webhook/endpoint/:endpoint_id/headers': { headers: { 'x-a': 'b' } },
    'POST /event/:tenantLocator/webhooks': {
      name: 'New',
      enabled: true,
      endpoint: { url },
      eventTypes: ['policy.issue'],
    },
    'PATCH /event/:tenantLocator/webhooks/:webhookLocator{[0-9A-Za-z]{26}}': { name: 'Renamed' },
  }
  // What is asked of a tenant is the same where the path names it.
  return bodies[route] ?? bodies[route.replace('/v1/tenants/:tenant/', '/v1/')]
}

interface Furnishing {
  /** Absent: a new one. */
  readonly tenant?: TestTenant
  /** The user whose key makes everything; absent: nobody owns it. */
  readonly subject?: string
  /** Of its events, which reach whatever in the tenant subscribes to it. */
  readonly type?: string
}

export async function furnish(
  name: string,
  { tenant: given, subject, type = 'policy.issue' }: Furnishing = {},
): Promise<FurnishedTenant> {
  const tenant = given ?? (await createTenant(name))
  const key = await createKey(tenant, subject === undefined ? {} : { subject })
  const spare = await createKey(tenant)
  const operator = await createOperatorKey()
  const ask = sendAs(key)
  const post = async (path: string, body: object, method = 'POST'): Promise<unknown> => {
    const call: Call = { method, path, body: JSON.stringify(body) }
    const answer = await ask(call)
    expect(answer.status, answer.text).toBeLessThan(300)
    return answer.body
  }
  const idOf = (body: unknown) => (body as { id: string }).id
  const failing = () => openReceiver(() => new Response(null, { status: 500 })).url
  const succeeding = openReceiver().url
  const urls = [...Array.from({ length: 6 }, failing), succeeding]
  const [u1, u2, u3, u4, u5, u6, u7 = ''] = urls as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
  ]

  const native = idOf(
    await post('/v1/webhooks', {
      url: u1,
      eventTypes: [type],
      failureHandling: { retry: null, divert: true, suspend: null },
    }),
  )
  const contractfit = idOf(
    await post('/integrations', { type: 'webhook', events: ['document_predict'], target: u2 }),
  )
  const crazygoldfish = idOf(
    await post('/webhooks/v1/webhook', {
      api_template: TEMPLATE,
      endpoint_url: u3,
      secret_hash: 'secret',
    }),
  )
  const everypoint = `instance-of-${name.toLowerCase()}`
  await post(`/v3/instances/${everypoint}/webhook`, { url: u4 }, 'PATCH')
  const infermedica = idOf(
    await post('/api/v2/config/webhook', {
      url: u5,
      authorization_token: 'token',
      subscribed_events: ['survey_created'],
    }),
  )
  const created = await post(`/event/${tenant.id}/webhooks`, {
    name: 'Note',
    enabled: true,
    endpoint: { url: u6 },
    failureHandling: { divert: true, suspend: false },
    eventTypes: [type],
  })
  const { locator } = created as { locator: string }
  const listed = (await ask({ method: 'GET', path: '/v1/webhooks?dialect=socotra' })).body
  const socotra = (listed as { items: [{ id: string }] }).items[0].id

  await post(`/api/v1/app/${tenant.id}/endpoint`, { url: u7, channels: [name.toLowerCase()] })
  const ofSvix = (await ask({ method: 'GET', path: '/v1/webhooks?dialect=svix' })).body
  const svix = (ofSvix as { items: [{ id: string }] }).items[0].id

  const pulled = idOf(await post('/v1/webhooks', { pull: true, eventTypes: ['never.published'] }))
  const kept = { consumer: 'kept', cursor: NOW_CURSOR }
  await ask({
    method: 'POST',
    path: `/v1/webhooks/${pulled}/pull/commit`,
    body: JSON.stringify(kept),
  })

  const path = '/api/v1/operational-webhook/endpoint'
  const silent = JSON.stringify({ url: 'https://operations.example/', disabled: true })
  const made = await sendAs(operator)({ method: 'POST', path, body: silent })
  const operational = fromSvixId('ep', idOf(made.body)) ?? ''

  const payload = `payload-of-${name.toLowerCase()}`
  const event = { type, data: `{"text":"${payload}"}` }
  const diverted = [await publish(key, event), await publish(key, event)] as const
  await vi.waitFor(
    async () => {
      for (const path of [
        `/v1/webhooks/${native}/diverted`,
        `/event/${tenant.id}/webhooks/${locator}/diverted`,
      ]) {
        const { text } = await ask({ method: 'GET', path })
        expect(text.match(/"(?:failureTrigger|trigger)"/g)).toHaveLength(2)
      }
    },
    { timeout: 10_000, interval: 20 },
  )
  // What its owner is told of that is in the log as well, so that nothing is on its way any more. (A user is not shown it.)
  const seesAll = subject === undefined
  if (seesAll)
    await vi.waitFor(
      async () => {
        const { body } = await ask({ method: 'GET', path: '/v1/events?type=webhook.exhausted' })
        expect((body as { items: unknown[] }).items).toHaveLength(4)
      },
      { timeout: 10_000, interval: 20 },
    )
  const ofVendors = { contractfit, crazygoldfish, everypoint, infermedica, socotra, svix }
  const webhooks = { native, pulled, ...ofVendors }
  const nothing = { eventTypes: ['nothing.like.it'] }
  const resend = await post(`/v1/webhooks/${native}/diverted/resend`, nothing)
  const job = (resend as { jobId: string }).jobId
  const forSvix = {
    type: 'matrix.sent',
    data: `{"text":"${payload}"}`,
    channels: [name.toLowerCase()],
  }
  const delivered = await publish(key, forSvix)
  const attempt = await vi.waitFor(
    async () => {
      const { body } = await ask({ method: 'GET', path: `/v1/webhooks/${svix}/attempts` })
      const [only] = (body as { items: { id: string; eventId: string }[] }).items
      expect(only?.eventId).toBe(delivered)
      return only?.id ?? ''
    },
    { timeout: 10_000, interval: 20 },
  )
  const links = `/v1/tenants/${tenant.id}/portal-links`
  const { id: portalLink } = await administrate<{ id: string }>(links, {})
  const keys = { key: spare.id, operatorKey: operator.id, portalLink }
  const things = { event: diverted[0], diverted, job, delivered, attempt, operational }
  const ids = { tenant: tenant.id, ...keys, ...things, ...webhooks }
  const ofSurfaces = [native, contractfit, crazygoldfish, infermedica, socotra, svix]
  const uuids = [...ofSurfaces, job, ...diverted, delivered, attempt]
  const asSvix = [toSvixId('ep', svix), toSvixId('msg', delivered), toSvixId('atmpt', attempt)]
  const marks = [payload, everypoint, ...urls, ...uuids, ...uuids.map(toUlid), ...asSvix]
  return { tenant, key, ids, marks }
}

/** A template of the catalogue that no webhook has. */
export async function createTemplate(name: string): Promise<string> {
  return (await administrate<{ id: string }>('/v1/templates', { name })).id
}

/** What a parameter of this pattern stands for; ids of Socotra's surface are ULIDs. */
export function valueFor(pattern: string, surface: keyof Ids, ids: Ids, name: string): string {
  const [toDelete, toResend] = ids.diverted
  const diverted = pattern.endsWith('/resend') ? toResend : toDelete
  const event = pattern.includes('/diverted/') ? diverted : ids.event
  const values: Readonly<Record<string, string>> = {
    tenant: ids.tenant,
    tenantLocator: ids.tenant,
    keyId: pattern.includes('/operator-keys/') ? ids.operatorKey : ids.key,
    linkId: ids.portalLink,
    eventId: event,
    jobId: ids.job,
    eventLocator: toUlid(event),
    requestId: toUlid(ids.event),
    webhookId: pattern.includes('/:attemptId/')
      ? ids.svix
      : /\/(?:pull|stream)\b/.test(pattern)
        ? ids.pulled
        : ids.native,
    sink_id: toSvixId('ep', ids.pulled),
    consumer: 'kept',
    consumer_id: 'kept',
    webhookLocator: toUlid(ids.socotra),
    eventType: 'matrix.type',
    key: 'matrix',
    event_type_name: 'matrix.type',
    app_id: ids.tenant,
    // A UUID may be a uid there.
    endpoint_id: toSvixId(
      'ep',
      pattern.includes('/operational-webhook/') ? ids.operational : ids.svix,
    ),
    msg_id: pattern.includes('/attempt/') ? ids.delivered : ids.event,
    attempt_id: ids.attempt,
    attemptId: ids.attempt,
    task_id: toTaskId(ids.tenant, ids.job),
    name: ids.everypoint,
    id: String(ids[surface]),
  }
  const value = values[name]
  if (value === undefined) throw new Error(`No value for :${name} in ${pattern}: name it here.`)
  return value
}

/** Ids that are nobody's, in the same form. */
export const NOBODY: Ids = {
  tenant: '01900000-0000-7000-8000-0000000000a0',
  key: '01900000-0000-7000-8000-0000000000a1',
  operatorKey: '01900000-0000-7000-8000-0000000000ab',
  portalLink: '01900000-0000-7000-8000-0000000000af',
  event: '01900000-0000-7000-8000-0000000000a2',
  job: '01900000-0000-7000-8000-0000000000aa',
  delivered: '01900000-0000-7000-8000-0000000000ae',
  attempt: '01900000-0000-7000-8000-0000000000ad',
  diverted: ['01900000-0000-7000-8000-0000000000a3', '01900000-0000-7000-8000-0000000000a4'],
  native: '01900000-0000-7000-8000-0000000000a5',
  contractfit: '01900000-0000-7000-8000-0000000000a6',
  crazygoldfish: '01900000-0000-7000-8000-0000000000a7',
  everypoint: 'instance-of-nobody',
  infermedica: '01900000-0000-7000-8000-0000000000a8',
  socotra: '01900000-0000-7000-8000-0000000000a9',
  svix: '01900000-0000-7000-8000-0000000000ac',
  pulled: '01900000-0000-7000-8000-0000000000b0',
  operational: '01900000-0000-7000-8000-0000000000af',
}

/** Every row of D1 and of the tenants' Durable Objects. */
export async function pictureOf(tenants: readonly FurnishedTenant[]): Promise<string> {
  return JSON.stringify([await rowsOfD1(), await Promise.all(tenants.map(objectsOf))])
}

/** What of it is this tenant's. */
export async function pictureOfOne(furnished: FurnishedTenant): Promise<string> {
  const { id } = furnished.tenant
  const rows = (await rowsOfD1()).filter((row) => JSON.stringify(row).includes(id))
  return JSON.stringify([rows, await objectsOf(furnished)])
}

async function rowsOfD1(): Promise<readonly unknown[]> {
  const tables = [
    'tenants',
    'freed_uids',
    'former_uids',
    'keys',
    'sessions',
    'portal_links',
    'pull_consumers',
    'operator_keys',
    'idempotency_keys',
    'webhooks',
    'subscriptions',
  ]
  const all = [...tables, 'templates', 'deduplication_keys', 'dead_letters']
  const results = await env.DB.batch(
    all.map((table) => env.DB.prepare(`SELECT * FROM ${table} ORDER BY 1, 2, 3`)),
  )
  return results.flatMap(({ results }, index) => results.map((row) => [all[index], row]))
}

async function objectsOf({ ids }: FurnishedTenant): Promise<unknown> {
  const webhooks = [
    ids.native,
    ids.contractfit,
    ids.crazygoldfish,
    ids.infermedica,
    ids.socotra,
    ids.svix,
  ]
  return await Promise.all([
    runInDurableObject(env.EVENT_LOGS.getByName(ids.tenant), (_, state) => rowsOf(state)),
    ...webhooks.map((id) =>
      runInDurableObject(env.MONITORS.getByName(id), (_, state) => rowsOf(state)),
    ),
  ])
}

function rowsOf({ storage: { sql } }: DurableObjectState): unknown {
  const tables = sql
    .exec<{ name: string }>(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\'",
    )
    .toArray()
  return tables.map(({ name }) => [
    name,
    sql.exec(`SELECT * FROM "${name}"`).toArray().map(readable),
  ])
}

/** Blobs as text, so that they can be compared. */
function readable(row: Record<string, unknown>): unknown {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      value instanceof ArrayBuffer ? new Uint8Array(value).toHex() : value,
    ]),
  )
}
