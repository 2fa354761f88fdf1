// A webhook to which this deployment can make no request: it cannot open its secrets (the key of the vault is missing,
// wrong, or not here yet), or does not speak its dialect. That is the deployment's to mend, so the events wait.

import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { createDialectRuntimes } from '../../src/compose.ts'
import { dialects } from '../../src/dialects/index.ts'
import type { Event, Webhook } from '../../src/engine/model/index.ts'
import type { OperationalEvent } from '../../src/engine/ports/index.ts'
import { createPorts } from '../../src/platform/ports.ts'
import { acme } from '../dialects/acme/index.ts'
import { aDelivery, anEvent, type Bench, failedWith, handledBy } from '../fixtures/bench.ts'
import { openPlatformBench } from '../fixtures/platform-bench.ts'

const NO_TEST = { type: null, data: null }
const ACK = { kind: 'ack' }
const strict = handledBy({
  retry: null,
  divert: false,
  suspend: { afterSeconds: 0, afterFailures: 1 },
})

const withAcme = { dialectRuntimes: createDialectRuntimes([...dialects, acme]) }

/** The same deployment with another key. */
const withKey = (SECRETS_KEY: string) => (bench: Bench) => {
  const { webhooks, eventLog } = createPorts(
    { ...env, SECRETS_KEY },
    createExecutionContext(),
    createDialectRuntimes(),
  )
  return bench.with({ ...withAcme, webhooks, eventLog })
}

/** The same deployment without Acme. */
const withoutDialect = (bench: Bench) => bench.with({})

const CLOSED = 'The secrets of the webhook cannot be decrypted.'

describe.each([
  ['with another key', withKey(btoa('a key that never sealed anything')), CLOSED],
  ['with no key', withKey(''), CLOSED],
  [
    'without its dialect',
    withoutDialect,
    'The dialect of the webhook, acme, is not part of this deployment.',
  ],
])('%s', (_, lacking, reason) => {
  let bench: Bench
  let lame: Bench
  let webhook: Webhook
  beforeEach(async () => {
    bench = await openPlatformBench(withAcme)
    lame = lacking(bench)
    const secrets = { signing: [], headers: [['x-token', 'one']] as const, attributes: {} }
    webhook = await bench.webhook({ dialect: 'acme', failureHandling: strict, secrets })
  })

  it('an event is handed over unsent, and neither counted nor given up', async () => {
    const event = anEvent()
    expect(await lame.consumeEvents([event])).toEqual(ACK)
    expect(lame.requests).toEqual([])
    expect(lame.takeHandedOver()).toEqual({
      delaySeconds: 10,
      message: aDelivery(webhook, event, { role: 'watchdog' }),
    })
    expect(await bench.engine.webhooks.health(bench.ref(webhook))).toMatchObject({
      health: { consecutiveFailures: 0, suspendedAt: null },
      totals: { failed: 0 },
    })
  })

  it('a delivery comes back, more rarely each time, until the request can be made', async () => {
    const event = anEvent()
    const message = aDelivery(webhook, event)
    expect(await lame.consumeDelivery(message)).toEqual({ kind: 'retry', delaySeconds: 10 })
    expect(await lame.consumeDelivery(message, { attempts: 3 })).toEqual({
      kind: 'retry',
      delaySeconds: 40,
    })
    expect(await lame.consumeDelivery(message, { attempts: 50 })).toEqual({
      kind: 'retry',
      delaySeconds: 900,
    })
    expect(lame.requests).toEqual([])
    expect(await bench.consumeDelivery(message, { attempts: 51 })).toEqual(ACK)
    expect(bench.requests).toHaveLength(1)
    expect(await bench.fate(event, webhook)).toMatchObject({ status: 'delivered', attempts: 1 })
  })

  it('a delivery outlives its message', async () => {
    const event = anEvent()
    const message = aDelivery(webhook, event)
    expect(await lame.consumeDelivery(message, { attempts: 90 })).toEqual(ACK)
    expect(lame.takeHandedOver()).toEqual({
      delaySeconds: 900,
      message: { ...message, role: 'watchdog' },
    })
  })

  it('a delivery ends with its webhook', async () => {
    await bench.engine.webhooks.delete(bench.ref(webhook))
    expect(await lame.consumeDelivery(aDelivery(webhook, anEvent()))).toEqual(ACK)
    expect(lame.handedOver).toEqual([])
  })

  it('a test event is refused as unavailable', async () => {
    const type = 'invoice.paid'
    const asked = lame.engine.webhooks.test(bench.ref(webhook), { type, data: null })
    await expect(asked).rejects.toMatchObject({ code: 'unavailable' })
    expect(lame.requests).toEqual([])
  })

  it.each([
    ['disabled', { enabled: false }],
    ['suspended', { enabled: true }],
  ])('a delivery ends when its webhook is %s', async (trigger, { enabled }) => {
    const ref = bench.ref(webhook)
    const kept = { failureHandling: handledBy({ divert: true }), enabled }
    await bench.engine.webhooks.update(ref, (current) => ({ ...current, ...kept }))
    if (enabled) {
      await bench.ports.webhooks.setState(ref, { version: 9, suspendedAt: 1, lane: 'fast' })
    }
    const event = anEvent()
    expect(await lame.consumeDelivery(aDelivery(webhook, event), { attempts: 7 })).toEqual(ACK)
    expect(lame.requests).toEqual([])
    expect(await bench.ports.monitor(webhook.id).findDiverted(event.id)).toMatchObject({ trigger })
    const [delivery] = await deliveriesOf(lame, event, webhook)
    expect(delivery).toMatchObject({ status: 'diverted', reason: `The webhook is ${trigger}.` })
  })

  it('its owner sees why an event waits, and no reason any more once it was sent', async () => {
    const event = anEvent()
    const message = aDelivery(webhook, event)
    await lame.consumeDelivery(message)
    const waiting = { webhookId: webhook.id, status: 'pending', attempts: 0 }
    expect(await deliveriesOf(lame, event, webhook)).toMatchObject([{ ...waiting, reason }])
    expect(await deliveriesOf(bench, event, webhook)).toMatchObject([{ ...waiting, reason: null }])
    await bench.consumeDelivery(message, { attempts: 2 })
    const sent = { ...waiting, status: 'delivered', attempts: 1, reason: null }
    expect(await deliveriesOf(lame, event, webhook)).toMatchObject([sent])
  })

  it('its owner sees why a retry waits', async () => {
    const retried = handledBy({ retry: { type: 'linear', intervalSeconds: 5, attempts: 3 } })
    await bench.engine.webhooks.update(bench.ref(webhook), (current) => ({
      ...current,
      failureHandling: retried,
    }))
    const event = anEvent()
    bench.respond = () => failedWith(500)
    await bench.consumeDelivery(aDelivery(webhook, event))
    const failing = { status: 'failing', attempts: 1, reason }
    expect(await deliveriesOf(lame, event, webhook)).toMatchObject([failing])
  })

  it('no reason is shown where a webhook that was disabled ends the wait', async () => {
    const event = anEvent()
    await lame.engine.webhooks.update(bench.ref(webhook), (current) => ({
      ...current,
      enabled: false,
    }))
    const pending = { status: 'pending', reason: null }
    expect(await deliveriesOf(lame, event, webhook)).toMatchObject([pending])
  })

  it('no suspension is announced, because nothing is sent that could fail', async () => {
    bench.respond = () => failedWith(500)
    const lenient = handledBy({ retry: null, suspend: { afterSeconds: 3_600, afterFailures: 1 } })
    const sound = await bench.webhook({ failureHandling: lenient })
    await bench.engine.webhooks.update(bench.ref(webhook), (current) => ({
      ...current,
      failureHandling: lenient,
    }))
    await bench.consumeDelivery(aDelivery(sound, anEvent()))
    await bench.consumeDelivery(aDelivery(webhook, anEvent()))
    const announced = await bench.engine.webhooks.health(bench.ref(sound))
    expect(announced.suspendsAt).toEqual(expect.any(Number))
    expect(await lame.engine.webhooks.health(bench.ref(webhook))).toMatchObject({
      health: { failedEvents: 1 },
      suspendsAt: null,
    })
  })

  it('a given up event is not alerted, since nothing can be signed or written', async () => {
    const notice: OperationalEvent = {
      id: anEvent().id,
      tenantId: bench.tenantId,
      webhookId: webhook.id,
      type: 'webhook.exhausted',
      at: Date.now(),
      reason: 'failing',
      state: { version: 1, suspendedAt: null, lane: 'fast', isTroubled: true, isHeld: false },
      counts: { consecutiveFailures: 1, failedEvents: 1, exhaustedEvents: 1 },
      exhausted: {
        eventId: anEvent().id,
        eventType: 'invoice.paid',
        trigger: 500,
        message: 'The receiver responded with status 500.',
        at: Date.now(),
        diverted: true,
        suspended: false,
      },
    }
    const alertUrl = 'https://alerts.example/'
    await bench.engine.webhooks.update(bench.ref(webhook), (current) => ({
      ...current,
      failureHandling: handledBy({ alertUrl }),
    }))
    for (const each of [lame, bench]) {
      await each.consumeDelivery({ kind: 'notice', notice })
      await each.settled()
    }
    expect(lame.requests).toEqual([])
    expect(lame.published).toHaveLength(1)
    expect(bench.requests).toMatchObject([{ url: alertUrl }])
  })
})

/** How an event that was published for a webhook fares there, as its owner sees it. */
async function deliveriesOf({ engine, ports, tenantId }: Bench, event: Event, webhook: Webhook) {
  const log = ports.eventLog(tenantId)
  const submissions = [{ event, key: null }]
  await log.accept(tenantId, { submissions, requestKey: null, most: 1 })
  // Of a webhook that gets nothing any more the event may be from before.
  await log.addWebhooks([event.id], [webhook.id])
  return engine.events.deliveries(tenantId, event.id)
}

describe('a dialect that is not part of the deployment', () => {
  it('is logged once for each webhook of a batch', async () => {
    const bench = await openPlatformBench()
    const webhooks = [
      await bench.webhook({ dialect: 'acme' }),
      await bench.webhook({ dialect: 'acme' }),
      await bench.webhook(),
    ]
    const lines = () => bench.lines.splice(0).filter(({ event }) => event === 'dialect.unknown')
    const [first, second] = webhooks.map(({ id: webhookId, tenantId }) => ({
      event: 'dialect.unknown',
      tenantId,
      webhookId,
      dialect: 'acme',
    }))
    await bench.consumeEvents([anEvent(), anEvent()])
    const met = lines()
    expect(met).toHaveLength(2)
    expect(met).toEqual(expect.arrayContaining([first, second]))
    for (const webhook of webhooks) await bench.consumeDelivery(aDelivery(webhook, anEvent()))
    expect(lines()).toEqual([first, second])
    const tested = webhooks.map((webhook) =>
      bench.engine.webhooks.test(bench.ref(webhook), NO_TEST),
    )
    expect((await Promise.allSettled(tested)).map(({ status }) => status)).toEqual([
      'rejected',
      'rejected',
      'fulfilled',
    ])
    expect(lines()).toHaveLength(2)
  })
})
