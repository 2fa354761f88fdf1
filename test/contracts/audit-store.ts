// The contract of AuditStore.

import { beforeEach, describe, expect, it } from 'vitest'
import type { AuditDraft } from '../../src/engine/model/index.ts'
import type { AuditQuery, Ports } from '../../src/engine/ports/index.ts'
import { newId } from '../../src/primitives/ids.ts'
import { aKey, anOperatorKey, aTenant, aWebhook, uuid } from './store-fixtures.ts'

type Stores = Pick<Ports, 'audit' | 'tenants' | 'keys' | 'webhooks'>

const BY_KEY = { kind: 'key', id: uuid(7), subject: 'ada' } as const

function anEntry(at: number, fields: Partial<AuditDraft> = {}): AuditDraft {
  return {
    id: newId(at),
    tenantId: uuid(1),
    action: 'webhook.updated',
    actor: BY_KEY,
    via: 'api',
    surface: 'native',
    target: { kind: 'webhook', id: uuid(3), name: 'Billing' },
    changes: [{ field: 'url' }, { field: 'enabled', before: 'true', after: 'false' }],
    ...fields,
  }
}

/** `make` gives empty stores. */
export function auditStoreContract(make: () => Promise<Stores>): void {
  describe('an audit store', () => {
    let stores: Stores
    beforeEach(async () => {
      stores = await make()
      await stores.tenants.insert(aTenant(1))
      await stores.tenants.insert(aTenant(2))
    })
    const append = async (...entries: readonly AuditDraft[]) => {
      await stores.audit.append(entries)
      return entries
    }
    const list = (query: Partial<AuditQuery> = {}) =>
      stores.audit.list({ tenantId: undefined, limit: 10, behind: null, ...query })
    const ids = async (query: Partial<AuditQuery> = {}) => (await list(query)).map(({ id }) => id)

    it('reads an entry as it was written, with what its key was called then', async () => {
      await stores.keys.insert(aKey(7, { name: 'Ada' }), 'hash')
      const [entry] = await append(anEntry(1_000))
      await stores.keys.delete(uuid(1), uuid(7))
      expect(await list()).toEqual([{ ...entry, actor: { ...BY_KEY, name: 'Ada' } }])
    })

    it('knows operator keys, and those who have no key', async () => {
      await stores.keys.insertOperatorKey(anOperatorKey(8, { name: 'Backend' }), 'hash')
      await append(
        anEntry(1_000, { actor: { kind: 'operator_key', id: uuid(8), subject: null } }),
        anEntry(2_000, { actor: { kind: 'administrator', id: null, subject: null } }),
      )
      const names = (await list()).map(({ actor }) => [actor.kind, actor.name])
      expect(names).toEqual([
        ['administrator', null],
        ['operator_key', 'Backend'],
      ])
    })

    it('names a webhook that was not named', async () => {
      await stores.webhooks.insert(aWebhook(3, { name: 'Shipping' }))
      await append(anEntry(1_000, { target: { kind: 'webhook', id: uuid(3), name: null } }))
      expect((await list())[0]?.target.name).toBe('Shipping')
    })

    it('writes an entry once', async () => {
      const [entry] = await append(anEntry(1_000))
      if (entry) await append({ ...entry, action: 'webhook.deleted' })
      expect((await list()).map(({ action }) => action)).toEqual(['webhook.updated'])
    })

    it('lists newest first, and goes on behind an entry', async () => {
      const [first, second, third] = await append(anEntry(1), anEntry(2), anEntry(3))
      expect(await ids({ limit: 2 })).toEqual([third?.id, second?.id])
      expect(await ids({ limit: 2, behind: second?.id ?? null })).toEqual([first?.id])
    })

    it('lists those of one tenant, of none, and of all', async () => {
      const entries = await append(
        anEntry(1),
        anEntry(2, { tenantId: uuid(2) }),
        anEntry(3, { tenantId: null }),
      )
      const [own, other, none] = entries.map(({ id }) => id)
      expect(await ids({ tenantId: uuid(1) })).toEqual([own])
      expect(await ids({ tenantId: null })).toEqual([none])
      expect(await ids()).toEqual([none, other, own])
    })

    it('lists those of some kinds, actions, actors, targets and times', async () => {
      const [update, deletion] = await append(
        anEntry(1_000),
        anEntry(2_000, {
          action: 'key.deleted',
          actor: { kind: 'administrator', id: null, subject: null },
          target: { kind: 'key', id: uuid(9), name: null },
        }),
      )
      const table: readonly (readonly [Partial<AuditQuery>, readonly unknown[]])[] = [
        [{ kindsOfTenants: ['key', 'tenant'] }, [deletion]],
        [{ action: 'key.deleted' }, [deletion]],
        [{ action: 'key' }, [deletion]],
        [{ action: 'web' }, []],
        [{ actor: uuid(7) }, [update]],
        [{ actor: 'ada' }, [update]],
        [{ actor: 'administrator' }, [deletion]],
        [{ target: uuid(3) }, [update]],
        [{ after: 1_000 }, [deletion]],
        [{ before: 2_000 }, [update]],
        [{ after: 999, before: 2_001, target: uuid(1) }, []],
      ]
      for (const [query, found] of table) {
        const expected = found.map((entry) => (entry === update ? update?.id : deletion?.id))
        expect(await ids(query), JSON.stringify(query)).toEqual(expected)
      }
    })

    it('keeps nothing of a tenant that is not there, and forgets what is of one that goes', async () => {
      await append(anEntry(1), anEntry(2, { tenantId: uuid(5) }))
      expect(await ids()).toHaveLength(1)
      await stores.tenants.delete(uuid(1), 5)
      expect(await ids()).toEqual([])
    })

    it('forgets what is older than a time, so many at once', async () => {
      const [, , third] = await append(anEntry(1_000), anEntry(1_500), anEntry(2_000))
      expect(await stores.audit.prune(2_000, 1)).toBe(1)
      expect(await stores.audit.prune(2_000, 5)).toBe(1)
      expect(await stores.audit.prune(2_000, 5)).toBe(0)
      expect(await ids()).toEqual([third?.id])
    })
  })
}
