// The contract of EventLog: whom an event was not for, and why, as webhooks were when it was accepted.

import { describe, expect, it } from 'vitest'
import type { Webhook } from '../../src/engine/model/index.ts'
import type { UnmatchedQuery } from '../../src/engine/ports/index.ts'
import { type EventLogSubject, eventAt, idAt, NOON } from './durable-fixtures.ts'
import { accept, WEBHOOK } from './event-log-fixtures.ts'
import { aWebhook, uuid } from './store-fixtures.ts'

const EVENT = eventAt(0, { type: 'order.sent', scope: { inbox: 'a' } })

export function eventLogUnmatched(subject: () => EventLogSubject): void {
  let changes = 0
  /** Writes as an owner's call does: announced before, confirmed after. */
  const changing = async (write: (epoch: number) => Promise<unknown>) => {
    const { log, tenantId } = subject()
    changes += 1
    const id = idAt(0, 500 + changes)
    const epoch = await log.announce(tenantId, id, false)
    await write(epoch)
    await log.confirm(id)
  }
  const make = (n: number, fields: Partial<Webhook> = {}) =>
    changing((epoch) => {
      const { webhooks, tenantId } = subject()
      return webhooks.insert(aWebhook(n, { tenantId, ...fields }), undefined, epoch)
    })
  const change = (id: string, fields: Partial<Webhook>) =>
    changing((epoch) => {
      const { webhooks, tenantId } = subject()
      const changed = (current: Webhook) => ({ ...current, updatedAt: NOON, ...fields })
      return webhooks.update({ tenantId, id }, changed, epoch)
    })
  const remove = (id: string) =>
    changing((epoch) => {
      const { webhooks, tenantId } = subject()
      return webhooks.delete({ tenantId, id }, epoch)
    })
  const ask = (query: Partial<UnmatchedQuery> = {}) => {
    const { log, tenantId } = subject()
    return log.unmatched(tenantId, { eventId: EVENT.id, limit: 100, ...query })
  }
  /** Reasons by webhook, of those that were made here. */
  const reasons = async (query: Partial<UnmatchedQuery> = {}) => {
    const { items, nextCursor } = await ask(query)
    expect(nextCursor).toBeNull()
    const found = items.filter(({ webhookId }) => webhookId !== WEBHOOK)
    return Object.fromEntries(found.map(({ webhookId, reasons }) => [webhookId, reasons]))
  }

  describe('whom an event was not for', () => {
    it('says why of each webhook, every reason there was', async () => {
      await make(2, { enabled: false, eventTypes: ['order.*'] })
      await make(3, { eventTypes: ['order.*'], scope: { inbox: 'b' } })
      await make(4, { enabled: false, eventTypes: ['user.*'], scope: { inbox: 'b', more: 'x' } })
      await make(5, { eventTypes: ['order.*'] })
      await accept(subject(), [EVENT])
      const { items } = await ask()
      expect(items).toEqual([
        { webhookId: uuid(2), reasons: ['disabled'] },
        { webhookId: uuid(3), reasons: ['scope'] },
        { webhookId: uuid(4), reasons: ['disabled', 'event_type', 'scope'] },
        { webhookId: WEBHOOK, reasons: ['event_type'] },
      ])
    })

    it('tells webhooks as they were, whatever they became since', async () => {
      await make(2, { enabled: false, eventTypes: ['order.*'] })
      await make(3, { eventTypes: ['user.*'] })
      await make(4, { eventTypes: ['order.*'], scope: { inbox: 'b' } })
      await accept(subject(), [EVENT])
      await change(uuid(2), { enabled: true })
      await change(uuid(3), { eventTypes: ['order.*'] })
      await change(uuid(4), { scope: {} })
      const then = {
        [uuid(2)]: ['disabled'],
        [uuid(3)]: ['event_type'],
        [uuid(4)]: ['scope'],
      }
      expect(await reasons()).toEqual(then)
      // As often as they change, and whatever else of them does.
      await change(uuid(2), { enabled: false, eventTypes: ['user.*'] })
      await change(uuid(2), { name: 'Renamed' })
      await change(uuid(3), { enabled: false })
      expect(await reasons()).toEqual(then)
    })

    it('tells each event by what counted for it, however fast changes come', async () => {
      await make(2, { enabled: false, eventTypes: ['order.*'] })
      const events = [0, 1, 2].map((ms) => eventAt(ms, { type: 'order.sent' }))
      const [first, second, third] = events
      if (!first || !second || !third) return
      await accept(subject(), [first])
      await change(uuid(2), { enabled: true, eventTypes: ['user.*'] })
      await accept(subject(), [second])
      await change(uuid(2), { eventTypes: ['order.*'], scope: { inbox: 'b' } })
      await accept(subject(), [third])
      await change(uuid(2), { scope: {} })
      const all = await Promise.all(events.map(({ id }) => reasons({ eventId: id })))
      const expected = [['disabled'], ['event_type'], ['scope']]
      expect(all).toEqual(expected.map((why) => ({ [uuid(2)]: why })))
    })

    it('tells of a webhook that was made later, also after it was changed', async () => {
      await accept(subject(), [EVENT])
      await make(2, { eventTypes: ['order.*'], createdAt: NOON - 1, updatedAt: NOON - 1 })
      expect(await reasons()).toEqual({ [uuid(2)]: ['created_later'] })
      await change(uuid(2), { enabled: false })
      expect(await reasons()).toEqual({ [uuid(2)]: ['created_later'] })
    })

    it('knows a webhook from the moment at which it reads it, whatever the clock of its last write says', async () => {
      const { webhooks, tenantId } = subject()
      const late = { eventTypes: ['user.*'], updatedAt: NOON + 3_600_000 }
      await webhooks.insert(aWebhook(2, { tenantId, ...late }))
      await accept(subject(), [EVENT])
      expect(await reasons()).toEqual({ [uuid(2)]: ['event_type'] })
    })

    it('leaves out to whom it was sent later', async () => {
      await make(2, { eventTypes: ['user.*'] })
      await accept(subject(), [EVENT])
      await subject().log.addWebhooks([EVENT.id], [uuid(2)])
      expect(await reasons()).toEqual({})
    })

    it('leaves out webhooks that were deleted since', async () => {
      await make(2, { eventTypes: ['user.*'] })
      await accept(subject(), [EVENT])
      await change(uuid(2), { eventTypes: ['order.*'] })
      await remove(uuid(2))
      expect(await reasons()).toEqual({})
    })

    it('shows webhooks of some owners alone if asked', async () => {
      await make(2, { owner: 'ann' })
      await make(3, { owner: 'bob' })
      await make(4, { owner: null })
      await accept(subject(), [EVENT])
      expect(Object.keys(await reasons({ owners: ['ann'] }))).toEqual([uuid(2)])
      expect(Object.keys(await reasons({ owners: ['bob', null] }))).toEqual([uuid(3), uuid(4)])
      expect(Object.keys(await reasons({ owners: [] }))).toEqual([])
    })

    it('comes in pages, in order', async () => {
      for (const n of [5, 3, 4, 2]) await make(n)
      await accept(subject(), [EVENT])
      const first = await ask({ limit: 2 })
      expect(first.items.map(({ webhookId }) => webhookId)).toEqual([uuid(2), uuid(3)])
      const second = await ask({ limit: 2, cursor: first.nextCursor ?? '' })
      expect(second.items.map(({ webhookId }) => webhookId)).toEqual([uuid(4), uuid(5)])
      const third = await ask({ limit: 2, cursor: second.nextCursor ?? '' })
      expect(third).toEqual({
        items: [{ webhookId: WEBHOOK, reasons: ['event_type'] }],
        nextCursor: null,
      })
    })

    it('refuses a cursor of another list', async () => {
      const invalid = { code: 'invalid', issues: [{ path: ['cursor'] }] }
      await expect(ask({ cursor: 'events.1' })).rejects.toMatchObject(invalid)
    })

    it('is nobody for an event that is not there, and once the log is purged', async () => {
      await make(2)
      expect(await ask()).toEqual({ items: [], nextCursor: null })
      await accept(subject(), [EVENT])
      await subject().log.purge()
      expect(await ask()).toEqual({ items: [], nextCursor: null })
    })
  })
}
