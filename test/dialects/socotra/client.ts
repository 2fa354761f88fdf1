// A client of Socotra's API with a tenant of its own.

import { expect, vi } from 'vitest'
import {
  type Answer,
  createKey,
  createTenant,
  openReceiver,
  sendAs,
  type TestKey,
  type TestTenant,
} from '../../fixtures/hookline.ts'

export interface WebhookBody {
  readonly locator: string
  readonly name: string
  readonly enabled: boolean
  readonly endpoint: EndpointBody
  readonly failureHandling: Readonly<Record<string, unknown>>
  readonly suspended: boolean
  readonly suspendedAt: string | null
  readonly eventTypes: readonly string[]
}

export interface EndpointBody {
  readonly hmacEnabled: boolean
  readonly secret: string | null
  readonly secureSsl: boolean
  readonly tag: string | null
  readonly url: string
  readonly headers: Readonly<Record<string, readonly string[]>>
}

export interface EventBody {
  readonly locator: string
  readonly requestId: string
  readonly userLocator: string
  readonly timestamp: string
  readonly type: string
  readonly data: unknown
}

/** Milliseconds to wait for what happens behind the API, and between two looks. */
export const WAIT = { timeout: 10_000, interval: 20 }

export type Request = (method: string, path: string, body?: unknown) => Promise<Answer>

/** Paths are below `/event/{tenantLocator}`. */
export async function openClient(options: { readonly permissions?: readonly string[] } = {}) {
  const tenant = await createTenant()
  return enter(tenant, await createKey(tenant, options))
}

/** The same tenant with another key. */
export function enter(tenant: TestTenant, key: TestKey) {
  const raw = sendAs(key)
  const request: Request = (method, path, body) =>
    raw({
      method,
      path: `/event/${tenant.id}${path}`,
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })

  /** Creates a webhook, which must work, with its endpoint's fields apart. */
  async function create(overrides: object = {}, endpoint: object = {}): Promise<WebhookBody> {
    const answer = await request('POST', '/webhooks', {
      name: 'Note',
      enabled: true,
      endpoint: { url: openReceiver().url, ...endpoint },
      eventTypes: ['policy.issue'],
      ...overrides,
    })
    expect(answer, answer.text).toMatchObject({ status: 200 })
    return answer.body as WebhookBody
  }

  /** Updates a webhook, which must work. */
  async function update({ locator }: { readonly locator: string }, body: object) {
    const answer = await request('PATCH', `/webhooks/${locator}`, body)
    expect(answer, answer.text).toMatchObject({ status: 200 })
    return answer.body as WebhookBody
  }

  async function read({ locator }: { readonly locator: string }): Promise<WebhookBody> {
    return (await request('GET', `/webhooks/${locator}`)).body as WebhookBody
  }

  /** Publishes events, which must be accepted; returns their ids. */
  async function publish(...events: readonly object[]): Promise<string[]> {
    const answer = await raw({ method: 'POST', path: '/v1/events', body: JSON.stringify(events) })
    expect(answer, answer.text).toMatchObject({ status: 202 })
    return (answer.body as { events: { id: string }[] }).events.map(({ id }) => id)
  }

  /** Resolves with the diverted events once there are so many. */
  const diverted = ({ locator }: { readonly locator: string }, count: number) =>
    vi.waitFor(async () => {
      const { body } = await request('GET', `/webhooks/${locator}/diverted`)
      expect(body).toHaveLength(count)
      return body as readonly Readonly<Record<string, string>>[]
    }, WAIT)

  return { tenant, key, raw, request, create, update, read, publish, diverted }
}
