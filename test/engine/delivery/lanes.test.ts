// A webhook in the slow lane has a queue of its own: what comes by the other one goes on by that, and no other waits for it.

import { describe, expect, it } from 'vitest'
import { toDeliveryText } from '../../../src/engine/messages/delivery-message.ts'
import { anEvent } from '../../dialects/models.ts'
import { aDelivery, Bench, failedWith } from '../../fixtures/bench.ts'

const ACK = { kind: 'ack' }

async function openSlow() {
  const bench = await Bench.open()
  const webhook = await bench.webhook()
  await bench.setState(webhook, { version: 1, lane: 'slow', isTroubled: true })
  return { bench, webhook }
}

function inbound(body: string) {
  return { id: 'm', timestamp: Date.now(), attempts: 1, body }
}

describe('a delivery to a webhook in the slow lane', () => {
  it('goes on by the queue of that lane, without an attempt', async () => {
    const { bench, webhook } = await openSlow()
    const event = anEvent()
    const message = aDelivery(webhook, event, { attempts: 1 })
    const verdicts = await bench.engine.consumers.deliveries([inbound(toDeliveryText(message))])
    expect(verdicts).toEqual([ACK])
    expect(bench.requests).toEqual([])
    const again = { ...message, role: 'watchdog' }
    expect(bench.takeHandedOver()).toEqual({ delaySeconds: 0, message: again, lane: 'slow' })
  })

  it('is attempted where it comes by that, and stays there for its retry', async () => {
    const { bench, webhook } = await openSlow()
    bench.respond = () => failedWith(500)
    const text = toDeliveryText(aDelivery(webhook, anEvent()))
    const [verdict] = await bench.engine.consumers.slowDeliveries([inbound(text)])
    expect(bench.requests).toHaveLength(1)
    expect(verdict).toMatchObject({ kind: 'retry' })
    expect(bench.handedOver).toEqual([])
  })

  it('stays in that queue though its webhook has come back to the fast lane', async () => {
    const bench = await Bench.open()
    const webhook = await bench.webhook()
    const text = toDeliveryText(aDelivery(webhook, anEvent()))
    expect(await bench.engine.consumers.slowDeliveries([inbound(text)])).toEqual([ACK])
    expect(bench.requests).toHaveLength(1)
  })
})
