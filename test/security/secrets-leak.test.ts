// A full run on all six surfaces with secrets that can be recognised, and a search for them wherever something is
// stored, logged, queued or answered (docs/contracts/README.md, "Secrets").

import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { becomes, call, eventually, fares } from '../end-to-end/world.ts'
import {
  type Answer,
  administrate,
  createKey,
  createTenant,
  openReceiver,
  presentations,
  publish,
  send,
  sendAs,
  type TestKey,
  type TestTenant,
} from '../fixtures/hookline.ts'
import { ED25519_SECRET } from '../fixtures/signing-keys.ts'
import { dumpStorage, type Recording, record } from './secrets-recorder.ts'
import { findSecrets, type Place, type Secret } from './secrets-search.ts'

const ED25519 =
  'whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg=='
const base64Of = (text: string) => btoa(text.padEnd(32, '.'))

/** Given by owners, and shown by no call (but Socotra's, whose contract shows an endpoint whole). */
const SECRETS = {
  hmac: `whsec_${base64Of('the first secret that signs')}`,
  rotated: `whsec_${base64Of('the second secret that signs')}`,
  refused: 'whsec_refused-secret-because-it-is-no-base64',
  ed25519: ED25519,
  header: 'header-value-of-hookline-4711',
  password: 'password-within-basic-auth-4711',
  refusedHeader: 'refused-header-value-4711\r\nx-injected: 1',
  contractfit: 'contractfit-header-value-4711',
  crazygoldfish: 'crazygoldfish-secret-hash-4711',
  crazygoldfishNext: 'crazygoldfish-changed-hash-4711',
  wrongToken: '01940000-0000-7000-8000-000000000001.garbage-credential-4711',
} as const
/** Shown by the calls that their vendor's page says. */
const VENDOR = {
  /** The contract masks the values of some names, of which this is none. */
  contractfitAuth: 'contractfit-x-auth-value-4711',
  infermedica: 'infermedica-token-4711',
  infermedicaNext: 'infermedica-changed-token-4711',
  socotra: 'socotra-endpoint-secret-4711',
  socotraIdle: 'socotra-secret-that-does-not-sign-4711',
  socotraTag: 'socotra-tag-4711',
  socotraHeader: 'socotra-header-value-4711',
  socotraAlert: 'socotra-alert-secret-4711',
  socotraAlertHeader: 'socotra-alert-header-value-4711',
} as const
const PAYLOAD = 'payload-of-an-event-4711'
const QUERY = 'token-in-a-target-url-4711'

const asSecrets = (texts: Readonly<Record<string, string>>): Secret[] =>
  Object.entries(texts).map(([name, text]) => ({ name, text }))

let isUp = false
/** An error page that repeats the whole request, as many do. */
const echo = () =>
  openReceiver(({ headers, url, body }) =>
    isUp
      ? new Response(null, { status: 204 })
      : new Response(JSON.stringify({ headers, url, body }), { status: 500 }),
  )

interface Made {
  readonly id: string
  readonly secret?: string
}

let recording: Recording
let storage: Place[]
let shownOnce: Secret[]
let credentials: Secret[]

const FAILING = {
  retry: { type: 'linear', intervalSeconds: 0, attempts: 1 },
  divert: true,
  suspend: { afterSeconds: 0, afterFailures: 1 },
}

async function makeWebhooks(tenant: TestTenant, key: TestKey) {
  const ask = sendAs(key)
  const post = (path: string, body: object, method = 'POST') =>
    ask({ method, path, body: JSON.stringify(body) })
  const made = async (answer: Promise<Answer>): Promise<Made> => {
    const { status, text, body } = await answer
    expect(status, text).toBeLessThan(300)
    return body as Made
  }
  const native = (fields: object) =>
    made(post('/v1/webhooks', { url: `${echo().url}`, eventTypes: ['*'], ...fields }))
  const password = btoa(`user:${SECRETS.password}`)
  const headers = { 'x-token': SECRETS.header, authorization: `Basic ${password}` }

  const hmac = await native({ secret: SECRETS.hmac, headers })
  const generated = await native({ failureHandling: { alertUrl: `${echo().url}` } })
  const ed25519 = await native({ secret: SECRETS.ed25519 })
  const ed25519Generated = await native({
    signing: 'ed25519',
    httpSignature: { profile: 'standard' },
  })
  await made(
    post('/integrations', {
      type: 'webhook',
      events: ['document_text'],
      target: echo().url,
      headers: {
        authorization: `Bearer ${SECRETS.contractfit}`,
        'x-auth': VENDOR.contractfitAuth,
      },
    }),
  )
  const { id: api_template } = await administrate<Made>('/v1/templates', { name: 'canary' })
  const goldfish = await made(
    post('/webhooks/v1/webhook', {
      api_template,
      endpoint_url: echo().url,
      secret_hash: SECRETS.crazygoldfish,
    }),
  )
  await made(post('/v3/instances/default/webhook', { url: echo().url }, 'PATCH'))
  const infermedica = await made(
    post('/api/v2/config/webhook', {
      url: echo().url,
      authorization_token: VENDOR.infermedica,
      subscribed_events: ['survey_finished'],
    }),
  )
  const socotra = (secret: string, hmacEnabled: boolean) =>
    made(
      post(`/event/${tenant.id}/webhooks`, {
        name: 'Note',
        enabled: true,
        eventTypes: ['policy.issue'],
        endpoint: {
          url: echo().url,
          hmacEnabled,
          secret,
          tag: VENDOR.socotraTag,
          headers: { 'x-own': [VENDOR.socotraHeader] },
        },
        failureHandling: {
          alertEndpoint: {
            url: echo().url,
            hmacEnabled: true,
            secret: VENDOR.socotraAlert,
            headers: { 'x-alert': [VENDOR.socotraAlertHeader] },
          },
        },
      }),
    )
  await socotra(VENDOR.socotra, true)
  await socotra(VENDOR.socotraIdle, false)
  return { api_template, hmac, generated, ed25519, ed25519Generated, goldfish, infermedica, post }
}

beforeAll(async () => {
  recording = record()
  const tenant = await createTenant()
  const key = await createKey(tenant)
  const made = await makeWebhooks(tenant, key)
  const { post } = made
  const all = async () =>
    (await call<{ items: (Made & { dialect: string })[] }>(key, 200, 'GET', '/webhooks')).items
  const idsOf = async () => (await all()).map(({ id }) => id)
  // The other surfaces have no suspension.
  const suspendable = (await all())
    .filter(({ dialect }) => ['native', 'socotra'].includes(dialect))
    .map(({ id }) => id)
  expect(suspendable).toHaveLength(6)
  const ids = await idsOf()
  expect(ids).toHaveLength(10)

  // Refusals, with secrets where they do not belong.
  await call(key, 400, 'POST', '/webhooks', {
    url: 'https://a.example/',
    eventTypes: ['x'],
    secret: SECRETS.refused,
  })
  const refusedHeaders = { 'x-a': SECRETS.refusedHeader }
  await call(key, 400, 'PATCH', `/webhooks/${made.hmac.id}`, { headers: refusedHeaders })
  for (const headers of [
    { authorization: `Bearer ${SECRETS.wrongToken}` },
    { authorization: `Basic ${btoa(SECRETS.wrongToken.replace('.', ':'))}` },
    { 'x-api-key': SECRETS.wrongToken },
  ]) {
    expect(await send({ method: 'GET', path: '/v1/webhooks' }, headers)).toMatchObject({
      status: 401,
    })
  }
  for (const presentation of Object.values(presentations)) {
    const asked = { method: 'GET', path: '/v1/webhooks' }
    expect(await send(asked, presentation(key))).toMatchObject({ status: 200 })
  }

  // All surfaces want one event, whose deliveries fail, are tried again, given up, alerted about and diverted.
  for (const id of ids) {
    const change = { eventTypes: ['message'], failureHandling: FAILING, scope: null }
    await call(key, 200, 'PATCH', `/webhooks/${id}`, change)
  }
  const scope = { instance: 'default', template: made.api_template }
  const event = { type: 'message', scope, data: `{"body":"${PAYLOAD}","folder":"/f"}` }
  const first = await publish(key, event)
  for (const id of ids) {
    await fares(key, first, { id }, 'diverted')
    if (suspendable.includes(id)) await becomes(key, { id }, 'suspended')
  }
  const second = await publish(key, event)
  for (const id of ids) await fares(key, second, { id }, 'diverted')

  // Everything an owner can ask about that.
  for (const id of ids) {
    // EveryPoint's and CrazyGoldFish's have no meaning without their scope: 400.
    await post(`/v1/webhooks/${id}/test`, { type: 'message', data: { body: PAYLOAD } })
    await call(key, 200, 'GET', `/webhooks/${id}/attempts`)
    await call(key, 200, 'GET', `/webhooks/${id}/health`)
    await call(key, 200, 'GET', `/webhooks/${id}/diverted`)
    await call(key, 200, 'GET', `/webhooks/${id}/diverted/${first}`)
  }

  // Receivers recover.
  isUp = true
  for (const id of ids) await call(key, 204, 'POST', `/webhooks/${id}/resume`)
  for (const id of ids) await call(key, 202, 'POST', `/webhooks/${id}/diverted/resend`, {})
  for (const id of ids) await fares(key, first, { id }, 'delivered')
  const since = '2020-01-01T00:00:00Z'
  await call(key, 202, 'POST', `/webhooks/${made.hmac.id}/replay`, { since })
  await call(key, 202, 'POST', `/events/${first}/resend`, {})

  // Secrets change.
  const rotation = { secret: SECRETS.rotated }
  await call(key, 200, 'POST', `/webhooks/${made.hmac.id}/rotate-secret`, rotation)
  const regenerated = await call<{ secret: string }>(
    key,
    200,
    'POST',
    `/webhooks/${made.generated.id}/rotate-secret`,
  )
  const changes: readonly (readonly [string, object])[] = [
    [
      `/webhooks/v1/webhook/${made.goldfish.id}`,
      { endpoint_url: echo().url, secret_hash: SECRETS.crazygoldfishNext },
    ],
    [
      `/api/v2/config/webhook/${made.infermedica.id}`,
      { authorization_token: VENDOR.infermedicaNext },
    ],
    [`/v1/webhooks/${made.ed25519.id}`, { url: `${echo().url}&token=${QUERY}` }],
  ]
  for (const [path, body] of changes) {
    expect(await post(path, body, 'PATCH')).toMatchObject({ status: 200 })
  }
  const third = await publish(key, event)
  for (const id of ids) {
    // The one whose URL nobody answers at.
    if (id !== made.ed25519.id) await fares(key, third, { id }, 'delivered')
  }

  // The public halves of the deployment's keys.
  for (const name of ['http-message-signatures-directory', 'jwks.json']) {
    const asked = { method: 'GET', path: `/.well-known/${name}` }
    expect(await send(asked)).toMatchObject({ status: 200 })
  }

  // What nobody can process, and the administrator's calls.
  await env.EVENTS.send({ v: 1, tenantId: tenant.id, events: [{ nonsense: PAYLOAD }] })
  const admin = (method: string, path: string) =>
    send({ method, path }, { authorization: `Bearer ${env.ADMIN_TOKEN}` })
  await eventually(async () => {
    const { body } = await admin('GET', '/v1/dead-letters')
    expect((body as { items: unknown[] }).items).toHaveLength(1)
  })
  expect(await admin('POST', '/v1/secrets/reencrypt')).toMatchObject({ status: 202 })
  const keys = `/v1/tenants/${tenant.id}/keys`
  for (const path of [keys, '/v1/tenants', '/v1/status', '/v1/health', '/v1/openapi.json']) {
    expect(await admin('GET', path)).toMatchObject({ status: 200 })
  }
  await call(key, 200, 'GET', '/events')
  await call(key, 200, 'GET', '/webhooks')
  for (const path of [
    '/integrations',
    '/webhooks/v1/webhook',
    '/v3/instances/default/webhook',
    '/api/v2/config/webhook',
  ]) {
    expect(await sendAs(key)({ method: 'GET', path })).toMatchObject({ status: 200 })
  }

  // What an agent is shown.
  const tool = async (name: string, args: object) => {
    const message = {
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name, arguments: args },
    }
    const headers = {
      ...presentations.bearer(key),
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    }
    const answer = await send(
      { method: 'POST', path: '/mcp', body: JSON.stringify(message) },
      headers,
    )
    expect(answer.body, answer.text).toMatchObject({
      result: { structuredContent: { says: expect.any(String) } },
    })
  }
  for (const id of ids) await tool('search_attempts', { webhookId: id })
  for (const eventId of [first, third]) {
    await tool('get_event', { eventId })
    await tool('explain_delivery', { eventId })
  }
  for (const name of ['search_events', 'search_attempts', 'list_webhooks']) await tool(name, {})

  storage = await dumpStorage()
  shownOnce = asSecrets({
    generated: made.generated.secret ?? '',
    ed25519Generated: made.ed25519Generated.secret ?? '',
    regenerated: regenerated.secret,
  })
  credentials = asSecrets({
    key: key.secret,
    adminToken: env.ADMIN_TOKEN,
    SECRETS_KEY: env.SECRETS_KEY,
    SIGNING_KEYS: env.SIGNING_KEYS ?? '',
    signingKeyInJwk: ED25519_SECRET,
    rawSecretsKey: new TextDecoder().decode(Uint8Array.fromBase64(env.SECRETS_KEY)),
  })
}, 60_000)

const all = () => [...asSecrets(SECRETS), ...asSecrets(VENDOR), ...shownOnce, ...credentials]

describe('of the secrets of a full run', () => {
  it('none is in D1 or in an object', ({ task }) => {
    expect(findSecrets(all(), storage)).toEqual([])
    const size = storage.reduce((sum, { text }) => sum + text.length, 0)
    task.meta.counted = `${all().length} secrets, none in ${storage.length} tables (${size} characters)`
  })

  it('none is in a log line, and no payload', ({ task }) => {
    const hidden = [...all(), ...asSecrets({ PAYLOAD, QUERY })]
    expect(findSecrets(hidden, recording.logs)).toEqual([])
    expect(recording.logs.length).toBeGreaterThan(100)
    task.meta.counted = `${hidden.length} secrets and payloads, none in ${recording.logs.length} log lines`
  })

  it('none is in a queue message', ({ task }) => {
    expect(findSecrets(all(), recording.messages)).toEqual([])
    expect(recording.messages.length).toBeGreaterThan(10)
    task.meta.counted = `${all().length} secrets, none in ${recording.messages.length} queue messages`
  })

  it('none is in an answer, but those that a contract shows, where it shows them', ({ task }) => {
    const { answers } = recording
    expect(findSecrets([...asSecrets(SECRETS), ...credentials], answers)).toEqual([
      expect.stringMatching(/^key in POST \/v1\/tenants\/[^/]+\/keys$/),
      'hmac in POST /v1/webhooks',
      'ed25519 in POST /v1/webhooks',
      expect.stringMatching(/^rotated in POST \/v1\/webhooks\/[^/]+\/rotate-secret$/),
    ])
    expect(findSecrets(shownOnce, answers)).toEqual([
      'generated in POST /v1/webhooks',
      'ed25519Generated in POST /v1/webhooks',
      expect.stringMatching(/^regenerated in POST \/v1\/webhooks\/[^/]+\/rotate-secret$/),
    ])
    const elsewhere = findSecrets(asSecrets(VENDOR), answers).filter(
      (found) => !/^socotra\w* in \w+ \/event\//.test(found),
    )
    expect(elsewhere).toEqual([
      'contractfitAuth in POST /integrations',
      'infermedica in POST /api/v2/config/webhook',
      expect.stringMatching(/^infermedicaNext in PATCH \/api\/v2\/config\/webhook\/[^/]+$/),
      'contractfitAuth in GET /integrations',
    ])
    task.meta.counted = `${all().length} secrets, only where contracts show them in ${answers.length} answers`
  })

  it('all would have been found: what is dumped has payloads, and receivers got the secrets', () => {
    const payload = asSecrets({ PAYLOAD })
    const found = findSecrets(payload, storage)
    expect(found).toContainEqual(expect.stringMatching(/of EVENT_LOGS$/))
    expect(found).toContainEqual(expect.stringMatching(/of MONITORS$/))
    expect(found).toContain('PAYLOAD in table dead_letters of D1')
    expect(findSecrets(payload, recording.messages)).not.toEqual([])
    expect(findSecrets(asSecrets({ QUERY }), storage)).toEqual([
      'QUERY in table webhooks of D1',
      // Its copy in the event log of the same tenant.
      'QUERY in table copied_webhooks of EVENT_LOGS',
    ])
  })
})
