// The contract of EventLog.

import { beforeEach, describe, expect, it } from 'vitest'
import type { LoggedEvent } from '../../src/engine/model/index.ts'
import { type EventLogSubject, eventAt, idAt } from './durable-fixtures.ts'
import { eventLogAccept } from './event-log-accept.ts'
import { eventLogCopy } from './event-log-copy.ts'
import { eventLogErase } from './event-log-erase.ts'
import { accept, loggedAt, open } from './event-log-fixtures.ts'
import { eventLogKept } from './event-log-kept.ts'
import { eventLogList } from './event-log-list.ts'
import { eventLogOrder } from './event-log-order.ts'
import { eventLogOutcomes } from './event-log-outcomes.ts'
import { eventLogPull } from './event-log-pull.ts'
import { eventLogReplay } from './event-log-replay.ts'
import { eventLogScheduled } from './event-log-scheduled.ts'
import { eventLogUnmatched } from './event-log-unmatched.ts'
import { eventLogUntended } from './event-log-untended.ts'
import { eventLogUsage } from './event-log-usage.ts'
import { aWebhook } from './store-fixtures.ts'

/** `make` gives a new log of a new tenant. */
export function eventLogContract(make: () => Promise<EventLogSubject>): void {
  describe('an event log', () => {
    let subject: EventLogSubject
    beforeEach(async () => {
      subject = await make()
      await open(subject)
    })
    const append = (...events: Parameters<typeof accept>[1]) => accept(subject, events)
    /** On as many pages as it takes. */
    const all = async () => {
      const items: LoggedEvent[] = []
      for (let cursor: string | null | undefined; cursor !== null; ) {
        const page = await subject.log.list({ limit: 100, cursor })
        items.push(...page.items)
        cursor = page.nextCursor
      }
      return items
    }

    it('finds an event as it was accepted, with the webhooks it was for', async () => {
      const event = loggedAt(0, {
        data: '{"2":12345678901234567890,"1":1.10,\n"x":1e400,"u":"\\u00e9 é \u{1F4EE}"}',
        scope: { data: 'x', inbox: 'Grüße' },
        actor: idAt(0, 1),
        requestId: idAt(0, 2),
        webhookIds: ['webhook-1', idAt(0, 4)],
      })
      const { webhooks, tenantId } = subject
      await webhooks.insert(aWebhook(1, { tenantId, id: idAt(0, 4), scope: { data: 'x' } }))
      await append(event, eventAt(1, { type: 'order.sent' }))
      expect(await subject.log.find(event.id)).toEqual(event)
      const unwanted = { ...eventAt(1, { type: 'order.sent' }), webhookIds: [] }
      expect(await subject.log.find(idAt(1))).toEqual(unwanted)
    })

    it.each([
      ['before', idAt(-1)],
      ['between', idAt(5)],
      ['after', idAt(100_000)],
      ['of the same millisecond', idAt(10, 1)],
      ['of no time at all', '00000000-0000-4000-8000-000000000000'],
      ['of the end of time', 'ffffffff-ffff-4fff-bfff-ffffffffffff'],
    ])('finds nothing for an id %s', async (_, id) => {
      await append(loggedAt(0), loggedAt(10))
      expect(await subject.log.find(id)).toBeNull()
    })

    it('keeps each event once, as it was first', async () => {
      await append(loggedAt(0), loggedAt(1))
      await append(loggedAt(1, { data: '"other"' }), loggedAt(2), loggedAt(2))
      await append(loggedAt(0))
      expect(await all()).toEqual([loggedAt(2), loggedAt(1), loggedAt(0)])
    })

    it('shows to whom an event was sent later, once, and leaves the others as they are', async () => {
      await append(loggedAt(0), loggedAt(1), eventAt(2, { type: 'order.sent' }))
      await subject.log.addWebhooks([idAt(0), idAt(2), idAt(9)], ['b', 'webhook-1'])
      await subject.log.addWebhooks([idAt(0)], ['b'])
      expect((await all()).map(({ webhookIds }) => webhookIds)).toEqual([
        ['b', 'webhook-1'],
        ['webhook-1'],
        ['webhook-1', 'b'],
      ])
      expect(await subject.log.find(idAt(0))).toMatchObject({ webhookIds: ['webhook-1', 'b'] })
    })

    it('takes nothing as well', async () => {
      await append()
      expect(await all()).toEqual([])
    })

    it('takes several megabytes at once', async () => {
      const data = `{"text":"${'x'.repeat(90_000)}"}`
      const events = Array.from({ length: 40 }, (_, ms) => loggedAt(ms, { data }))
      await append(...events)
      expect(await subject.log.find(idAt(39))).toEqual(events[39])
      expect((await all()).map(({ id }) => id)).toEqual(
        Array.from({ length: 40 }, (_, n) => idAt(39 - n)),
      )
    })

    it('finds the events of a request, oldest first', async () => {
      const requestId = idAt(0, 9)
      const [one, two, three] = [1, 2, 3].map((ms) => loggedAt(ms, { requestId }))
      const other = loggedAt(4, { data: JSON.stringify({ requestId }), requestId: idAt(0, 8) })
      if (one && two && three) {
        await append(two, other)
        await append(one, three)
      }
      const all = { items: [one, two, three], more: false }
      expect(await subject.log.listByRequest(requestId, null)).toEqual(all)
      const rest = { items: [two, three], more: false }
      expect(await subject.log.listByRequest(requestId, idAt(1))).toEqual(rest)
      expect(await subject.log.listByRequest(idAt(0, 7), null)).toEqual({ items: [], more: false })
    })

    it('shows of a request no more than one answer carries, its oldest events', async () => {
      const requestId = idAt(0, 9)
      // 39 MB in characters of two bytes each; an answer may have 32 MiB.
      const data = `"—${'x'.repeat(97_000)}"`
      const events = Array.from({ length: 200 }, (_, ms) => loggedAt(ms, { data, requestId }))
      for (let from = 160; from >= 0; from -= 40) await append(...events.slice(from, from + 40))
      const { items, more } = await subject.log.listByRequest(requestId, null)
      expect(more).toBe(true)
      expect(items.length).toBeGreaterThan(30)
      expect(items.length).toBeLessThan(60)
      expect(items.map(({ id }) => id)).toEqual(items.map((_, ms) => idAt(ms)))
    })

    it('shows 1,000 events of a request, and behind them the others', async () => {
      const requestId = idAt(0, 9)
      await append(...Array.from({ length: 1_001 }, (_, ms) => loggedAt(ms, { requestId })))
      const { items, more } = await subject.log.listByRequest(requestId, null)
      expect(items).toHaveLength(1_000)
      expect(more).toBe(true)
      expect(items.at(-1)?.id).toBe(idAt(999))
      const rest = await subject.log.listByRequest(requestId, idAt(999))
      expect(rest).toEqual({ items: [loggedAt(1_000, { requestId })], more: false })
    })

    it('once purged, has forgotten everything and takes nothing more', async () => {
      await append(loggedAt(0, { requestId: idAt(0, 9) }))
      await subject.log.purge()
      expect(await append(loggedAt(1))).toEqual({ kind: 'no_tenant' })
      expect(await all()).toEqual([])
      expect(await subject.log.find(idAt(0))).toBeNull()
      const nothing = { items: [], more: false }
      expect(await subject.log.listByRequest(idAt(0, 9), null)).toEqual(nothing)
    })

    it('once revived, begins anew', async () => {
      await append(loggedAt(0))
      await subject.log.purge()
      await subject.log.revive()
      await append(loggedAt(1))
      await subject.log.revive()
      expect(await all()).toEqual([loggedAt(1)])
    })

    eventLogAccept(() => subject)
    eventLogOutcomes(() => subject)
    eventLogUntended(() => subject)
    eventLogOrder(() => subject)
    eventLogCopy(() => subject)
    eventLogKept(() => subject)
    eventLogUnmatched(() => subject)
    eventLogList(() => subject)
    eventLogUsage(() => subject)
    eventLogErase(() => subject)
    eventLogPull(() => subject)
    eventLogReplay(() => subject)
    eventLogScheduled(() => subject)
  })
}
