// docs/contracts/delivery.md, "Verification", as an owner and a receiver see it: through /v1, with real queues and objects.

import { describe, expect, it } from 'vitest'
import { openReceiver, publish, type ReceivedRequest } from '../fixtures/hookline.ts'
import { call, createWebhook, eventually, fares, openWorld } from './world.ts'

const event = { type: 'invoice.paid', data: '{"total":1}' }

interface Shown {
  readonly id: string
  readonly verification: string | null
  readonly verifiedAt: string | null
  readonly verificationError: string | null
  readonly paused: boolean
}

const isChallenge = ({ body }: ReceivedRequest) => body.includes('"challenge"')

/** Repeats challenges while it is willing to. */
function openAgreeing() {
  const state = { agrees: true }
  const receiver = openReceiver((request) => {
    if (!isChallenge(request)) return new Response(null, { status: 204 })
    const { challenge } = JSON.parse(request.body)
    return state.agrees ? Response.json({ challenge }) : new Response('no', { status: 200 })
  })
  return { receiver, state }
}

describe('a webhook whose receiver is asked', () => {
  it('is verified by a receiver that repeats the challenge, signed as all requests are', async () => {
    const { key } = await openWorld()
    const { receiver } = openAgreeing()
    const webhook = await createWebhook(key, receiver, { verification: 'challenge' })
    const shown = await call<Shown>(key, 200, 'GET', `/webhooks/${webhook.id}`)
    expect(shown).toMatchObject({
      verification: 'challenge',
      verificationError: null,
      paused: false,
    })
    expect(shown.verifiedAt).not.toBeNull()
    const [asked] = receiver.requests
    expect(JSON.parse(asked?.body ?? '')).toMatchObject({ type: 'webhook.verification' })
    expect(asked?.headers['webhook-signature']).toMatch(/^v1,/)
    await fares(key, await publish(key, event), webhook, 'delivered')
  })

  it('has its events wait until the receiver agrees, and says why', async () => {
    const { key } = await openWorld()
    const { receiver, state } = openAgreeing()
    state.agrees = false
    const webhook = await createWebhook(key, receiver, { verification: 'challenge' })
    const path = `/webhooks/${webhook.id}`
    const refused = await call<Shown>(key, 200, 'GET', path)
    expect(refused.verifiedAt).toBeNull()
    expect(refused.verificationError).toMatch(/did not repeat the challenge/)
    const id = await publish(key, event)
    await fares(key, id, webhook, 'held')
    const { deliveries } = await call<{ deliveries: unknown[] }>(key, 200, 'GET', `/events/${id}`)
    expect(deliveries).toMatchObject([
      {
        attempts: 0,
        reason: 'The receiver has not agreed to be sent to; the event waits until it is verified.',
      },
    ])
    await eventually(async () =>
      expect(await call(key, 200, 'GET', `${path}/health`)).toMatchObject({
        pause: { reasons: ['unverified'], waiting: 1 },
      }),
    )
    await call(key, 409, 'POST', `${path}/test`)
    // Its owner's pause is another thing.
    await call(key, 200, 'PATCH', path, { paused: true })
    await call(key, 200, 'PATCH', path, { paused: false })
    expect(receiver.requests.filter((one) => !isChallenge(one))).toEqual([])
    state.agrees = true
    expect((await call<Shown>(key, 200, 'POST', `${path}/verify`)).verifiedAt).not.toBeNull()
    await fares(key, id, webhook, 'delivered')
  })

  it('is asked again at another URL, and not for anything else', async () => {
    const { key } = await openWorld()
    const first = openAgreeing()
    const second = openAgreeing()
    second.state.agrees = false
    const webhook = await createWebhook(key, first.receiver, { verification: 'challenge' })
    const path = `/webhooks/${webhook.id}`
    await call(key, 200, 'PATCH', path, { name: 'Renamed' })
    expect(first.receiver.requests).toHaveLength(1)
    const moved = await call<Shown>(key, 200, 'PATCH', path, { url: second.receiver.url })
    expect(moved.verifiedAt).toBeNull()
    const id = await publish(key, event)
    await fares(key, id, webhook, 'held')
    const none = await call<Shown>(key, 200, 'PATCH', path, { verification: null })
    expect(none).toMatchObject({ verification: null, verificationError: null })
    await fares(key, id, webhook, 'delivered')
    await call(key, 409, 'POST', `${path}/verify`)
  })

  it('needs a host name for the handshake of CloudEvents, and says so where nobody told one', async () => {
    const { key } = await openWorld()
    const receiver = openReceiver()
    const webhook = await createWebhook(key, receiver, { verification: 'cloudevents' })
    const shown = await call<Shown>(key, 200, 'GET', `/webhooks/${webhook.id}`)
    expect(shown.verificationError).toMatch(/PUBLIC_URL|allows another origin|without the header/)
  })
})
