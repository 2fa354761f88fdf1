// The contract of EventLog: how deliveries of deleted webhooks stood.

import { describe, expect, it } from 'vitest'
import type { KeptDelivery } from '../../src/engine/model/index.ts'
import { type EventLogSubject, idAt, NOON } from './durable-fixtures.ts'

export function eventLogKept(subject: () => EventLogSubject): void {
  const kept = (fields: Partial<KeptDelivery> = {}): KeptDelivery => ({
    ...{ eventId: idAt(0), status: 'delivered', attempts: 3, lastAttemptAt: NOON, reason: null },
    ...fields,
  })

  describe('deliveries of a deleted webhook', () => {
    it('are kept as they were handed over', async () => {
      const { log } = subject()
      const reason = 'It was given up.'
      const all = [
        kept(),
        kept({ eventId: idAt(5), status: 'dropped', reason }),
        kept({ eventId: idAt(9), status: 'failing' }),
      ]
      await log.keepDeliveries('a', all)
      await log.keepDeliveries('b', [kept({ attempts: 1 })])
      await log.keepDeliveries('c', [])
      expect(await log.keptDeliveries(idAt(0), ['b', 'c', 'a'])).toEqual([
        kept({ attempts: 1 }),
        null,
        kept(),
      ])
      for (const one of all) expect(await log.keptDeliveries(one.eventId, ['a'])).toEqual([one])
      expect(await log.keptDeliveries(idAt(4), ['a', 'b'])).toEqual([null, null])
    })

    it('may be handed over again, and in parts that overlap', async () => {
      const { log } = subject()
      await log.keepDeliveries('a', [kept(), kept({ eventId: idAt(9) })])
      await log.keepDeliveries('a', [kept(), kept({ eventId: idAt(9) })])
      await log.keepDeliveries('a', [kept({ eventId: idAt(5) }), kept({ eventId: idAt(20) })])
      for (const ms of [0, 5, 9, 20]) {
        expect(await log.keptDeliveries(idAt(ms), ['a'])).toEqual([kept({ eventId: idAt(ms) })])
      }
    })

    it('are forgotten with the log', async () => {
      const { log } = subject()
      await log.keepDeliveries('a', [kept()])
      await log.purge()
      await log.keepDeliveries('a', [kept()])
      expect(await log.keptDeliveries(idAt(0), ['a'])).toEqual([null])
    })
  })
}
