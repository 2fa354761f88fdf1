// A webhook of each surface whose secrets the deployment cannot open: it is shown, switched off, pointed elsewhere and
// deleted like any other; what is about its secrets is refused, and they are still there when their key is.

import { beforeEach, describe, expect, it } from 'vitest'
import { dialects } from '../../src/dialects/index.ts'
import {
  type Answer,
  callInstead,
  createKey,
  createTenant,
  openReceiver,
  type Receiver,
  sendAs,
  type TestKey,
  type TestTenant,
} from '../fixtures/hookline.ts'
import { startWorker } from '../fixtures/worker.ts'

const listed = startWorker(dialects)
const unlisted = startWorker(dialects, { SECRETS_KEY: btoa('a newer key of thirty-two bytes.') })

let tenant: TestTenant
let key: TestKey
let receiver: Receiver
beforeEach(async () => {
  callInstead(listed.fetch)
  tenant = await createTenant()
  key = await createKey(tenant)
  receiver = openReceiver()
})

const ask = (method: string, path: string, body?: object): Promise<Answer> =>
  sendAs(key)({ method, path, ...(body && { body: JSON.stringify(body) }) })

const WHY =
  'The stored secrets cannot be used: they were encrypted with a key that is not in SECRETS_KEY.'
const TEMPLATE = '01940000-0000-7000-8000-000000000001'
const HMAC = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'

interface Surface {
  readonly name: string
  readonly create: (url: string) => readonly [method: string, path: string, body: object]
  readonly at: (id: string) => string
  readonly list: () => string
  /** What it can be sent. */
  readonly type: string
  /** What its owner may still change, and how the webhook then shows itself. */
  readonly changes: readonly (readonly [what: string, body: object, shown: object])[]
  /** What is about its secrets. */
  readonly refused: readonly object[]
  /** How it reads meanwhile. */
  readonly shown: object
  /** The header that proves to a receiver that its secrets are as they were. */
  readonly proof: RegExp
}

const socotra = (path: string) => `/event/${tenant.id}${path}`

const surfaces: readonly Surface[] = [
  {
    name: '/v1',
    create: (url) => [
      'POST',
      '/v1/webhooks',
      { url, eventTypes: ['*'], headers: { 'X-A': 'kept' } },
    ],
    at: (id) => `/v1/webhooks/${id}`,
    list: () => '/v1/webhooks',
    type: 'a',
    changes: [
      ['disabled', { enabled: false }, { enabled: false, status: 'disabled' }],
      ['pointed elsewhere', { url: 'https://b.example/' }, { url: 'https://b.example/' }],
      [
        'named',
        { name: 'n', scope: { a: 'b' }, eventTypes: ['x'] },
        { name: 'n', scope: { a: 'b' } },
      ],
      ['given other rules', { failureHandling: { divert: false } }, { secretsReadable: false }],
      ['left as it is', {}, { secretsReadable: false }],
    ],
    refused: [
      { secret: HMAC },
      { secret: null },
      { signing: null },
      { signing: 'hmac' },
      { headers: {} },
      { headers: null },
      { headers: { 'X-A': '••••' } },
      { enabled: false, secret: null },
    ],
    shown: { secretsReadable: false, headers: {}, signing: null, publicKeys: [] },
    proof: /"webhook-signature".*"x-a":"kept"/,
  },
  {
    name: 'Contract.fit',
    create: (target) => [
      'POST',
      '/integrations',
      { type: 'webhook', events: ['document_predict'], target, headers: { 'X-A': 'kept' } },
    ],
    at: (id) => `/integrations/${id}`,
    list: () => '/integrations',
    type: 'document_predict',
    changes: [
      ['pointed elsewhere', { target: 'https://b.example/' }, { target: 'https://b.example/' }],
    ],
    refused: [{ headers: {} }, { headers: { 'X-A': 'other' } }],
    shown: { headers: {} },
    proof: /"x-a":"kept"/,
  },
  {
    name: 'CrazyGoldFish',
    create: (endpoint_url) => [
      'POST',
      '/webhooks/v1/webhook',
      { api_template: TEMPLATE, endpoint_url, secret_hash: 'hash' },
    ],
    at: (id) => `/webhooks/v1/webhook/${id}`,
    list: () => '/webhooks/v1/webhook',
    type: 'document.processed',
    changes: [
      [
        'pointed elsewhere',
        { endpoint_url: 'https://b.example/' },
        { endpoint_url: 'https://b.example/' },
      ],
    ],
    refused: [{ endpoint_url: 'https://b.example/', secret_hash: 'other' }],
    shown: { api_template: TEMPLATE },
    proof: /"webhook-signature"/,
  },
  {
    name: 'Infermedica',
    create: (url) => [
      'POST',
      '/api/v2/config/webhook',
      { url, authorization_token: 'kept', subscribed_events: ['survey_created'] },
    ],
    at: (id) => `/api/v2/config/webhook/${id}`,
    list: () => '/api/v2/config/webhook',
    type: 'survey_created',
    changes: [['pointed elsewhere', { url: 'https://b.example/' }, { url: 'https://b.example/' }]],
    refused: [{ authorization_token: 'other' }],
    shown: { subscribed_events: ['survey_created'] },
    proof: /"kept"/,
  },
  {
    name: 'Socotra',
    create: (url) => [
      'POST',
      socotra('/webhooks'),
      {
        name: 'w',
        enabled: true,
        eventTypes: ['policy.issued'],
        endpoint: { url, hmacEnabled: true, secret: HMAC, headers: { 'X-A': ['kept'] } },
      },
    ],
    at: (id) => socotra(`/webhooks/${id}`),
    list: () => socotra('/webhooks/list'),
    type: 'policy.issued',
    changes: [
      ['disabled', { enabled: false }, { enabled: false }],
      ['named', { name: 'n', addEventTypes: ['x'] }, { name: 'n' }],
      [
        'pointed elsewhere',
        { endpoint: { url: 'https://b.example/' } },
        { endpoint: expect.objectContaining({ url: 'https://b.example/' }) },
      ],
    ],
    refused: [
      { endpoint: { secret: HMAC } },
      { endpoint: { hmacEnabled: false } },
      { endpoint: { removeHeaders: ['X-A'] } },
      { removeFailureHandling: true },
    ],
    shown: { endpoint: expect.objectContaining({ hmacEnabled: false, secret: null, headers: {} }) },
    proof: /"socotra-signature".*"x-a":"kept"/,
  },
]

const idOf = ({ body }: Answer): string => {
  const { id, locator } = body as { id?: string; locator?: string }
  return id ?? locator ?? ''
}

/** `/v1` by the id it has there. */
const uuidOf = async (): Promise<string> => {
  const { body } = await ask('GET', '/v1/webhooks')
  return (body as { items: { id: string }[] }).items[0]?.id ?? ''
}

describe.each(surfaces)('a webhook of $name whose secrets cannot be opened', (surface) => {
  let path: string
  beforeEach(async () => {
    const made = await ask(...surface.create(receiver.url))
    expect(made.status, made.text).toBeLessThan(300)
    path = surface.at(idOf(made))
    callInstead(unlisted.fetch)
  })

  /** What its receiver gets once the key is listed again. */
  async function headersReceived(): Promise<string> {
    callInstead(listed.fetch)
    const id = await uuidOf()
    await ask('PATCH', `/v1/webhooks/${id}`, {
      url: receiver.url,
      eventTypes: ['*'],
      scope: { template: TEMPLATE },
    })
    const tested = await ask('POST', `/v1/webhooks/${id}/test`, { type: surface.type, data: {} })
    expect(tested.status, tested.text).toBe(200)
    const [request] = await receiver.received(1)
    return JSON.stringify(Object.fromEntries(Object.entries(request?.headers ?? {}).toSorted()))
  }

  it('is read and listed, without them', async () => {
    expect(await ask('GET', path)).toMatchObject({ status: 200, body: surface.shown })
    const listing = await ask('GET', surface.list())
    expect(listing.status).toBe(200)
    expect(listing.text).toContain(path.split('/').at(-1))
  })

  it.each(surface.changes)('is %s, and keeps them', async (_, body, shown) => {
    expect(await ask('PATCH', path, body)).toMatchObject({
      status: 200,
      body: { ...surface.shown, ...shown },
    })
    expect(await headersReceived()).toMatch(surface.proof)
  })

  it.each(surface.refused.map((body) => [JSON.stringify(body), body] as const))(
    'says why it cannot be given %s, and nothing changes',
    async (_, body) => {
      const answer = await ask('PATCH', path, body)
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '60'])
      expect(answer.text).toContain(WHY)
      expect(await headersReceived()).toMatch(surface.proof)
    },
  )

  it('is deleted', async () => {
    expect((await ask('DELETE', path)).status).toBeLessThan(300)
    expect((await ask('GET', path)).status).toBe(404)
  })
})

describe('EveryPoint’s webhook, which has no secrets of its own', () => {
  it('is read, pointed elsewhere and removed while nothing can be opened', async () => {
    const path = '/v3/instances/default/webhook'
    await ask('PATCH', path, { url: receiver.url })
    callInstead(unlisted.fetch)
    const shows = (url: string | null) => ({ status: 200, body: { data: { webhook: { url } } } })
    expect(await ask('GET', path)).toMatchObject(shows(receiver.url))
    expect(await ask('PATCH', path, { url: 'https://b.example/' })).toMatchObject(
      shows('https://b.example/'),
    )
    expect(await ask('PATCH', path, { url: null })).toMatchObject(shows(null))
    expect(await ask('GET', path)).toMatchObject(shows(null))
  })
})
