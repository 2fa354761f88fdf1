// Tenants, keys, templates: who may use Hookline.

import { validate } from 'uuid'
import { EngineError, notFound } from '../../errors.ts'
import { KEYS } from '../../limits.ts'
import { sameDigest, sha256Hex } from '../../primitives/digest.ts'
import { newId } from '../../primitives/ids.ts'
import { Lru } from '../../primitives/lru.ts'
import type { Administration } from '../api.ts'
import { FROM_THE_START } from '../jobs/deployment-steps.ts'
import { createDeploymentJobs } from '../jobs/jobs.ts'
import type { Key, Permission, Principal } from '../model/index.ts'
import { NAMED_PERMISSIONS, PERMISSIONS, usageStart } from '../model/index.ts'
import type { Ports } from '../ports/index.ts'

type AdministrationPorts = Pick<
  Ports,
  | 'clock'
  | 'log'
  | 'tenants'
  | 'keys'
  | 'templates'
  | 'webhooks'
  | 'deadLetters'
  | 'eventLog'
  | 'deploymentJobs'
>

export function createAdministration(ports: AdministrationPorts): Administration {
  const { clock, tenants, keys, templates, deadLetters } = ports

  const getTenant = async (id: string) => {
    const tenant = await tenants.find(id)
    if (tenant === null) throw notFound('tenant')
    return tenant
  }

  return {
    async createTenant({ name, id }) {
      const now = clock()
      const tenant = { id: id ?? newId(now), name, createdAt: now }
      // The id may be that of a deleted tenant, whose log refuses events; before, so that a failure can be repeated.
      if (id !== null) await ports.eventLog(id).revive()
      if (await tenants.insert(tenant)) return tenant
      throw new EngineError('conflict', `A tenant with the id ${tenant.id} already exists.`)
    },
    getTenant,
    listTenants: (page) => tenants.list(page),
    async tenantUsage(id) {
      await getTenant(id)
      const { days } = await ports.eventLog(id).usage(usageStart(clock()))
      return days
    },
    async deleteTenant(id) {
      const { createdAt: tenantCreatedAt } = await getTenant(id)
      const webhookIds = await ports.webhooks.listIds({ tenantId: id })
      const about = { tenantId: id, tenantCreatedAt, webhookIds, isClosed: false, purged: 0 }
      const jobId = newId(clock())
      await ports.deploymentJobs.start(jobId, { kind: 'purge', ...about })
      return { jobId, queued: webhookIds.length }
    },
    async createKey(tenantId, { name, subject, permissions, expiresAt }) {
      await getTenant(tenantId)
      const now = clock()
      const key: Key = {
        id: newId(now),
        tenantId,
        name,
        subject,
        permissions: permissions ?? permissionsFor(subject),
        createdAt: now,
        expiresAt,
      }
      const secret = newSecret()
      await keys.insert(key, await sha256Hex(secret))
      return { key, secret }
    },
    async listKeys(tenantId, page) {
      await getTenant(tenantId)
      return keys.list(tenantId, page)
    },
    async deleteKey(tenantId, id) {
      if (!(await keys.delete(tenantId, id))) throw notFound('key')
      cache.delete(id)
    },
    authenticate: (id, secret) => authenticate(id, secret, ports),
    async createTemplate({ name, displayName, description }) {
      const template = { id: newId(clock()), name, displayName, description }
      if (await templates.insert(template)) return template
      throw new EngineError('conflict', `A template named ${name} already exists.`)
    },
    listTemplates: (page) => templates.list(page),
    findTemplate: (idOrName) => templates.find(idOrName),
    listDeadLetters: (page) => deadLetters.list(page),
    ...createDeploymentJobs(ports),
    async reencryptSecrets() {
      const jobId = newId(clock())
      const { progress } = await ports.deploymentJobs.start(jobId, FROM_THE_START)
      return { jobId, queued: progress.total }
    },
  }
}

/** All of them; what reaches beyond its user has to be named for a key that acts for one. */
function permissionsFor(subject: string | null): readonly Permission[] {
  const own = PERMISSIONS.filter((name) => !NAMED_PERMISSIONS.includes(name))
  return subject === null ? own : own.filter((name) => name !== 'webhooks:unowned')
}

/** 256 random bits as base64url. */
function newSecret(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(KEYS.secretBytes))
  return bytes.toBase64({ alphabet: 'base64url', omitPadding: true })
}

interface Known {
  readonly key: Key
  readonly secretHash: string
  readonly readAt: number
}

/** Keys read lately, by id. Revocation takes effect everywhere when its entry is too old (KEYS.cacheMs). */
const cache = new Lru<string, Known>({ max: KEYS.cacheEntries })

async function authenticate(
  id: string,
  secret: string,
  { clock, keys }: Pick<Ports, 'clock' | 'keys'>,
): Promise<Principal | null> {
  const now = clock()
  // What cannot be the id of a key costs no look.
  if (!validate(id)) return null
  const [known, secretHash] = await Promise.all([findKey(id, now, keys), sha256Hex(secret)])
  if (known === null || !sameDigest(known.secretHash, secretHash)) return null
  const { tenantId, subject, permissions, expiresAt } = known.key
  if (expiresAt !== null && expiresAt <= now) return null
  return { id, tenantId, subject, permissions }
}

async function findKey(id: string, now: number, keys: Ports['keys']): Promise<Known | null> {
  const cached = cache.get(id)
  if (cached && now - cached.readAt >= 0 && now - cached.readAt < KEYS.cacheMs) return cached
  cache.delete(id)
  const found = await keys.find(id)
  if (found === null) return null
  const known = { ...found, readAt: now }
  cache.set(id, known)
  return known
}
