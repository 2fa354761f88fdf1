// docs/signatures.md, as an owner, a receiver and whoever looks up the keys see it: through /v1, with real queues and objects.

import { env } from 'cloudflare:workers'
import { httpbis } from 'http-message-signatures'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { directoryResponseHeaders, verify } from 'web-bot-auth'
import { verifierFromJWK } from 'web-bot-auth/crypto'
import { dialects } from '../../src/dialects/index.ts'
import { PERMISSIONS, type PublicJwk } from '../../src/engine/model/index.ts'
import {
  callInstead,
  callNoOther,
  createKey,
  createOperatorKey,
  openReceiver,
  publish,
  send,
  sendAs,
} from '../fixtures/hookline.ts'
import {
  isVerified,
  isVerifiedAsBot,
  type Signed,
  STANDARD_FIELDS,
  toVerifyingKey,
  UCP_FIELDS,
} from '../fixtures/http-signatures.ts'
import { ED25519_ID, ED25519_KEY, ES256_ID, ES256_KEY } from '../fixtures/signing-keys.ts'
import { startWorker } from '../fixtures/worker.ts'
import { makeOutagesShort } from './outage.ts'
import { attemptOf, call, createWebhook, eventually, fares, openWorld } from './world.ts'

makeOutagesShort(1)

const DIRECTORY = '/.well-known/http-message-signatures-directory'
const PUBLIC_URL = 'https://hookline.test'
/** RFC 8410, section 10.3. */
const NEXT_KEY = 'MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC'
const deployment = (SIGNING_KEYS: string, more = {}) =>
  startWorker(dialects, { PUBLIC_URL, SIGNING_KEYS, ...more })
const event = { type: 'invoice.paid', data: '{"total":1.10}' }
const standard = { httpSignature: { profile: 'standard' } }

const deployed = deployment(`${ED25519_KEY},${ES256_KEY}`)
beforeEach(() => callInstead(deployed.fetch))
afterEach(() => callNoOther())

async function publishedKeys(): Promise<readonly PublicJwk[]> {
  const answer = await send({ method: 'GET', path: DIRECTORY })
  expect(answer.status).toBe(200)
  return (answer.body as { keys: PublicJwk[] }).keys
}

interface Shown {
  readonly headers: readonly { readonly name: string; readonly value: string }[]
}

const toSigned = (request: unknown): Signed => request as Signed

describe('a webhook with an HTTP signature', () => {
  it('has requests that anybody verifies with the published keys', async () => {
    const { key, tenant } = await openWorld()
    const receiver = openReceiver()
    const webhook = await createWebhook(key, receiver, standard)
    const id = await publish(key, event)
    const [request] = await receiver.received(1)
    expect(request?.headers).toMatchObject({
      'hookline-tenant': tenant.id,
      'signature-agent': `"${PUBLIC_URL}"`,
      'webhook-id': id,
      'webhook-signature': expect.stringMatching(/^v1,/),
    })
    const keys = await publishedKeys()
    const fields = [...STANDARD_FIELDS, 'signature-agent']
    expect(await isVerified(toSigned(request), keys, fields)).toBe(true)
    expect(await isVerifiedAsBot(toSigned(request), keys)).toBe(true)
    await fares(key, id, webhook, 'delivered')
  })

  it('for UCP has requests as its specification says', async () => {
    const { tenant } = await openWorld()
    const key = await createKey(tenant, { permissions: PERMISSIONS })
    const receiver = openReceiver()
    const ucpAgent = 'https://shop.example/.well-known/ucp'
    await createWebhook(key, receiver, { httpSignature: { profile: 'ucp', ucpAgent } })
    const id = await publish(key, event)
    const [request] = await receiver.received(1)
    expect(request?.headers).toMatchObject({
      'ucp-agent': `profile="${ucpAgent}"`,
      'idempotency-key': id,
    })
    expect(request?.headers).not.toHaveProperty('signature-agent')
    const { body } = await send({ method: 'GET', path: '/.well-known/jwks.json' })
    const { keys } = body as { keys: PublicJwk[] }
    expect(await isVerified(toSigned(request), keys, [...UCP_FIELDS, '@query'])).toBe(true)
  })

  it('for UCP is for no business but those that a key may name, which has to be said of it', async () => {
    const { tenant } = await openWorld()
    const named = await createKey(tenant, { permissions: PERMISSIONS })
    const usual = await createKey(tenant)
    const signed = (host: string) => ({
      httpSignature: { profile: 'ucp', ucpAgent: `https://${host}/.well-known/ucp` },
    })
    const mine = { url: openReceiver().url, eventTypes: ['a'], ...signed('shop.example') }
    const refusal = { detail: 'This key does not have the permission ucp-agent:write.' }
    expect(await call(usual, 403, 'POST', '/webhooks', mine)).toMatchObject(refusal)
    const { id } = await call<{ id: string }>(named, 201, 'POST', '/webhooks', mine)
    const path = `/webhooks/${id}`
    const other = signed('other.example')
    expect(await call(usual, 403, 'PATCH', path, other)).toMatchObject(refusal)
    // What stays as it is, and what is taken away, is nobody's name.
    const same = { name: 'Orders', ...signed('shop.example') }
    expect(await call(usual, 200, 'PATCH', path, same)).toMatchObject(same)
    expect(await call(named, 200, 'PATCH', path, other)).toMatchObject(other)
    await call(usual, 200, 'PATCH', path, { httpSignature: null })
    expect(await call(usual, 403, 'PATCH', path, other)).toMatchObject(refusal)
    // Nobody grants it who does not have it.
    const operator = sendAs(await createOperatorKey())
    const body = JSON.stringify({ permissions: ['ucp-agent:write'] })
    const granted = await operator({ method: 'POST', path: `/v1/tenants/${tenant.id}/keys`, body })
    expect(granted.status).toBe(403)
  })

  it('signs the challenge, the test, the batch and the retry as well', async () => {
    const { key } = await openWorld()
    const statuses = [500]
    const receiver = openReceiver(({ body }) => {
      const { challenge } = JSON.parse(body)
      if (challenge) return Response.json({ challenge })
      return new Response(null, { status: statuses.pop() ?? 204 })
    })
    const webhook = await createWebhook(key, receiver, {
      ...standard,
      verification: 'challenge',
      batch: { maxEvents: 1, maxWaitMs: 0 },
      failureHandling: { retry: { type: 'linear', intervalSeconds: 0, attempts: 2 } },
    })
    await fares(key, await publish(key, event), webhook, 'delivered')
    await call(key, 200, 'POST', `/webhooks/${webhook.id}/test`, {})
    const requests = await receiver.received(4)
    const keys = await publishedKeys()
    for (const request of requests)
      expect(await isVerifiedAsBot(toSigned(request), keys)).toBe(true)
    const nonces = requests.map(
      ({ headers }) => /nonce="[^"]*"/.exec(headers['signature-input'] ?? '')?.[0],
    )
    expect(new Set(nonces).size).toBe(4)
  })

  it('signs the handshake of CloudEvents', async () => {
    const { key } = await openWorld()
    const receiver = openReceiver(
      () => new Response(null, { headers: { 'webhook-allowed-origin': '*' } }),
    )
    await createWebhook(key, receiver, { ...standard, verification: 'cloudevents' })
    const [asked] = await receiver.received(1)
    expect(asked?.method).toBe('OPTIONS')
    const { headers = {}, url = '' } = asked ?? {}
    expect(headers['signature-input']).toContain(
      '("@method" "@target-uri" "@authority" "webhook-request-origin" "hookline-tenant" "signature-agent")',
    )
    const [jwk] = await publishedKeys()
    if (jwk === undefined) throw new Error('There is no key.')
    const message = { method: 'OPTIONS', url, headers: { ...headers } }
    await verify(message, await verifierFromJWK({ ...jwk }))
  })

  it('shows what an attempt sent, to the letter', async () => {
    const { key } = await openWorld()
    const receiver = openReceiver()
    const webhook = await createWebhook(key, receiver, standard)
    const id = await publish(key, event)
    const [request] = await receiver.received(1)
    const attempt = await attemptOf(key, id, webhook.id)
    const path = `/webhooks/${webhook.id}/attempts/${attempt}/request?eventId=${id}`
    const { headers } = await call<Shown>(key, 200, 'GET', path)
    const shown = Object.fromEntries(headers.map(({ name, value }) => [name, value]))
    for (const name of ['signature', 'signature-input', 'content-digest', 'hookline-tenant']) {
      expect(shown[name], name).toBe(request?.headers[name])
    }
  })

  it.each([
    [{ headers: { 'Hookline-Tenant': 'x' } }, 'headers', 'Hookline-Tenant'],
    [{ headers: { signature: 'x' } }, 'headers', 'signature'],
    [{ headers: { 'Signature-Input': 'x' } }, 'headers', 'Signature-Input'],
    [{ headers: { 'signature-agent': 'x' } }, 'headers', 'signature-agent'],
    [{ headerExpressions: { 'content-digest': 'type' } }, 'headerExpressions', 'content-digest'],
  ])('has no headers of its owner’s in their place: %j', async (fields, path, name) => {
    const { key } = await openWorld()
    const receiver = openReceiver()
    const refused = { errors: [{ path, message: expect.stringContaining(name) }] }
    const input = { url: receiver.url, eventTypes: ['a'] }
    expect(
      await call(key, 400, 'POST', '/webhooks', { ...input, ...standard, ...fields }),
    ).toMatchObject(refused)
    const webhook = await createWebhook(key, receiver, standard)
    expect(await call(key, 400, 'PATCH', `/webhooks/${webhook.id}`, fields)).toMatchObject(refused)
    const other = await createWebhook(key, receiver, fields)
    expect(await call(key, 400, 'PATCH', `/webhooks/${other.id}`, standard)).toMatchObject(refused)
    expect(await call(key, 200, 'PATCH', `/webhooks/${webhook.id}`, { name: 'N' })).toMatchObject(
      standard,
    )
  })

  it.each([
    [{ profile: 'other' }, 'httpSignature.profile'],
    [{}, 'httpSignature.profile'],
    [
      { profile: 'standard', ucpAgent: 'https://a.example/.well-known/ucp' },
      'httpSignature.ucpAgent',
    ],
    [{ profile: 'ucp' }, 'httpSignature.ucpAgent'],
    [{ profile: 'ucp', ucpAgent: 'http://a.example/.well-known/ucp' }, 'httpSignature.ucpAgent'],
    [{ profile: 'ucp', ucpAgent: 'https://a.example/profile' }, 'httpSignature.ucpAgent'],
    [{ profile: 'ucp', ucpAgent: 'https://a.example/.well-known/ucp?a' }, 'httpSignature.ucpAgent'],
    ['standard', 'httpSignature'],
  ])('is refused of %j', async (httpSignature, path) => {
    const { key } = await openWorld()
    const input = { url: openReceiver().url, eventTypes: ['a'], httpSignature }
    expect(await call(key, 400, 'POST', '/webhooks', input)).toMatchObject({ errors: [{ path }] })
  })
})

describe('the published keys', () => {
  it('are served to everybody, to be kept for an hour, and signed by each of them', async () => {
    const answer = await send({ method: 'GET', path: DIRECTORY })
    expect(answer).toMatchObject({
      status: 200,
      body: { keys: [{ kid: ED25519_ID }, { kid: ES256_ID }] },
    })
    expect(answer.text).not.toMatch(/"d"/)
    expect(answer.headers.get('content-type')).toBe(
      'application/http-message-signatures-directory+json',
    )
    expect(answer.headers.get('cache-control')).toBe('public, max-age=3600')
    const { keys } = answer.body as { keys: PublicJwk[] }
    const response = { status: 200, headers: Object.fromEntries(answer.headers) }
    for (const [host, expected] of [
      ['hookline.test', true],
      ['other.example', false],
    ] as const) {
      const request = { method: 'GET', url: `https://${host}${DIRECTORY}`, headers: {} }
      const config = {
        keyLookup: async ({ keyid }: { keyid?: string }) => toVerifyingKey(keyid, keys),
        requiredParams: ['created', 'expires', 'keyid', 'tag'],
        all: true,
      }
      expect(await httpbis.verifyMessage(config, response, request)).toBe(expected)
    }
  })

  it('are signed over what npm web-bot-auth signs of its directories', async () => {
    callInstead(deployment(ED25519_KEY).fetch)
    const answer = await send({ method: 'GET', path: DIRECTORY })
    const request = { method: 'GET', url: `https://hookline.test${DIRECTORY}`, headers: {} }
    const response = { status: 200, headers: answer.headers }
    const [jwk] = (answer.body as { keys: PublicJwk[] }).keys
    const theirs = await directoryResponseHeaders(
      { request, response },
      [{ alg: 'ed25519', keyid: ED25519_ID, sign: async () => new Uint8Array() }],
      { created: new Date(), expires: new Date() },
    )
    const covered = (text: string) => /=(\(.*?\))/.exec(text)?.[1]
    const input = answer.headers.get('signature-input') ?? ''
    expect(covered(input)).toBe(covered(theirs['Signature-Input'] as string))
    expect(input).toContain('tag="http-message-signatures-directory"')
    expect(jwk?.kid).toBe(ED25519_ID)
  })

  it('are a JWK set with their algorithms', async () => {
    const answer = await send({ method: 'GET', path: '/.well-known/jwks.json' })
    expect(answer).toMatchObject({
      status: 200,
      body: {
        keys: [
          { kid: ED25519_ID, alg: 'EdDSA' },
          { kid: ES256_ID, alg: 'ES256' },
        ],
      },
    })
    expect(answer.headers.get('content-type')).toBe('application/jwk-set+json')
  })

  it.each([DIRECTORY, '/.well-known/jwks.json'])('are only read: %s', async (path) => {
    expect(await send({ method: 'HEAD', path })).toMatchObject({ status: 200, text: '' })
    const refused = await send({ method: 'POST', path, body: '{}' })
    expect(refused).toMatchObject({ status: 405, body: { code: 'method_not_allowed' } })
    expect(refused.headers.get('allow')).toBe('GET, HEAD')
  })

  it('overlap while they are rotated: what was signed before is verified after', async () => {
    const { key } = await openWorld()
    const receiver = openReceiver()
    await createWebhook(key, receiver, standard)
    await publish(key, event)
    const announced = deployment(`${ED25519_KEY},${NEXT_KEY}`)
    callInstead(announced.fetch)
    const before = await publishedKeys()
    callInstead(deployment(`${NEXT_KEY},${ED25519_KEY}`).fetch)
    await publish(key, event)
    const after = await publishedKeys()
    const [first, second] = (await receiver.received(2)).map(toSigned)
    if (first === undefined || second === undefined) throw new Error('There are no requests.')
    expect(first.headers['signature-input']).toContain(ED25519_ID)
    expect(second.headers['signature-input']).not.toContain(ED25519_ID)
    for (const keys of [before, after]) {
      expect(await isVerified(first, keys)).toBe(true)
      expect(await isVerified(second, keys)).toBe(true)
    }
    callInstead(deployment(NEXT_KEY).fetch)
    const last = await publishedKeys()
    expect(await isVerified(first, last)).toBe(false)
    expect(await isVerified(second, last)).toBe(true)
  })
})

describe('a deployment without a key', () => {
  const REASON = 'This deployment has no key that makes the HTTP signature of the webhook.'
  const why = (what: string) => `This deployment cannot make it: ${what} (docs/signatures.md).`

  it.each([
    [
      '',
      { profile: 'standard' },
      why('SIGNING_KEYS is not set. Whoever runs it gives it an Ed25519 key'),
    ],
    [
      ES256_KEY,
      { profile: 'standard' },
      why('SIGNING_KEYS has no such key. Whoever runs it gives it an Ed25519 key'),
    ],
    [
      ED25519_KEY,
      { profile: 'ucp', ucpAgent: 'https://a.example/.well-known/ucp' },
      why('SIGNING_KEYS has no such key. Whoever runs it gives it a P-256 key'),
    ],
    [
      'secret',
      { profile: 'standard' },
      why(
        'SIGNING_KEYS is malformed: entry 1 is not the base64 encoding of an Ed25519 or P-256 private key in PKCS #8. ' +
          'Whoever runs it gives it an Ed25519 key',
      ),
    ],
  ])('with SIGNING_KEYS %j refuses one: %j', async (keys, httpSignature, message) => {
    callInstead(deployment(keys).fetch)
    const { tenant } = await openWorld()
    const key = await createKey(tenant, { permissions: PERMISSIONS })
    const input = { url: openReceiver().url, eventTypes: ['a'], httpSignature }
    expect(await call(key, 400, 'POST', '/webhooks', input)).toMatchObject({
      errors: [{ path: 'httpSignature', message }],
    })
  })

  it('has none to publish, and says in its status what is missing', async () => {
    callInstead(deployment('').fetch)
    for (const path of [DIRECTORY, '/.well-known/jwks.json']) {
      expect(await send({ method: 'GET', path })).toMatchObject({
        status: 404,
        body: { code: 'not_found' },
      })
    }
    const status = async () => {
      const authorization = `Bearer ${env.ADMIN_TOKEN}`
      const { body } = await send({ method: 'GET', path: '/v1/status' }, { authorization })
      const { components } = body as { components: { name: string }[] }
      return components.find(({ name }) => name === 'signingKeys')
    }
    expect(await status()).toMatchObject({
      reachable: true,
      reason: 'SIGNING_KEYS is not set. No webhook can have an HTTP signature.',
    })
    callInstead(deployment('secret').fetch)
    expect(await status()).toMatchObject({
      reachable: false,
      reason: expect.stringContaining('entry 1'),
    })
    callInstead(deployed.fetch)
    expect(await status()).toMatchObject({ reachable: true, reason: null })
  })

  it('sends nothing unsigned to a webhook that has one: its events wait, and say why', async () => {
    const { tenant } = await openWorld()
    const key = await createKey(tenant, { permissions: PERMISSIONS })
    const receiver = openReceiver()
    const ucpAgent = 'https://shop.example/.well-known/ucp'
    const signed = { httpSignature: { profile: 'ucp', ucpAgent } }
    const webhook = await createWebhook(key, receiver, signed)
    // The tests' own deployment has no key for this one.
    callNoOther()
    const id = await publish(key, event)
    await eventually(async () => {
      const { deliveries } = await call<{ deliveries: unknown[] }>(key, 200, 'GET', `/events/${id}`)
      expect(deliveries).toMatchObject([{ status: 'pending', attempts: 0, reason: REASON }])
    })
    const path = `/webhooks/${webhook.id}`
    expect(await call(key, 503, 'POST', `${path}/test`, {})).toMatchObject({ detail: REASON })
    expect(await call(key, 200, 'PATCH', path, { name: 'N' })).toMatchObject(signed)
    expect(receiver.requests).toEqual([])
    await call(key, 200, 'PATCH', path, { httpSignature: null })
    await fares(key, id, webhook, 'delivered')
    expect(receiver.requests[0]?.headers).not.toHaveProperty('signature')
  })
})
