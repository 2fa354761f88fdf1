import { describe, expect, it } from 'vitest'
import { anEvent, Bench, broken, failedWith } from '../../fixtures/bench.ts'

describe('the memory of a deleted webhook that cannot be reached', () => {
  async function deleteWithoutMemory() {
    const bench = await Bench.open()
    const webhook = await bench.webhook()
    const event = anEvent()
    // Of a success its memory would know nothing.
    bench.respond = () => failedWith(410)
    await bench.consumeEvents([event])
    const cut = bench.with(bench.monitorsWhere({ purge: broken }))
    await cut.engine.webhooks.delete(bench.ref(webhook))
    return { bench, webhook, event, message: cut.takeHandedOver().message }
  }

  it('is purged by a message when it can be', async () => {
    const { bench, webhook, event, message } = await deleteWithoutMemory()
    expect(await bench.fate(event, webhook)).toMatchObject({ status: 'diverted', attempts: 1 })
    expect(await bench.consumeDelivery(message)).toEqual({ kind: 'ack' })
    expect(await bench.fate(event, webhook)).toMatchObject({ status: 'dropped', attempts: 0 })
  })

  it('keeps that message coming until then', async () => {
    const { bench, message } = await deleteWithoutMemory()
    const cut = bench.with(bench.monitorsWhere({ purge: async () => broken() }))
    expect(await cut.consumeDelivery(message)).toEqual({ kind: 'retry', delaySeconds: 10 })
    expect(cut.lines).toMatchObject([
      { event: 'message.postponed', queue: 'deliveries', kind: 'purge', error: 'Error: down' },
    ])
  })
})
