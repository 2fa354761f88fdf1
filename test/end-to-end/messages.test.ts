// What comes by the real queues and is no ordinary message: repeated, unreadable, of another version, huge. It blocks
// nobody, sends nothing twice, and is kept where the administrator sees it.

import { createExecutionContext, createMessageBatch, getQueueResult } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { toDeliveryText } from '../../src/engine/messages/delivery-message.ts'
import { toEventMessages } from '../../src/engine/messages/event-message.ts'
import { newId } from '../../src/primitives/ids.ts'
import worker from '../../src/worker.ts'
import { askAdmin } from '../api/asked.ts'
import { openReceiver, publish } from '../fixtures/hookline.ts'
import { crashOn, makeOutagesShort } from './outage.ts'
import {
  call,
  createWebhook,
  divertedIds,
  eventually,
  fares,
  openWorld,
  retryingAtOnce,
  type World,
} from './world.ts'

const event = { type: 'invoice.paid', data: '{"total":1}' }

makeOutagesShort()
afterEach(() => vi.restoreAllMocks())

interface Letter {
  readonly queue: string
  readonly reason: string
  readonly body: string
}

async function letters(): Promise<readonly Letter[]> {
  const { body } = await askAdmin('GET', '/v1/dead-letters?limit=250')
  return (body as { items: Letter[] }).items
}

/** Waits until a dead letter with this in its body is listed; returns it. */
async function keptWith(part: string): Promise<Letter> {
  const found = await vi.waitFor(
    async () => {
      const letter = (await letters()).find(({ body }) => body.includes(part))
      expect(letter, part).toBeDefined()
      return letter
    },
    { timeout: 10_000, interval: 30 },
  )
  if (found === undefined) throw new Error('There is no such letter.')
  return found
}

function anEvent(id = newId(Date.now())) {
  const none = { scope: {}, actor: null, requestId: null }
  return {
    id,
    type: 'invoice.paid',
    time: '2026-11-22T10:00:00.000Z',
    data: '{"total":1}',
    ...none,
  }
}

/** An event of a world as its publish packs it. */
function packed({ tenant }: World, id: string): string {
  const [text = ''] = toEventMessages({ tenantId: tenant.id, redelivered: false }, [anEvent(id)])
  return text
}

function delivery({ tenant }: World, webhookId: string, id: string): string {
  return toDeliveryText({
    kind: 'deliver',
    tenantId: tenant.id,
    webhookId,
    run: '',
    event: anEvent(id),
    attempts: 0,
    role: 'duplicate',
  })
}

describe('a message that comes twice', () => {
  it('on the events queue, because its publish was repeated, is one event, sent once', async () => {
    const world = await openWorld()
    const receiver = openReceiver()
    const webhook = await createWebhook(world.key, receiver)
    const id = newId(Date.now())
    const body = packed(world, id)
    await env.EVENTS.send(body, { contentType: 'text' })
    await fares(world.key, id, webhook, 'delivered')
    const again = toEventMessages({ tenantId: world.tenant.id, redelivered: true }, [anEvent(id)])
    await env.EVENTS.sendBatch(again.map((text) => ({ body: text, contentType: 'text' as const })))
    const last = await publish(world.key, event)
    await fares(world.key, last, webhook, 'delivered')
    const { items } = await call<{ items: { id: string }[] }>(world.key, 200, 'GET', '/events')
    expect(items.map((item) => item.id)).toEqual([last, id])
    expect(receiver.requests).toHaveLength(2)
  })

  it('in one batch of the events queue is delivered once', async () => {
    const world = await openWorld()
    const receiver = openReceiver()
    const webhook = await createWebhook(world.key, receiver)
    const id = newId(Date.now())
    const body = packed(world, id)
    await env.EVENTS.sendBatch([1, 2, 3].map(() => ({ body, contentType: 'text' as const })))
    await fares(world.key, id, webhook, 'delivered')
    const last = await publish(world.key, event)
    await fares(world.key, last, webhook, 'delivered')
    expect(receiver.requests).toHaveLength(2)
  })

  it('on the deliveries queue is delivered once, when the first is written down', async () => {
    const world = await openWorld()
    const receiver = openReceiver()
    const webhook = await createWebhook(world.key, receiver)
    const id = await publish(world.key, event)
    await fares(world.key, id, webhook, 'delivered')
    const body = delivery(world, webhook.id, id)
    await env.DELIVERIES.sendBatch([1, 2].map(() => ({ body, contentType: 'text' as const })))
    // The queue works in order: what comes after them comes when they are done.
    await env.DELIVERIES.send('the last one', { contentType: 'text' })
    await keptWith('the last one')
    expect(receiver.requests).toHaveLength(1)
  })

  it('from a producer of its own is one event', async () => {
    const world = await openWorld()
    const receiver = openReceiver()
    await createWebhook(world.key, receiver)
    const body = { v: 1, tenantId: world.tenant.id, events: [{ ...event, id: 'p-1', data: {} }] }
    await env.EVENTS.send(body)
    await receiver.received(1)
    await env.EVENTS.send(body)
    await publish(world.key, { type: 'invoice.last', data: '{}' })
    const requests = await receiver.received(2)
    expect(requests.map((request) => JSON.parse(request.body).type)).toEqual([
      'invoice.paid',
      'invoice.last',
    ])
  })
})

const tenantId = '01940000-0000-7000-8000-00000000000f'
const bytes = new TextEncoder().encode('bytes-1')

const unreadable: readonly (readonly [what: string, body: unknown, part: string])[] = [
  ['no JSON', 'garbage-1 {{{', 'garbage-1'],
  ['an empty text', '', ''],
  ['null', null, 'null'],
  ['a number', 4_711, '4711'],
  ['a list', ['list-1'], 'list-1'],
  ['bytes', bytes, 'bytes-1'],
  ['a future version', { v: 2, tenantId, events: [{ type: 'v2-1', data: {} }] }, 'v2-1'],
  ['a future version as text', JSON.stringify({ v: 2, tenantId, what: 'v2-2' }), 'v2-2'],
  ['a wrong type', { v: 1, tenantId, events: 'wrong-1' }, 'wrong-1'],
  ['a tenant that is none', { v: 1, tenantId: 'tenant-1', events: [] }, 'tenant-1'],
  [
    'a tenant that is not there',
    { v: 1, tenantId, events: [{ type: 'gone-1', data: {} }] },
    'gone-1',
  ],
  ['a field too many', { v: 1, tenantId, events: [], more: 'field-1' }, 'field-1'],
  ['a bad event', { v: 1, tenantId, events: [{ type: 'bad 1', data: {} }] }, 'bad 1'],
  ['more than a circular thing may', new Map([['map-1', 1]]), ''],
  ['a damaged message of ours', 'frame/1 {"tenantId":"damaged-1"', 'damaged-1'],
  ['a message of ours that lost its payloads', 'frame/1 {"data":7,"id":"lost-1"}\n', 'lost-1'],
  ['a message of ours with wrong fields', 'frame/1 {"tenantId":"wrong-2","events":4}\n', 'wrong-2'],
  [
    'a message of ours of no known kind',
    'frame/1 {"v":1,"kind":"deliver-2","tenantId":"t","webhookId":"w"}\n',
    'deliver-2',
  ],
  ['a text of 120 KB', `huge-1 ${'x'.repeat(120_000)}`, 'huge-1'],
  [
    'an event of more than 100 KB',
    { v: 1, tenantId, events: [{ type: 'huge.2', data: { text: 'x'.repeat(110_000) } }] },
    'huge.2',
  ],
]

describe.each([
  ['events', () => env.EVENTS],
  ['deliveries', () => env.DELIVERIES],
] as const)('a message of the %s queue', (queue, open) => {
  it.each(unreadable)('that is %s is kept whole, and blocks nobody', async (_, body, part) => {
    const { key } = await openWorld()
    const receiver = openReceiver()
    const webhook = await createWebhook(key, receiver)
    const before = (await letters()).length
    const contentType =
      typeof body === 'string' ? 'text' : body instanceof Uint8Array ? 'bytes' : 'v8'
    // Sending bytes takes them away.
    await open().send(body instanceof Uint8Array ? body.slice() : body, { contentType })
    await fares(key, await publish(key, event), webhook, 'delivered')
    await eventually(async () => expect(await letters()).toHaveLength(before + 1))
    const [letter] = await letters()
    expect(letter?.queue).toBe(queue)
    expect(letter?.body).toContain(part)
    // Payloads belong into the letter, not into the reason, which is logged.
    expect(part === '' || letter?.reason.includes(`${part} `)).toBe(part === '')
  })

  it('that is larger as text than D1 takes is kept cut, and says so', async () => {
    const { key } = await openWorld()
    const receiver = openReceiver()
    const webhook = await createWebhook(key, receiver)
    const before = (await letters()).length
    await open().send({ name: `sparse-${queue}`, none: new Array(900_000) }, { contentType: 'v8' })
    await fares(key, await publish(key, event), webhook, 'delivered')
    await eventually(async () => expect(await letters()).toHaveLength(before + 1))
    const letter = await keptWith(`sparse-${queue}`)
    expect(letter.body).toHaveLength(131_072)
    expect(letter.reason).toMatch(/ \(cut to the first 131072 of more than \d{6} characters\)$/)
  })
})

describe('a message that crashes its consumer every time', () => {
  it('on the deliveries queue ends diverted at its webhook', async () => {
    const world = await openWorld()
    const receiver = openReceiver()
    const webhook = await createWebhook(world.key, receiver, retryingAtOnce(1))
    const id = newId(Date.now())
    crashOn(webhook.id)
    await env.DELIVERIES.send(delivery(world, webhook.id, id), { contentType: 'text' })
    await eventually(async () => {
      const path = `/webhooks/${webhook.id}/diverted/${id}`
      expect(await call(world.key, 200, 'GET', path)).toMatchObject({ trigger: 'crashed' })
    })
    expect(receiver.requests).toEqual([])
    // A person sends it when the bug is mended.
    vi.mocked(Map.groupBy).mockRestore()
    await call(world.key, 202, 'POST', `/webhooks/${webhook.id}/diverted/${id}/resend`)
    await receiver.received(1)
    await eventually(async () => expect(await divertedIds(world.key, webhook)).toEqual([]))
  })
})

describe('a message in a dead-letter queue', () => {
  const batches = [
    ['events', 'hookline-events-dead'],
    ['deliveries', 'hookline-deliveries-dead'],
  ] as const

  it.each(batches)('of %s that nobody can read is kept and listed', async (queue, name) => {
    const messages = [
      { id: `dead-${queue}`, timestamp: new Date(), attempts: 1, body: `dead letter of ${queue}` },
    ]
    const batch = createMessageBatch(name, messages)
    const ctx = createExecutionContext()
    await worker.queue(batch, env, ctx)
    expect((await getQueueResult(batch, ctx)).explicitAcks).toEqual([`dead-${queue}`])
    expect(await keptWith(`dead letter of ${queue}`)).toMatchObject({ queue })
  })
})

describe('a message that the runtime cannot read', () => {
  it('takes no event along that Hookline accepted, nor one of another Worker', async () => {
    const world = await openWorld()
    const receiver = openReceiver()
    await createWebhook(world.key, receiver, retryingAtOnce(1))
    let nested: object = {}
    for (let depth = 0; depth < 3_000; depth += 1) nested = { nested }
    const envelope = (data: unknown) => ({
      v: 1,
      tenantId: world.tenant.id,
      events: [{ type: 'invoice.paid', data }],
    })
    await env.EVENTS.sendBatch(
      [{ total: 2 }, nested, { total: 3 }].map((data) => ({ body: envelope(data) })),
    )
    const ids = await Promise.all([3, 4, 5].map(() => publish(world.key, event)))
    await receiver.received(5)
    await eventually(async () => {
      for (const id of ids) {
        const found = await call(world.key, 200, 'GET', `/events/${id}`)
        expect(found).toMatchObject({ deliveries: [{ status: 'delivered', attempts: 1 }] })
      }
    })
  })
})
