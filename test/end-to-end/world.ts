// What the tests of the guarantees share: webhooks made through /v1, receivers that answer in turn, and calls by key.

import { expect, vi } from 'vitest'
import {
  createKey,
  createTenant,
  openReceiver,
  type Receiver,
  sendAs,
  type TestKey,
  type TestTenant,
} from '../fixtures/hookline.ts'

export interface TestWebhook {
  readonly id: string
  readonly secret: string
  readonly status: string
}

export interface World {
  readonly tenant: TestTenant
  readonly key: TestKey
}

/** A tenant of its own with a key. */
export async function openWorld(): Promise<World> {
  const tenant = await createTenant()
  return { tenant, key: await createKey(tenant) }
}

/** Calls `/v1`; the answer must have this status. Returns its JSON, of which the test says what it is. */
export async function call<T>(
  key: TestKey,
  status: number,
  method: string,
  path: string,
  input?: unknown,
): Promise<T> {
  const body = input === undefined ? {} : { body: JSON.stringify(input) }
  const answer = await sendAs(key)({ method, path: `/v1${path}`, ...body })
  expect(answer, `${method} ${path}: ${answer.text}`).toMatchObject({ status })
  return answer.body as T
}

export function createWebhook(
  key: TestKey,
  receiver: Receiver,
  fields: Record<string, unknown> = {},
): Promise<TestWebhook> {
  return call(key, 201, 'POST', '/webhooks', {
    url: receiver.url,
    eventTypes: ['invoice.*'],
    ...fields,
  })
}

/** Retries at once, so many times. */
export function retryingAtOnce(attempts: number) {
  return { failureHandling: { retry: { type: 'linear', intervalSeconds: 0, attempts } } }
}

/** No retries: a failure is final. */
export const final = { failureHandling: { retry: null } }

/** A receiver that answers with these statuses in turn, the last one from then on. */
export function answering(...statuses: readonly number[]): Receiver {
  let count = 0
  return openReceiver(() => {
    const status = statuses[Math.min(count, statuses.length - 1)] ?? 204
    count += 1
    return new Response(status === 204 ? null : `answer ${count}`, { status })
  })
}

/** Waits until a look at the world is as expected. */
export function eventually(look: () => Promise<void>): Promise<void> {
  return vi.waitFor(look, { timeout: 27_000, interval: 30 })
}

/** The id of an attempt to deliver an event to a webhook, once there is one. */
export async function attemptOf(key: TestKey, eventId: string, webhookId: string): Promise<string> {
  let id: string | undefined
  await eventually(async () => {
    const attempts = `/webhooks/${webhookId}/attempts?eventId=${eventId}`
    const { items } = await call<{ items: { id: string }[] }>(key, 200, 'GET', attempts)
    id = items[0]?.id
    expect(id).toBeDefined()
  })
  return id ?? ''
}

interface Delivery {
  readonly webhookId: string
  readonly status: string
  readonly attempts: number
}

/** Waits until an event fares so at a webhook. */
export function fares(
  key: TestKey,
  eventId: string,
  webhook: { readonly id: string },
  status: string,
): Promise<void> {
  return eventually(async () => {
    const { deliveries } = await call<{ deliveries: Delivery[] }>(
      key,
      200,
      'GET',
      `/events/${eventId}`,
    )
    const found = deliveries.find(({ webhookId }) => webhookId === webhook.id)
    expect(found).toMatchObject({ status })
  })
}

interface Diverted {
  readonly items: readonly { readonly event: { readonly id: string } }[]
}

/** Ids of the events a webhook has diverted, newest first. */
export async function divertedIds(key: TestKey, webhook: { readonly id: string }) {
  const { items } = await call<Diverted>(key, 200, 'GET', `/webhooks/${webhook.id}/diverted`)
  return items.map(({ event }) => event.id)
}

/** Waits until a webhook shows a status. */
export function becomes(
  key: TestKey,
  webhook: { readonly id: string },
  status: string,
): Promise<void> {
  return eventually(async () => {
    const found = await call<TestWebhook>(key, 200, 'GET', `/webhooks/${webhook.id}`)
    expect(found).toMatchObject({ status })
  })
}
