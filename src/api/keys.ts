// Keys: those of a tenant, made by the administrator or with an operator key, and operator keys, made by the administrator.

import type { Caller } from '../engine/model/index.ts'
import { json, nothing, optionalJson, query } from '../http/input.ts'
import { operation } from '../http/operation.ts'
import { mapPage, readIdPage } from '../http/pagination.ts'
import type { SurfaceContext } from '../http/surface.ts'
import { CURSORS } from '../primitives/cursor.ts'
import { idPageQuery, listOf } from './schema/fields.ts'
import {
  CreatedKeyResponse,
  CreatedOperatorKeyResponse,
  CreateKey,
  CreateOperatorKey,
  KeyResponse,
  OperatorKeyResponse,
  toKeyResponse,
  toOperatorKeyResponse,
} from './schema/key.ts'

const reading = { operator: ['keys:read'] } as const
const writing = { operator: ['keys:write'] } as const

/** The permissions that the caller may grant; null for the administrator, who may grant all. */
export function grantableBy(c: SurfaceContext) {
  // Set only for a key: the administrator is no caller.
  const caller: Caller | undefined = c.get('caller')
  return caller?.permissions ?? null
}

/** Each once, in the order given; null where none were given. */
const once = <T>(names: readonly T[] | null | undefined) => (names ? [...new Set(names)] : null)

const tokenOf = (id: string, secret: string) => ({ secret, token: `${id}.${secret}` })

export const keyOperations = [
  operation({
    id: 'createKey',
    method: 'post',
    path: '/tenants/{tenant}/keys',
    summary: 'Create a key',
    description:
      'The secret and the token are returned only in this response. An operator key grants only permissions that it has itself.',
    access: writing,
    audit: ['key.created'],
    input: optionalJson(CreateKey),
    status: 201,
    output: CreatedKeyResponse,
    handle: async ({ c, id, input: { name, subject, permissions, expiresAt } }) => {
      const draft = {
        name: name ?? null,
        subject: subject ?? null,
        permissions: once(permissions),
        expiresAt: expiresAt ?? null,
      }
      const { administration } = c.env.engine
      const { key, secret } = await administration.createKey(id('tenant'), draft, grantableBy(c))
      return { ...toKeyResponse(key), ...tokenOf(key.id, secret) }
    },
  }),
  operation({
    id: 'listKeys',
    method: 'get',
    path: '/tenants/{tenant}/keys',
    summary: 'List keys',
    description: 'Returns the keys of a tenant in order of creation.',
    access: reading,
    input: query(idPageQuery(CURSORS.keys)),
    status: 200,
    output: listOf(KeyResponse),
    handle: async ({ c, id, input: { limit, cursor: after = null } }) => {
      const { administration } = c.env.engine
      const page = await readIdPage(CURSORS.keys, limit, (limit) =>
        administration.listKeys(id('tenant'), { limit, after }),
      )
      return mapPage(page, toKeyResponse)
    },
  }),
  operation({
    id: 'deleteKey',
    method: 'delete',
    path: '/tenants/{tenant}/keys/{keyId}',
    summary: 'Revoke a key',
    description: 'The key stops working everywhere within 5 seconds.',
    access: writing,
    audit: ['key.deleted'],
    input: nothing,
    status: 204,
    handle: ({ c, id }) => c.env.engine.administration.deleteKey(id('tenant'), id('keyId')),
  }),
  operation({
    id: 'createOperatorKey',
    method: 'post',
    path: '/operator-keys',
    summary: 'Create an operator key',
    description:
      'An operator key belongs to no tenant: with it, `/v1/tenants/{tenant}/…` serves what `/v1/…` serves to the key of a tenant. ' +
      'The secret and the token are returned only in this response.',
    access: 'administrator',
    audit: ['operator_key.created'],
    input: json(CreateOperatorKey),
    status: 201,
    output: CreatedOperatorKeyResponse,
    handle: async ({ c, input: { name, permissions, expiresAt } }) => {
      const { key, secret } = await c.env.engine.administration.createOperatorKey({
        name: name ?? null,
        permissions: once(permissions),
        expiresAt: expiresAt ?? null,
      })
      return { ...toOperatorKeyResponse(key), ...tokenOf(key.id, secret) }
    },
  }),
  operation({
    id: 'listOperatorKeys',
    method: 'get',
    path: '/operator-keys',
    summary: 'List operator keys',
    description: 'Returns operator keys in order of creation.',
    access: 'administrator',
    input: query(idPageQuery(CURSORS.operatorKeys)),
    status: 200,
    output: listOf(OperatorKeyResponse),
    handle: async ({ c, input: { limit, cursor: after = null } }) => {
      const { administration } = c.env.engine
      const page = await readIdPage(CURSORS.operatorKeys, limit, (limit) =>
        administration.listOperatorKeys({ limit, after }),
      )
      return mapPage(page, toOperatorKeyResponse)
    },
  }),
  operation({
    id: 'deleteOperatorKey',
    method: 'delete',
    path: '/operator-keys/{keyId}',
    summary: 'Revoke an operator key',
    description: 'The key stops working everywhere within 5 seconds.',
    access: 'administrator',
    audit: ['operator_key.deleted'],
    input: nothing,
    status: 204,
    handle: ({ c, id }) => c.env.engine.administration.deleteOperatorKey(id('keyId')),
  }),
]
