// Webhooks to which nothing is sent: making them, reading their events page by page and as a stream, and what they refuse.

import { exports } from 'cloudflare:workers'
import { Webhook as Verifier } from 'standardwebhooks'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  createKey,
  createTenant,
  publish,
  sendAs,
  type TestKey,
  type TestTenant,
} from '../fixtures/hookline.ts'
import { type Ask, asking, idOf, invalidAt, NOBODY, newCaller, refusal, refused } from './asked.ts'

interface Item {
  readonly id: string
  readonly headers: Record<string, string>
  readonly body: string | null
  readonly error: string | null
}
interface Page {
  readonly items: readonly Item[]
  readonly cursor: string
  readonly more: boolean
}

let tenant: TestTenant
let key: TestKey
let ask: Ask
beforeAll(async () => {
  tenant = await createTenant('Acme')
  key = await createKey(tenant)
  ask = asking(sendAs(key))
})

const make = async (fields: object = {}) =>
  ask('POST', '/v1/webhooks', { pull: true, eventTypes: ['a'], ...fields })
const pull = async (id: string, query = '') =>
  (await ask('GET', `/v1/webhooks/${id}/pull${query}`)).body as Page
const idsOn = ({ items }: Page) => items.map(({ id }) => id)

describe('a pull webhook', () => {
  it('has no URL, and says so', async () => {
    const { status, body } = await make()
    expect(status).toBe(201)
    expect(body).toMatchObject({ pull: true, url: null, status: 'active' })
  })

  it.each([
    [{ pull: true, url: 'https://example.com/' }, ['url']],
    [{ pull: false }, ['url']],
    [{}, ['url']],
    [{ pull: true, rate: { perSecond: 1 } }, ['rate']],
    [{ pull: true, verification: 'challenge' }, ['verification']],
    [{ pull: true, httpSignature: { profile: 'standard' } }, ['httpSignature']],
    [{ pull: true, paused: true }, ['paused']],
    [{ pull: true, failureHandling: { divert: false } }, ['failureHandling']],
    [{ pull: true, pathExpression: '"a"' }, ['pathExpression']],
    [{ pull: true, queryExpressions: { a: '1' } }, ['queryExpressions']],
    [{ url: 'pull:' }, ['url']],
    [{ url: 'https://example.com/', deleteAfterIdleSeconds: 3600 }, ['deleteAfterIdleSeconds']],
    [{ pull: true, deleteAfterIdleSeconds: 60 }, ['deleteAfterIdleSeconds']],
    [{ pull: true, deleteAfterIdleSeconds: '1h' }, ['deleteAfterIdleSeconds']],
  ])('is refused as %j', async (fields, paths) => {
    const answer = await ask('POST', '/v1/webhooks', { eventTypes: ['a'], ...fields })
    expect(refusal(answer)).toEqual(invalidAt(...paths))
  })

  it('may be deleted when nobody pulls, until its owner wants it to stay', async () => {
    const made = await make({ deleteAfterIdleSeconds: 3_600 })
    expect(made.body).toMatchObject({ deleteAfterIdleSeconds: 3_600 })
    const path = `/v1/webhooks/${idOf(made)}`
    expect((await ask('PATCH', path, { name: 'mine' })).body).toMatchObject({
      deleteAfterIdleSeconds: 3_600,
    })
    const { body } = await ask('PATCH', path, { deleteAfterIdleSeconds: null })
    expect(body).toMatchObject({ deleteAfterIdleSeconds: null })
  })

  it('stays one, and no other becomes one', async () => {
    const path = `/v1/webhooks/${idOf(await make())}`
    const url = 'https://example.com/'
    expect(refusal(await ask('PATCH', path, { url }))).toEqual(invalidAt('url'))
    expect(refusal(await ask('PATCH', path, { pull: false }))).toEqual(invalidAt('pull'))
    expect((await ask('PATCH', path, { pull: true, name: 'mine' })).status).toBe(200)
    const sent = await ask('POST', '/v1/webhooks', { url, eventTypes: ['z'] })
    const other = `/v1/webhooks/${idOf(sent)}`
    expect(refusal(await ask('PATCH', other, { pull: true }))).toEqual(invalidAt('pull'))
    expect(refusal(await ask('PATCH', other, { url: 'pull:' }))).toEqual(invalidAt('url'))
    expect(refusal(await ask('GET', `${other}/pull`))).toEqual(refused(409, 'conflict'))
  })

  it.each([
    ['POST', 'test', {}],
    ['POST', 'resume', undefined],
    ['POST', 'cancel', {}],
    ['POST', 'replay', { since: '2026-01-01T00:00:00Z' }],
    ['POST', 'diverted/resend', {}],
    ['POST', `diverted/${NOBODY}/resend`, undefined],
  ] as const)('refuses what is about requests: %s %s', async (method, what, body) => {
    const id = idOf(await make())
    const answer = await ask(method, `/v1/webhooks/${id}/${what}`, body)
    expect(refusal(answer)).toEqual(refused(409, 'conflict'))
  })

  it('is sent nothing again, alone or among others', async () => {
    const id = idOf(await make({ eventTypes: ['again'] }))
    const eventId = await publish(key, { type: 'again', data: '{}' })
    const path = `/v1/events/${eventId}/resend`
    expect(refusal(await ask('POST', path, { webhookId: id }))).toEqual(refused(409, 'conflict'))
    expect((await ask('POST', path, {})).body).toMatchObject({ queued: 0 })
  })

  it('shows each of its events as what it is', async () => {
    const id = idOf(await make({ eventTypes: ['shown'] }))
    const eventId = await publish(key, { type: 'shown', data: '{}' })
    const { body } = await ask('GET', `/v1/events/${eventId}?unmatched=true`)
    const { deliveries, unmatched } = body as {
      deliveries: object[]
      unmatched: { items: { webhookId: string }[] }
    }
    expect(deliveries).toEqual([
      expect.objectContaining({ webhookId: id, url: null, status: 'pullable', attempts: 0 }),
    ])
    expect(unmatched.items.map(({ webhookId }) => webhookId)).not.toContain(id)
    expect((await ask('GET', `/v1/webhooks/${id}/attempts`)).body).toMatchObject({ items: [] })
  })
})

describe('GET /v1/webhooks/{id}/pull', () => {
  it('gives what would have been sent, signed, without what was configured', async () => {
    const made = await make({ eventTypes: ['sent'], headers: { 'x-token': 'secret' } })
    const { secret } = made.body as { secret: string }
    const data = '{"number": 42, "total": 1.10}'
    const eventId = await publish(key, { type: 'sent', data })
    const { items } = await pull(idOf(made))
    expect(items).toHaveLength(1)
    const [item] = items
    expect(item?.id).toBe(eventId)
    expect(Object.keys(item?.headers ?? {}).toSorted()).toEqual([
      ...['content-type', 'user-agent', 'webhook-id', 'webhook-signature', 'webhook-timestamp'],
    ])
    expect(item?.headers['webhook-id']).toBe(eventId)
    expect(item?.body).toContain(`"data":${data}`)
    expect(item?.error).toBeNull()
    const verified = new Verifier(secret).verify(item?.body ?? '', item?.headers ?? {})
    expect(verified).toMatchObject({ type: 'sent', data: { number: 42 } })
  })

  it('gives each event once, in order, to each cursor', async () => {
    const id = idOf(await make({ eventTypes: ['turn'] }))
    expect(await pull(id)).toEqual({ items: [], cursor: expect.any(String), more: false })
    const ids: string[] = []
    for (let n = 0; n < 5; n += 1) {
      ids.push(await publish(key, { type: 'turn', data: `{"n":${n}}` }))
      await publish(key, { type: 'other', data: '{}' })
    }
    const seen: string[] = []
    let cursor = ''
    for (let more = true; more; ) {
      const page = await pull(id, `?limit=2${cursor && `&cursor=${cursor}`}`)
      seen.push(...idsOn(page))
      ;({ cursor, more } = page)
    }
    expect(seen).toEqual(ids)
    expect(idsOn(await pull(id, `?cursor=${cursor}`))).toEqual([])
    const next = await publish(key, { type: 'turn', data: '{}' })
    expect(idsOn(await pull(id, `?cursor=${cursor}`))).toEqual([next])
    expect(idsOn(await pull(id))).toEqual([...ids, next])
  })

  it('applies the expressions, and shows where one fails', async () => {
    const fields = { filter: 'data.n != 2', body: 'data.n = 3 ? $error("no") : {"n": data.n}' }
    const id = idOf(await make({ eventTypes: ['shape'], ...fields }))
    for (const n of [1, 2, 3]) await publish(key, { type: 'shape', data: `{"n":${n}}` })
    const { items } = await pull(id)
    expect(items.map(({ body }) => body)).toEqual(['{"n":1}', null])
    expect(items[1]?.error).toContain('The expression in `body` fails')
  })

  it('shows an erased event without its content', async () => {
    const id = idOf(await make({ eventTypes: ['gone'] }))
    const eventId = await publish(key, { type: 'gone', data: '{"secret":"x"}' })
    await ask('DELETE', `/v1/events/${eventId}/content`)
    const { items } = await pull(id)
    expect(idsOn({ items, cursor: '', more: false })).toEqual([eventId])
    expect(JSON.stringify(items)).not.toContain('"x"')
    expect(items[0]).toMatchObject({ body: null, error: 'The content of the event was expunged.' })
  })

  it('waits for what comes', async () => {
    const id = idOf(await make({ eventTypes: ['late'] }))
    const { cursor } = await pull(id)
    const waiting = pull(id, `?cursor=${cursor}&waitMs=30000`)
    const eventId = await publish(key, { type: 'late', data: '{}' })
    expect(idsOn(await waiting)).toEqual([eventId])
  })

  it.each([
    ['?cursor=x', ['cursor']],
    [`?cursor=pull.${NOBODY}.5`, ['cursor']],
    ['?limit=0', ['limit']],
    ['?waitMs=30001', ['waitMs']],
    ['?consumer=a/b', ['consumer']],
    ['?consumer=.', ['consumer']],
    ['?consumer=..', ['consumer']],
    ['?cursor=pull.9999999999999999', ['cursor']],
    ['?wait=1', ['wait']],
  ])('refuses %s', async (query, paths) => {
    const id = idOf(await make())
    const answer = await ask('GET', `/v1/webhooks/${id}/pull${query}`)
    expect(refusal(answer)).toEqual(invalidAt(...paths))
  })

  it('refuses a cursor that is older than what is kept, and both ways to say where', async () => {
    const id = idOf(await make())
    const old = (Date.now() - 31 * 86_400_000) * 1_000
    const gone = await ask('GET', `/v1/webhooks/${id}/pull?cursor=pull.${old}`)
    expect(refusal(gone)).toEqual(refused(410, 'gone'))
    const { cursor } = await pull(id)
    const both = await ask('GET', `/v1/webhooks/${id}/pull?cursor=${cursor}&consumer=a`)
    expect(refusal(both)).toEqual(invalidAt('consumer'))
  })

  it('takes a permission of its own', async () => {
    const id = idOf(await make())
    const path = `/v1/webhooks/${id}/pull`
    const reader = await newCaller(['events:read', 'webhooks:read', 'webhooks:write'], tenant)
    expect(refusal(await reader.ask('GET', path))).toEqual(refused(403, 'forbidden'))
    const puller = await newCaller(['events:pull'], tenant)
    expect((await puller.ask('GET', path)).status).toBe(200)
    const user = asking(sendAs(await createKey(tenant, { subject: 'grace' })))
    expect(refusal(await user('GET', path))).toEqual(refused(404, 'not_found'))
    const stranger = await newCaller()
    expect(refusal(await stranger.ask('GET', path))).toEqual(refused(404, 'not_found'))
  })
})

describe('a named consumer', () => {
  it('goes on where it committed, forward and back, until it is deleted', async () => {
    const id = idOf(await make({ eventTypes: ['named'] }))
    const path = `/v1/webhooks/${id}`
    const ids: string[] = []
    for (let n = 0; n < 3; n += 1) ids.push(await publish(key, { type: 'named', data: '{}' }))
    const first = await pull(id, '?consumer=billing&limit=1')
    expect(idsOn(first)).toEqual(ids.slice(0, 1))
    const commit = (cursor: string) =>
      ask('POST', `${path}/pull/commit`, { consumer: 'billing', cursor })
    expect((await commit(first.cursor)).status).toBe(204)
    const rest = await pull(id, '?consumer=billing')
    expect(idsOn(rest)).toEqual(ids.slice(1))
    await commit(rest.cursor)
    expect(idsOn(await pull(id, '?consumer=billing'))).toEqual([])
    await commit(first.cursor)
    expect(idsOn(await pull(id, '?consumer=billing'))).toEqual(ids.slice(1))
    expect(idsOn(await pull(id, '?consumer=audit'))).toEqual(ids)
    const { body } = await ask('GET', `${path}/health`)
    expect((body as { pull: unknown }).pull).toEqual({
      consumers: [
        { name: 'billing', committedAt: expect.any(String), readUntil: expect.any(String) },
      ],
    })
    const one = `${path}/pull/consumers/billing`
    expect((await ask('DELETE', one)).status).toBe(204)
    expect(refusal(await ask('DELETE', one))).toEqual(refused(404, 'not_found'))
    expect(idsOn(await pull(id, '?consumer=billing'))).toEqual(ids)
  })

  it('has a name that a path can have, and stands where something may have been accepted', async () => {
    const path = `/v1/webhooks/${idOf(await make())}/pull/commit`
    const cursor = `pull.${(Date.now() + 2 * 86_400_000) * 1_000}`
    expect(refusal(await ask('POST', path, { consumer: 'a', cursor }))).toEqual(invalidAt('cursor'))
    const named = await ask('POST', path, { consumer: '..', cursor: 'pull.5' })
    expect(refusal(named)).toEqual(invalidAt('consumer'))
  })

  it('is one of twenty', async () => {
    const id = idOf(await make())
    const { cursor } = await pull(id)
    const path = `/v1/webhooks/${id}/pull/commit`
    for (let n = 0; n < 20; n += 1) {
      expect((await ask('POST', path, { consumer: `c${n}`, cursor })).status).toBe(204)
    }
    const more = await ask('POST', path, { consumer: 'c20', cursor })
    expect(refusal(more)).toEqual(refused(409, 'limit_reached'))
    expect((await ask('POST', path, { consumer: 'c7', cursor })).status).toBe(204)
  })
})

describe('GET /v1/webhooks/{id}/stream', () => {
  const stream = (id: string, lastEventId?: string) =>
    exports.default.fetch(
      new Request(`https://hookline.test/v1/webhooks/${id}/stream?seconds=1`, {
        headers: {
          authorization: `Bearer ${key.token}`,
          accept: 'text/event-stream',
          ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
        },
      }),
    )

  it('gives the same as Server-Sent Events, from where a lost one ended', async () => {
    const id = idOf(await make({ eventTypes: ['streamed'] }))
    const ids: string[] = []
    for (let n = 0; n < 2; n += 1) ids.push(await publish(key, { type: 'streamed', data: '{}' }))
    const response = await stream(id)
    expect(response.headers.get('content-type')).toContain('text/event-stream')
    const text = await response.text()
    const events = [...text.matchAll(/id: (\S+)\nevent: message\ndata: (.*)\n\n/g)]
    expect(events.map(([, , data]) => JSON.parse(data ?? '').id)).toEqual(ids)
    expect(text).toContain('event: end\ndata: {"reason":"time_over"}\n\n')
    const again = await (await stream(id, events[0]?.[1])).text()
    expect([...again.matchAll(/"id":"([^"]+)"/g)].map(([, one]) => one)).toEqual(ids.slice(1))
  })

  it('is a page for who accepts no stream', async () => {
    const id = idOf(await make({ eventTypes: ['paged'] }))
    const eventId = await publish(key, { type: 'paged', data: '{}' })
    const { body } = await ask('GET', `/v1/webhooks/${id}/stream`)
    expect(idsOn(body as Page)).toEqual([eventId])
  })

  it('refuses what a page refuses, before it begins', async () => {
    const id = idOf(await make())
    expect((await stream(id, 'nonsense')).status).toBe(400)
    const old = (Date.now() - 31 * 86_400_000) * 1_000
    expect((await stream(id, `pull.${old}`)).status).toBe(410)
  })

  it.each(['nonsense', `pull.${(Date.now() + 2 * 86_400_000) * 1_000}`])(
    'names the header where %s stands',
    async (lastEventId) => {
      const response = await stream(idOf(await make()), lastEventId)
      expect([response.status, await response.json()]).toMatchObject([
        400,
        { code: 'invalid', errors: [{ path: 'Last-Event-ID' }] },
      ])
    },
  )

  it('takes an empty header as none', async () => {
    const response = await stream(idOf(await make()), '')
    expect(response.status).toBe(200)
    await response.body?.cancel()
  })
})
