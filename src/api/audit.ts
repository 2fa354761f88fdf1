// Who changed what: for an operator key, and for the administrator as far as he may know of it.

import type { AuditTargetKind, Caller } from '../engine/model/index.ts'
import { query } from '../http/input.ts'
import { operation } from '../http/operation.ts'
import { mapPage, readIdPage } from '../http/pagination.ts'
import type { SurfaceContext } from '../http/surface.ts'
import { CURSORS } from '../primitives/cursor.ts'
import { AuditEntryResponse, AuditQueryInput, toAuditEntryResponse } from './schema/audit.ts'
import { listOf } from './schema/fields.ts'

const access = { operator: ['audit:read'] } as const

/** What of tenants is the administrator's, too: he sees no webhook. */
const ADMINISTERED: readonly AuditTargetKind[] = ['tenant', 'key', 'portal_link']

async function readAudit(
  c: SurfaceContext,
  tenantId: string | undefined,
  { limit, cursor, ...filter }: AuditQueryInput,
) {
  // Set only for a key: the administrator is no caller.
  const caller: Caller | undefined = c.get('caller')
  const kindsOfTenants = caller === undefined ? ADMINISTERED : undefined
  const page = await readIdPage(CURSORS.audit, limit, (limit) =>
    c.env.engine.audit.list({ ...filter, tenantId, kindsOfTenants, limit, behind: cursor ?? null }),
  )
  return mapPage(page, toAuditEntryResponse)
}

export const auditOperations = [
  operation({
    id: 'listAudit',
    method: 'get',
    path: '/audit',
    summary: 'List changes',
    description:
      'Returns who changed what in the last 90 days, newest first, in all tenants and in the deployment. The administrator token gets ' +
      'the changes of the deployment, of tenants and of keys, but none of webhooks and events.',
    access,
    input: query(AuditQueryInput),
    status: 200,
    output: listOf(AuditEntryResponse),
    handle: ({ c, input }) => readAudit(c, undefined, input),
  }),
  operation({
    id: 'listAuditOfTenant',
    method: 'get',
    path: '/tenants/{tenant}/audit',
    summary: 'List changes of a tenant',
    description:
      'Returns who changed what of the tenant in the last 90 days, newest first. The administrator token gets the changes of the tenant ' +
      'itself and of its keys.',
    access,
    input: query(AuditQueryInput),
    status: 200,
    output: listOf(AuditEntryResponse),
    handle: ({ c, id, input }) => readAudit(c, id('tenant'), input),
  }),
]
