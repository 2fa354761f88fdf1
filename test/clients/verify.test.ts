// hookline/verify: what Hookline sends, what others sign by the same specification, and what somebody changed on the way.

import { type Received, VerificationError, verify } from 'hookline/verify'
import { Webhook } from 'standardwebhooks'
import { describe, expect, it } from 'vitest'
import { call, createWebhook, openWorld } from '../end-to-end/world.ts'
import { openReceiver, publish } from '../fixtures/hookline.ts'

const SECRET = `whsec_${btoa('a secret of thirty-two bytes, ok')}`
const OTHER = `whsec_${btoa('another one of thirty-two bytes!')}`
const AT = 1_795_000_000_000
const BODY =
  '{"type":"invoice.paid","timestamp":"2026-11-18T00:00:00Z","data":{"total": 1.10,"é":"✓"}}'

/** Signed by the specification's own library. */
function signed({ secret = SECRET, id = 'msg_1', at = AT, body = BODY } = {}) {
  const signature = new Webhook(secret).sign(id, new Date(at), body)
  const headers = {
    ...{ 'webhook-id': id, 'webhook-timestamp': String(Math.floor(at / 1_000)) },
    'webhook-signature': signature,
  }
  return { headers, body }
}

const flawOf = (received: Received | Request, secrets: string | readonly string[] = SECRET) =>
  verify(received, secrets, { now: AT }).then(
    () => null,
    (error) => {
      expect(error).toBeInstanceOf(VerificationError)
      return (error as VerificationError).flaw
    },
  )

describe('a request of Hookline', () => {
  it.each(['hmac', 'ed25519'])('is verified, by %s', async (kind) => {
    const { key } = await openWorld()
    const receiver = openReceiver()
    const made = await createWebhook(key, receiver, kind === 'hmac' ? {} : { signing: 'ed25519' })
    const { publicKeys = [] } = await call<{ publicKeys?: string[] }>(
      key,
      200,
      'GET',
      `/webhooks/${made.id}`,
    )
    const secrets = kind === 'hmac' ? made.secret : publicKeys
    const id = await publish(key, { type: 'invoice.paid', data: '{"total": 1.10}' })
    const [request] = await receiver.received(1)
    if (request === undefined) throw new Error('Nothing came.')
    const verified = await verify(request, secrets)
    expect(verified.id).toBe(id)
    expect(verified.text()).toBe(request.body)
    expect(verified.json()).toMatchObject({ type: 'invoice.paid', data: { total: 1.1 } })
    const { url, method, headers, body } = request
    expect((await verify(new Request(url, { method, headers, body }), secrets)).id).toBe(id)
    await expect(verify({ ...request, body: `${request.body} ` }, secrets)).rejects.toThrow(
      VerificationError,
    )
    await expect(verify(request, OTHER)).rejects.toThrow(VerificationError)
  })

  it('is verified by either secret during a rotation', async () => {
    const { key } = await openWorld()
    const receiver = openReceiver()
    const { id, secret: former } = await createWebhook(key, receiver)
    const path = `/webhooks/${id}/rotate-secret`
    const { secret } = await call<{ secret: string }>(key, 200, 'POST', path, {})
    await publish(key, { type: 'invoice.paid', data: '{}' })
    const [request] = await receiver.received(1)
    if (request === undefined) throw new Error('Nothing came.')
    for (const one of [former, secret]) expect(await verify(request, one)).toBeDefined()
    expect(await verify(request, [OTHER, secret])).toBeDefined()
  })
})

describe('what the specification’s own library signs', () => {
  const bytes = Uint8Array.from(new TextEncoder().encode(BODY))
  const { headers } = signed()
  it.each<[string, Received | Request]>([
    ['text', { headers, body: BODY }],
    ['bytes', { headers, body: bytes }],
    [
      'a part of a larger buffer',
      { headers, body: new Uint8Array([...bytes, 1, 2]).subarray(0, -2) },
    ],
    ['a buffer', { headers, body: bytes.buffer }],
    ['headers of a class', { headers: new Headers(headers), body: BODY }],
    [
      'headers in any case',
      {
        headers: {
          'Webhook-Id': 'msg_1',
          'WEBHOOK-TIMESTAMP': headers['webhook-timestamp'],
          'Webhook-Signature': headers['webhook-signature'],
        },
        body: BODY,
      },
    ],
    [
      'headers in lists',
      {
        headers: Object.fromEntries(
          Object.entries(headers).map(([name, value]) => [name, [value]]),
        ),
        body: BODY,
      },
    ],
    ['a request', new Request('https://a.example', { method: 'POST', headers, body: BODY })],
  ])('is verified, as %s', async (_, received) => {
    const verified = await verify(received, SECRET, { now: AT })
    expect(verified).toMatchObject({ id: 'msg_1', sentAt: new Date(AT) })
    expect(verified.bytes).toEqual(bytes)
    expect(verified.text()).toBe(BODY)
  })

  it('is verified by a secret without its prefix', async () => {
    expect(await flawOf(signed(), SECRET.slice(6))).toBeNull()
  })

  it.each([
    [`v1,${'A'.repeat(43)}= SIGNATURE`],
    [`v2,abc SIGNATURE`],
    [`v1a,${'A'.repeat(86)}== SIGNATURE`],
    [`nonsense SIGNATURE v1,`],
  ])('is verified among others: %s', async (template) => {
    const { headers, body } = signed()
    const list = template.replace('SIGNATURE', headers['webhook-signature'])
    expect(await flawOf({ headers: { ...headers, 'webhook-signature': list }, body })).toBeNull()
  })
})

describe('what is not taken', () => {
  it.each(['webhook-id', 'webhook-timestamp', 'webhook-signature'])('lacks %s', async (name) => {
    const { headers, body } = signed()
    expect(await flawOf({ headers: { ...headers, [name]: undefined }, body })).toBe(
      'header_missing',
    )
    expect(await flawOf({ headers: { ...headers, [name]: '' }, body })).toBe('header_missing')
  })

  it.each([
    ['-1', 'timestamp_unreadable'],
    ['1795000000.5', 'timestamp_unreadable'],
    ['2026-11-18T00:00:00Z', 'timestamp_unreadable'],
    [' ', 'timestamp_unreadable'],
    ['9'.repeat(400), 'timestamp_unreadable'],
  ])('has the timestamp %s', async (timestamp, flaw) => {
    const { headers, body } = signed()
    const changed = { ...headers, 'webhook-timestamp': timestamp }
    expect(await flawOf({ headers: changed, body })).toBe(flaw)
  })

  it.each([
    [-300, null],
    [-301, 'timestamp_too_old'],
    [300, null],
    [301, 'timestamp_too_new'],
  ])('is from %d seconds from now', async (seconds, flaw) => {
    expect(await flawOf(signed({ at: AT + seconds * 1_000 }))).toBe(flaw)
  })

  it.each<[string, (given: ReturnType<typeof signed>) => Received]>([
    [
      'another id',
      ({ headers, body }) => ({ headers: { ...headers, 'webhook-id': 'msg_2' }, body }),
    ],
    [
      'another time',
      ({ headers, body }) => ({
        headers: { ...headers, 'webhook-timestamp': String(AT / 1_000 + 1) },
        body,
      }),
    ],
    ['another body', ({ headers, body }) => ({ headers, body: body.replace('1.10', '1.1') })],
    ['no body', ({ headers }) => ({ headers, body: '' })],
    [
      'half a signature',
      ({ headers, body }) => ({
        headers: { ...headers, 'webhook-signature': headers['webhook-signature'].slice(0, 20) },
        body,
      }),
    ],
    [
      'a signature without a version',
      ({ headers, body }) => ({
        headers: { ...headers, 'webhook-signature': headers['webhook-signature'].slice(3) },
        body,
      }),
    ],
    [
      'a signature of another version',
      ({ headers, body }) => ({
        headers: { ...headers, 'webhook-signature': `v2${headers['webhook-signature'].slice(2)}` },
        body,
      }),
    ],
    [
      'no base64',
      ({ headers, body }) => ({ headers: { ...headers, 'webhook-signature': 'v1,%%%' }, body }),
    ],
    ['another secret', () => signed({ secret: OTHER })],
  ])('has %s', async (_, change) => {
    expect(await flawOf(change(signed()))).toBe('signature_wrong')
  })

  it('is any of 500 changed bits', async () => {
    const { headers, body } = signed()
    const bytes = new TextEncoder().encode(body)
    for (let round = 0; round < 500; round += 1) {
      const changed = bytes.slice()
      const at = Math.floor(Math.random() * changed.length)
      changed[at] = (changed[at] ?? 0) ^ (1 << Math.floor(Math.random() * 8))
      expect(await flawOf({ headers, body: changed })).toBe('signature_wrong')
    }
  })
})

it.each([
  ...['', 'whsec_', 'whsec_%', 'whsk_abcd', 'whpk_AAAA', []],
  ...[undefined as unknown as string, ['whsec_YQ==', undefined as unknown as string]],
])('says that %j is no secret', async (secret) => {
  const verifying = verify(signed(), secret, { now: AT })
  await expect(verifying).rejects.toThrow(/secret/)
  await expect(verifying).rejects.toThrow(TypeError)
})

it.each([
  ['toleranceSeconds', { toleranceSeconds: Number('five'), now: AT }],
  ['now', { now: Date.parse('yesterday') }],
])('takes no %s that is no number: every old request would pass', async (name, options) => {
  const old = signed({ at: AT - 86_400_000 })
  await expect(verify(old, SECRET, options)).rejects.toThrow(name)
})

it.each<[string, unknown]>([
  ['parsed', JSON.parse(BODY)],
  ['missing', undefined],
  ['no view of bytes', new Blob([BODY])],
])('takes no body that is %s, which would be verified as another one', async (_, body) => {
  const received = { headers: signed().headers, body } as Received
  await expect(verify(received, SECRET, { now: AT })).rejects.toThrow(/body .*as it came/)
})

it.each([
  ['DataView', (bytes: ArrayBuffer) => new DataView(bytes)],
  ['Uint16Array', (bytes: ArrayBuffer) => new Uint16Array(bytes)],
])('reads the bytes of a %s', async (_, viewOf) => {
  const body = '{"a":1}  '.slice(0, 8)
  const view: unknown = viewOf(new TextEncoder().encode(body).slice().buffer)
  const received = { headers: signed({ body }).headers, body: view } as Received
  expect((await verify(received, SECRET, { now: AT })).text()).toBe(body)
})
