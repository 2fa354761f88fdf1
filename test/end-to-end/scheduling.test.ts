// docs/scheduling.md, as a producer and a receiver see it: through every door, with real queues, objects and alarms.

import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { formatTime } from '../../src/primitives/time.ts'
import { openReceiver } from '../fixtures/hookline.ts'
import { call, createWebhook, eventually, fares, openWorld } from './world.ts'

const DAY = 86_400_000
const event = { type: 'invoice.paid', data: { total: 1 } }
const inMs = (ms: number) => formatTime(Date.now() + ms)

interface Published {
  readonly events: readonly { id: string; duplicate: boolean; deliverAt?: string }[]
}

interface Shown {
  readonly id: string
  readonly state: string
  readonly deliverAt: string | null
  readonly cancelledAt: string | null
  readonly deliveries: readonly unknown[]
}

describe('a scheduled event', () => {
  it('is sent when its time comes, to the webhooks of then, and shows for when it is', async () => {
    const { key } = await openWorld()
    const receiver = openReceiver()
    const deliverAt = inMs(1_500)
    const asked = [{ ...event, deliverAt, id: 'reminder' }, { ...event }]
    const { events } = await call<Published>(key, 202, 'POST', '/events', asked)
    const [waiting, other] = events
    expect(waiting).toMatchObject({ duplicate: false, deliverAt })
    expect(other?.deliverAt).toBeUndefined()
    const path = `/events/${waiting?.id}`
    const shown = await call<Shown>(key, 200, 'GET', path)
    expect(shown).toMatchObject({ state: 'scheduled', deliverAt, deliveries: [], time: deliverAt })
    const again = await call<Published>(key, 202, 'POST', '/events', asked[0])
    expect(again.events).toMatchObject([{ id: waiting?.id, duplicate: true, deliverAt }])
    await call(key, 409, 'POST', `${path}/resend`)
    const listed = await call<{ items: Shown[] }>(key, 200, 'GET', '/events?state=scheduled')
    expect(listed.items).toMatchObject([{ id: waiting?.id, state: 'scheduled' }])
    const all = await call<{ items: Shown[] }>(key, 200, 'GET', '/events')
    expect(all.items).toMatchObject([{ id: other?.id, state: 'accepted', deliverAt: null }])
    // Made after it was published.
    const webhook = await createWebhook(key, receiver)
    const [request] = await receiver.received(1)
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(deliverAt))
    expect(request?.headers['webhook-id']).toBe(waiting?.id)
    expect(JSON.parse(request?.body ?? '')).toMatchObject({
      timestamp: deliverAt,
      data: event.data,
    })
    await fares(key, waiting?.id ?? '', webhook, 'delivered')
    const sent = await call<Shown>(key, 200, 'GET', path)
    expect(sent).toMatchObject({ state: 'accepted', deliverAt, cancelledAt: null })
    await call(key, 409, 'POST', `${path}/cancel`)
    expect(receiver.requests).toHaveLength(1)
  })

  it('that is cancelled before is sent to nobody, and says so', async () => {
    const { key } = await openWorld()
    const receiver = openReceiver()
    await createWebhook(key, receiver)
    const schedule = async (ms: number) => {
      const asked = { ...event, deliverAt: inMs(ms) }
      return (await call<Published>(key, 202, 'POST', '/events', asked)).events[0]?.id ?? ''
    }
    const [id, later] = [await schedule(1_000), await schedule(1_500)]
    const cancelled = await call<Shown>(key, 200, 'POST', `/events/${id}/cancel`)
    expect(cancelled).toMatchObject({ id, state: 'cancelled', cancelledAt: expect.any(String) })
    const { cancelledAt } = cancelled
    expect(await call(key, 200, 'POST', `/events/${id}/cancel`)).toMatchObject({ cancelledAt })
    const [request] = await receiver.received(1)
    expect(request?.headers['webhook-id']).toBe(later)
    await eventually(async () => {
      const { items } = await call<{ items: Shown[] }>(key, 200, 'GET', '/events')
      const states = items.map((one) => [one.id, one.state])
      expect(states).toEqual([
        [later, 'accepted'],
        [id, 'cancelled'],
      ])
    })
    await call(key, 409, 'POST', `/events/${id}/resend`)
    expect(receiver.requests).toHaveLength(1)
  })

  it('comes by a queue, too', async () => {
    const { key, tenant } = await openWorld()
    const receiver = openReceiver()
    await createWebhook(key, receiver)
    const deliverAt = inMs(1_500)
    await env.EVENTS.send({ v: 1, tenantId: tenant.id, events: [{ ...event, deliverAt }] })
    await eventually(async () => {
      const { items } = await call<{ items: Shown[] }>(key, 200, 'GET', '/events?state=scheduled')
      expect(items).toMatchObject([{ deliverAt }])
    })
    await receiver.received(1)
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(deliverAt))
  })

  it.each([
    ['in the past', -DAY],
    ['of now', 0],
  ])('%s is sent at once, as if it had no time', async (_, ms) => {
    const { key } = await openWorld()
    const asked = { ...event, deliverAt: inMs(ms) }
    const { events } = await call<Published>(key, 202, 'POST', '/events', asked)
    expect(events).toEqual([{ id: expect.any(String), type: event.type, duplicate: false }])
    const shown = await call<Shown>(key, 200, 'GET', `/events/${events[0]?.id}`)
    expect(shown).toMatchObject({ state: 'accepted', deliverAt: null })
  })

  it.each([
    ['deliverAt', { ...event, deliverAt: inMs(31 * DAY) }],
    ['deliverAt', { ...event, deliverAt: 'tomorrow' }],
    ['[1].deliverAt', [event, { ...event, deliverAt: inMs(31 * DAY) }]],
  ])('is refused at %s if its time is none, or too far ahead', async (path, asked) => {
    const { key } = await openWorld()
    const answer = await call<{ errors: { path: string }[] }>(key, 400, 'POST', '/events', asked)
    expect(JSON.stringify(answer)).toContain(JSON.stringify(path))
  })
})
