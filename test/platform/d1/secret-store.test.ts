// Re-encryption in D1: step by step, beside owners who go on changing their webhooks.

import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import type { WebhookRef } from '../../../src/engine/ports/index.ts'
import { createD1Stores, type D1Stores } from '../../../src/platform/d1/index.ts'
import { createVault, type Vault } from '../../../src/platform/vault.ts'
import { type SealedUnder, secretStoreContract } from '../../contracts/secret-store.ts'
import { aTenant, aWebhook, uuid } from '../../contracts/store-fixtures.ts'
import { makeD1Stores } from './stores.ts'

const NEW_KEY = btoa('a newer key of thirty-two bytes.')
const rotating = createVault(`${NEW_KEY},${env.SECRETS_KEY}`)
const onlyNew = createD1Stores(env.DB, createVault(NEW_KEY))
const lost = createD1Stores(env.DB, createVault(btoa('a key that was lost meanwhile...')))

const withToken = (n: number, token: string, tenant = 1) =>
  aWebhook(n, {
    tenantId: uuid(tenant),
    secrets: { signing: [], headers: [], attributes: { token } },
  })
const refOf = (n: number, tenant = 1): WebhookRef => ({ tenantId: uuid(tenant), id: uuid(n) })
const tokenOf = async (stores: D1Stores, n: number, tenant = 1) =>
  (await stores.webhooks.find(refOf(n, tenant)))?.secrets.attributes.token

let old: D1Stores
beforeEach(async () => {
  old = await makeD1Stores()
  await old.tenants.insert(aTenant(1))
  await old.tenants.insert(aTenant(2))
})

const reseal = (after: WebhookRef | null = null, limit = 2, vault: Vault = rotating) =>
  createD1Stores(env.DB, vault).secrets.reseal({ limit, after })

secretStoreContract(async () => {
  const sealing: Readonly<Record<SealedUnder, D1Stores>> = { newest: onlyNew, former: old, lost }
  return {
    secrets: createD1Stores(env.DB, rotating).secrets,
    async keep({ tenantId, id }, sealedUnder) {
      await sealing[sealedUnder].webhooks.insert(aWebhook(1, { tenantId, id }))
    },
  }
})

describe('sealing anew', () => {
  it('goes through all tenants in steps, after which the old key is not needed', async () => {
    for (const [n, tenant] of [
      [11, 1],
      [12, 1],
      [13, 2],
      [14, 1],
      [15, 2],
    ] as const) {
      await old.webhooks.insert(withToken(n, `token ${n}`, tenant))
    }
    const first = await reseal()
    expect(first).toEqual({ resealed: 2, unreadable: [], remaining: 3, next: refOf(12) })
    const second = await reseal(first.next)
    expect(second).toEqual({ resealed: 2, unreadable: [], remaining: 1, next: refOf(13, 2) })
    const third = await reseal(second.next)
    expect(third).toEqual({ resealed: 1, unreadable: [], remaining: 0, next: null })
    expect(await tokenOf(onlyNew, 11)).toBe('token 11')
    expect(await tokenOf(onlyNew, 14)).toBe('token 14')
    expect(await tokenOf(onlyNew, 15, 2)).toBe('token 15')
    expect(await reseal()).toEqual({ resealed: 0, unreadable: [], remaining: 0, next: null })
  })

  it('can begin again from the start at any time', async () => {
    for (const n of [11, 12, 13]) await old.webhooks.insert(withToken(n, `token ${n}`))
    await reseal()
    expect(await reseal()).toEqual({ resealed: 1, unreadable: [], remaining: 0, next: null })
  })

  it('leaves what is under the newest key as it is', async () => {
    await onlyNew.webhooks.insert(withToken(11, 'token'))
    const read = () => env.DB.prepare('SELECT * FROM webhooks').first()
    const before = await read()
    await reseal()
    expect(await read()).toEqual(before)
  })

  it('changes nothing of a webhook but the sealed text', async () => {
    await old.webhooks.insert(withToken(11, 'token'))
    const read = async () => (await env.DB.prepare('SELECT * FROM webhooks').first()) ?? {}
    const before = await read()
    await reseal()
    const after = await read()
    expect(after.sealed).not.toBe(before.sealed)
    expect({ ...after, sealed: '' }).toEqual({ ...before, sealed: '' })
  })

  it('names what it cannot open, leaves it, and goes on', async () => {
    await lost.webhooks.insert(withToken(11, 'lost'))
    await old.webhooks.insert(withToken(12, 'token 12'))
    await old.webhooks.insert(withToken(13, 'token 13'))
    const first = await reseal()
    expect(first).toEqual({ resealed: 1, unreadable: [refOf(11)], remaining: 2, next: refOf(12) })
    expect(await reseal(first.next)).toMatchObject({ resealed: 1, remaining: 1, next: null })
    expect(await tokenOf(lost, 11)).toBe('lost')
  })

  it('writes nothing over a change that comes between', async () => {
    await old.webhooks.insert(withToken(11, 'former'))
    let changed = false
    const slow: Vault = {
      ...rotating,
      open: async (sealed, boundTo) => {
        const plain = await rotating.open(sealed, boundTo)
        if (!changed) {
          changed = true
          await old.webhooks.update(refOf(11), () => withToken(11, 'changed'))
        }
        return plain
      },
    }
    expect(await reseal(null, 2, slow)).toMatchObject({ resealed: 0, remaining: 1 })
    expect(await tokenOf(old, 11)).toBe('changed')
    expect(await reseal()).toMatchObject({ resealed: 1, remaining: 0 })
    expect(await tokenOf(onlyNew, 11)).toBe('changed')
  })

  it('takes nothing from a change that began before it', async () => {
    await old.webhooks.insert(withToken(11, 'former'))
    const during: Vault = {
      ...rotating,
      seal: async (plain, boundTo) => {
        await reseal()
        return rotating.seal(plain, boundTo)
      },
    }
    const { webhooks } = createD1Stores(env.DB, during)
    await webhooks.update(refOf(11), () => withToken(11, 'changed'))
    expect(await tokenOf(onlyNew, 11)).toBe('changed')
  })

  it('loses nothing to owners who change webhooks all the while', async ({ task }) => {
    const all = Array.from({ length: 30 }, (_, n) => 100 + n)
    for (const n of all) await old.webhooks.insert(withToken(n, 'former'))
    const owners = all.map((n, at) =>
      (at % 2 === 0 ? old : createD1Stores(env.DB, rotating)).webhooks.update(refOf(n), () =>
        withToken(n, `changed ${n}`),
      ),
    )
    const walk = async () => {
      for (let next: WebhookRef | null = null; ; ) {
        ;({ next } = await reseal(next, 7))
        if (next === null) return
      }
    }
    await Promise.all([...owners, walk(), walk()])
    await walk()
    for (const n of all) expect(await tokenOf(onlyNew, n)).toBe(`changed ${n}`)
    task.meta.counted = '30 webhooks changed while two re-encryptions ran: nothing lost'
  })
})
