import { expect, it } from 'vitest'
import { changesOfTenant, changesOfWebhook } from '../../../src/engine/audit/changed-fields.ts'
import type { Webhook } from '../../../src/engine/model/index.ts'
import { aTenant, aWebhook } from '../../contracts/store-fixtures.ts'

const webhook = aWebhook(1, { name: 'Billing', eventTypes: ['a'] })

const closed: Webhook['secrets'] = {
  get signing(): never {
    throw new Error('No key opens it.')
  },
  get headers(): never {
    throw new Error('No key opens it.')
  },
  get attributes(): never {
    throw new Error('No key opens it.')
  },
}

it.each<readonly [string, Partial<Webhook>, readonly object[]]>([
  ['nothing', {}, []],
  ['its name', { name: null }, [{ field: 'name', before: 'Billing', after: null }]],
  [
    'its types',
    { eventTypes: ['a', 'b.*'] },
    [{ field: 'eventTypes', before: 'a', after: 'a, b.*' }],
  ],
  ['its switch', { enabled: false }, [{ field: 'enabled', before: 'true', after: 'false' }]],
  [
    'its pin',
    { pins: [{ version: '2026-11', since: 1 }] },
    [{ field: 'version', before: null, after: '2026-11' }],
  ],
  ['its URL', { url: 'https://user:password@other.example/' }, [{ field: 'url' }]],
  ['its scope', { scope: { customer: '7' } }, [{ field: 'scope' }]],
  ['what Hookline decided', { lane: 'slow', suspendedAt: 5, updatedAt: 9 }, []],
  ['secrets that cannot be opened', { secrets: closed, unreadable: true }, []],
  [
    'its secret',
    { secrets: { ...webhook.secrets, signing: [{ secret: 'whsec_aGlkZGVu', expiresAt: null }] } },
    [{ field: 'secret' }],
  ],
])('tells of a change of a webhook: %s', (_, fields, expected) => {
  expect(changesOfWebhook(webhook, { ...webhook, ...fields })).toEqual(expected)
})

it('tells the beginning of a long value', () => {
  const [change] = changesOfWebhook(webhook, { ...webhook, name: 'n'.repeat(300) })
  expect(change?.after).toBe(`${'n'.repeat(199)}…`)
})

it('tells of a tenant what nobody is harmed by', () => {
  const before = aTenant(1)
  const after = { ...before, uid: 'acme', retentionDays: 7, metadata: { plan: 'hidden' } }
  expect(changesOfTenant(before, after)).toEqual([
    { field: 'uid', before: null, after: 'acme' },
    { field: 'retentionDays', before: '30', after: '7' },
    { field: 'metadata' },
  ])
})
