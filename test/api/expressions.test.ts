// Webhooks with a body of their own, as their owners make them and receivers get them.

import { describe, expect, it, vi } from 'vitest'
import { openReceiver } from '../fixtures/hookline.ts'
import { type Ask, idOf, newCaller, refusal } from './asked.ts'

const WAIT = { timeout: 5_000, interval: 20 }
const draft = { url: 'https://example.com/hook', eventTypes: ['a'] }

async function publish(ask: Ask, data: string): Promise<string> {
  const { body } = await ask('POST', '/v1/events', `{"type":"a","data":${data}}`)
  return (body as { events: [{ id: string }] }).events[0].id
}

describe('the body of a webhook', () => {
  it('makes what its receiver gets, and null goes back to the usual one', async () => {
    const { ask } = await newCaller()
    const receiver = openReceiver()
    const body = '{"text": "Invoice " & data.number & ": " & data.total}'
    const webhook = `/v1/webhooks/${idOf(await ask('POST', '/v1/webhooks', { ...draft, url: receiver.url, body }))}`
    expect((await ask('GET', webhook)).body).toMatchObject({ body })
    await publish(ask, '{"number": 42, "total": 1.10}')
    await vi.waitFor(() => expect(receiver.requests).toHaveLength(1), WAIT)
    expect(receiver.requests[0]).toMatchObject({
      body: '{"text":"Invoice 42: 1.10"}',
      headers: { 'content-type': 'application/json' },
    })
    expect((await ask('PATCH', webhook, { name: 'x' })).body).toMatchObject({ body })
    expect((await ask('PATCH', webhook, { body: null })).body).toMatchObject({ body: null })
    await publish(ask, '{"total": 1.10}')
    await vi.waitFor(() => expect(receiver.requests).toHaveLength(2), WAIT)
    expect(receiver.requests[1]?.body).toMatch(/^\{"type":"a".*"data":\{"total": 1\.10\}\}$/)
  })

  it('is refused with its place where it is wrong', async () => {
    const { ask } = await newCaller()
    const answer = await ask('POST', '/v1/webhooks', { ...draft, body: '{\n  "a": $now()\n}' })
    expect(refusal(answer)).toMatchObject({ status: 400 })
    expect(answer.text).toContain('$now() is not available')
    expect(answer.text).toContain('(character 9, line 2, column 8)')
    for (const body of ['', '{', '$secret("a")', 'a'.repeat(8_193), 1]) {
      expect(await ask('POST', '/v1/webhooks', { ...draft, body })).toMatchObject({ status: 400 })
    }
  })

  it('that fails on an event makes it unsendable, with the reason', async () => {
    const { ask } = await newCaller()
    await ask('POST', '/v1/webhooks', { ...draft, body: 'data.n * 2' })
    const id = await publish(ask, '{"n": 9007199254740993}')
    await vi.waitFor(async () => {
      const { text } = await ask('GET', `/v1/events/${id}`)
      expect(text).toContain('"unsendable"')
      expect(text).toContain('The number at data.n cannot be computed with exactly')
    }, WAIT)
  })

  it('that fails on a test is told to who asked for it', async () => {
    const { ask } = await newCaller()
    const id = idOf(await ask('POST', '/v1/webhooks', { ...draft, body: 'data.n + 1' }))
    const answer = await ask('POST', `/v1/webhooks/${id}/test`, { type: 'a', data: { n: 'x' } })
    expect(answer.status).toBe(400)
    expect(answer.text).toContain('must be a number')
  })
})

describe('headers, path and query of a webhook', () => {
  const fields = {
    headers: { 'X-Static': 'same', 'x-total': 'overwritten' },
    headerExpressions: { 'X-Total': 'data.total', Authorization: '"Bearer " & $secret("token")' },
    pathExpression: '["of", data.number]',
    queryExpressions: { 'a b': 'data.number' },
    body: '{"key": $secret("token"), "total": data.total}',
    secretValues: { token: 'token-1234567' },
  }

  it('are what its receiver gets, and secret values are shown to nobody', async () => {
    const { ask } = await newCaller()
    const receiver = openReceiver()
    const created = await ask('POST', '/v1/webhooks', { ...draft, ...fields, url: receiver.url })
    expect(created.text).not.toContain('1234567')
    const { headerExpressions, pathExpression, queryExpressions } = fields
    expect(created.body).toMatchObject({
      ...{ headerExpressions, pathExpression, queryExpressions },
      secretValues: { token: '••••' },
    })
    const webhook = `/v1/webhooks/${idOf(created)}`
    const eventId = await publish(ask, '{"number": 42, "total": 1.10}')
    await vi.waitFor(() => expect(receiver.requests).toHaveLength(1), WAIT)
    expect(receiver.requests[0]).toMatchObject({
      url: receiver.url.replace('?from=hookline', '/of/42?from=hookline&a%20b=42'),
      body: '{"key":"token-1234567","total":1.10}',
      headers: { 'x-total': '1.10', authorization: 'Bearer token-1234567', 'x-static': 'same' },
    })
    const rotated = { secretValues: { token: 'token-7654321', other: 'x' } }
    expect((await ask('PATCH', webhook, rotated)).status).toBe(200)
    await ask('PATCH', webhook, { secretValues: { token: '••••' } })
    await ask('POST', `/v1/events/${eventId}/resend`, { webhookId: idOf(created) })
    await vi.waitFor(() => expect(receiver.requests).toHaveLength(2), WAIT)
    expect(receiver.requests[1]?.headers.authorization).toBe('Bearer token-7654321')
    const { items } = (await ask('GET', `${webhook}/attempts?eventId=${eventId}`)).body as {
      items: { id: string }[]
    }
    const sent = await ask('GET', `${webhook}/attempts/${items[0]?.id}/request?eventId=${eventId}`)
    expect(sent.text).not.toMatch(/1234567|7654321/)
  })

  it.each<[string, object, string]>([
    ['headerExpressions.Content-Type', { headerExpressions: { 'Content-Type': '1' } }, 'reserved'],
    ['headerExpressions.x-a', { headerExpressions: { 'X-A': '1', 'x-a': '2' } }, 'more than once'],
    ['queryExpressions.n', { queryExpressions: { n: 'data.' } }, 'character'],
    [
      'pathExpression',
      { pathExpression: '"a" &\n $secret("none")' },
      'There is no secret value of the name \\"none\\" (character 7, line 2, column 2).',
    ],
    [
      'filter',
      { filter: 'type = $secret("token")' },
      '$secret() is not available in a filter (character 7, line 1, column 8).',
    ],
    ['secretValues.token', { secretValues: { token: '••••' } }, 'none is stored'],
    [
      'secretValues',
      { secretValues: Object.fromEntries([...Array(21).keys()].map((n) => [n, 'x'])) },
      'at most 20',
    ],
  ])('are refused where %s is wrong', async (path, wrong, why) => {
    const { ask } = await newCaller()
    const answer = await ask('POST', '/v1/webhooks', { ...draft, ...wrong })
    expect(answer.status).toBe(400)
    expect(answer.text).toContain(`"path":"${path}"`)
    expect(answer.text).toContain(why)
  })

  it('show no header of its owner where they make none', async () => {
    const { ask } = await newCaller()
    const receiver = openReceiver()
    const headers = { Authorization: 'Bearer owner-secret' }
    const own = { url: receiver.url, headers, headerExpressions: { Authorization: 'null' } }
    const webhook = `/v1/webhooks/${idOf(await ask('POST', '/v1/webhooks', { ...draft, ...own }))}`
    const eventId = await publish(ask, '{}')
    await vi.waitFor(() => expect(receiver.requests).toHaveLength(1), WAIT)
    expect(receiver.requests[0]?.headers.authorization).toBe('Bearer owner-secret')
    const items = await vi.waitFor(async () => {
      const { body } = await ask('GET', `${webhook}/attempts?eventId=${eventId}`)
      const found = (body as { items: { id: string }[] }).items
      expect(found).toHaveLength(1)
      return found
    }, WAIT)
    const sent = await ask('GET', `${webhook}/attempts/${items[0]?.id}/request?eventId=${eventId}`)
    expect(sent.status).toBe(200)
    expect(sent.text).not.toContain('owner-secret')
  })

  it('keep the secret values that they ask for', async () => {
    const { ask } = await newCaller()
    const webhook = `/v1/webhooks/${idOf(await ask('POST', '/v1/webhooks', { ...draft, ...fields }))}`
    const answer = await ask('PATCH', webhook, { secretValues: null })
    expect(answer.status).toBe(400)
    expect(answer.text).toContain('There is no secret value of the name \\"token\\" (character')
    const without = { headerExpressions: null, body: null, secretValues: null }
    expect((await ask('PATCH', webhook, without)).body).toMatchObject({
      ...{ headerExpressions: {}, pathExpression: fields.pathExpression, secretValues: {} },
    })
  })
})

describe('the filter of a webhook', () => {
  it('says which events it gets, and what is left out is shown as filtered', async () => {
    const { ask } = await newCaller()
    const receiver = openReceiver()
    const filter = 'data.total > 1000'
    const created = await ask('POST', '/v1/webhooks', { ...draft, url: receiver.url, filter })
    expect(created.body).toMatchObject({ filter, body: null })
    const small = await publish(ask, '{"total": 9.90}')
    await publish(ask, '{"total": 2000.10}')
    await vi.waitFor(() => expect(receiver.requests).toHaveLength(1), WAIT)
    expect(receiver.requests[0]?.body).toContain('"data":{"total": 2000.10}')
    await vi.waitFor(async () => {
      const { body } = await ask('GET', `/v1/events/${small}`)
      expect(body).toMatchObject({
        deliveries: [
          {
            ...{ status: 'filtered', attempts: 0, statusCode: null, error: null },
            reason: 'The filter of the webhook leaves the event out.',
          },
        ],
      })
    }, WAIT)
    const webhook = `/v1/webhooks/${idOf(created)}`
    await vi.waitFor(async () => {
      const { body } = await ask('GET', `${webhook}/health`)
      const totals = { delivered: 1, failed: 0, diverted: 0, unsendable: 0 }
      expect(body).toMatchObject({ totals })
    }, WAIT)
    expect((await ask('POST', `${webhook}/test`, {})).body).toMatchObject({ outcome: 'delivered' })
    expect((await ask('PATCH', webhook, { filter: null })).body).toMatchObject({ filter: null })
  })

  it('is refused with its place where it is wrong', async () => {
    const { ask } = await newCaller()
    const answer = await ask('POST', '/v1/webhooks', { ...draft, filter: 'data.total >' })
    expect(refusal(answer)).toMatchObject({ status: 400 })
    expect(answer.text).toContain('"path":"filter"')
    expect(answer.text).toContain('(character 12, line 1, column 13)')
  })
})

describe('a preview of expressions', () => {
  const event = { type: 'a', data: { n: 1 } }
  const preview = (ask: Ask, asked: unknown) => ask('POST', '/v1/expressions/preview', asked)

  it('says what they make of an event that is given, with its numbers as they were written', async () => {
    const { ask } = await newCaller()
    const asked =
      '{"filter":"data.n > 1","body":"{\\"n\\": data.n}","event":{"type":"a","data":{"n":1.10}}}'
    expect(await preview(ask, asked)).toMatchObject({
      status: 200,
      body: {
        filter: { passes: true, error: null, steps: expect.any(Number) },
        body: { text: '{"n":1.10}', contentType: 'application/json', error: null },
      },
    })
    expect((await preview(ask, { body: 'type & "!"', event })).body).toMatchObject({
      filter: null,
      body: { text: 'a!', contentType: 'text/plain; charset=utf-8' },
    })
  })

  it('shows the URL and headers, with secret values hidden', async () => {
    const { ask } = await newCaller()
    const asked = {
      headerExpressions: { 'X-Key': '$secret("any") & "-" & data.n' },
      pathExpression: 'type',
      queryExpressions: { n: 'data.n' },
    }
    expect((await preview(ask, { ...asked, event })).body).toMatchObject({
      ...{ filter: null, body: null },
      request: {
        url: 'https://receiver.example/a?n=1',
        headers: { 'X-Key': '****-1' },
        error: null,
      },
    })
    expect((await preview(ask, { pathExpression: '"."', event })).body).toMatchObject({
      request: { url: null, headers: {}, error: expect.stringContaining('A segment can be') },
    })
  })

  it('says why one fails', async () => {
    const { ask } = await newCaller()
    const { body } = await preview(ask, { filter: 'data.n & 1 > 1', body: 'data.none', event })
    expect(body).toMatchObject({
      filter: { passes: null, error: expect.stringContaining('character') },
      body: { text: null, error: expect.stringContaining('It has no value for this event.') },
    })
    const wrong = await preview(ask, { filter: 'data.n >', event })
    expect(wrong.status).toBe(400)
    expect(wrong.text).toContain('"path":"filter"')
    expect(await preview(ask, { filter: 'true' })).toMatchObject({ status: 400 })
  })

  it('takes an event that there is, from who may read events, and a webhook by its id', async () => {
    const { ask, tenant } = await newCaller()
    const webhookId = idOf(await ask('POST', '/v1/webhooks', { ...draft, name: 'Billing' }))
    const eventId = await publish(ask, '{"n": 2.50}')
    const asked = { body: '{"of": webhook.name, "n": data.n, "id": id}', eventId, webhookId }
    expect((await preview(ask, asked)).body).toMatchObject({
      body: { text: `{"of":"Billing","n":2.50,"id":"${eventId}"}` },
    })
    const { ask: other } = await newCaller(['webhooks:read'], tenant)
    expect(await preview(other, asked)).toMatchObject({ status: 403 })
    const { ask: stranger } = await newCaller()
    expect(await preview(stranger, asked)).toMatchObject({ status: 404 })
    expect((await ask('DELETE', `/v1/events/${eventId}/content`)).status).toBe(204)
    expect(await preview(ask, asked)).toMatchObject({ status: 409 })
  })
})
