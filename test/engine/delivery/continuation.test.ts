// What a batch did not get to comes back as events that name the webhooks they are still for.

import { describe, expect, it } from 'vitest'
import { anEvent, Bench, broken, failedWith, inbound, noTime, ok } from '../../fixtures/bench.ts'

const ACK = { kind: 'ack' }

/** What an events consumer with no time at all left of these events, as it would come back. */
async function restOf(bench: Bench, events: ReturnType<typeof anEvent>[]) {
  const hurried = bench.with(noTime)
  hurried.respond = () => new Promise(() => {})
  await hurried.consumeEvents(events)
  return hurried
}

describe('the rest of a batch', () => {
  it('goes to the webhooks that it names and to no other, and is not logged anew', async () => {
    const bench = await Bench.open()
    const [first, second] = [await bench.webhook(), await bench.webhook()]
    const event = anEvent()
    expect(await bench.consumeEvents([event], { webhookIds: [[second.id]] })).toEqual(ACK)
    expect(bench.requests).toHaveLength(1)
    expect(await bench.fate(event, first)).toMatchObject({ status: 'pending' })
    expect(await bench.fate(event, second)).toMatchObject({ status: 'delivered' })
    await expect(bench.engine.events.get(bench.tenantId, event.id)).rejects.toMatchObject({
      code: 'not_found',
    })
  })

  it('names each event once, with all that it is still for', async () => {
    const bench = await Bench.open()
    for (let index = 0; index < 5; index += 1) await bench.webhook()
    const events = [anEvent(), anEvent()]
    const { published } = await restOf(bench, events)
    expect(
      published.map(({ events, webhookIds }) => [events, webhookIds?.map(({ length }) => length)]),
    ).toEqual([[events.slice(1), [5]]])
  })

  it('is divided where a webhook would be the 251st of an event', async () => {
    const bench = await Bench.open()
    const [first] = await Promise.all(Array.from({ length: 260 }, () => bench.webhook()))
    if (first === undefined) throw new Error('There are no webhooks.')
    const { published } = await restOf(bench, [anEvent()])
    expect(published.map(({ webhookIds }) => webhookIds?.map(({ length }) => length))).toEqual([
      [250, 5],
    ])
  })

  it('is sent though the webhook would not match any more', async () => {
    const bench = await Bench.open()
    const webhook = await bench.webhook()
    await bench.engine.webhooks.update(bench.ref(webhook), (w) => ({
      ...w,
      eventTypes: ['order.*'],
    }))
    const event = anEvent()
    await bench.consumeEvents([event], { webhookIds: [[webhook.id]] })
    expect(await bench.fate(event, webhook)).toMatchObject({ status: 'delivered' })
  })

  it('is kept, and shown so, when the webhook was disabled', async () => {
    const bench = await Bench.open()
    const webhook = await bench.webhook()
    await bench.engine.webhooks.update(bench.ref(webhook), (w) => ({ ...w, enabled: false }))
    const event = anEvent()
    expect(await bench.consumeEvents([event], { webhookIds: [[webhook.id]] })).toEqual(ACK)
    expect(bench.requests).toEqual([])
    const reason = 'The webhook is disabled.'
    expect(await bench.fate(event, webhook)).toMatchObject({ status: 'diverted', reason })
  })

  it('is nothing when the webhook is gone', async () => {
    const bench = await Bench.open()
    const webhook = await bench.webhook()
    await bench.engine.webhooks.delete(bench.ref(webhook))
    expect(await bench.consumeEvents([anEvent()], { webhookIds: [[webhook.id]] })).toEqual(ACK)
    expect(bench.requests).toEqual([])
  })

  it('is diverted when the webhook was suspended', async () => {
    const bench = await Bench.open()
    bench.respond = () => failedWith(410)
    const webhook = await bench.webhook()
    await bench.consumeEvents([anEvent()])
    bench.respond = () => ok
    const event = anEvent()
    await bench.consumeEvents([event], { webhookIds: [[webhook.id]] })
    expect(await bench.fate(event, webhook)).toMatchObject({ status: 'diverted' })
  })

  it('asks the log when it comes a second time', async () => {
    const bench = await Bench.open()
    const webhook = await bench.webhook()
    const event = anEvent()
    await bench.consumeEvents([event], { webhookIds: [[webhook.id]] })
    expect(await bench.consumeEvents([event], { webhookIds: [[webhook.id]], attempts: 2 })).toEqual(
      ACK,
    )
    expect(bench.requests).toHaveLength(1)
  })

  it('comes again when the webhooks cannot be read', async () => {
    const bench = await Bench.open()
    const webhook = await bench.webhook()
    const down = bench.with({ webhooks: { ...bench.ports.webhooks, findByRef: broken } })
    expect(await down.consumeEvents([anEvent()], { webhookIds: [[webhook.id]] })).toMatchObject({
      kind: 'retry',
    })
  })

  it('makes its batch come again when it cannot be sent on', async () => {
    const bench = await Bench.open()
    await bench.webhook()
    const stuck = bench.with({ ...noTime, events: { requeue: broken } })
    stuck.respond = () => new Promise(() => {})
    const events = Array.from({ length: 8 }, () => anEvent())
    expect(await stuck.consumeEvents(events)).toMatchObject({ kind: 'retry' })
  })

  it('is diverted at the webhooks that it names when it crashed its consumer', async () => {
    const bench = await Bench.open()
    const [first, second] = [await bench.webhook(), await bench.webhook()]
    const event = anEvent()
    const message = inbound(bench.eventMessage([event], { webhookIds: [[second.id]] }))
    expect(await bench.engine.consumers.deadEvents([message])).toEqual([ACK])
    expect(await bench.fate(event, first)).toMatchObject({ status: 'pending' })
    expect(await bench.fate(event, second)).toMatchObject({ status: 'diverted' })
  })

  it('is not diverted where its retry may be on its way', async () => {
    const bench = await Bench.open()
    bench.respond = () => failedWith(500)
    const webhook = await bench.webhook()
    const event = anEvent()
    const webhookIds = [[webhook.id]]
    await bench.consumeEvents([event], { webhookIds })
    bench.takeHandedOver()
    const message = inbound(bench.eventMessage([event], { webhookIds }))
    expect(await bench.engine.consumers.deadEvents([message])).toEqual([ACK])
    expect(await bench.fate(event, webhook)).toMatchObject({ status: 'failing' })
    expect(bench.takeHandedOver().message).toMatchObject({ attempts: 1, role: 'duplicate' })
  })
})
