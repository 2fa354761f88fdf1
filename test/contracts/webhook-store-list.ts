// The part of WebhookStore's contract about lists.

import { beforeEach, describe, expect, it } from 'vitest'
import type { WebhookFilter, WebhookPage } from '../../src/engine/ports/index.ts'
import { aWebhook, fullWebhook, uuid } from './store-fixtures.ts'
import type { GetStores } from './webhook-store.ts'

const filters: readonly (readonly [string, Omit<WebhookFilter, 'tenantId'>, readonly number[]])[] =
  [
    ['nothing', {}, [11, 12, 13, 14]],
    ['a dialect', { dialect: 'vendor' }, [12, 13]],
    ['an owner', { owner: 'ann' }, [12]],
    ['no owner', { owner: null }, [11, 13, 14]],
    ['one of several owners', { owners: ['ann', 'bob'] }, [12]],
    ['an owner, or none', { owners: ['ann', null] }, [11, 12, 13, 14]],
    ['none, among owners', { owners: [null] }, [11, 13, 14]],
    ['an owner of nothing', { owners: ['bob'] }, []],
    ['no owner at all', { owners: [] }, []],
    ['an owner, and others', { owner: null, owners: ['ann'] }, []],
    ['a unique key', { dialect: 'vendor', uniqueKey: 's' }, [13]],
    ['a name', { name: 'one' }, [11]],
    ['active ones', { status: 'active' }, [11, 12]],
    ['suspended ones', { status: 'suspended' }, [13]],
    ['disabled ones', { status: 'disabled' }, [14]],
    ['enabled', { enabled: true }, [11, 12, 13]],
    ['not enabled', { enabled: false }, [14]],
    ['a suspension, enabled or not', { suspended: true }, [13, 14]],
    ['no suspension', { suspended: false }, [11, 12]],
    ['whether active', { active: true }, [11, 12]],
    ['whether not active', { active: false }, [13, 14]],
    ['what cannot be', { active: true, enabled: false }, []],
    ['suspended or disabled ones that are enabled', { active: false, enabled: true }, [13]],
    ['an event type as it is written', { eventTypes: ['invoice.*'] }, [12]],
    ['any of several event types', { eventTypes: ['*', 'user.created'] }, [11, 13]],
    ['a type that is only covered', { eventTypes: ['invoice.paid'] }, []],
    ['no type at all', { eventTypes: [] }, []],
    ['a part of a name', { search: 'ON' }, [11]],
    ['a part of a uid', { search: 'o-b' }, [14]],
    ['a part of a URL', { search: 'NORTH.ex' }, [13]],
    ['an id', { search: uuid(12).toUpperCase() }, [12]],
    ['a part of an id', { search: uuid(12).slice(0, 20) }, []],
    ['what is no pattern', { search: '%' }, []],
    ['several things at once', { dialect: 'vendor', status: 'active' }, [12]],
  ]

export function webhookListContract(get: GetStores): void {
  describe('list and count', () => {
    beforeEach(async () => {
      const { webhooks } = get()
      for (const webhook of [
        aWebhook(13, {
          dialect: 'vendor',
          uniqueKey: 's',
          suspendedAt: 5,
          eventTypes: ['*'],
          url: 'https://north.example/',
        }),
        aWebhook(11, { name: 'one', eventTypes: ['user.created', 'other'] }),
        aWebhook(14, { uid: 'To-Be', enabled: false, suspendedAt: 5, eventTypes: ['other'] }),
        aWebhook(12, { dialect: 'vendor', owner: 'ann', eventTypes: ['invoice.*'] }),
        aWebhook(15, { tenantId: uuid(2) }),
      ]) {
        await webhooks.insert(webhook)
      }
    })
    const ids = async (filter: Omit<WebhookFilter, 'tenantId'>, page: WebhookPage) =>
      (await get().webhooks.list({ tenantId: uuid(1), ...filter }, page)).map(({ id }) => id)

    it.each(filters)('asks for %s', async (_, filter, expected) => {
      expect(await ids(filter, { limit: 10 })).toEqual(expected.map(uuid))
      expect(await get().webhooks.count({ tenantId: uuid(1), ...filter })).toBe(expected.length)
      const all = await get().webhooks.listIds({ tenantId: uuid(1), ...filter })
      expect(all).toEqual(expected.map(uuid))
    })

    it('lists the ids alone of what a tenant has', async () => {
      expect(await get().webhooks.listIds({ tenantId: uuid(1) })).toEqual(
        [11, 12, 13, 14].map(uuid),
      )
      expect(await get().webhooks.listIds({ tenantId: uuid(3) })).toEqual([])
    })

    it('lists outlines: the same page of the same webhooks, secrets aside', async () => {
      const { webhooks } = get()
      await webhooks.insert({ ...fullWebhook, id: uuid(16), tenantId: uuid(1), dialect: 'vendor' })
      const { secrets: _, ...outline } = fullWebhook
      const filter = { tenantId: uuid(1), dialect: 'vendor' }
      expect(await webhooks.listOutlines(filter, { limit: 9, after: uuid(13) })).toEqual([
        { ...outline, id: uuid(16), tenantId: uuid(1), dialect: 'vendor' },
      ])
      const second = await webhooks.listOutlines(filter, { limit: 1, offset: 1 })
      expect(second.map(({ id }) => id)).toEqual([uuid(13)])
    })

    it('pages by id and by offset', async () => {
      expect(await ids({}, { limit: 2 })).toEqual([uuid(11), uuid(12)])
      expect(await ids({}, { limit: 2, after: uuid(12) })).toEqual([uuid(13), uuid(14)])
      expect(await ids({}, { limit: 2, offset: 1 })).toEqual([uuid(12), uuid(13)])
    })
  })
}
