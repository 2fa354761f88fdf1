// Tenants: the administrator's, and the operator's.

import type { Tenant } from '../engine/model/index.ts'
import { json, nothing, query } from '../http/input.ts'
import { operation } from '../http/operation.ts'
import { mapPage, readIdPage } from '../http/pagination.ts'
import type { SurfaceContext } from '../http/surface.ts'
import { CURSORS } from '../primitives/cursor.ts'
import { listOf } from './schema/fields.ts'
import { StartedJobResponse } from './schema/job.ts'
import {
  CreateTenant,
  EraseEvents,
  TenantQuery,
  TenantResponse,
  toTenantResponse,
  UpdateTenant,
} from './schema/tenant.ts'
import { toUsageResponse, UsageResponse } from './schema/usage.ts'

async function toResponse(c: SurfaceContext, tenant: Tenant): Promise<TenantResponse> {
  return toTenantResponse(tenant, await c.env.engine.notices.addressesOf([tenant.id]))
}

const reading = { operator: ['tenants:read'] } as const
const writing = { operator: ['tenants:write'] } as const

export const tenantOperations = [
  operation({
    id: 'createTenant',
    method: 'post',
    path: '/tenants',
    summary: 'Create a tenant',
    access: writing,
    audit: ['tenant.created'],
    input: json(CreateTenant),
    status: 201,
    output: TenantResponse,
    errors: ['conflict'],
    handle: async ({ c, input: { id = null, noticeEmail = null, ...draft } }) => {
      const { administration, notices } = c.env.engine
      if (noticeEmail !== null) await notices.admit(id, noticeEmail)
      const tenant = await administration.createTenant({ ...draft, id })
      if (noticeEmail !== null) await notices.setAddress(tenant.id, noticeEmail)
      return toResponse(c, tenant)
    },
  }),
  operation({
    id: 'listTenants',
    method: 'get',
    path: '/tenants',
    summary: 'List tenants',
    description: 'Returns tenants in order of creation: all, or those that are searched for.',
    access: reading,
    input: query(TenantQuery),
    status: 200,
    output: listOf(TenantResponse),
    handle: async ({ c, input: { limit, search, cursor: after = null } }) => {
      const { administration } = c.env.engine
      const page = await readIdPage(CURSORS.tenants, limit, (limit) =>
        administration.listTenants({ limit, after, search }),
      )
      const addresses = await c.env.engine.notices.addressesOf(page.items.map(({ id }) => id))
      return mapPage(page, (tenant) => toTenantResponse(tenant, addresses))
    },
  }),
  operation({
    id: 'getTenant',
    method: 'get',
    path: '/tenants/{tenant}',
    summary: 'Get a tenant',
    access: reading,
    input: nothing,
    status: 200,
    output: TenantResponse,
    handle: async ({ c, id }) =>
      toResponse(c, await c.env.engine.administration.getTenant(id('tenant'))),
  }),
  operation({
    id: 'updateTenant',
    method: 'patch',
    path: '/tenants/{tenant}',
    summary: 'Update a tenant',
    description:
      'What is absent stays as it is; a null `uid` clears it. A `uid` that is given up still leads to the tenant for up to 10 ' +
      'seconds, in which no other tenant can have it.',
    access: writing,
    audit: ['tenant.updated'],
    input: json(UpdateTenant),
    status: 200,
    output: TenantResponse,
    errors: ['conflict'],
    handle: async ({ c, id, input: { noticeEmail, ...change } }) => {
      const { administration, notices } = c.env.engine
      if (noticeEmail) {
        const known = await administration.getTenant(id('tenant'))
        await notices.admit(known.id, noticeEmail)
      }
      const tenant = await administration.updateTenant(id('tenant'), change)
      if (noticeEmail !== undefined) await notices.setAddress(tenant.id, noticeEmail)
      return toResponse(c, tenant)
    },
  }),
  operation({
    id: 'getTenantUsage',
    method: 'get',
    path: '/tenants/{tenant}/usage',
    summary: 'Get the usage of a tenant by day',
    description: 'Returns what `GET /v1/usage` shows to the tenant.',
    access: { operator: ['events:read'] },
    input: nothing,
    status: 200,
    output: UsageResponse,
    handle: async ({ c, id }) =>
      toUsageResponse(await c.env.engine.administration.tenantUsage(id('tenant'))),
  }),
  operation({
    id: 'eraseEvents',
    method: 'post',
    path: '/tenants/{tenant}/erase',
    summary: 'Erase events',
    description:
      'Starts a job that removes the content of events that were published until now, wherever it is stored: those whose scope has ' +
      'the given entries, or those with the given ids. Their ids, types and times are left, and how they were delivered. What was ' +
      'not delivered by then ends as `erased`.',
    access: { operator: ['erase'] },
    audit: ['tenant.erased'],
    input: json(EraseEvents),
    status: 202,
    output: StartedJobResponse,
    handle: ({ c, id, input }) => c.env.engine.administration.eraseEvents(id('tenant'), input),
  }),
  operation({
    id: 'deleteTenant',
    method: 'delete',
    path: '/tenants/{tenant}',
    summary: 'Delete a tenant',
    description: 'Starts a job that deletes everything stored for the tenant.',
    access: writing,
    audit: ['tenant.deleted'],
    input: nothing,
    status: 202,
    output: StartedJobResponse,
    handle: ({ c, id }) => c.env.engine.administration.deleteTenant(id('tenant')),
  }),
]
