// `order` of a webhook: what is taken for one, how it is shown, and that its events come one after the other.

import { describe, expect, it, vi } from 'vitest'
import { createOperatorKey, openReceiver, sendAs, type TestTenant } from '../fixtures/hookline.ts'
import { type Ask, asking, idOf, newCaller } from './asked.ts'

const WAIT = { timeout: 5_000, interval: 20 }
const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)

async function webhookAt(ask: Ask, url: string, fields: object): Promise<string> {
  const answer = await ask('POST', '/v1/webhooks', { url, eventTypes: ['a'], ...fields })
  expect(answer.status, answer.text).toBe(201)
  return `/v1/webhooks/${idOf(answer)}`
}

async function publish(ask: Ask, data: unknown): Promise<string> {
  const { body } = await ask('POST', '/v1/events', { type: 'a', data })
  return (body as { events: [{ id: string }] }).events[0].id
}

const orderOf = async (ask: Ask, path: string) =>
  ((await ask('GET', path)).body as { order: unknown }).order
const healthOf = async (ask: Ask, path: string) =>
  ((await ask('GET', `${path}/health`)).body as { order: unknown }).order

/** What the entries of an action in a tenant say, once there are some. */
async function changesOf({ id }: TestTenant, action: string): Promise<readonly unknown[]> {
  const operator = asking(sendAs(await createOperatorKey()))
  return vi.waitFor(async () => {
    const { body } = await operator('GET', `/v1/tenants/${id}/audit?action=${action}`)
    const { items } = body as { items: readonly { changes: unknown }[] }
    expect(items).not.toEqual([])
    return items.map(({ changes }) => changes)
  }, WAIT)
}

describe('order of a webhook', () => {
  it.each([
    ['webhook', 'webhook'],
    [{ key: null, onFailure: 'continue' }, 'webhook'],
    [{ onFailure: 'block' }, { key: null, onFailure: 'block' }],
    [{ key: 'data.customer' }, { key: 'data.customer', onFailure: 'continue' }],
    [null, null],
  ])('is shown in one form: %j', async (given, shown) => {
    const { ask } = await newCaller()
    const path = await webhookAt(ask, 'https://example.com/', { order: given })
    expect(await orderOf(ask, path)).toEqual(shown)
  })

  it('is as it was where a change does not name it, and none after null', async () => {
    const { ask, tenant } = await newCaller()
    const path = await webhookAt(ask, 'https://example.com/', { order: 'webhook' })
    expect((await ask('PATCH', path, { name: 'One' })).body).toMatchObject({ order: 'webhook' })
    expect((await ask('PATCH', path, { order: null })).body).toMatchObject({ order: null })
    expect(await changesOf(tenant, 'webhook.updated')).toContainEqual([
      { field: 'order', before: '{"key":null,"onFailure":"continue"}', after: 'null' },
    ])
  })

  it.each([
    [
      'a word',
      'events',
      'order: Expected "webhook", or an object with `key`, `onFailure` or both.',
    ],
    [
      'a list',
      ['webhook'],
      'order: Expected "webhook", or an object with `key`, `onFailure` or both.',
    ],
    ['nothing said', {}, 'order: Expected `key`, `onFailure` or both; or "webhook".'],
    ['a key that is no text', { key: 5 }, /^order\.key: Invalid input: expected string/],
    ['a key that is no expression', { key: 'data.' }, /^order\.key: /],
    [
      'a secret',
      { key: '$secret("x")' },
      'order.key: $secret() is not available in an order key (character 0, line 1, column 1).',
    ],
    ['another end', { onFailure: 'stop' }, /^order\.onFailure: Invalid option: expected one of/],
    ['what is unknown', { keys: 'a' }, /^order\.keys: Unknown field\./],
    [
      'several faults',
      { key: 5, onFailure: 1, more: true },
      /^order\.key: .*; order\.onFailure: .*; order\.more: Unknown field\.$/,
    ],
  ])('is refused for %s, in its place', async (_, order, detail) => {
    const { ask } = await newCaller()
    const fields = { url: 'https://example.com/', eventTypes: ['a'] }
    const path = `/v1/webhooks/${idOf(await ask('POST', '/v1/webhooks', fields))}`
    const refused = {
      code: 'invalid',
      detail: typeof detail === 'string' ? detail : expect.stringMatching(detail),
    }
    const answers = [
      await ask('POST', '/v1/webhooks', { ...fields, order }),
      await ask('PATCH', path, { order }),
    ]
    for (const { status, body } of answers) expect([status, body]).toMatchObject([400, refused])
  })

  it('has events of one key come one after the other', async () => {
    const { ask } = await newCaller()
    const receiver = openReceiver()
    await webhookAt(ask, receiver.url, { order: { key: 'data.customer' } })
    const ids = []
    for (const customer of ['x', 'x', 'y', 'x']) ids.push(await publish(ask, { customer }))
    const requests = await vi.waitFor(() => {
      expect(receiver.requests).toHaveLength(4)
      return receiver.requests
    }, WAIT)
    const [a, b, other, c] = ids
    const got = requests.map(({ headers }) => headers['webhook-id'])
    expect(got.filter((id) => id !== other)).toEqual([a, b, c])
  })

  it('blocks a key after an event that was given up, until that is skipped', async () => {
    const { ask, tenant } = await newCaller()
    let status = 404
    const receiver = openReceiver(() => new Response(null, { status }))
    const path = await webhookAt(ask, receiver.url, {
      order: { key: 'data.customer', onFailure: 'block' },
      failureHandling: { retry: null, divert: true, suspend: null },
    })
    const [first, second] = [
      await publish(ask, { customer: 'a/ü' }),
      await publish(ask, { customer: 'a/ü' }),
    ]
    await vi.waitFor(
      async () =>
        expect(await healthOf(ask, path)).toEqual({
          waiting: 1,
          blocked: [{ key: 'a/ü', eventId: first, since: TIME }],
        }),
      WAIT,
    )
    expect((await ask('GET', `/v1/events/${second}`)).body).toMatchObject({
      deliveries: [
        {
          status: 'held',
          reason: 'The events of the webhook come in order; the event waits for those before it.',
        },
      ],
    })
    status = 200
    expect((await ask('POST', `${path}/order/other/skip`)).status).toBe(404)
    const skip = `${path}/order/${encodeURIComponent('a/ü')}/skip`
    const skipped = await ask('POST', skip)
    expect([skipped.status, skipped.text]).toEqual([204, ''])
    await receiver.received(2)
    expect(await changesOf(tenant, 'webhook.key_skipped')).toEqual([
      [{ field: 'key', after: 'a/ü' }],
    ])
    expect((await ask('POST', skip)).status).toBe(404)
    await vi.waitFor(
      async () => expect(await healthOf(ask, path)).toEqual({ waiting: 0, blocked: [] }),
      WAIT,
    )
  })

  it('goes on when the event that blocks is resent and delivered', async () => {
    const { ask } = await newCaller()
    let status = 404
    const receiver = openReceiver(() => new Response(null, { status }))
    const path = await webhookAt(ask, receiver.url, {
      order: { onFailure: 'block' },
      failureHandling: { retry: null, divert: true, suspend: null },
    })
    const first = await publish(ask, {})
    const second = await publish(ask, {})
    await vi.waitFor(
      async () =>
        expect(await healthOf(ask, path)).toMatchObject({
          blocked: [{ key: '-', eventId: first }],
        }),
      WAIT,
    )
    status = 200
    expect((await ask('POST', `${path}/diverted/${first}/resend`)).status).toBe(202)
    const requests = await receiver.received(3)
    expect(requests.map(({ headers }) => headers['webhook-id'])).toEqual([first, first, second])
  })
})
