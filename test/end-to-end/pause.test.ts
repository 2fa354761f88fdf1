// docs/contracts/delivery.md, "Paused webhooks", as an owner and a receiver see it: through /v1, with real queues and objects.

import { describe, expect, it } from 'vitest'
import { openReceiver, publish, type TestKey } from '../fixtures/hookline.ts'
import { call, createWebhook, eventually, fares, openWorld } from './world.ts'

const event = { type: 'invoice.paid', data: '{"total":1}' }

interface Paused {
  readonly pause: { readonly since: string; readonly waiting: number } | null
  readonly hold: unknown
}

const pause = (key: TestKey, { id }: { readonly id: string }, paused: boolean) =>
  call<{ paused: boolean }>(key, 200, 'PATCH', `/webhooks/${id}`, { paused })

describe('a paused webhook', () => {
  it('gets nothing, and all that waited in order once it is resumed', async () => {
    const { key } = await openWorld()
    const receiver = openReceiver()
    const webhook = await createWebhook(key, receiver)
    const health = () => call<Paused>(key, 200, 'GET', `/webhooks/${webhook.id}/health`)
    expect(await pause(key, webhook, true)).toMatchObject({ paused: true })
    const ids: string[] = []
    for (let n = 0; n < 5; n += 1) ids.push(await publish(key, event))
    for (const id of ids) await fares(key, id, webhook, 'held')
    const [first = ''] = ids
    const shown = await call<{ deliveries: unknown[] }>(key, 200, 'GET', `/events/${first}`)
    expect(shown.deliveries).toMatchObject([
      { attempts: 0, reason: 'The webhook is paused; the event waits until it is resumed.' },
    ])
    await eventually(async () => expect((await health()).pause?.waiting).toBe(5))
    expect(receiver.requests).toEqual([])
    await call(key, 200, 'POST', `/webhooks/${webhook.id}/test`)
    expect(await pause(key, webhook, false)).toMatchObject({ paused: false })
    for (const id of ids) await fares(key, id, webhook, 'delivered')
    const [, ...sent] = receiver.requests.map(({ headers }) => headers['webhook-id'] ?? '')
    expect(sent.toSorted()).toEqual(ids)
    expect(sent[0]).toBe(first)
    await eventually(async () => expect(await health()).toMatchObject({ pause: null, hold: null }))
  })

  it('has a retry wait that comes due meanwhile, which goes on where it was', async () => {
    const { key } = await openWorld()
    const answers = [500, 204]
    const receiver = openReceiver(() => new Response(null, { status: answers.shift() ?? 204 }))
    const retry = { type: 'linear', intervalSeconds: 1, attempts: 1 }
    const webhook = await createWebhook(key, receiver, { failureHandling: { retry } })
    const id = await publish(key, event)
    await fares(key, id, webhook, 'failing')
    await pause(key, webhook, true)
    await fares(key, id, webhook, 'held')
    await pause(key, webhook, false)
    await fares(key, id, webhook, 'delivered')
    const { deliveries } = await call<{ deliveries: unknown[] }>(key, 200, 'GET', `/events/${id}`)
    expect(deliveries).toMatchObject([{ attempts: 2 }])
  })

  it('forgets what waits when it is deleted', async () => {
    const { key } = await openWorld()
    const receiver = openReceiver()
    const webhook = await createWebhook(key, receiver, { paused: true })
    const id = await publish(key, event)
    await fares(key, id, webhook, 'held')
    await call(key, 204, 'DELETE', `/webhooks/${webhook.id}`)
    await fares(key, id, webhook, 'dropped')
    expect(receiver.requests).toEqual([])
  })
})
