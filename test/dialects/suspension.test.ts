// A surface whose API neither shows nor lifts a suspension does not suspend: nobody could ever find out there why nothing
// comes any more.

import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { dialects } from '../../src/dialects/index.ts'
import { dispositionOf } from '../../src/engine/attempt/disposition.ts'
import { call, eventually, openWorld } from '../end-to-end/world.ts'
import { failed } from '../engine/attempt/outcomes.ts'
import { aDelivery, anEvent, failedWith } from '../fixtures/bench.ts'
import { openReceiver, publish, sendAs, type TestKey } from '../fixtures/hookline.ts'
import { openPlatformBench } from '../fixtures/platform-bench.ts'

/** Whose API shows `suspended` and has `unsuspend`, or shows and lifts `disabled`. */
const CAN_SHOW = ['socotra', 'svix']

const silent = dialects.filter(({ id }) => !CAN_SHOW.includes(id))

describe.each(silent.map((dialect) => [dialect.title, dialect] as const))('%s', (_, { policy }) => {
  it('never suspends', () => {
    expect(policy.suspend).toBeNull()
  })

  it('takes a 410 for a failure like any other', () => {
    const made = { outcome: failed(410), attempt: 1, failureHandling: policy }
    expect(dispositionOf(made, { delayScale: 1, random: 0 })).toMatchObject({ kind: 'retry' })
  })
})

type Call = Parameters<ReturnType<typeof sendAs>>[0]

type EventOf = Parameters<typeof publish>[1]
const TEMPLATE = { api_template: '01940000-0000-7000-8000-000000000001' } as const
const SURVEYS = { authorization_token: 'token', subscribed_events: ['survey_finished'] } as const
const patchOf = (path: string, body: object): Call => ({
  ...{ method: 'PATCH', path, body: JSON.stringify(body) },
})
const postOf = (path: string, body: object): Call => ({
  ...{ method: 'POST', path, body: JSON.stringify(body) },
})

const SURFACES: Readonly<Record<string, { make: (url: string) => Call; event: EventOf }>> = {
  EveryPoint: {
    make: (url) => patchOf('/v3/instances/default/webhook', { url }),
    event: { type: 'job', data: '{"uri":"/jobs/1"}', scope: { instance: 'default' } },
  },
  CrazyGoldFish: {
    make: (endpoint_url) => postOf('/webhooks/v1/webhook', { ...TEMPLATE, endpoint_url }),
    event: { type: 'document.processed', data: '{}', scope: { template: TEMPLATE.api_template } },
  },
  Infermedica: {
    make: (url) => postOf('/api/v2/config/webhook', { ...SURVEYS, url }),
    event: { type: 'survey_finished', data: '{"survey_id":"1"}' },
  },
}

describe.each(Object.entries(SURFACES))(
  'a webhook of %s whose receiver answers 410',
  (_, surface) => {
    const statusOf = async (key: TestKey) =>
      (await call<{ items: { id: string; status: string }[] }>(key, 200, 'GET', '/webhooks'))
        .items[0]

    it('stays active, and its event waits for the next attempt', async () => {
      const { key } = await openWorld()
      const receiver = openReceiver(() => new Response(null, { status: 410 }))
      const made = await sendAs(key)(surface.make(receiver.url))
      expect(made.status, made.text).toBeLessThan(300)
      const eventId = await publish(key, surface.event)
      await eventually(async () => {
        expect(await call(key, 200, 'GET', `/events/${eventId}`)).toMatchObject({
          deliveries: [{ status: 'failing', attempts: 1 }],
        })
      })
      expect(await statusOf(key)).toMatchObject({ status: 'active' })
    })
  },
)

describe('another URL', () => {
  async function openSuspended() {
    const bench = await openPlatformBench()
    const webhook = await bench.webhook()
    const event = anEvent()
    bench.respond = () => failedWith(410)
    await bench.consumeDelivery(aDelivery(webhook, event))
    const ref = bench.ref(webhook)
    const move = () =>
      bench.engine.webhooks.update(ref, (current) => ({ ...current, url: `${current.url}/next` }))
    const suspendedAt = async () =>
      (await bench.ports.monitor(webhook.id).health()).health.suspendedAt
    expect(await suspendedAt()).not.toBeNull()
    return { bench, webhook, event, ref, move, suspendedAt }
  }

  it('lifts a suspension, and keeps what was diverted', async () => {
    const { bench, event, ref, move, suspendedAt } = await openSuspended()
    expect(await move()).toMatchObject({ suspendedAt: null })
    expect(await suspendedAt()).toBeNull()
    expect((await bench.engine.webhooks.get(ref)).suspendedAt).toBeNull()
    expect(await bench.engine.webhooks.getDiverted(ref, event.id)).toMatchObject({ event })
  })

  it('lifts one that only the webhook’s memory knows of', async () => {
    const { bench, ref, webhook, move, suspendedAt } = await openSuspended()
    await env.DB.prepare('UPDATE webhooks SET suspended_at = NULL, state_version = 0 WHERE id = ?')
      .bind(webhook.id)
      .run()
    expect((await bench.engine.webhooks.get(ref)).suspendedAt).toBeNull()
    await move()
    expect(await suspendedAt()).toBeNull()
  })

  it('that is the same lifts none', async () => {
    const { bench, ref, suspendedAt } = await openSuspended()
    await bench.engine.webhooks.update(ref, (current) => ({ ...current, name: 'Renamed' }))
    expect(await suspendedAt()).not.toBeNull()
  })
})
