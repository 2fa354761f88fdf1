// The overview of a tenant: a bounded number of calls, however many webhooks it has, and what it shows.

import { env } from 'cloudflare:workers'
import { afterEach, expect, it, vi } from 'vitest'
import { createWebhook, openWorld } from '../end-to-end/world.ts'
import { createOperatorKey, openReceiver, publish } from '../fixtures/hookline.ts'
import { Visitor } from './visitor.ts'

afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

/** Calls of D1, of which a batch is one, and calls of objects that a visit makes. */
async function countCalls(visit: () => Promise<unknown>): Promise<number> {
  const statements = vi.spyOn(env.DB, 'prepare')
  const batches = vi.spyOn(env.DB, 'batch')
  const objects = [env.EVENT_LOGS, env.MONITORS, env.DEPLOYMENT_JOBS].map((namespace) =>
    vi.spyOn(namespace, 'getByName'),
  )
  await visit()
  const batched = batches.mock.calls.reduce((sum, [together]) => sum + together.length - 1, 0)
  const spies = [statements, ...objects]
  const count = spies.reduce((sum, { mock }) => sum + mock.calls.length, -batched)
  batches.mockRestore()
  for (const spy of spies) spy.mockRestore()
  return count
}

it('takes at most ten calls of D1 and objects, with one webhook or with forty', async () => {
  const { key, tenant } = await openWorld()
  const { token } = await createOperatorKey()
  const visitor = new Visitor()
  await visitor.signIn(token)
  const look = () => visitor.ask(`/console/tenants/${tenant.id}`)
  const receiver = openReceiver()
  await createWebhook(key, receiver)
  await publish(key, { type: 'invoice.paid', data: '{}' })
  await receiver.received(1)
  const few = await countCalls(look)
  expect(few).toBeGreaterThan(3)
  expect(few).toBeLessThanOrEqual(10)
  for (let index = 0; index < 39; index += 1) await createWebhook(key, openReceiver())
  // What is known of a key and a tenant for 5 s has to be read again.
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 })
  expect(await countCalls(look)).toBeLessThanOrEqual(10)
})

it('takes no more of a tenant that has nothing yet', async () => {
  const { tenant } = await openWorld()
  const visitor = new Visitor()
  await visitor.signIn((await createOperatorKey()).token)
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 })
  const look = () => visitor.ask(`/console/tenants/${tenant.id}`)
  expect(await countCalls(look)).toBeLessThanOrEqual(10)
})

const oldest = (html: string) => /<dt>Oldest undelivered<\/dt><dd>([^<]*)<\/dd>/.exec(html)?.[1]

it('shows how long the oldest event of the tenant waits, and takes no more for it', async () => {
  const { key, tenant } = await openWorld()
  const visitor = new Visitor()
  const { token } = await createOperatorKey()
  await visitor.signIn(token)
  const look = () => visitor.ask(`/console/tenants/${tenant.id}`)
  const refuses = () => openReceiver(() => new Response(null, { status: 500 }))
  const failureHandling = {
    retry: { type: 'linear', intervalSeconds: 3_600, attempts: 5 },
    suspend: null,
  }
  const [first, second] = [refuses(), refuses()]
  await createWebhook(key, first, { eventTypes: ['invoice.paid'], failureHandling })
  await createWebhook(key, second, { eventTypes: ['order.placed'], failureHandling })
  expect(oldest((await look()).html)).toBe('none waits')
  await publish(key, { type: 'invoice.paid', data: '{}' })
  await vi.waitFor(async () => expect(oldest((await look()).html)).toMatch(/^[0-9] s$/))
  await publish(key, { type: 'order.placed', data: '{}' })
  await vi.waitFor(async () => expect(oldest((await look()).html)).toMatch(/^≥ [0-9]+ s$/))
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 2 * 3_600_000 })
  expect(oldest((await look()).html)).toBe('≥ 2 h')
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 })
  expect(await countCalls(look)).toBeLessThanOrEqual(10)
  // It is the tenant's own: another one has none.
  const other = await openWorld()
  const own = await visitor.ask(`/console/tenants/${other.tenant.id}`)
  expect(oldest(own.html)).toBe('none waits')
})

it('shows what happened by hour, in pictures and in a table, and what it cost', async () => {
  const { key, tenant } = await openWorld()
  const receiver = openReceiver()
  await createWebhook(key, receiver)
  await publish(key, { type: 'invoice.paid', data: '{}' })
  await receiver.received(1)
  const visitor = new Visitor()
  await visitor.signIn((await createOperatorKey()).token)
  await vi.waitFor(async () => {
    const { html } = await visitor.ask(`/console/tenants/${tenant.id}`)
    expect(html).toMatch(/<dt>Published today<\/dt><dd>1<\/dd>/)
    expect(html).toMatch(/<dt>Delivered today<\/dt><dd>1<\/dd>/)
    expect(html).toMatch(/<dt>Cost today<\/dt><dd>&lt; \$0\.01<\/dd>/)
    expect(html).toContain('aria-label="Attempts by hour, delivered and failed"')
  })
  const overview = await visitor.ask(`/console/tenants/${tenant.id}`)
  expect(overview.html).toMatch(/[0-9]+ dead\s+letters; oldest undelivered message:/)
  const ofTenant = new Visitor()
  await ofTenant.signIn(key.token)
  const own = await ofTenant.ask(`/console/tenants/${tenant.id}`)
  expect(own.html).not.toContain('dead letters')
  const { html } = await visitor.ask('/console/tenants')
  expect(html).toContain('<dt>Dead letters</dt>')
  expect(html).toContain('<dt>Oldest undelivered</dt>')
})
