import { createExecutionContext, createMessageBatch, getQueueResult } from 'cloudflare:test'
import { describe, expect, it } from 'vitest'
import type { Consumers, InboundMessage, Verdict } from '../../../src/engine/index.ts'
import { consume } from '../../../src/platform/queues/consumer.ts'

/** Consumers that note who was asked and answer with these verdicts. */
function answering(verdicts: readonly Verdict[]) {
  const asked: [string, readonly InboundMessage[]][] = []
  const answer = (name: string) => async (messages: readonly InboundMessage[]) => {
    asked.push([name, messages])
    return verdicts
  }
  const consumers: Consumers = {
    events: answer('events'),
    deliveries: answer('deliveries'),
    slowDeliveries: answer('slowDeliveries'),
    deadEvents: answer('deadEvents'),
    deadDeliveries: answer('deadDeliveries'),
    sweep: async () => {},
  }
  return { consumers, asked }
}

const messages = ['a', 'b', 'c'].map((id) => ({
  id,
  timestamp: new Date(1_700_000_000_000),
  attempts: 2,
  body: `body of ${id}`,
}))

describe('a batch', () => {
  it.each([
    ['hookline-accepted', 'events'],
    ['hookline-accepted-dead', 'deadEvents'],
    ['hookline-events', 'events'],
    ['hookline-accepted-2', 'events'],
    ['hookline-deliveries-12', 'deliveries'],
    ['hookline-accepted-2-dead', 'deadEvents'],
    ['hookline-deliveries-dead-2', 'deadDeliveries'],
    ['hookline-deliveries', 'deliveries'],
    ['hookline-slow', 'slowDeliveries'],
    ['hookline-slow-2', 'slowDeliveries'],
    ['hookline-events-dead', 'deadEvents'],
    ['hookline-deliveries-dead', 'deadDeliveries'],
    ['staging-2-events', 'events'],
  ])('of %s goes to %s', async (queue, consumer) => {
    const { consumers, asked } = answering([])
    await consume(createMessageBatch(queue, messages), consumers)
    expect(asked.map(([name]) => name)).toEqual([consumer])
    expect(asked[0]?.[1][0]).toEqual({
      id: 'a',
      timestamp: 1_700_000_000_000,
      attempts: 2,
      body: 'body of a',
    })
  })

  it('of an unknown queue is refused', async () => {
    const { consumers } = answering([])
    await expect(consume(createMessageBatch('mail', messages), consumers)).rejects.toThrow('mail')
  })

  it('is acknowledged and retried message by message; without a verdict, retried', async () => {
    const { consumers } = answering([{ kind: 'ack' }, { kind: 'retry', delaySeconds: 5 }])
    const batch = createMessageBatch('hookline-events', messages)
    await consume(batch, consumers)
    const result = await getQueueResult(batch, createExecutionContext())
    expect(result.explicitAcks).toEqual(['a'])
    expect(result.retryMessages.map(({ msgId }) => msgId)).toEqual(['b', 'c'])
  })

  it('is not acknowledged at all when its consumer throws', async () => {
    const { consumers } = answering([])
    const crashing: Consumers = {
      ...consumers,
      events: async () => {
        throw new Error('crashed')
      },
    }
    const batch = createMessageBatch('hookline-events', messages)
    await expect(consume(batch, crashing)).rejects.toThrow('crashed')
    expect((await getQueueResult(batch, createExecutionContext())).explicitAcks).toEqual([])
  })
})
