// What is signed, and that others verify it: the texts are those of RFC 9421 and its keys, the verifiers are libraries.

import { describe, expect, it } from 'vitest'
import type { Header, HttpSignature, HttpSigning } from '../../../src/engine/model/index.ts'
import { publicKeys, readSigningKeys, signRequest } from '../../../src/engine/signing/index.ts'
import {
  isVerified,
  isVerifiedAsBot,
  type Signed,
  STANDARD_FIELDS,
  UCP_FIELDS,
} from '../../fixtures/http-signatures.ts'
import { ED25519_ID, ED25519_KEY, ES256_ID, ES256_KEY } from '../../fixtures/signing-keys.ts'

const signing: HttpSigning = {
  ...readSigningKeys(`${ED25519_KEY},${ES256_KEY}`),
  agent: 'https://hooks.example',
}
const TENANT = '0190a1b2-c3d4-7e5f-8a6b-00000000000a'
const WEBHOOK = '0190a1b2-c3d4-7e5f-8a6b-0000000000b1'
const ID = '0190a1b2-c3d4-7e5f-8a6b-0000000000e1'
const UCP = { profile: 'ucp', ucpAgent: 'https://shop.example/.well-known/ucp' } as const
const BODY = '{"type":"invoice.paid","data":{"total":1.10}}'

async function sign(
  signature: HttpSignature,
  {
    url = 'https://receiver.example/hooks?from=hookline#top',
    now = Date.now(),
    agent = true,
    webhookId = WEBHOOK,
  } = {},
): Promise<Signed> {
  const standard: readonly Header[] = [
    ['content-type', 'application/json'],
    ['webhook-id', ID],
    ['webhook-timestamp', String(Math.floor(now / 1_000))],
  ]
  const request = { method: 'POST', url, headers: standard, body: BODY } as const
  const used = agent ? signing : { ...signing, agent: null }
  const context = { signature, tenantId: TENANT, webhookId, signing: used, now }
  const added = await signRequest(request, context)
  const headers = Object.fromEntries([...standard, ...added])
  return { method: 'POST', url: url.replace(/#.*/, ''), headers, body: BODY }
}

describe('the keys of SIGNING_KEYS', () => {
  it('are published by their thumbprints, without what is private', async () => {
    const keys = await publicKeys(signing)
    expect(keys).toEqual([
      {
        kid: ED25519_ID,
        ...{ crv: 'Ed25519', kty: 'OKP', use: 'sig' },
        x: 'JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs',
      },
      {
        kid: ES256_ID,
        ...{ crv: 'P-256', kty: 'EC', use: 'sig' },
        x: 'qIVYZVLCrPZHGHjP17CTW0_-D9Lfw0EkjqF7xB4FivA',
        y: 'Mc4nN9LTDOBhfoUeg8Ye9WedFRhnZXZJA12Qp0zZ6F0',
      },
    ])
  })

  it.each([
    ['', 'SIGNING_KEYS is not set.'],
    [' , ', 'SIGNING_KEYS is not set.'],
    ['secret', malformed(1)],
    [`${ED25519_KEY},`, malformed(2)],
    [`${ED25519_KEY},${ED25519_KEY.slice(0, 40)}`, malformed(2)],
    // Of X25519, which agrees on keys and signs nothing (RFC 8410, section 3).
    ['MC4CAQAwBQYDK2VuBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF', malformed(1)],
  ])('are none in %j', (text, flaw) => {
    expect(readSigningKeys(text)).toEqual({ keys: [], flaw })
  })

  it('are listed once each, in their order, with white space around them', () => {
    const text = ` ${ES256_KEY},\n${ED25519_KEY} ,${ES256_KEY}`
    expect(readSigningKeys(text)).toEqual({
      keys: [
        { algorithm: 'es256', pkcs8: ES256_KEY },
        { algorithm: 'ed25519', pkcs8: ED25519_KEY },
      ],
      flaw: null,
    })
  })
})

function malformed(entry: number): string {
  return `SIGNING_KEYS is malformed: entry ${entry} is not the base64 encoding of an Ed25519 or P-256 private key in PKCS #8.`
}

describe('the signature for bot protection', () => {
  it('is the same for the same attempt, and covers all of the request', async () => {
    const { headers } = await sign({ profile: 'standard' }, { now: 1_795_341_600_123 })
    expect(headers).toEqual(LITERAL)
  })

  it('has a nonce of its own at each webhook, though all else is the same', async () => {
    const nonceAt = async (webhookId: string) => {
      const { headers } = await sign({ profile: 'standard' }, { now: 1_795_341_600_000, webhookId })
      return /nonce="[^"]*"/.exec(String(headers['signature-input']))?.[0]
    }
    expect(await nonceAt(WEBHOOK)).not.toBe(await nonceAt(ID))
  })

  it('names no place of keys where nobody told one', async () => {
    const request = await sign({ profile: 'standard' }, { agent: false })
    expect(request.headers).not.toHaveProperty('signature-agent')
    expect(request.headers['signature-input']).not.toContain('signature-agent')
    expect(await isVerified(request, await publicKeys(signing))).toBe(true)
  })

  it.each([
    'https://receiver.example/hooks?from=hookline#top',
    'https://receiver.example/hooks#',
    'https://receiver.example/hooks?#',
    'https://receiver.example',
    'https://receiver.example:8443/a%20b/?q=%22x%22&q=2',
    'http://127.0.0.1:4000/hooks',
    'https://RECEIVER.example:443/?',
    'https://[::1]:4000/ü?ü=ß',
  ])('is verified by npm web-bot-auth and http-message-signatures at %s', async (url) => {
    const request = await sign({ profile: 'standard' }, { url: new URL(url).href })
    const keys = await publicKeys(signing)
    expect(await isVerified(request, keys, [...STANDARD_FIELDS, 'signature-agent'])).toBe(true)
    expect(await isVerifiedAsBot(request, keys)).toBe(true)
  })
})

describe('the signature for UCP', () => {
  it.each([
    ['https://platform.example/webhooks/ucp/orders', []],
    ['https://platform.example/webhooks/ucp/orders?a=1', ['@query']],
  ])('is verified by npm http-message-signatures at %s', async (url, more) => {
    const request = await sign(UCP, { url })
    const fields = [...UCP_FIELDS, ...more]
    expect(request.headers).toMatchObject({
      'ucp-agent': 'profile="https://shop.example/.well-known/ucp"',
      'idempotency-key': ID,
      'hookline-tenant': TENANT,
    })
    expect(request.headers['signature-input']).toMatch(new RegExp(`;keyid="${ES256_ID}"$`))
    expect(await isVerified(request, await publicKeys(signing), fields)).toBe(true)
  })

  it('is not made with another algorithm', async () => {
    const request = { method: 'POST', url: 'https://a.example/', headers: [], body: '' } as const
    const one = { ...readSigningKeys(ED25519_KEY), agent: null }
    const context = { signature: UCP, tenantId: TENANT, webhookId: WEBHOOK, signing: one, now: 0 }
    await expect(signRequest(request, context)).rejects.toThrow('no key')
  })
})

/** The texts from RFC 9421, section 2.5, put together by hand; signed by `openssl pkeyutl -sign -rawin`. */
const LITERAL = {
  'content-type': 'application/json',
  'webhook-id': ID,
  'webhook-timestamp': '1795341600',
  'content-digest': 'sha-256=:rJJ5a8P1Hol5ID99Lsq9LRHXterJF8dIaYHtDhqCIRc=:',
  'hookline-tenant': TENANT,
  'signature-agent': '"https://hooks.example"',
  'signature-input':
    'sig1=("@method" "@target-uri" "@authority" "content-type" "content-digest" "webhook-id" "webhook-timestamp" "hookline-tenant" ' +
    '"signature-agent");created=1795341600;expires=1795341900;keyid="poqkLGiymh_W0uP6PZFw-dvez3QJT5SolqXBCW38r0U";' +
    'nonce="/L04qjOWeO4j6xVeXIdkrfLvgW2oqo6r9YjEnbG9n9QC0K+D6EVObFqq+ih5I21P+WJXrvgQCJaRoIMMtzhFlA==";tag="web-bot-auth"',
  signature:
    'sig1=:EcwJMgIdSnGENB6w1YH5PszK97iss7n+Q3JRXIjOsxRuh0kFSPEcPWRwXTj9z+ldWyHIwwqtFkwGzT5vwoz0Dw==:',
}
