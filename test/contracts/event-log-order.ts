// The contract of EventLog: what comes in order is handed over to the monitors, and to nobody else.

import { describe, expect, it } from 'vitest'
import { type EventLogSubject, eventAt, idAt, NOON } from './durable-fixtures.ts'
import { accept, WEBHOOK } from './event-log-fixtures.ts'
import { aWebhook } from './store-fixtures.ts'

const ORDERING = { since: NOON, order: { key: 'id', onFailure: 'continue' } } as const

export function eventLogOrder(subject: () => EventLogSubject): void {
  /** A webhook of the tenant in which each event has a key of its own. */
  const ordered = async (id: string) => {
    const { webhooks, tenantId } = subject()
    const webhook = aWebhook(1, { id, tenantId, eventTypes: ['invoice.paid'] })
    await webhooks.insert({ ...webhook, ordering: ORDERING })
    return subject().monitorOf(id)
  }

  describe('of a webhook with an order', () => {
    it('a log gives its events to no caller, and hands them over to its monitor', async () => {
      const monitor = await ordered('in-order')
      const acceptance = await accept(subject(), [eventAt(0), eventAt(1)])
      const taken =
        acceptance.kind === 'accepted' &&
        acceptance.deliveries.flatMap(({ webhooks }) => webhooks.map(({ id }) => id))
      expect(taken).toEqual([WEBHOOK, WEBHOOK])
      await subject().flush()
      const states = await monitor.statesOfEvents([idAt(0), idAt(1)])
      expect(states.map(({ status }) => status)).toEqual(['held', 'held'])
      const { log } = subject()
      const found = await log.find(idAt(0))
      expect(found?.webhookIds.toSorted()).toEqual(['in-order', WEBHOOK])
      const key = { eventId: idAt(0), webhookId: 'in-order' }
      expect(await log.firstOutcomes([key])).toMatchObject([{ delivered: null }])
    })

    it('a log numbers them as it accepted them, whatever their ids', async () => {
      const monitor = await ordered('one-by-one')
      const { webhooks, tenantId, shards } = subject()
      await webhooks.update({ tenantId, id: 'one-by-one' }, (one) => ({
        ...one,
        ordering: { ...ORDERING, order: { key: null, onFailure: 'continue' } },
      }))
      const ids = [idAt(0, 5), idAt(0, 3), idAt(0, 9), idAt(0, 1)]
      for (const id of ids.slice(0, 2)) await accept(subject(), [eventAt(0, { id })])
      await accept(
        subject(),
        ids.slice(2).map((id) => eventAt(0, { id })),
      )
      if (shards > 1) return
      const sent = async () =>
        (await subject().flush()).flatMap((message) =>
          message.kind === 'deliver' && message.webhookId === 'one-by-one' ? message.event.id : [],
        )
      for (const [index, id] of ids.entries()) {
        await sent()
        await monitor.cancel({ eventIds: [id] }, null)
        const [state] = await monitor.statesOfEvents([ids[index + 1] ?? id])
        expect(state?.status).toBe(index < ids.length - 1 ? 'held' : 'dropped')
      }
    })

    it('a log hands over nothing of what has lost its content', async () => {
      const monitor = await ordered('expunged')
      const { log, tenantId } = subject()
      await log.erase(tenantId, idAt(0, 900), { eventIds: [idAt(0)] })
      await accept(subject(), [eventAt(0)])
      await subject().flush()
      expect((await monitor.health()).waiting).toBe(0)
    })
  })
}
