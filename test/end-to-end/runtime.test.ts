// docs/contracts/delivery.md, "Guarantees", when the runtime itself fails: objects aborted, storage that throws, messages
// that crash their consumer every time.

import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ACCEPTED } from '../../src/retention.ts'
import { openReceiver, publish } from '../fixtures/hookline.ts'
import { crashOn, makeOutagesShort } from './outage.ts'
import {
  answering,
  call,
  createWebhook,
  eventually,
  fares,
  openWorld,
  retryingAtOnce,
} from './world.ts'

const event = { type: 'invoice.paid', data: '{"total":1}' }

makeOutagesShort()
afterEach(() => vi.restoreAllMocks())

/** Kills a webhook's monitor, as the platform may at any time; its storage stays. */
async function abortMonitor(webhookId: string): Promise<void> {
  const stub = env.MONITORS.getByName(webhookId)
  const dying = runInDurableObject(stub, (_, state) =>
    state.abort('The machine is needed elsewhere.'),
  )
  await expect(dying).rejects.toThrow()
}

describe('a monitor that is aborted', () => {
  it('between two reports has what the first one said', async () => {
    const { key } = await openWorld()
    const receiver = openReceiver()
    const webhook = await createWebhook(key, receiver)
    const first = await publish(key, event)
    await fares(key, first, webhook, 'delivered')
    await abortMonitor(webhook.id)
    const second = await publish(key, event)
    await fares(key, second, webhook, 'delivered')
    await fares(key, first, webhook, 'delivered')
    const health = await call(key, 200, 'GET', `/webhooks/${webhook.id}/health`)
    expect(health).toMatchObject({ totals: { delivered: 2 } })
  })

  it('between two attempts goes on with the retries', async () => {
    const { key } = await openWorld()
    const receiver = answering(500, 500, 204)
    const webhook = await createWebhook(key, receiver, {
      failureHandling: { retry: { type: 'linear', intervalSeconds: 1, attempts: 3 } },
    })
    const id = await publish(key, event)
    await fares(key, id, webhook, 'failing')
    await abortMonitor(webhook.id)
    await fares(key, id, webhook, 'delivered')
    expect(receiver.requests).toHaveLength(3)
  })
})

describe('a report that fails in the middle', () => {
  it('leaves nothing half-written, and is written when it comes again', async () => {
    const { key } = await openWorld()
    const receiver = answering(410)
    const webhook = await createWebhook(key, receiver)
    const stub = env.MONITORS.getByName(webhook.id)
    const { exec } = Object.getPrototypeOf(await runInDurableObject(stub, (_, s) => s.storage.sql))
    let failures = 0
    await runInDurableObject(stub, (_, { storage }) => {
      vi.spyOn(Object.getPrototypeOf(storage.sql), 'exec').mockImplementation(function (
        this: unknown,
        ...args: unknown[]
      ) {
        // The report's row is written by then; its notices are not.
        if (String(args[0]).startsWith('INSERT INTO outbox') && failures === 0) {
          failures += 1
          throw new Error('The disk is full.')
        }
        return exec.apply(this, args)
      })
    })
    const id = await publish(key, event)
    await fares(key, id, webhook, 'diverted')
    expect(failures).toBe(1)
    const attempts = await call<{ items: unknown[] }>(
      key,
      200,
      'GET',
      `/webhooks/${webhook.id}/attempts`,
    )
    expect(attempts.items).toHaveLength(1)
    expect(receiver.requests).toHaveLength(1)
  })
})

describe('a message that crashes its consumer every time', () => {
  it('ends in the dead-letter queue, and its event diverted at its webhook', async () => {
    const { key, tenant } = await openWorld()
    const receiver = openReceiver()
    const webhook = await createWebhook(key, receiver, retryingAtOnce(1))
    crashOn(webhook.id)
    const id = await publish(key, event)
    // What its publish did not do its event log sends on.
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ACCEPTED.underWayMs + 1_000 })
    await runDurableObjectAlarm(env.EVENT_LOGS.getByName(tenant.id))
    vi.useRealTimers()
    await eventually(async () => {
      const path = `/webhooks/${webhook.id}/diverted/${id}`
      expect(await call(key, 200, 'GET', path)).toMatchObject({ trigger: 'crashed' })
    })
    expect(receiver.requests).toEqual([])
  })
})
