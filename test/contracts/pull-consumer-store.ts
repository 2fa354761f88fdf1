// The contract of PullConsumerStore: each consumer stands where it committed last, and goes with its webhook.

import { beforeEach, describe, expect, it } from 'vitest'
import type { Ports } from '../../src/engine/ports/index.ts'
import { aTenant, aWebhook, uuid } from './store-fixtures.ts'

type Stores = Pick<Ports, 'tenants' | 'webhooks' | 'pullConsumers'>

const ref = { tenantId: uuid(1), id: uuid(7) }
const at = (name: string, position: string, committedAt = 1_000) => {
  return { name, position, committedAt }
}

/** `make` gives empty stores. */
export function pullConsumerStoreContract(make: () => Promise<Stores>): void {
  describe('a store of consumers', () => {
    let stores: Stores
    beforeEach(async () => {
      stores = await make()
      await stores.tenants.insert(aTenant(1))
      await stores.webhooks.insert(aWebhook(7))
    })

    it('keeps where one stands, forward and back', async () => {
      const { pullConsumers } = stores
      expect(await pullConsumers.find(ref, 'a')).toBeNull()
      for (const position of ['5', '9_3', '2']) {
        expect(await pullConsumers.put(ref, at('a', position), 2)).toBe('kept')
        expect(await pullConsumers.find(ref, 'a')).toEqual(at('a', position))
      }
    })

    it('lists them by name, of one webhook', async () => {
      const { pullConsumers, webhooks } = stores
      await webhooks.insert(aWebhook(8))
      await pullConsumers.put({ ...ref, id: uuid(8) }, at('c', '1'), 9)
      for (const name of ['b', 'a', 'B']) await pullConsumers.put(ref, at(name, '1'), 9)
      expect((await pullConsumers.list(ref)).map(({ name }) => name)).toEqual(['B', 'a', 'b'])
    })

    it('takes no more than there may be, and those that there are', async () => {
      const { pullConsumers } = stores
      const put = (name: string, position: string) => pullConsumers.put(ref, at(name, position), 2)
      expect(await Promise.all([put('a', '1'), put('b', '1')])).toEqual(['kept', 'kept'])
      expect(await put('c', '1')).toBe('full')
      expect(await put('b', '2')).toBe('kept')
      expect(await pullConsumers.delete(ref, 'a')).toBe(true)
      expect(await pullConsumers.delete(ref, 'a')).toBe(false)
      expect(await put('c', '1')).toBe('kept')
    })

    it('forgets them with their webhook, and keeps none of one that is gone', async () => {
      const { pullConsumers, webhooks } = stores
      await pullConsumers.put(ref, at('a', '1'), 2)
      await webhooks.delete(ref)
      expect(await pullConsumers.list(ref)).toEqual([])
      await expect(pullConsumers.put(ref, at('a', '1'), 2)).rejects.toMatchObject({
        code: 'not_found',
      })
    })
  })
}
