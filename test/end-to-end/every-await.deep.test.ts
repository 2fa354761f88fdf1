// docs/contracts/delivery.md, "Guarantees", when a Durable Object dies at any of its awaits. A tenant's objects die once, at the first
// place at which nobody's have died so far; there are new tenants until all of a turn come through alive. Played are: accepting (with and
// without keys, scheduled, repeated, refused, by a copy of the webhooks and by a read of the database), the group commit, noting,
// announcing and confirming a change, the fence, the alarm that tends what nobody took care of and accepts what is due, reports of
// failures and of a suspension with their operational events, and the monitor's alarm.
//
// Not reached: what is awaited though it is known already (an alarm's time, a turn of microtasks) is between the same two places as the
// call before it, since nothing of it leaves the object; compaction of outcomes awaits nothing. Not played are claims of keys across
// shards, relays, replays, erasures, events in order, resends, deletions and purges: there the objects of fakes die at any of their calls
// (faults.deep.test.ts, the histories).

import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { ACCEPTED } from '../../src/retention.ts'
import { callNoOther, openReceiver, type Receiver, sendAs } from '../fixtures/hookline.ts'
import { publishAndDie } from '../fixtures/publishers.ts'
import { type Life, mortal, places, watchAwaits, watchNoMore } from './every-await.ts'
import { makeOutagesShort } from './outage.ts'
import {
  answering,
  createWebhook,
  eventually,
  openWorld,
  retryingAtOnce,
  type TestWebhook,
  type World,
} from './world.ts'

/** Tenants whose objects die at the same time, each elsewhere. */
const AT_ONCE = 8

makeOutagesShort()
beforeAll(async () => watchAwaits((await openWorld()).tenant.id))
afterAll(watchNoMore)

interface Subscriber {
  readonly webhook: TestWebhook
  readonly receiver: Receiver
}

interface Story extends World {
  readonly life: Life
  /** How each fares in the end with everything that was accepted. */
  readonly subscribers: Readonly<Record<'delivered' | 'retried' | 'suspended', Subscriber>>
  /** It is disabled meanwhile. */
  readonly closing: Subscriber
  /** Ids of what was answered 202; the one of them whose time comes later. */
  readonly accepted: string[]
  scheduledId: string | null
}

async function openStory(): Promise<Story> {
  const world = await openWorld()
  const { key, tenant } = world
  const open = async (receiver: Receiver, about: Record<string, unknown> = {}) => {
    return { receiver, webhook: await createWebhook(key, receiver, about) }
  }
  const subscribers = {
    delivered: await open(openReceiver()),
    retried: await open(answering(500, 204), retryingAtOnce(5)),
    suspended: await open(answering(410)),
  }
  const closing = await open(openReceiver())
  const life = mortal(
    tenant.id,
    [...Object.values(subscribers), closing].map(({ webhook }) => webhook.id),
  )
  // Somebody announces a change and dies: the webhooks are read for each publish, until that is waited for no longer. So may the log.
  const log = env.EVENT_LOGS.getByName(tenant.id)
  await log.announce(tenant.id, crypto.randomUUID(), true).catch(() => {})
  return { ...world, life, subscribers, closing, accepted: [], scheduledId: null }
}

async function ask(story: Story, method: string, path: string, input: unknown) {
  return sendAs(story.key)({ method, path: `/v1${path}`, body: JSON.stringify(input) })
}

/** Publishes an event; one that has a key as often as it is answered 503. */
async function publishOne(story: Story, about: Record<string, unknown>): Promise<string> {
  const event = { type: 'invoice.paid', data: { total: 1 }, ...about }
  for (let tries = 1; ; tries += 1) {
    const { status, text, body } = await ask(story, 'POST', '/events', event)
    if (status === 503 && 'id' in about && tries < 5) continue
    expect(status, `${story.life.diedAt}: ${text}`).toBe(202)
    const { events } = body as { events: [{ id: string }] }
    story.accepted.push(events[0].id)
    return events[0].id
  }
}

/** What is published and changed while its objects die. */
async function play(story: Story): Promise<void> {
  const { closing, life } = story
  const change = async () => {
    for (let tries = 1; ; tries += 1) {
      const path = `/webhooks/${closing.webhook.id}`
      const { status, text } = await ask(story, 'PATCH', path, { enabled: false })
      if (status === 503 && tries < 5) continue
      expect(status, `${life.diedAt}: ${text}`).toBe(200)
      return
    }
  }
  const deliverAt = new Date(Date.now() + LATER_MS / 2).toISOString()
  const schedule = async () => {
    story.scheduledId = await publishOne(story, { id: 'scheduled', deliverAt })
  }
  await Promise.all([publishOne(story, {}), publishOne(story, { id: 'one' }), change(), schedule()])
  // The change was answered: nothing goes there any more.
  const late = await publishOne(story, { id: 'late' })
  const other = { type: 'invoice.paid', data: { refused: true }, id: 'one' }
  const { status, text } = await ask(story, 'POST', '/events', other)
  expect([409, 503], `${life.diedAt}: ${text}`).toContain(status)
  expect(idsAt(closing.receiver)).not.toContain(late)
}

const idsAt = ({ requests }: Receiver) => requests.map(({ headers }) => headers['webhook-id'])

/** An alarm that is set rings, and once more where its object died of it, as the platform has it. */
async function ring(stubOf: () => DurableObjectStub): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await runInDurableObject(stubOf(), async (object, { storage }) => {
        if (tries === 1 && (await storage.getAlarm()) === null) return
        await storage.deleteAlarm()
        await object.alarm?.()
      })
      return
    } catch (error) {
      // It died of it.
      if (tries === 3) throw error
    }
  }
}

async function ringAll({ tenant, subscribers, closing }: Story): Promise<void> {
  await ring(() => env.EVENT_LOGS.getByName(tenant.id))
  for (const { webhook } of [...Object.values(subscribers), closing]) {
    await ring(() => env.MONITORS.getByName(webhook.id))
  }
}

/** Waits until all has arrived that whoever published it was to send. */
function arrived({ accepted: [_, ...others], scheduledId, subscribers }: Story): Promise<void> {
  const sent = others.filter((id) => id !== scheduledId)
  return eventually(async () => {
    expect(idsAt(subscribers.delivered.receiver)).toEqual(expect.arrayContaining(sent))
  })
}

const ENDS = {
  delivered: 'delivered',
  retried: 'delivered',
  suspended: 'diverted',
} as const

/** What was answered 202 is in the log and came to its end; what was refused is nowhere. */
async function check(story: Story): Promise<void> {
  const { key, life, subscribers, closing, accepted } = story
  life.spare()
  const get = async (path: string) => (await sendAs(key)({ method: 'GET', path })).body
  const kinds = Object.entries(subscribers)
  const expected = Object.fromEntries(
    kinds.map(([kind]) => [kind, ENDS[kind as keyof typeof ENDS]]),
  )
  for (const [index, id] of accepted.entries()) {
    await eventually(async () => {
      const { deliveries } = (await get(`/v1/events/${id}`)) as {
        deliveries: readonly { webhookId: string; status: string }[]
      }
      const statusOf = new Map(deliveries.map(({ webhookId, status }) => [webhookId, status]))
      const found = kinds.map(([kind, { webhook }]) => [kind, statusOf.get(webhook.id)])
      expect(Object.fromEntries(found), `${life.diedAt}: ${index}`).toEqual(expected)
    })
  }
  for (const [kind, { receiver }] of kinds) {
    if (expected[kind] !== 'delivered') continue
    expect(idsAt(receiver), life.diedAt ?? '').toEqual(expect.arrayContaining(accepted))
  }
  const { items } = (await get('/v1/events')) as { items: { id: string; type: string }[] }
  const own = items.filter(({ type }) => type === 'invoice.paid')
  expect(own.map(({ id }) => id).toSorted(), life.diedAt ?? '').toEqual(accepted.toSorted())
  const all = [...Object.values(subscribers), closing].flatMap(({ receiver }) => receiver.requests)
  expect(all.filter((one) => one.body.includes('refused'))).toEqual([])
}

const LATER_MS = ACCEPTED.underWayMs + 1_000

it('loses nothing, whichever await its objects die at', { timeout: 600_000 }, async ({ task }) => {
  for (let died = AT_ONCE; died > 0; ) {
    const stories = await Promise.all(Array.from({ length: AT_ONCE }, openStory))
    const all = (work: (story: Story) => Promise<unknown>) => Promise.all(stories.map(work))
    // Whoever published this dies as well: nobody takes care of it before the alarm.
    publishAndDie()
    await all((story) => publishOne(story, { id: 'forgotten' }))
    callNoOther()
    await all(play)
    await all(arrived)
    const now = Date.now()
    vi.useFakeTimers({ toFake: ['Date'], now: now + LATER_MS })
    await all(ringAll)
    vi.useRealTimers()
    await all(check)
    died = stories.filter(({ life }) => life.diedAt !== null).length
  }
  task.meta.counted = `${places.size} places to die at: nothing lost`
})
