// Events that go together, as the deliveries queue brings them.

import { describe, expect, it } from 'vitest'
import { jointEvent } from '../../../src/engine/health/joint-delivery.ts'
import { type Event, JOINT_RUN } from '../../../src/engine/model/index.ts'
import { newId } from '../../../src/primitives/ids.ts'
import { aDelivery, anEvent, Bench, broken } from '../../fixtures/bench.ts'

async function joined(events: readonly Event[]) {
  const bench = await Bench.open()
  const webhook = await bench.webhook({ batch: { maxEvents: 9, maxWaitMs: 0 } })
  const parts = events.map((event) => ({ ...aDelivery(webhook, event), part: { body: null } }))
  // Formed since: its own id is in no doubt.
  const event = jointEvent(newId(Date.now() + 3_600_000), '2026-01-01T12:00:00.000Z')
  const message = { ...aDelivery(webhook, event), run: JOINT_RUN }
  return { bench, message, ...bench.monitorsWhere({ partsOf: async () => parts }) }
}

describe('an event of a batch that was erased', () => {
  const [erased, other] = [anEvent({ id: newId(Date.now()) }), anEvent({ id: newId(Date.now()) })]

  it('is sent to nobody, though its monitor was not told yet', async () => {
    const { bench, message, monitor } = await joined([erased, other])
    await bench.ports.tenants.noteErasure(bench.tenantId, Date.now())
    const untold = bench.with({
      monitor,
      ...bench.eventLogsWhere({ erasedAmong: async () => [erased.id] }),
    })
    await untold.consumeDelivery(message)
    const [sent] = untold.requests
    expect(sent?.body).toContain(other.id)
    expect(sent?.body).not.toContain(erased.id)
  })

  it('has the batch wait while nobody can say so', async () => {
    const { bench, message, monitor } = await joined([erased])
    await bench.ports.tenants.noteErasure(bench.tenantId, Date.now())
    const unclear = bench.with({ monitor, ...bench.eventLogsWhere({ erasedAmong: broken }) })
    expect(await unclear.consumeDelivery(message)).toMatchObject({ kind: 'retry' })
    expect(unclear.requests).toEqual([])
  })
})
