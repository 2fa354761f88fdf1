import { describe, expect, it } from 'vitest'
import { toDeliveryText } from '../../../src/engine/messages/delivery-message.ts'
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

describe('a report that its monitor does not take', () => {
  async function refuse() {
    const bench = await Bench.open()
    await bench.webhook()
    bench.respond = () => failedWith(500)
    const cut = bench.with(bench.monitorsWhere({ report: async () => broken() }))
    cut.respond = bench.respond
    await cut.consumeEvents([anEvent()])
    const record = cut.handedOver.splice(0).find(({ message }) => message.kind === 'record')
    if (record === undefined) throw new Error('No report was handed over.')
    return { bench, cut, message: record.message }
  }

  it('comes again', async () => {
    const { cut, message } = await refuse()
    expect(await cut.consumeDelivery(message)).toEqual({ kind: 'retry', delaySeconds: 10 })
  })

  it('is sent anew before its message is given up, and counts in the end', async () => {
    const { bench, cut, message } = await refuse()
    expect(await cut.consumeDelivery(message, { attempts: 90 })).toEqual({ kind: 'ack' })
    const text = toDeliveryText(message)
    expect(cut.repeated).toEqual([{ text, delaySeconds: 900 }])
    expect(await bench.consumeDelivery(message)).toEqual({ kind: 'ack' })
  })
})
