// The contract of WebhookStore: what is stored comes back, one row per unique key, no update is lost.

import { beforeEach, describe, expect, it } from 'vitest'
import { PULL_URL, type Webhook } from '../../src/engine/model/index.ts'
import type { Ports } from '../../src/engine/ports/index.ts'
import { FENCED } from '../../src/errors.ts'
import { aTenant, aWebhook, fullWebhook, uuid } from './store-fixtures.ts'
import { webhookListContract } from './webhook-store-list.ts'
import { webhookSubscribersContract } from './webhook-store-subscribers.ts'

export type WebhookStores = Pick<Ports, 'tenants' | 'webhooks'>
export type GetStores = () => WebhookStores

const ref = (n: number) => ({ tenantId: uuid(1), id: uuid(n) })

/** `make` gives empty stores. */
export function webhookStoreContract(make: () => Promise<WebhookStores>): void {
  describe('a webhook store', () => {
    let stores: WebhookStores
    beforeEach(async () => {
      stores = await make()
      for (const n of [1, 2]) await stores.tenants.insert(aTenant(n))
    })
    const insert = (...numbers: number[]) =>
      Promise.all(numbers.map((n) => stores.webhooks.insert(aWebhook(n))))

    describe('insert', () => {
      it('keeps every field', async () => {
        expect(await stores.webhooks.insert(fullWebhook)).toBe('inserted')
        expect(await stores.webhooks.find(ref(7))).toEqual(fullWebhook)
      })

      it('refuses a taken unique key and leaves nothing behind', async () => {
        await stores.webhooks.insert(aWebhook(5, { uniqueKey: 's' }))
        const late = aWebhook(6, { uniqueKey: 's', eventTypes: ['late'] })
        expect(await stores.webhooks.insert(late)).toBe('conflict')
        expect(await stores.webhooks.find(ref(6))).toBeNull()
        const topic = { tenantId: uuid(1), type: 'late', scope: {} }
        expect(await stores.webhooks.findSubscribers([topic])).toEqual([])
      })

      it('has one unique key of a name per tenant and dialect, and any number without', async () => {
        const results = await Promise.all([
          stores.webhooks.insert(aWebhook(5, { uniqueKey: 's' })),
          stores.webhooks.insert(aWebhook(6, { uniqueKey: 's', tenantId: uuid(2) })),
          stores.webhooks.insert(aWebhook(7, { uniqueKey: 's', dialect: 'vendor' })),
          stores.webhooks.insert(aWebhook(8)),
          stores.webhooks.insert(aWebhook(9)),
        ])
        expect(results).toEqual(['inserted', 'inserted', 'inserted', 'inserted', 'inserted'])
      })

      it('has one webhook of a uid per tenant, whatever its dialect', async () => {
        const inserted = await Promise.all([
          stores.webhooks.insert(aWebhook(5, { uid: 'u' })),
          stores.webhooks.insert(aWebhook(6, { uid: 'u', tenantId: uuid(2) })),
        ])
        expect(inserted).toEqual(['inserted', 'inserted'])
        const late = aWebhook(7, { uid: 'u', dialect: 'vendor' })
        expect(await stores.webhooks.insert(late)).toBe('conflict')
        const found = await stores.webhooks.list({ tenantId: uuid(1), uid: 'u' }, { limit: 2 })
        expect(found.map(({ id }) => id)).toEqual([uuid(5)])
      })

      it('gives a unique key to one of a hundred that want it at once', async () => {
        const results = await Promise.all(
          Array.from({ length: 100 }, (_, n) =>
            stores.webhooks.insert(aWebhook(100 + n, { uniqueKey: 's' })),
          ),
        )
        expect(results.filter((result) => result === 'inserted')).toHaveLength(1)
        expect(results.filter((result) => result === 'conflict')).toHaveLength(99)
      })

      it('leaves no more than the most, of a hundred that come at once', async () => {
        await stores.webhooks.insert(aWebhook(50, { tenantId: uuid(2) }))
        const results = await Promise.all(
          Array.from({ length: 100 }, (_, n) =>
            stores.webhooks.insert(aWebhook(100 + n, { eventTypes: ['crowd'] }), 7),
          ),
        )
        expect(results.filter((result) => result === 'inserted')).toHaveLength(7)
        expect(results.filter((result) => result === 'full')).toHaveLength(93)
        expect(await stores.webhooks.count({ tenantId: uuid(1) })).toBe(7)
        const topic = { tenantId: uuid(1), type: 'crowd', scope: {} }
        expect(await stores.webhooks.findSubscribers([topic])).toHaveLength(7)
      })

      it('has room again when one is gone', async () => {
        await insert(5)
        expect(await stores.webhooks.insert(aWebhook(6), 1)).toBe('full')
        await stores.webhooks.delete(ref(5))
        expect(await stores.webhooks.insert(aWebhook(6), 1)).toBe('inserted')
      })

      it('refuses a tenant that is not there', async () => {
        const orphan = aWebhook(5, { tenantId: uuid(9) })
        expect(await stores.webhooks.insert(orphan)).toBe('no_tenant')
      })
    })

    describe('find', () => {
      it('does not show another tenant’s webhook', async () => {
        await insert(5)
        expect(await stores.webhooks.find({ tenantId: uuid(2), id: uuid(5) })).toBeNull()
      })
    })

    describe('update', () => {
      it('writes what the change makes of the present webhook', async () => {
        await insert(7)
        const { suspendedAt, lane, createdAt } = aWebhook(7)
        const expected = { ...fullWebhook, suspendedAt, lane, createdAt }
        expect(await stores.webhooks.update(ref(7), () => fullWebhook)).toEqual(expected)
        expect(await stores.webhooks.find(ref(7))).toEqual(expected)
      })

      it('answers null for a webhook that is not there or another tenant’s', async () => {
        await insert(5)
        const change = () => aWebhook(5, { name: 'changed' })
        expect(await stores.webhooks.update(ref(6), change)).toBeNull()
        const foreign = { tenantId: uuid(2), id: uuid(5) }
        expect(await stores.webhooks.update(foreign, change)).toBeNull()
        expect((await stores.webhooks.find(ref(5)))?.name).toBeNull()
      })

      it('refuses a unique key that is taken and changes nothing', async () => {
        await stores.webhooks.insert(aWebhook(5, { uniqueKey: 's' }))
        await insert(6)
        const change = () => aWebhook(6, { uniqueKey: 's', eventTypes: ['new'] })
        expect(await stores.webhooks.update(ref(6), change)).toBe('conflict')
        expect(await stores.webhooks.find(ref(6))).toEqual(aWebhook(6))
        const topic = { tenantId: uuid(1), type: 'new', scope: {} }
        expect(await stores.webhooks.findSubscribers([topic])).toEqual([])
      })

      it('throws what the change throws and changes nothing', async () => {
        await insert(5)
        const refusal = new Error('not like this')
        const update = stores.webhooks.update(ref(5), () => {
          throw refusal
        })
        await expect(update).rejects.toBe(refusal)
        expect(await stores.webhooks.find(ref(5))).toEqual(aWebhook(5))
      })

      it('loses none of a hundred updates at once', async () => {
        await insert(5)
        await Promise.all(
          Array.from({ length: 100 }, (_, n) =>
            stores.webhooks.update(ref(5), (current) => ({
              ...current,
              attributes: { ...current.attributes, [`update ${n}`]: n },
              eventTypes: [...current.eventTypes, `type.${n}`],
            })),
          ),
        )
        const webhook = await stores.webhooks.find(ref(5))
        expect(Object.keys(webhook?.attributes ?? {})).toHaveLength(100)
        const topics = (webhook?.eventTypes ?? []).map((type) => ({
          tenantId: uuid(1),
          type,
          scope: {},
        }))
        expect(topics).toHaveLength(101)
        for (const topic of topics) {
          expect(await stores.webhooks.findSubscribers([topic])).toHaveLength(1)
        }
      }, 60_000)
    })

    describe('delete', () => {
      it('returns what it removed, once', async () => {
        await stores.webhooks.insert(fullWebhook)
        expect(await stores.webhooks.delete(ref(7))).toEqual(fullWebhook)
        expect(await stores.webhooks.find(ref(7))).toBeNull()
        expect(await stores.webhooks.delete(ref(7))).toBeNull()
      })

      it('leaves another tenant’s webhook alone', async () => {
        await insert(5)
        expect(await stores.webhooks.delete({ tenantId: uuid(2), id: uuid(5) })).toBeNull()
        expect(await stores.webhooks.find(ref(5))).not.toBeNull()
      })

      it('frees the unique key', async () => {
        await stores.webhooks.insert(aWebhook(5, { uniqueKey: 's' }))
        await stores.webhooks.delete(ref(5))
        expect(await stores.webhooks.insert(aWebhook(6, { uniqueKey: 's' }))).toBe('inserted')
      })
    })

    describe('a change in an epoch', () => {
      const { createdAt: epoch } = aTenant(1)
      const change = (current: Webhook) => ({ ...current, name: 'changed', eventTypes: ['late'] })
      const late = [{ tenantId: uuid(1), type: 'late', scope: {} }]
      const other = (n: number) => aWebhook(n, { eventTypes: ['late'] })
      const FENCED_CHANGE = { code: 'unavailable', cause: FENCED }

      it('is written in it', async () => {
        await insert(5)
        expect(await stores.webhooks.insert(other(6), 9, epoch)).toBe('inserted')
        expect(await stores.webhooks.update(ref(5), change, epoch)).toMatchObject({
          name: 'changed',
        })
        expect(await stores.webhooks.findSubscribers(late)).toHaveLength(2)
        expect(await stores.webhooks.delete(ref(6), epoch)).toEqual(other(6))
        expect(await stores.webhooks.findSubscribers(late)).toHaveLength(1)
      })

      it.each([epoch - 1, epoch + 1, 0])('is not written in another one: %i', async (wrong) => {
        await insert(5)
        const { webhooks } = stores
        await expect(webhooks.insert(other(6), 9, wrong)).rejects.toMatchObject(FENCED_CHANGE)
        await expect(webhooks.update(ref(5), change, wrong)).rejects.toMatchObject(FENCED_CHANGE)
        await expect(webhooks.delete(ref(5), wrong)).rejects.toMatchObject(FENCED_CHANGE)
        expect(await webhooks.find(ref(5))).toEqual(aWebhook(5))
        expect(await webhooks.find(ref(6))).toBeNull()
        expect(await webhooks.findSubscribers(late)).toEqual([])
        const before = { tenantId: uuid(1), type: 'invoice.paid', scope: {} }
        expect(await webhooks.findSubscribers([before])).toHaveLength(1)
      })

      it('finds what is not there in any', async () => {
        const orphan = aWebhook(5, { tenantId: uuid(9) })
        expect(await stores.webhooks.insert(orphan, 9, epoch)).toBe('no_tenant')
        expect(await stores.webhooks.update(ref(5), change, epoch + 1)).toBeNull()
        expect(await stores.webhooks.delete(ref(5), epoch + 1)).toBeNull()
      })

      it('is refused as elsewhere', async () => {
        await stores.webhooks.insert(aWebhook(5, { uniqueKey: 's' }))
        await insert(6)
        const taken = aWebhook(7, { uniqueKey: 's' })
        expect(await stores.webhooks.insert(taken, 9, epoch)).toBe('conflict')
        expect(await stores.webhooks.insert(aWebhook(7), 2, epoch)).toBe('full')
        const rename = () => aWebhook(6, { uniqueKey: 's' })
        expect(await stores.webhooks.update(ref(6), rename, epoch)).toBe('conflict')
      })

      it('is none of a tenant that was made anew', async () => {
        await stores.tenants.delete(uuid(1), 0)
        await stores.tenants.insert(aTenant(1, { createdAt: epoch + 5 }))
        await expect(stores.webhooks.insert(other(6), 9, epoch)).rejects.toMatchObject(
          FENCED_CHANGE,
        )
        expect(await stores.webhooks.insert(other(6), 9, epoch + 5)).toBe('inserted')
      })
    })

    describe('setState', () => {
      const stateOf = async (n: number) => {
        const webhook = await stores.webhooks.find(ref(n))
        return [webhook?.suspendedAt, webhook?.lane]
      }

      it('writes a newer state, not an older or equal one', async () => {
        await insert(5)
        await stores.webhooks.setState(ref(5), { version: 2, suspendedAt: 99, lane: 'slow' })
        expect(await stateOf(5)).toEqual([99, 'slow'])
        await stores.webhooks.setState(ref(5), { version: 1, suspendedAt: null, lane: 'fast' })
        await stores.webhooks.setState(ref(5), { version: 2, suspendedAt: 7, lane: 'fast' })
        expect(await stateOf(5)).toEqual([99, 'slow'])
        await stores.webhooks.setState(ref(5), { version: 3, suspendedAt: null, lane: 'fast' })
        expect(await stateOf(5)).toEqual([null, 'fast'])
      })

      it('survives an update that read the webhook before', async () => {
        await insert(5)
        const updated = await stores.webhooks.update(ref(5), (current) => ({
          ...current,
          suspendedAt: 1,
          lane: 'slow',
          name: 'new',
        }))
        expect(updated).toMatchObject({ name: 'new', suspendedAt: null, lane: 'fast' })
        await stores.webhooks.setState(ref(5), { version: 1, suspendedAt: 99, lane: 'slow' })
        await stores.webhooks.update(ref(5), () => aWebhook(5))
        expect(await stateOf(5)).toEqual([99, 'slow'])
      })

      it('does nothing to a webhook that is not there', async () => {
        await stores.webhooks.setState(ref(5), { version: 1, suspendedAt: 99, lane: 'slow' })
        expect(await stores.webhooks.find(ref(5))).toBeNull()
      })
    })

    describe('listIdle', () => {
      const idle = async (before: number, after: number | null = null, limit = 9) => {
        const page = { limit, after: after === null ? null : ref(after) }
        return (await stores.webhooks.listIdle(before, page)).map(({ id }) => id)
      }

      it('lists what was neither pulled nor changed for as long as it says, page by page', async () => {
        const made = { createdAt: 1_000, updatedAt: 1_000, url: PULL_URL }
        await stores.webhooks.insert(aWebhook(5, { ...made, deleteAfterIdleSeconds: 60 }))
        await stores.webhooks.insert(aWebhook(6, { ...made, deleteAfterIdleSeconds: 60 }))
        await stores.webhooks.insert(aWebhook(7, made))
        expect(await idle(61_000)).toEqual([])
        expect(await idle(61_001)).toEqual([uuid(5), uuid(6)])
        expect(await idle(61_001, null, 1)).toEqual([uuid(5)])
        expect(await idle(61_001, 5)).toEqual([uuid(6)])
        await stores.webhooks.notePull(ref(5), 2_000)
        expect(await idle(61_001)).toEqual([uuid(6)])
        expect((await stores.webhooks.find(ref(5)))?.pulledAt).toBe(2_000)
        await stores.webhooks.update(ref(5), (current) => ({ ...current, updatedAt: 9_000 }))
        await stores.webhooks.update(ref(6), (current) => ({
          ...current,
          deleteAfterIdleSeconds: null,
        }))
        expect(await idle(69_000)).toEqual([])
        expect(await idle(69_001)).toEqual([uuid(5)])
      })

      it('has nothing of a pull of what is not there', async () => {
        await stores.webhooks.notePull(ref(5), 2_000)
        expect(await stores.webhooks.find(ref(5))).toBeNull()
      })
    })

    webhookListContract(() => stores)
    webhookSubscribersContract(() => stores)
  })
}
