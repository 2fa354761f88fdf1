// Keys of a tenant: the administrator's.

import { nothing, optionalJson, query } from '../http/input.ts'
import { operation } from '../http/operation.ts'
import { mapPage, readIdPage } from '../http/pagination.ts'
import { CURSORS } from '../primitives/cursor.ts'
import { idPageQuery, listOf } from './schema/fields.ts'
import { CreatedKeyResponse, CreateKey, KeyResponse, toKeyResponse } from './schema/key.ts'

const access = 'administrator'

export const keyOperations = [
  operation({
    id: 'createKey',
    method: 'post',
    path: '/tenants/{tenantId}/keys',
    summary: 'Create a key',
    description: 'The secret and the token are returned only in this response.',
    access,
    input: optionalJson(CreateKey),
    status: 201,
    output: CreatedKeyResponse,
    handle: async ({ c, id, input }) => {
      const { key, secret } = await c.env.engine.administration.createKey(id('tenantId'), {
        name: input.name ?? null,
        subject: input.subject ?? null,
        permissions: input.permissions ? [...new Set(input.permissions)] : null,
        expiresAt: input.expiresAt ?? null,
      })
      return { ...toKeyResponse(key), secret, token: `${key.id}.${secret}` }
    },
  }),
  operation({
    id: 'listKeys',
    method: 'get',
    path: '/tenants/{tenantId}/keys',
    summary: 'List keys',
    description: 'Returns the keys of a tenant in order of creation.',
    access,
    input: query(idPageQuery(CURSORS.keys)),
    status: 200,
    output: listOf(KeyResponse),
    handle: async ({ c, id, input: { limit, cursor: after = null } }) => {
      const { administration } = c.env.engine
      const page = await readIdPage(CURSORS.keys, limit, (limit) =>
        administration.listKeys(id('tenantId'), { limit, after }),
      )
      return mapPage(page, toKeyResponse)
    },
  }),
  operation({
    id: 'deleteKey',
    method: 'delete',
    path: '/tenants/{tenantId}/keys/{keyId}',
    summary: 'Revoke a key',
    description: 'The key stops working everywhere within 5 seconds.',
    access,
    input: nothing,
    status: 204,
    handle: ({ c, id }) => c.env.engine.administration.deleteKey(id('tenantId'), id('keyId')),
  }),
]
