import { describe, expect, it, vi } from 'vitest'
import { openReceiver } from '../fixtures/hookline.ts'
import { type Ask, idOf, invalidAt, NOBODY, newCaller, refusal, refused } from './asked.ts'

type Listed = { items: { id: string; type: string }[]; nextCursor: string | null }

const WAIT = { timeout: 5_000, interval: 20 }

async function publish(ask: Ask, ...events: string[]): Promise<string[]> {
  const { body } = await ask('POST', '/v1/events', `[${events.join(',')}]`)
  return (body as { events: { id: string }[] }).events.map(({ id }) => id)
}

/** Waits until these events can be read. */
async function readable(ask: Ask, ids: readonly string[]): Promise<void> {
  await vi.waitFor(async () => {
    for (const id of ids) expect((await ask('GET', `/v1/events/${id}`)).status).toBe(200)
  }, WAIT)
}

describe('GET /v1/events/{id}', () => {
  it('shows the event as it was published and how it fares', async () => {
    const { ask } = await newCaller()
    const receiver = openReceiver()
    const webhook = { url: receiver.url, eventTypes: ['a'] }
    const webhookId = idOf(await ask('POST', '/v1/webhooks', webhook))
    const data = '{"b":1.10,"a":12345678901234567890}'
    const [id = ''] = await publish(
      ask,
      `{"type":"a","time":"2026-11-22T10:00:00Z","scope":{"k":"v"},"actor":"${NOBODY}","data":${data}}`,
    )
    await receiver.received(1)
    await vi.waitFor(async () => {
      const { text } = await ask('GET', `/v1/events/${id}`)
      expect(text).toContain('"status":"delivered"')
    }, WAIT)
    const { text, body } = await ask('GET', `/v1/events/${id}`)
    expect(text).toContain(`"data":${data}`)
    expect(body).toMatchObject({
      id,
      type: 'a',
      time: '2026-11-22T10:00:00.000Z',
      scope: { k: 'v' },
      actor: NOBODY,
      requestId: null,
      deliveries: [{ webhookId, status: 'delivered', attempts: 1 }],
    })
  })
})

describe('how a delivery stands', () => {
  type Shown = { deliveries: Record<string, unknown>[] }

  it('says of one that fails what went wrong, where it goes, and when it is tried again', async () => {
    const { ask, tenant } = await newCaller()
    const receiver = openReceiver(() => new Response('broken', { status: 503 }))
    const webhook = { url: receiver.url, eventTypes: ['a'] }
    const webhookId = idOf(await ask('POST', '/v1/webhooks', webhook))
    const [id = ''] = await publish(ask, '{"type":"a","data":{}}')
    const shown = () =>
      vi.waitFor(async () => {
        const { deliveries } = (await ask('GET', `/v1/events/${id}`)).body as Shown
        expect(deliveries).toMatchObject([{ status: 'failing' }])
        return deliveries[0] ?? {}
      }, WAIT)
    const delivery = await shown()
    expect(delivery).toEqual({
      webhookId,
      url: receiver.url,
      status: 'failing',
      attempts: 1,
      lastAttemptAt: expect.any(String),
      statusCode: 503,
      error: 'The receiver responded with status 503.',
      nextAttemptAt: expect.any(String),
      reason: null,
    })
    expect(String(delivery.nextAttemptAt) > String(delivery.lastAttemptAt)).toBe(true)
    // Where it goes is told to whoever may read webhooks.
    const { ask: producer } = await newCaller(['events:read'], tenant)
    const { deliveries } = (await producer('GET', `/v1/events/${id}`)).body as Shown
    expect(deliveries).toEqual([{ ...delivery, url: null }])
    // The next attempt goes where the webhook points then.
    const moved = openReceiver()
    await ask('PATCH', `/v1/webhooks/${webhookId}`, { url: moved.url })
    expect(await shown()).toEqual({ ...delivery, url: moved.url })
  })

  it('says of one to a suspended webhook that it was diverted for that', async () => {
    const { ask } = await newCaller()
    const receiver = openReceiver(() => new Response(null, { status: 410 }))
    await ask('POST', '/v1/webhooks', { url: receiver.url, eventTypes: ['a'] })
    const [first = ''] = await publish(ask, '{"type":"a","data":{}}')
    const standing = (id: string, expected: object) =>
      vi.waitFor(async () => {
        const { deliveries } = (await ask('GET', `/v1/events/${id}?unmatched=true`)).body as Shown
        expect(deliveries).toMatchObject([expected])
      }, WAIT)
    await standing(first, { status: 'diverted', statusCode: 410, attempts: 1 })
    const [second = ''] = await publish(ask, '{"type":"a","data":{}}')
    const reason = expect.stringContaining('suspended')
    await standing(second, { status: 'diverted', statusCode: null, attempts: 0, reason })
  })
})

describe('GET /v1/events/{id}?unmatched=true', () => {
  type Unmatched = {
    deliveries: { webhookId: string }[]
    unmatched: { items: { webhookId: string; reasons: string[] }[]; nextCursor: string | null }
  }
  const read = async (ask: Ask, id: string, page = '') =>
    (await ask('GET', `/v1/events/${id}?unmatched=true${page}`)).body as Unmatched

  it('says of every other webhook why not, as it was then', async () => {
    const { ask } = await newCaller()
    const { url } = openReceiver()
    const make = async (fields: object) =>
      idOf(await ask('POST', '/v1/webhooks', { url, eventTypes: ['a'], ...fields }))
    const sent = await make({})
    const otherType = await make({ eventTypes: ['b'] })
    const otherScope = await make({ scope: { inbox: 'x' } })
    const disabled = await make({ enabled: false })
    const [id = ''] = await publish(ask, '{"type":"a","data":{}}')
    const later = await make({})
    const expected = [
      { webhookId: otherType, detail: null, reasons: ['event_type'] },
      { webhookId: otherScope, detail: null, reasons: ['scope'] },
      { webhookId: disabled, detail: null, reasons: ['disabled'] },
      { webhookId: later, detail: null, reasons: ['created_later'] },
    ]
    const { deliveries, unmatched } = await read(ask, id)
    expect(deliveries.map(({ webhookId }) => webhookId)).toEqual([sent])
    expect(unmatched).toEqual({ items: expected, nextCursor: null })

    for (const webhookId of [otherType, otherScope, disabled]) {
      const fields = { eventTypes: ['a'], scope: {}, enabled: true }
      await ask('PATCH', `/v1/webhooks/${webhookId}`, fields)
    }
    await ask('PATCH', `/v1/webhooks/${sent}`, { enabled: false })
    expect((await read(ask, id)).unmatched.items).toEqual(expected)
    // What is sent later has a delivery; what is deleted is not there any more.
    await ask('POST', `/v1/events/${id}/resend`, { webhookId: later })
    await ask('DELETE', `/v1/webhooks/${otherType}`)
    const after = await read(ask, id)
    expect(after.deliveries.map(({ webhookId }) => webhookId)).toEqual([sent, later])
    expect(after.unmatched.items).toEqual(expected.slice(1, 3))
  })

  it('comes page by page, and not unless it is asked for', async () => {
    const { ask } = await newCaller()
    const { url } = openReceiver()
    const webhook = { url, eventTypes: ['b'] }
    const ids: string[] = []
    for (let n = 0; n < 3; n += 1) ids.push(idOf(await ask('POST', '/v1/webhooks', webhook)))
    const [id = ''] = await publish(ask, '{"type":"a","data":{}}')
    const first = (await read(ask, id, '&limit=2')).unmatched
    expect(first.items.map(({ webhookId }) => webhookId)).toEqual(ids.slice(0, 2))
    const second = (await read(ask, id, `&limit=2&cursor=${first.nextCursor}`)).unmatched
    expect(second.items.map(({ webhookId }) => webhookId)).toEqual(ids.slice(2))
    expect(second.nextCursor).toBeNull()
    for (const path of [`/v1/events/${id}`, `/v1/events/${id}?unmatched=false`]) {
      expect((await ask('GET', path)).body).not.toHaveProperty('unmatched')
    }
  })

  it('says what is wrong with a question', async () => {
    const { ask, tenant } = await newCaller()
    const [id = ''] = await publish(ask, '{"type":"a","data":{}}')
    const asked = async (search: string) => refusal(await ask('GET', `/v1/events/${id}?${search}`))
    expect(await asked('unmatched=yes')).toEqual(invalidAt('unmatched'))
    expect(await asked('unmatched=true&limit=0')).toEqual(invalidAt('limit'))
    expect(await asked('unmatched=true&cursor=webhooks.x')).toEqual(invalidAt('cursor'))
    expect(await asked('limit=1')).toEqual(invalidAt('limit'))
    expect(await asked(`unmatched=false&cursor=unmatched.${NOBODY}`)).toEqual(invalidAt('cursor'))
    const { ask: producer } = await newCaller(['events:read', 'webhooks:list'], tenant)
    const answer = await producer('GET', `/v1/events/${id}?unmatched=true`)
    expect(refusal(answer)).toEqual(refused(403, 'forbidden'))
    expect(answer.text).toContain('webhooks:read')
    const unknown = await ask('GET', `/v1/events/${NOBODY}?unmatched=true`)
    expect(refusal(unknown)).toEqual(refused(404, 'not_found'))
  })
})

describe('GET /v1/events', () => {
  it('lists events newest first, page by page, of one type if asked', async () => {
    const { ask } = await newCaller()
    const ids = await publish(
      ask,
      '{"type":"a","data":{}}',
      '{"type":"b","data":{"x": 1}}',
      '{"type":"a","data":{}}',
    )
    await readable(ask, ids)
    const [first, second, third] = ids

    const whole = (await ask('GET', '/v1/events')).body as Listed
    expect(whole.items.map(({ id }) => id)).toEqual([third, second, first])
    expect(whole.nextCursor).toBeNull()

    const page = (await ask('GET', '/v1/events?limit=2')).body as Listed
    expect(page.items.map(({ id }) => id)).toEqual([third, second])
    const cursor = encodeURIComponent(page.nextCursor ?? '')
    const rest = (await ask('GET', `/v1/events?limit=2&cursor=${cursor}`)).body as Listed
    expect(rest.items.map(({ id }) => id)).toEqual([first])

    const typed = (await ask('GET', '/v1/events?type=b')).body as Listed
    expect(typed.items.map(({ id }) => id)).toEqual([second])
    const none = (await ask('GET', '/v1/events?after=2999-01-01T00:00:00Z')).body as Listed
    expect(none.items).toEqual([])
  })
})

describe('POST /v1/events/{id}/resend', () => {
  it('sends the same event again to one webhook', async () => {
    const { ask } = await newCaller()
    const receiver = openReceiver()
    const webhook = { url: receiver.url, eventTypes: ['a'] }
    const webhookId = idOf(await ask('POST', '/v1/webhooks', webhook))
    const [id = ''] = await publish(ask, '{"type":"a","data":{ "x": 1 }}')
    await receiver.received(1)
    await readable(ask, [id])
    const answer = await ask('POST', `/v1/events/${id}/resend`, { webhookId })
    expect([answer.status, answer.body]).toEqual([202, { queued: 1 }])
    const [first, second] = await receiver.received(2)
    expect(second?.headers['webhook-id']).toBe(id)
    expect(second?.body).toBe(first?.body)
  })

  it('sends it to all that match now when none is named', async () => {
    const { ask } = await newCaller()
    const [id = ''] = await publish(ask, '{"type":"a","data":{}}')
    await readable(ask, [id])
    const receivers = [openReceiver(), openReceiver()]
    for (const { url } of receivers) {
      await ask('POST', '/v1/webhooks', { url, eventTypes: ['a'] })
    }
    expect((await ask('POST', `/v1/events/${id}/resend`)).body).toEqual({ queued: 2 })
    for (const receiver of receivers) await receiver.received(1)
  })

  it('does not know a webhook that is nobody’s', async () => {
    const { ask } = await newCaller()
    const [id = ''] = await publish(ask, '{"type":"a","data":{}}')
    await readable(ask, [id])
    const answer = await ask('POST', `/v1/events/${id}/resend`, { webhookId: NOBODY })
    expect(refusal(answer)).toEqual(refused(404, 'not_found'))
    const bad = await ask('POST', `/v1/events/${id}/resend`, { webhookId: 'x' })
    expect(refusal(bad)).toEqual(invalidAt('webhookId'))
  })
})
