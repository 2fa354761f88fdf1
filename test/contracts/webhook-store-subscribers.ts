// The part of WebhookStore's contract that the events consumer lives on: who may want an event.

import { describe, expect, it } from 'vitest'
import type { Webhook } from '../../src/engine/model/index.ts'
import type { Topic } from '../../src/engine/ports/index.ts'
import { aWebhook, fullWebhook, uuid } from './store-fixtures.ts'
import type { GetStores } from './webhook-store.ts'

const cases: readonly (readonly [string, Partial<Webhook>, Omit<Topic, 'tenantId'>, boolean])[] = [
  ['its exact type', { eventTypes: ['a.b'] }, { type: 'a.b', scope: {} }, true],
  ['another type', { eventTypes: ['a.b'] }, { type: 'a.c', scope: {} }, false],
  ['a longer type', { eventTypes: ['a.b'] }, { type: 'a.b.c', scope: {} }, false],
  ['any type', { eventTypes: ['*'] }, { type: 'a.b', scope: {} }, true],
  ['a type under a prefix', { eventTypes: ['a.*'] }, { type: 'a.b.c', scope: {} }, true],
  ['a type under a long prefix', { eventTypes: ['a.b.*'] }, { type: 'a.b.c', scope: {} }, true],
  ['the prefix itself', { eventTypes: ['a.*'] }, { type: 'a', scope: {} }, false],
  ['one of several types', { eventTypes: ['x', 'a'] }, { type: 'a', scope: {} }, true],
  ['an event with scope, without one', {}, { type: 'invoice.paid', scope: { i: '1' } }, true],
  ['its scope', { scope: { i: '1' } }, { type: 'invoice.paid', scope: { i: '1', j: '2' } }, true],
  [
    'its two-entry scope',
    { scope: { j: '2', i: '1' } },
    { type: 'invoice.paid', scope: { i: '1', j: '2' } },
    true,
  ],
  ['no scope, with one', { scope: { i: '1' } }, { type: 'invoice.paid', scope: {} }, false],
  ['another scope', { scope: { i: '1' } }, { type: 'invoice.paid', scope: { i: '2' } }, false],
  [
    'unusual scope characters',
    { scope: { 'ü"': "'\\" } },
    { type: 'invoice.paid', scope: { 'ü"': "'\\" } },
    true,
  ],
  ['anything while disabled', { enabled: false }, { type: 'invoice.paid', scope: {} }, false],
  ['its type while suspended', { suspendedAt: 5 }, { type: 'invoice.paid', scope: {} }, true],
]

const ofTenant = { tenantName: 'Tenant 1', tenantRetentionDays: 30, tenantErasedAt: null }

export function webhookSubscribersContract(get: GetStores): void {
  const subscriberIds = async (...topics: readonly Omit<Topic, 'tenantId'>[]) => {
    const asked = topics.map((topic) => ({ tenantId: uuid(1), ...topic }))
    return (await get().webhooks.findSubscribers(asked)).map(({ id }) => id).sort()
  }

  describe('findSubscribers', () => {
    it.each(cases)('for %s', async (_, fields, topic, expected) => {
      await get().webhooks.insert(aWebhook(5, fields))
      expect(await subscriberIds(topic)).toEqual(expected ? [uuid(5)] : [])
    })

    it('finds nothing for no topics', async () => {
      expect(await get().webhooks.findSubscribers([])).toEqual([])
    })

    it('shows the whole webhook and its tenant’s name', async () => {
      await get().webhooks.insert({ ...fullWebhook, enabled: true })
      const [subscriber] = await get().webhooks.findSubscribers([
        { tenantId: uuid(1), type: 'invoice.paid', scope: fullWebhook.scope },
      ])
      expect(subscriber).toEqual({ ...fullWebhook, enabled: true, ...ofTenant })
    })

    it('finds each webhook once, whatever makes it match', async () => {
      await get().webhooks.insert(aWebhook(5, { eventTypes: ['a', '*', 'b.*', 'a'] }))
      await get().webhooks.insert(aWebhook(6, { eventTypes: ['c'] }))
      const found = await subscriberIds(
        { type: 'a', scope: {} },
        { type: 'a', scope: { i: '1' } },
        { type: 'b.c', scope: {} },
        { type: 'c', scope: {} },
      )
      expect(found).toEqual([uuid(5), uuid(6)])
    })

    it('finds the webhooks of several tenants, each for its own topics', async () => {
      await get().webhooks.insert(aWebhook(5, { eventTypes: ['a', 'b'] }))
      await get().webhooks.insert(aWebhook(6, { tenantId: uuid(2), eventTypes: ['a'] }))
      const found = await get().webhooks.findSubscribers([
        { tenantId: uuid(1), type: 'b', scope: {} },
        { tenantId: uuid(2), type: 'a', scope: {} },
        { tenantId: uuid(2), type: 'b', scope: {} },
      ])
      const pairs = found.map(({ id, tenantName }) => [id, tenantName])
      expect(pairs.sort()).toEqual([
        [uuid(5), 'Tenant 1'],
        [uuid(6), 'Tenant 2'],
      ])
    })

    it('answers a thousand topics at once', async () => {
      await get().webhooks.insert(aWebhook(5, { eventTypes: ['a.999.*'] }))
      const topics = Array.from({ length: 1_000 }, (_, n) => ({ type: `a.${n}.x`, scope: {} }))
      expect(await subscriberIds(...topics)).toEqual([uuid(5)])
    })

    it('follows an update of types, scope and switch', async () => {
      const ref = { tenantId: uuid(1), id: uuid(5) }
      const update = (fields: Partial<Webhook>) =>
        get().webhooks.update(ref, (current) => ({ ...current, ...fields }))
      const [old, now, scoped] = [
        { type: 'old', scope: {} },
        { type: 'now', scope: {} },
        { type: 'now', scope: { i: '1' } },
      ]
      const seen = async () => [
        (await subscriberIds(old)).length,
        (await subscriberIds(now)).length,
        (await subscriberIds(scoped)).length,
      ]
      await get().webhooks.insert(aWebhook(5, { eventTypes: ['old', 'kept'] }))
      expect(await seen()).toEqual([1, 0, 0])
      await update({ eventTypes: ['kept', 'now'] })
      expect(await seen()).toEqual([0, 1, 1])
      await update({ scope: { i: '1' } })
      expect(await seen()).toEqual([0, 0, 1])
      await update({ enabled: false })
      expect(await seen()).toEqual([0, 0, 0])
      await update({ enabled: true, scope: {} })
      expect(await seen()).toEqual([0, 1, 1])
      expect(await subscriberIds({ type: 'kept', scope: {} })).toEqual([uuid(5)])
    })

    it('no longer finds what was deleted', async () => {
      await get().webhooks.insert(aWebhook(5))
      await get().webhooks.delete({ tenantId: uuid(1), id: uuid(5) })
      expect(await subscriberIds({ type: 'invoice.paid', scope: {} })).toEqual([])
    })
  })

  describe('findByRef', () => {
    it('finds those that exist, disabled ones included, each once', async () => {
      await get().webhooks.insert(fullWebhook)
      const ref = { tenantId: uuid(1), id: uuid(7) }
      const absent = { tenantId: uuid(1), id: uuid(8) }
      const foreign = { tenantId: uuid(2), id: uuid(7) }
      expect(await get().webhooks.findByRef([absent, ref, foreign, ref])).toEqual([
        { ...fullWebhook, ...ofTenant },
      ])
    })

    it('tells when events of the tenant were last to be erased', async () => {
      await get().webhooks.insert(fullWebhook)
      const { tenants, webhooks } = get()
      for (const at of [2_000, 1_000]) await tenants.noteErasure(uuid(1), at)
      const [found] = await webhooks.findByRef([{ tenantId: uuid(1), id: uuid(7) }])
      expect(found?.tenantErasedAt).toBe(2_000)
    })

    it('finds nothing for nothing', async () => {
      expect(await get().webhooks.findByRef([])).toEqual([])
    })
  })
}
