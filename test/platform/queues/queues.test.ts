import { describe, expect, it } from 'vitest'
import { fromDeliveryText } from '../../../src/engine/messages/delivery-message.ts'
import { fromEventMessage } from '../../../src/engine/messages/event-message.ts'
import { createDeliveryQueue, toQueueDelay } from '../../../src/platform/queues/delivery-queue.ts'
import { createEventQueue } from '../../../src/platform/queues/event-queue.ts'
import { sendFirst } from '../../../src/platform/queues/first-batch.ts'
import { anEvent } from '../../fixtures/bench.ts'

type Sent = { readonly body: string; readonly contentType?: string; readonly delaySeconds?: number }

/** A queue that keeps what one call sent. */
function recordingQueue() {
  const calls: Sent[][] = []
  const queue = {
    send: async (body: string, options: Omit<Sent, 'body'>) => {
      calls.push([{ body, ...options }])
    },
    sendBatch: async (messages: Iterable<Sent>) => {
      calls.push([...messages])
    },
  } as unknown as Queue
  return { queue, calls }
}

const tenantId = '01940000-0000-7000-8000-000000000001'
const large = (bytes: number) => anEvent({ data: `{"text":"${'x'.repeat(bytes)}"}` })
const refuse = async () => {
  throw new Error('nothing is relayed here')
}

describe('the events queue', () => {
  it('gets one message in one call', async () => {
    const { queue, calls } = recordingQueue()
    await createEventQueue([queue], refuse).send(tenantId, [anEvent(), anEvent()], {
      redelivered: false,
    })
    expect(calls.map((call) => call.map(({ contentType }) => contentType))).toEqual([['text']])
    expect(fromEventMessage(calls[0]?.[0]?.body)?.events).toHaveLength(2)
  })

  it('gets up to 240 KB in one call, all or none', async () => {
    const { queue, calls } = recordingQueue()
    const events = [large(70_000), large(70_000), large(70_000)]
    await createEventQueue([queue], refuse).send(tenantId, events, { redelivered: false })
    expect(calls.map(({ length }) => length)).toEqual([3])
  })

  it('gets more through a relay, whose messages may come twice and therefore ask', async () => {
    const { queue, calls } = recordingQueue()
    const relayed: [string, readonly string[]][] = []
    const events = Array.from({ length: 5 }, () => large(70_000))
    await createEventQueue([queue], async (...args) => {
      relayed.push(args)
    }).send(tenantId, events, { redelivered: false })
    expect(calls).toEqual([])
    expect(relayed.map(([tenant, texts]) => [tenant, texts.length])).toEqual([[tenantId, 5]])
    const messages = relayed.flatMap(([, texts]) => texts.map(fromEventMessage))
    expect(messages.map((message) => message?.redelivered)).toEqual([true, true, true, true, true])
    expect(messages.flatMap((message) => message?.events ?? [])).toEqual(events)
  })
})

describe('the rest of a batch', () => {
  it('goes to the events queue itself, however much it is', async () => {
    const { queue, calls } = recordingQueue()
    const events = Array.from({ length: 5 }, () => large(70_000))
    const remaining = events.map((event, n) => ({ event, webhookIds: [`webhook ${n}`] }))
    const options = { redelivered: false }
    await createEventQueue([queue], refuse).requeue(tenantId, remaining, options)
    expect(calls.map(({ length }) => length)).toEqual([3, 2])
    const sent = calls.flat().map(({ body }) => fromEventMessage(body)?.remaining)
    expect(sent).toEqual(remaining.map((one) => [one]))
  })
})

describe('a queue', () => {
  it.each([
    [0, 0],
    [1, 1],
    [100, 100],
    [150, 100],
  ])('takes the first of %d small texts: %d', async (texts, taken) => {
    const { queue, calls } = recordingQueue()
    const waiting = Array.from({ length: texts }, (_, n) => `text ${n}`)
    expect(await sendFirst([queue], waiting)).toBe(taken)
    expect(calls.flat().map(({ body }) => body)).toEqual(waiting.slice(0, taken))
  })

  it('takes the first of large texts', async () => {
    const { queue, calls } = recordingQueue()
    const waiting = Array.from({ length: 5 }, () => 'x'.repeat(100_000))
    expect(await sendFirst([queue], waiting)).toBe(2)
    expect(calls.map(({ length }) => length)).toEqual([2])
  })
})

describe('the deliveries queue', () => {
  const message = (bytes: number) =>
    ({
      kind: 'deliver',
      tenantId,
      webhookId: 'w',
      run: '',
      event: large(bytes),
      attempts: 0,
      role: 'primary',
    }) as const

  it('gets messages with their delays, in whole seconds', async () => {
    const { queue, calls } = recordingQueue()
    await createDeliveryQueue([queue], []).send([
      { message: message(10), delaySeconds: 0 },
      { message: message(10), delaySeconds: 5.01 },
    ])
    expect(calls.flat().map(({ delaySeconds }) => delaySeconds)).toEqual([0, 6])
    expect(fromDeliveryText(calls[0]?.[0]?.body)).toMatchObject({ kind: 'deliver', tenantId })
  })

  it('is another one for webhooks in the slow lane', async () => {
    const [fast, slow] = [recordingQueue(), recordingQueue()]
    await createDeliveryQueue([fast.queue], [slow.queue]).send([
      { message: message(10), delaySeconds: 1, lane: 'slow' },
      { message: message(10), delaySeconds: 2, lane: 'fast' },
      { message: message(10), delaySeconds: 3 },
    ])
    expect(fast.calls.flat().map(({ delaySeconds }) => delaySeconds)).toEqual([2, 3])
    expect(slow.calls.flat().map(({ delaySeconds }) => delaySeconds)).toEqual([1])
  })

  it('gets many large messages in as many calls as it takes', async () => {
    const { queue, calls } = recordingQueue()
    const messages = Array.from({ length: 250 }, () => ({
      message: message(50_000),
      delaySeconds: 0,
    }))
    await createDeliveryQueue([queue], []).send(messages)
    expect(calls.flat()).toHaveLength(250)
    expect(Math.max(...calls.map(({ length }) => length))).toBe(4)
  })

  it('gets nothing for nothing', async () => {
    const { queue, calls } = recordingQueue()
    await createDeliveryQueue([queue], []).send([])
    expect(calls).toEqual([])
  })

  it.each([
    [0, 0],
    [0.001, 1],
    [5, 5],
    [86_400, 86_400],
    [90_000, 86_400],
  ])('takes a delay of %d s as %d', (seconds, expected) => {
    expect(toQueueDelay(seconds)).toBe(expected)
  })
})
