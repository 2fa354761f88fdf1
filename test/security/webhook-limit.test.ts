// How many webhooks a tenant may have: one more is refused on every surface, in its shape, and changes nothing.

import { beforeEach, describe, expect, it } from 'vitest'
import { dialects } from '../../src/dialects/index.ts'
import {
  type Answer,
  type Call,
  callInstead,
  createKey,
  createTenant,
  sendAs,
  type TestTenant,
} from '../fixtures/hookline.ts'
import { startWorker } from '../fixtures/worker.ts'
import { refusal } from './access-table.ts'

const MOST = 20
const SENTENCE = 'This tenant already has 20 webhooks, which is the maximum. Delete one first.'

const worker = startWorker(dialects, { WEBHOOKS_PER_TENANT: String(MOST) })
callInstead(worker.fetch)

let tenant: TestTenant
let ask: (call: Call) => Promise<Answer>

beforeEach(async () => {
  tenant = await createTenant()
  ask = sendAs(await createKey(tenant))
})

const url = 'https://receiver.example/hook'

/** Makes one more webhook on each surface; the names make each another one. */
const creations: readonly (readonly [surface: string, make: (name: string) => Call])[] = [
  ['native', () => post('/v1/webhooks', { url, eventTypes: ['*'] })],
  [
    'contractfit',
    () => post('/integrations', { type: 'webhook', events: ['document_predict'], target: url }),
  ],
  [
    'crazygoldfish',
    () =>
      post('/webhooks/v1/webhook', {
        api_template: '01940000-0000-7000-8000-000000000001',
        endpoint_url: url,
        secret_hash: 'secret',
      }),
  ],
  [
    'everypoint',
    (name) => ({ ...post(`/v3/instances/${name}/webhook`, { url }), method: 'PATCH' }),
  ],
  [
    'infermedica',
    () =>
      post('/api/v2/config/webhook', {
        url,
        authorization_token: 'token',
        subscribed_events: ['survey_created'],
      }),
  ],
  [
    'socotra',
    () =>
      post(`/event/${tenant.id}/webhooks`, {
        name: 'Note',
        enabled: true,
        endpoint: { url },
        eventTypes: ['policy.issue'],
      }),
  ],
]

function post(path: string, body: object): Call {
  return { method: 'POST', path, body: JSON.stringify(body) }
}

const native = () => ask(post('/v1/webhooks', { url, eventTypes: ['*'], enabled: false }))

async function listed(): Promise<readonly { readonly id: string }[]> {
  const { body } = await ask({ method: 'GET', path: '/v1/webhooks?limit=250' })
  return (body as { items: { id: string }[] }).items
}

describe('a tenant with as many webhooks as it may have', () => {
  it.each(creations)('gets no more on the surface %s', async (_, make) => {
    for (let made = 1; made <= MOST; made += 1) expect((await native()).status).toBe(201)
    const before = await listed()
    const call = make('one-more')
    const { status, body } = await ask(call)
    expect({ status, body }).toEqual(refusal(call.path, 'limit_reached', SENTENCE))
    expect(await listed()).toEqual(before)
  })

  it('gets one in the place of one it deletes, and may change those it has', async () => {
    for (let made = 1; made <= MOST; made += 1) await native()
    const [first] = await listed()
    const path = `/v1/webhooks/${first?.id}`
    expect((await ask({ method: 'PATCH', path, body: '{"name":"kept"}' })).status).toBe(200)
    expect((await native()).status).toBe(409)
    expect((await ask({ method: 'DELETE', path })).status).toBe(204)
    expect((await native()).status).toBe(201)
    expect((await native()).status).toBe(409)
  })

  it('takes no room from another tenant', async () => {
    for (let made = 1; made <= MOST; made += 1) await native()
    ask = sendAs(await createKey(await createTenant()))
    expect((await native()).status).toBe(201)
  })

  it('has not one more after many at once on all surfaces', async ({ task }) => {
    const calls = Array.from({ length: 20 }, (_, n) =>
      creations.map(([, make]) => make(`instance-${n}`)),
    ).flat()
    const answers = await Promise.all(calls.map(ask))
    const made = answers.filter(({ status }) => status < 300)
    const refused = answers.filter(({ status }) => status === 409)
    expect(made).toHaveLength(MOST)
    expect(made.length + refused.length).toBe(calls.length)
    expect(await listed()).toHaveLength(MOST)
    task.meta.counted = `${calls.length} webhooks at once on ${creations.length} surfaces: ${made.length} made, ${refused.length} refused`
  })
})
