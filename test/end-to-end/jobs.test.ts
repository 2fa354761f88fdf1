// Bulk resends and replays whose consumer or object dies half-way: they go on, and send nothing twice.

import { evictDurableObject, runDurableObjectAlarm } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { TestKey } from '../fixtures/hookline.ts'
import { makeOutagesShort } from './outage.ts'
import { answering, call, createWebhook, eventually, openWorld } from './world.ts'

const COUNT = 130

makeOutagesShort()
afterEach(() => vi.restoreAllMocks())

/** Publishes events of 3 KB, more than one step of a job takes; returns their ids. */
async function publishMany(key: TestKey): Promise<readonly string[]> {
  const text = 'x'.repeat(3_000)
  const events = Array.from({ length: COUNT }, () => ({ type: 'invoice.paid', data: { text } }))
  const answer = await call<{ events: { id: string }[] }>(key, 202, 'POST', '/events', events)
  return answer.events.map(({ id }) => id)
}

/** Lets the deliveries queue take the second batch of a job and lose its answer; tells how many it was sent. */
function losingSecondAnswer(): () => number {
  const queue = Object.getPrototypeOf(env.DELIVERIES) as Queue
  const { sendBatch } = queue
  let batches = 0
  vi.spyOn(queue, 'sendBatch').mockImplementation(async function (this: Queue, ...args) {
    batches += 1
    const answer = await sendBatch.apply(this, args)
    if (batches === 2) throw new Error('Network connection lost.')
    return answer
  })
  return () => batches
}

describe('a job whose queue loses an answer and whose object dies', () => {
  it('resends every diverted event once', async () => {
    const { key } = await openWorld()
    const receiver = answering(410, 204)
    const { id } = await createWebhook(key, receiver)
    await call(key, 202, 'POST', '/events', { type: 'invoice.gone', data: {} })
    await eventually(async () => {
      expect(await call(key, 200, 'GET', `/webhooks/${id}`)).toMatchObject({ status: 'suspended' })
    })
    const ids = await publishMany(key)
    const diverted = `/webhooks/${id}/diverted?limit=250`
    const kept = async () => (await call<{ items: unknown[] }>(key, 200, 'GET', diverted)).items
    await eventually(async () => expect(await kept()).toHaveLength(COUNT + 1))
    await call(key, 204, 'POST', `/webhooks/${id}/resume`)
    const batches = losingSecondAnswer()
    const wanted = { eventTypes: ['invoice.paid'] }
    const answer = await call(key, 202, 'POST', `/webhooks/${id}/diverted/resend`, wanted)
    expect(answer).toEqual({ jobId: expect.any(String), queued: COUNT })
    await eventually(async () => expect(batches()).toBe(2))
    const stub = env.MONITORS.getByName(id)
    await evictDurableObject(stub)
    await runDurableObjectAlarm(stub)
    await eventually(async () => expect(await kept()).toHaveLength(1))
    const sent = receiver.requests.slice(1).map(({ headers }) => headers['webhook-id'])
    expect(sent.toSorted()).toEqual(ids.toSorted())
  })

  it('replays every event once', async () => {
    const { tenant, key } = await openWorld()
    const ids = await publishMany(key)
    const logged = async () =>
      (await call<{ items: unknown[] }>(key, 200, 'GET', '/events?limit=250')).items
    await eventually(async () => expect(await logged()).toHaveLength(COUNT))
    const receiver = answering(204)
    const { id } = await createWebhook(key, receiver)
    const batches = losingSecondAnswer()
    const since = '2020-01-01T00:00:00Z'
    const answer = await call(key, 202, 'POST', `/webhooks/${id}/replay`, { since })
    expect(answer).toEqual({ jobId: expect.any(String), queued: null })
    await eventually(async () => expect(batches()).toBe(2))
    const stub = env.EVENT_LOGS.getByName(tenant.id)
    await evictDurableObject(stub)
    await runDurableObjectAlarm(stub)
    await eventually(async () => {
      const health = await call(key, 200, 'GET', `/webhooks/${id}/health`)
      expect(health).toMatchObject({ totals: { delivered: COUNT } })
    })
    const sent = receiver.requests.map(({ headers }) => headers['webhook-id'])
    expect(sent.toSorted()).toEqual(ids.toSorted())
  })
})
