// docs/contracts/delivery.md, "Verification", as an owner and a receiver see it: through /v1, with real queues and objects.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { callNoOther, openReceiver, publish, type ReceivedRequest } from '../fixtures/hookline.ts'
import { answerAt } from '../fixtures/publishers.ts'
import { call, createWebhook, eventually, fares, openWorld } from './world.ts'

const event = { type: 'invoice.paid', data: '{"total":1}' }

interface Health {
  readonly pause: { readonly reasons: readonly string[] } | null
  readonly rate: {
    readonly allowed: { readonly perMinute: number } | null
    readonly waiting: number
  } | null
}

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

describe('the handshake of CloudEvents', () => {
  beforeEach(() => answerAt('https://hooks.example/'))
  afterEach(callNoOther)

  const isAsked = ({ method }: ReceivedRequest) => method === 'OPTIONS'

  /** As "HTTP 1.1 Web Hooks for Event Delivery", 4.2, has receivers answer; null: without a word of who may send. */
  function openBySpec(allowed: Readonly<Record<string, string>> | null) {
    const state = { allowed }
    const receiver = openReceiver((request) => {
      if (!isAsked(request)) return new Response(null, { status: 204 })
      return new Response(null, { status: 200, headers: { allow: 'POST', ...state.allowed } })
    })
    return { receiver, state }
  }

  it('tells who asks and how much it wants to send, and keeps to what the receiver allows', async () => {
    const { key } = await openWorld()
    const { receiver } = openBySpec({
      'webhook-allowed-origin': 'hooks.example',
      'webhook-allowed-rate': '2',
    })
    const webhook = await createWebhook(key, receiver, {
      verification: 'cloudevents',
      rate: { perMinute: 100 },
    })
    const path = `/webhooks/${webhook.id}`
    const shown = await call<Shown>(key, 200, 'GET', path)
    expect(shown).toMatchObject({ verification: 'cloudevents', verificationError: null })
    expect(shown.verifiedAt).not.toBeNull()
    expect(receiver.requests).toMatchObject([
      {
        ...{ method: 'OPTIONS', body: '' },
        headers: { 'webhook-request-origin': 'hooks.example', 'webhook-request-rate': '100' },
      },
    ])
    // It could not be called back.
    expect(receiver.requests[0]?.headers).not.toHaveProperty('webhook-request-callback')
    const [first = '', second = '', third = ''] = [
      await publish(key, event),
      await publish(key, event),
      await publish(key, event),
    ]
    await fares(key, first, webhook, 'delivered')
    await fares(key, second, webhook, 'delivered')
    await fares(key, third, webhook, 'held')
    await eventually(async () =>
      expect(await call<Health>(key, 200, 'GET', `${path}/health`)).toMatchObject({
        rate: { perMinute: 100, allowed: { perMinute: 2 }, waiting: 1 },
      }),
    )
    expect(receiver.requests.filter((one) => !isAsked(one))).toHaveLength(2)
  })

  it('has a receiver that says nothing at once be asked again, once it has decided', async () => {
    const { key } = await openWorld()
    const { receiver, state } = openBySpec(null)
    const webhook = await createWebhook(key, receiver, { verification: 'cloudevents' })
    const path = `/webhooks/${webhook.id}`
    const undecided = await call<Shown>(key, 200, 'GET', path)
    expect(undecided.verificationError).toMatch(/without the header WebHook-Allowed-Origin/)
    const id = await publish(key, event)
    await fares(key, id, webhook, 'held')
    state.allowed = { 'webhook-allowed-origin': 'other.example' }
    const refused = await call<Shown>(key, 200, 'POST', `${path}/verify`)
    expect(refused.verificationError).toMatch(/another origin than hooks\.example/)
    expect(receiver.requests.every(isAsked)).toBe(true)
    state.allowed = { 'webhook-allowed-origin': '*', 'webhook-allowed-rate': '*' }
    const agreed = await call<Shown>(key, 200, 'POST', `${path}/verify`)
    expect(agreed.verificationError).toBeNull()
    await fares(key, id, webhook, 'delivered')
    const health = await call<Health>(key, 200, 'GET', `${path}/health`)
    expect(health).toMatchObject({ pause: null, rate: null })
  })
})
