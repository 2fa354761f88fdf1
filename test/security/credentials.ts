// Credentials that are none: what the access matrix presents.

import { env } from 'cloudflare:workers'
import { expect } from 'vitest'
import { PERMISSIONS } from '../../src/engine/model/index.ts'
import {
  administrate,
  createKey,
  createTenant,
  presentations,
  send,
  type TestKey,
  type TestTenant,
} from '../fixtures/hookline.ts'
import type { FurnishedTenant } from './tenants.ts'

/** Header fields; a name may come twice. */
export type Fields = readonly (readonly [name: string, value: string])[]
export type Bad = readonly [what: string, fields: Fields]

/** Garbage around a good key, and keys that were good once: no route takes any of them. */
export async function unfitCredentials(
  owner: FurnishedTenant,
  stranger: FurnishedTenant,
): Promise<readonly Bad[]> {
  const { tenant } = owner
  const expired: TestKey = await administrate(`/v1/tenants/${tenant.id}/keys`, {
    expiresAt: '2020-01-01T00:00:00Z',
  })
  const revoked = await createKey(tenant)
  await remove(`/v1/tenants/${tenant.id}/keys/${revoked.id}`)
  const gone = await createTenant('Gone')
  const orphaned = await createKey(gone)
  await remove(`/v1/tenants/${gone.id}`, 202)
  return [
    ...garbage(owner.key, stranger.key),
    ...everyWay('an expired key', expired),
    ...everyWay('a revoked key', revoked),
    ...everyWay('a key of a deleted tenant', orphaned),
  ]
}

async function remove(path: string, status = 204): Promise<void> {
  const answer = await send(
    { method: 'DELETE', path },
    { authorization: `Bearer ${env.ADMIN_TOKEN}` },
  )
  expect(answer.status).toBe(status)
}

/** Keys of a tenant that act for a user: with and without the permission for what no user owns. */
export async function keysOf(
  subject: string,
  tenant: TestTenant,
): Promise<{ readonly plain: TestKey; readonly steward: TestKey }> {
  const permissions = [...PERMISSIONS]
  return {
    plain: await createKey(tenant, {
      subject,
      permissions: permissions.filter((permission) => permission !== 'webhooks:unowned'),
    }),
    steward: await createKey(tenant, { subject, permissions }),
  }
}

/** The administrator's token where it belongs. */
export const AS_ADMINISTRATOR = 'the administrator as bearer'

/** The administrator's token where a tenant's key belongs. */
export function administratorElsewhere(): readonly Bad[] {
  return [
    [AS_ADMINISTRATOR, [['authorization', `Bearer ${env.ADMIN_TOKEN}`]]],
    ...administratorAsKey(),
  ]
}

/** What resembles the administrator's token. */
export function notQuiteTheAdministrator(): readonly Bad[] {
  const token = env.ADMIN_TOKEN
  const good = ['authorization', `Bearer ${token}`] as const
  return [
    ...administratorAsKey(),
    ['the administrator under another scheme', [['authorization', `Token ${token}`]]],
    ['the administrator without a scheme', [['authorization', token]]],
    ['the administrator and more', [['authorization', `Bearer ${token}x`]]],
    ['the administrator but for the end', [['authorization', `Bearer ${token.slice(0, -1)}`]]],
    ['the administrator in capitals', [['authorization', `Bearer ${token.toUpperCase()}`]]],
    ['the administrator twice', [good, good]],
  ]
}

function administratorAsKey(): readonly Bad[] {
  const token = env.ADMIN_TOKEN
  return [
    ['the administrator as API key', [['x-api-key', token]]],
    ['the administrator as basic', [['authorization', `Basic ${btoa(`admin:${token}`)}`]]],
  ]
}

/** One key in each presentation. */
export function everyWay(what: string, key: TestKey): readonly Bad[] {
  return Object.entries(presentations).map(([way, present]) => [
    `${what} as ${way}`,
    Object.entries(present(key)),
  ])
}

function garbage({ id, secret, token }: TestKey, other: TestKey): readonly Bad[] {
  const authorizations: readonly Bad[] = [
    '',
    'Bearer',
    'Bearer .',
    `Bearer ${id}`,
    `Bearer ${id}.`,
    `Bearer .${secret}`,
    `Bearer ${token}x`,
    `Bearer ${token.slice(0, -1)}`,
    `Bearer ${id}.${secret.toUpperCase()}`,
    `Bearer ${id}.${other.secret}`,
    `Bearer ${id.toUpperCase()}.${secret}`,
    `Bearer ${id.replaceAll('-', '')}.${secret}`,
    `Bearer ${id}:${secret}`,
    `Bearer ${token} ${token}`,
    `Bearer: ${token}`,
    'Bearer undefined.undefined',
    'Bearer null',
    'Bearer __proto__.constructor',
    "Bearer 'OR'1'='1.x",
    `Bearer ${'a'.repeat(60_000)}.${'b'.repeat(60_000)}`,
    token,
    `Token ${token}`,
    `Digest ${token}`,
    `Basic ${token}`,
    'Basic',
    'Basic !!!',
    `Basic ${btoa('no colon')}`,
    `Basic ${btoa(':')}`,
    `Basic ${btoa(`${id}:`)}`,
    `Basic ${btoa(`:${secret}`)}`,
    `Basic ${btoa(token)}`,
    `Basic ${btoa(`${id}:${secret}\n`)}`,
  ].map((value) => [`authorization: ${value.slice(0, 60)}`, [['authorization', value]]])
  const bearer = ['authorization', `Bearer ${token}`] as const
  return [
    ...authorizations,
    ['two tokens', [bearer, bearer]],
    ['a token and a foreign one', [bearer, ['authorization', `Bearer ${other.token}`]]],
    ['an empty API key', [['x-api-key', '']]],
    ['an API key without a secret', [['x-api-key', id]]],
    [
      'an API key twice',
      [
        ['x-api-key', token],
        ['x-api-key', token],
      ],
    ],
    [
      'garbage beside a good API key',
      [
        ['authorization', 'Bearer x'],
        ['x-api-key', token],
      ],
    ],
    ['a token in a cookie', [['cookie', `authorization=${token}`]]],
    ['a token under another name', [['x-auth-token', token]]],
  ]
}
