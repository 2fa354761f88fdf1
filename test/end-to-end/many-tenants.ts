// One operator key for many tenants: made by its publishes, each with a webhook of its own, each sent what is its own and nothing else.

import { expect, it } from 'vitest'
import {
  createOperatorKey,
  openReceiver,
  type ReceivedRequest,
  sendAs,
} from '../fixtures/hookline.ts'

/** Events of one request, as many as there may be. */
const MOST = 1_000
/** Webhooks that are made at the same time. */
const AT_ONCE = 20

interface Accepted {
  readonly events: readonly { readonly id: string }[]
}

/** Publishes to `count` tenants with one key, twice: the first time makes them. */
export function publishesToTenants(count: number): void {
  it(`publishes to ${count} tenants with one key`, async ({ task }) => {
    const send = sendAs(await createOperatorKey())
    const run = crypto.randomUUID().slice(0, 8)
    const uids = Array.from({ length: count }, (_, n) => `customer-${run}-${n}`)
    const received = new Map<string, ReceivedRequest[]>()
    const receiver = openReceiver((request) => {
      const uid = request.headers['x-customer'] ?? ''
      received.set(uid, [...(received.get(uid) ?? []), request])
      return new Response(null, { status: 204 })
    })

    async function publish(turn: number): Promise<readonly string[]> {
      const ids: string[] = []
      for (let begin = 0; begin < count; begin += MOST) {
        const events = uids.slice(begin, begin + MOST).map((tenant) => ({
          ...{ tenant, createTenant: true, id: `turn-${turn}` },
          ...{ type: 'invoice.paid', data: { tenant, turn } },
        }))
        const body = JSON.stringify(events)
        const answer = await send({ method: 'POST', path: '/v1/events', body })
        expect(answer.status, answer.text.slice(0, 500)).toBe(202)
        ids.push(...(answer.body as Accepted).events.map(({ id }) => id))
      }
      return ids
    }

    const first = await publish(1)
    expect(new Set(first).size).toBe(count)
    const left = [...uids]
    const makeWebhooks = async (): Promise<void> => {
      for (let uid = left.pop(); uid !== undefined; uid = left.pop()) {
        const webhook = {
          ...{ url: receiver.url, eventTypes: ['invoice.*'] },
          headers: { 'x-customer': uid },
        }
        const path = `/v1/tenants/${uid}/webhooks`
        const answer = await send({ method: 'POST', path, body: JSON.stringify(webhook) })
        expect(answer.status, answer.text).toBe(201)
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, makeWebhooks))

    const startedAt = Date.now()
    const second = await publish(2)
    const publishedIn = Date.now() - startedAt
    await expect.poll(() => received.size, { timeout: 120_000, interval: 200 }).toBe(count)
    for (const [n, uid] of uids.entries()) {
      const requests = received.get(uid) ?? []
      // At least once: a machine under load may send one again.
      expect(new Set(requests.map(({ headers }) => headers['webhook-id']))).toEqual(
        new Set([second[n]]),
      )
      for (const { body } of requests) {
        expect(JSON.parse(body).data).toEqual({ tenant: uid, turn: 2 })
      }
    }
    // The same once more is the same events, for every tenant.
    expect(await publish(2)).toEqual(second)
    task.meta.counted = `${count} tenants, one key: published to in ${publishedIn} ms, each was sent its own event`
  }, 600_000)
}
