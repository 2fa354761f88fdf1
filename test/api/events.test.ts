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
