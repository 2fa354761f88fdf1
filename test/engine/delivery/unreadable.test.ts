// A webhook whose secrets the deployment cannot open: the key of the vault is missing, wrong, or not here yet.

import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { createDialectRuntimes } from '../../../src/compose.ts'
import type { Webhook } from '../../../src/engine/model/index.ts'
import { createPorts } from '../../../src/platform/ports.ts'
import { aDelivery, anEvent, Bench, handledBy } from '../../fixtures/bench.ts'

const ACK = { kind: 'ack' }
const strict = handledBy({
  retry: null,
  divert: false,
  suspend: { afterSeconds: 0, afterFailures: 1 },
})

/** The same deployment with another key. */
function withKey(bench: Bench, SECRETS_KEY: string): Bench {
  const { webhooks } = createPorts(
    { ...env, SECRETS_KEY },
    createExecutionContext(),
    createDialectRuntimes(),
  )
  return bench.with({ webhooks })
}

describe.each([
  ['another', btoa('a key that never sealed anything')],
  ['no', ''],
])('with %s key', (_, secretsKey) => {
  let bench: Bench
  let keyless: Bench
  let webhook: Webhook
  beforeEach(async () => {
    bench = await Bench.open()
    keyless = withKey(bench, secretsKey)
    const secrets = { signing: [], headers: [['x-token', 'one']] as const, attributes: {} }
    webhook = await bench.webhook({ failureHandling: strict, secrets })
  })

  it('an event is handed over unsent, and neither counted nor given up', async () => {
    const event = anEvent()
    expect(await keyless.route([event])).toEqual(ACK)
    expect(keyless.requests).toEqual([])
    expect(keyless.takeHandedOver()).toEqual({
      delaySeconds: 10,
      message: aDelivery(webhook, event),
    })
    expect(await bench.engine.webhooks.health(bench.ref(webhook))).toMatchObject({
      health: { consecutiveFailures: 0, suspendedAt: null },
      totals: { failed: 0 },
    })
  })

  it('a delivery comes back, more rarely each time, until the key is there', async () => {
    const event = anEvent()
    const message = aDelivery(webhook, event)
    expect(await keyless.carry(message)).toEqual({ kind: 'retry', delaySeconds: 10 })
    expect(await keyless.carry(message, { attempts: 3 })).toEqual({
      kind: 'retry',
      delaySeconds: 40,
    })
    expect(await keyless.carry(message, { attempts: 50 })).toEqual({
      kind: 'retry',
      delaySeconds: 900,
    })
    expect(keyless.requests).toEqual([])
    expect(await bench.carry(message, { attempts: 51 })).toEqual(ACK)
    expect(bench.requests).toHaveLength(1)
    expect(await bench.fate(event, webhook)).toMatchObject({ status: 'delivered', attempts: 1 })
  })

  it('a delivery outlives its message', async () => {
    const event = anEvent()
    const message = aDelivery(webhook, event)
    expect(await keyless.carry(message, { attempts: 90 })).toEqual(ACK)
    expect(keyless.takeHandedOver()).toEqual({
      delaySeconds: 900,
      message: { ...message, standing: 'insurance' },
    })
  })

  it('a delivery ends with its webhook', async () => {
    await bench.engine.webhooks.delete(bench.ref(webhook))
    expect(await keyless.carry(aDelivery(webhook, anEvent()))).toEqual(ACK)
    expect(keyless.handedOver).toEqual([])
  })

  it('a test event is refused as unavailable', async () => {
    const type = 'invoice.paid'
    const asked = keyless.engine.webhooks.test(bench.ref(webhook), { type, data: null })
    await expect(asked).rejects.toMatchObject({ code: 'unavailable' })
    expect(keyless.requests).toEqual([])
  })
})
