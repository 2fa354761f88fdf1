// What is another tenant's answers exactly as what does not exist.

import { beforeAll, describe, expect, it } from 'vitest'
import { type Ask, askAdmin, idOf, NOBODY, newCaller } from './asked.ts'

let mine: Ask
let foreignWebhook = ''
let ownWebhook = ''
let foreignEvent = ''

beforeAll(async () => {
  const owner = await newCaller()
  const draft = { url: 'https://example.com/hook', eventTypes: ['never'] }
  foreignWebhook = idOf(await owner.ask('POST', '/v1/webhooks', draft))
  const published = await owner.ask('POST', '/v1/events', { type: 'a', data: {} })
  foreignEvent = (published.body as { events: [{ id: string }] }).events[0].id
  mine = (await newCaller()).ask
  ownWebhook = idOf(await mine('POST', '/v1/webhooks', draft))
})

const bodies: Readonly<Record<string, object>> = {
  PATCH: { name: 'mine' },
  replay: { since: '2026-11-22T10:00:00Z' },
}

describe('a foreign object', () => {
  it.each([
    ['GET', '/v1/webhooks/WEBHOOK'],
    ['PATCH', '/v1/webhooks/WEBHOOK'],
    ['DELETE', '/v1/webhooks/WEBHOOK'],
    ['GET', '/v1/webhooks/WEBHOOK/secret'],
    ['POST', '/v1/webhooks/WEBHOOK/rotate-secret'],
    ['POST', '/v1/webhooks/WEBHOOK/resume'],
    ['POST', '/v1/webhooks/WEBHOOK/order/a/skip'],
    ['POST', '/v1/webhooks/WEBHOOK/test'],
    ['GET', '/v1/webhooks/WEBHOOK/attempts'],
    ['GET', `/v1/webhooks/WEBHOOK/attempts/${NOBODY}/request?eventId=${NOBODY}`],
    ['GET', '/v1/webhooks/WEBHOOK/health'],
    ['GET', '/v1/webhooks/WEBHOOK/diverted'],
    ['GET', '/v1/webhooks/WEBHOOK/diverted/EVENT'],
    ['DELETE', '/v1/webhooks/WEBHOOK/diverted/EVENT'],
    ['POST', '/v1/webhooks/WEBHOOK/diverted/EVENT/resend'],
    ['POST', '/v1/webhooks/WEBHOOK/diverted/resend'],
    ['POST', '/v1/webhooks/WEBHOOK/cancel'],
    ['POST', '/v1/webhooks/WEBHOOK/replay'],
    ['GET', '/v1/webhooks/OWN/diverted/EVENT'],
    ['GET', '/v1/events/EVENT'],
    ['POST', '/v1/events/EVENT/resend'],
    ['POST', '/v1/events/EVENT/cancel'],
  ])('%s %s answers as an unknown one', async (method, path) => {
    const body = bodies[path.split('/').at(-1) ?? ''] ?? bodies[method]
    const ask = async (webhook: string, event: string) => {
      const target = path
        .replace('WEBHOOK', webhook)
        .replace('EVENT', event)
        .replace('OWN', ownWebhook)
      const { status, text, headers } = await mine(method, target, body)
      const { 'x-request-id': _, ...same } = Object.fromEntries(headers)
      return { status, text, headers: same }
    }
    const foreign = await ask(foreignWebhook, foreignEvent)
    expect(foreign.status).toBe(404)
    expect(foreign).toEqual(await ask(NOBODY, NOBODY))
  })

  it('is in no list', async () => {
    const webhooks = await mine('GET', '/v1/webhooks')
    expect((webhooks.body as { items: { id: string }[] }).items.map(({ id }) => id)).toEqual([
      ownWebhook,
    ])
    expect((await mine('GET', '/v1/events')).body).toEqual({ items: [], nextCursor: null })
  })

  it('is not touched by a key of another tenant', async () => {
    const other = await newCaller()
    const keys = await askAdmin('GET', `/v1/tenants/${other.tenant.id}/keys`)
    const [key] = (keys.body as { items: { id: string }[] }).items
    const { tenant } = await newCaller()
    const path = `/v1/tenants/${tenant.id}/keys/${key?.id}`
    expect((await askAdmin('DELETE', path)).status).toBe(404)
    expect((await other.ask('GET', '/v1/webhooks')).status).toBe(200)
  })
})
