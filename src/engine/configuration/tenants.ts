// Tenants: made, named, changed and deleted.

import { EngineError, notFound } from '../../errors.ts'
import { RETENTION_DAYS, TENANT } from '../../limits.ts'
import { newId } from '../../primitives/ids.ts'
import type { Administration } from '../api.ts'
import type { Tenant } from '../model/index.ts'
import type { NameConflict, Ports } from '../ports/index.ts'
import { announceChange } from './announced-changes.ts'
import { createTenantDirectory } from './tenant-directory.ts'
import { readUsage } from './usage.ts'

type TenantPorts = Pick<
  Ports,
  'clock' | 'log' | 'tenants' | 'webhooks' | 'eventLog' | 'activity' | 'deploymentJobs'
>

type TenantCalls = Pick<
  Administration,
  | 'createTenant'
  | 'createMissingTenants'
  | 'getTenant'
  | 'getTenantId'
  | 'findTenantIds'
  | 'listTenants'
  | 'updateTenant'
  | 'tenantUsage'
  | 'deleteTenant'
>

/** The calls of `Administration` about tenants. */
export function createTenants(ports: TenantPorts): TenantCalls {
  const { clock, tenants } = ports
  const directory = createTenantDirectory(ports)

  const getTenant = async (id: string): Promise<Tenant> => {
    const tenant = await tenants.find(id)
    if (tenant === null) throw notFound('tenant')
    return tenant
  }

  return {
    async createTenant({
      name,
      id,
      uid = null,
      metadata = {},
      retentionDays = RETENTION_DAYS.unlessTold,
    }) {
      const now = clock()
      const tenant = { id: id ?? newId(now), name, uid, metadata, retentionDays, createdAt: now }
      // The id may be that of a deleted tenant, whose log refuses events; before, so that a failure can be repeated.
      if (id !== null) await ports.eventLog(id).revive()
      const inserted = await tenants.insert(tenant)
      if (inserted === 'inserted') return tenant
      throw conflict(inserted, tenant)
    },
    async createMissingTenants(uids) {
      const found = await directory.findIds(uids)
      const missing = [...new Set(uids)].filter((uid) => !found.has(uid))
      if (missing.length === 0) return { ids: found, made: [], resting: [] }
      const now = clock()
      const drafts = missing.map((uid) => ({
        ...{ id: newId(now), name: uid.slice(0, 200), uid, metadata: {}, createdAt: now },
        retentionDays: RETENTION_DAYS.unlessTold,
      }))
      const resting = await tenants.insertFree(drafts, now)
      if (resting.length > 0) return { ids: found, made: [], resting }
      const ids = await directory.findIds(uids)
      return { ids, made: drafts.filter(({ id, uid }) => ids.get(uid) === id), resting }
    },
    getTenant,
    getTenantId: (name) => directory.getId(name),
    findTenantIds: (names) => directory.findIds(names),
    listTenants: (page) => tenants.list(page),
    async updateTenant(id, change) {
      const before = await getTenant(id)
      const write = (epoch?: number) => tenants.update(id, change, clock(), epoch)
      // The event log has a copy of the name, and of how long events are kept.
      const isCopied =
        isChanged(change.name, before.name) || isChanged(change.retentionDays, before.retentionDays)
      const written = isCopied ? await announceChange(id, write, ports) : await write()
      if (written === null) throw notFound('tenant')
      if (typeof written === 'string') throw conflict(written, { id, uid: change.uid ?? null })
      if (before.uid !== null && before.uid !== written.uid) directory.forget(before.uid)
      return written
    },
    async tenantUsage(id) {
      await getTenant(id)
      return readUsage(id, ports)
    },
    async deleteTenant(id) {
      const { createdAt: tenantCreatedAt } = await getTenant(id)
      const webhookIds = await ports.webhooks.listIds({ tenantId: id })
      const about = { tenantId: id, tenantCreatedAt, webhookIds, isClosed: false, purged: 0 }
      const jobId = newId(clock())
      await ports.deploymentJobs.start(jobId, { kind: 'purge', ...about })
      return { jobId, queued: webhookIds.length }
    },
  }
}

function isChanged<Value>(value: Value | undefined, before: Value): boolean {
  return value !== undefined && value !== before
}

const REST_SECONDS = TENANT.uidRestMs / 1_000

/** Why a tenant cannot be called so. */
function conflict(why: NameConflict, { id, uid }: Pick<Tenant, 'id' | 'uid'>): EngineError {
  const sentences = {
    id_taken: `The id ${id} is already the id or the uid of a tenant.`,
    uid_taken: `The uid ${uid} is already the uid or the id of a tenant.`,
    uid_resting: `Another tenant had the uid ${uid} until a moment ago. Try again in ${REST_SECONDS} seconds.`,
  } as const satisfies Record<NameConflict, string>
  const options = why === 'uid_resting' ? { retryAfterSeconds: REST_SECONDS } : {}
  return new EngineError('conflict', sentences[why], options)
}
