// Secrets of webhooks in D1: sealed at rest, bound to their webhook, and in no error.

import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Webhook } from '../../../src/engine/model/index.ts'
import { createD1Stores, type D1Stores } from '../../../src/platform/d1/index.ts'
import { createVault } from '../../../src/platform/vault.ts'
import { aKey, aTenant, aWebhook, fullWebhook, uuid } from '../../contracts/store-fixtures.ts'
import { makeD1Stores } from './stores.ts'

const lookingIntoSecrets = (current: Webhook): Webhook => ({
  ...current,
  secrets: { ...current.secrets },
})

const NO_SECRETS = { signing: [], headers: [], attributes: {} }

let stores: D1Stores
beforeEach(async () => {
  stores = await makeD1Stores()
  await stores.tenants.insert(aTenant(1))
})

describe('a webhook’s secrets', () => {
  it('are nowhere in its row as text', async () => {
    await stores.webhooks.insert(fullWebhook)
    const row = JSON.stringify(await env.DB.prepare('SELECT * FROM webhooks').first())
    for (const secret of ['whsec_', 'former', 'geheim', 'x-team']) expect(row).not.toContain(secret)
  })

  it('cannot be moved to another webhook', async () => {
    await stores.webhooks.insert(fullWebhook)
    await stores.webhooks.insert(aWebhook(8))
    await env.DB.prepare(
      'UPDATE webhooks SET sealed = (SELECT sealed FROM webhooks WHERE id = ?) WHERE id = ?',
    )
      .bind(uuid(7), uuid(8))
      .run()
    const ref = { tenantId: uuid(1), id: uuid(8) }
    expect((await stores.webhooks.find(ref))?.secrets).toEqual(NO_SECRETS)
    const update = stores.webhooks.update(ref, lookingIntoSecrets)
    await expect(update).rejects.toThrow(
      'The stored secrets cannot be used: the stored value is damaged or belongs to something else.',
    )
  })

  it('survive a rotation of SECRETS_KEY, and move to the new key with an update', async () => {
    const newer = btoa('a newer key of thirty-two bytes.')
    await stores.webhooks.insert(fullWebhook)
    const ref = { tenantId: uuid(1), id: uuid(7) }
    const rotating = createD1Stores(env.DB, createVault(`${newer},${env.SECRETS_KEY}`)).webhooks
    expect((await rotating.find(ref))?.secrets).toEqual(fullWebhook.secrets)
    await rotating.update(ref, (current) => current)
    const rotated = createD1Stores(env.DB, createVault(newer)).webhooks
    expect((await rotated.find(ref))?.secrets).toEqual(fullWebhook.secrets)
  })
})

describe('a webhook whose secrets cannot be opened', () => {
  const ref = { tenantId: uuid(1), id: uuid(7) }
  // The key it was sealed under is no longer listed.
  const { webhooks } = createD1Stores(env.DB, createVault(btoa('a newer key of thirty-two bytes.')))
  const shown = { ...fullWebhook, secrets: NO_SECRETS, unreadable: true }

  beforeEach(async () => {
    await stores.webhooks.insert(fullWebhook)
    await webhooks.insert(aWebhook(8))
  })

  it('can be read, without them', async () => {
    expect(await webhooks.find(ref)).toEqual(shown)
  })

  it('is listed in outline without anybody trying to open them', async () => {
    const decrypt = vi.spyOn(crypto.subtle, 'decrypt')
    const { secrets: _, ...outline } = fullWebhook
    expect(await webhooks.listOutlines({ tenantId: uuid(1) }, { limit: 1 })).toEqual([outline])
    expect(decrypt).not.toHaveBeenCalled()
  })

  it('is listed, and keeps no other from being listed', async () => {
    expect(await webhooks.list({ tenantId: uuid(1) }, { limit: 9 })).toEqual([shown, aWebhook(8)])
  })

  it.each([
    ['copied', lookingIntoSecrets],
    [
      'replaced in part',
      (current: Webhook) => ({ ...current, secrets: { ...current.secrets, signing: [] } }),
    ],
    ['asked about', (current: Webhook) => ({ ...current, enabled: !current.secrets.signing[0] })],
    ['replaced', (current: Webhook) => ({ ...current, secrets: fullWebhook.secrets })],
  ])(
    'is not changed when they are %s, so that nobody loses what may be found again',
    async (_, change) => {
      await expect(webhooks.update(ref, change)).rejects.toThrow('SECRETS_KEY')
      expect(await stores.webhooks.find(ref)).toEqual(fullWebhook)
    },
  )

  it('is changed when they are handed on, which keeps them', async () => {
    const change = (current: Webhook) => ({ ...current, enabled: false, name: 'off' })
    expect(await webhooks.update(ref, change)).toEqual({ ...shown, enabled: false, name: 'off' })
    expect(await stores.webhooks.find(ref)).toEqual({
      ...fullWebhook,
      enabled: false,
      name: 'off',
    })
  })

  it('can be deleted', async () => {
    expect(await webhooks.delete(ref)).toEqual(shown)
    expect(await stores.webhooks.find(ref)).toBeNull()
    const left = 'SELECT count(*) AS n FROM subscriptions WHERE webhook_id = ?'
    expect(await env.DB.prepare(left).bind(ref.id).first('n')).toBe(0)
  })
})

describe('a statement that fails', () => {
  const marker = 'the-parameter'
  it.each([
    ['a key', () => stores.keys.insert(aKey(11, { id: uuid(11) }), marker)],
    ['a key that is looked for', () => stores.keys.find(marker)],
    ['a webhook', () => stores.webhooks.insert(aWebhook(5, { url: marker }))],
    ['webhooks that are listed', () => stores.webhooks.list({ tenantId: marker }, { limit: 1 })],
    [
      'a claim',
      () =>
        stores.deduplication.claim('t', [{ key: marker, contentHash: 'h', answer: 'a' }], {
          now: 1,
          expiresAt: 2,
        }),
    ],
    ['a confirmation', () => stores.deduplication.confirm('t', [marker])],
  ])('rejects with D1’s own error, without parameters: %s', async (_, run) => {
    await env.DB.batch(
      ['keys', 'webhooks', 'deduplication_keys'].map((table) =>
        env.DB.prepare(`ALTER TABLE ${table} RENAME TO hidden_${table}`),
      ),
    )
    const error: unknown = await run().then(
      () => null,
      (reason: unknown) => reason,
    )
    await env.DB.batch(
      ['keys', 'webhooks', 'deduplication_keys'].map((table) =>
        env.DB.prepare(`ALTER TABLE hidden_${table} RENAME TO ${table}`),
      ),
    )
    expect(error).toBeInstanceOf(Error)
    expect(String(error)).toContain('no such table')
    expect(String(error)).not.toContain(marker)
  })
})
