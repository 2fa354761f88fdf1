// The control plane's stores in memory. They pass the contract suites that D1 passes (test/contracts).

import { matches } from '../../src/engine/intake/match.ts'
import { isNamedIn, namesAt, tenantNamedIn } from '../../src/engine/messages/tells-of.ts'
import type {
  AuditDraft,
  AuditEntry,
  Catalogue,
  Key,
  OperatorKey,
  PullConsumer,
  Template,
  Tenant,
  Webhook,
  WebhookWithTenant,
} from '../../src/engine/model/index.ts'
import { statusOf } from '../../src/engine/model/index.ts'
import type {
  AuditStore,
  CallClaim,
  DeadLetter,
  DeadLetterStore,
  DeduplicationEntry,
  DeduplicationStore,
  EventTypeStore,
  IdempotencyStore,
  KeyStore,
  KnownPortalLink,
  KnownSession,
  NameConflict,
  PortalLinkStore,
  PullConsumerStore,
  SessionStore,
  TemplateStore,
  TenantJob,
  TenantJobStore,
  TenantName,
  TenantStore,
  WebhookFilter,
  WebhookPage,
  WebhookRef,
  WebhookStore,
} from '../../src/engine/ports/index.ts'
import { EngineError, FENCED } from '../../src/errors.ts'
import { TENANT } from '../../src/limits.ts'
import { timeOf } from '../../src/primitives/ids.ts'
import { DEAD_LETTER, QUEUE } from '../../src/tuning.ts'
import type { SealedUnder } from '../contracts/secret-store.ts'
import { createMemoryActivityStore } from './activity.ts'
import { createMemoryNoticeStore } from './notice-store.ts'
import { createMemorySecretStore } from './secret-store.ts'

interface WebhookRow {
  webhook: Webhook
  stateVersion: number
  sealedUnder: SealedUnder
}

interface Claim extends DeduplicationEntry {
  readonly expiresAt: number
  readonly confirmed: boolean
}

interface FormerUid {
  readonly tenantId: string
  readonly uid: string
  readonly at: number
}

/** Everything the stores of one world hold. */
export class Tables {
  readonly tenants = new Map<string, Tenant>()
  readonly keys = new Map<string, { readonly key: Key; readonly secretHash: string }>()
  readonly operatorKeys = new Map<
    string,
    { readonly key: OperatorKey; readonly secretHash: string }
  >()
  readonly formerUids = new Set<FormerUid>()
  readonly freed = new Map<string, { readonly tenantId: string; readonly at: number }>()
  readonly templates = new Map<string, Template>()
  catalogue: Catalogue = { revision: 0, types: new Map() }
  readonly webhooks = new Map<string, WebhookRow>()
  readonly claims = new Map<string, Claim>()
  readonly portalLinks = new Map<string, KnownPortalLink>()
  readonly pullConsumers = new Map<string, PullConsumer>()
  readonly sessions = new Map<string, KnownSession>()
  readonly calls = new Map<
    string,
    CallClaim & { answer: string | null; expiresAt: number; contentOf: string | null }
  >()
  readonly tenantJobs = new Map<string, TenantJob>()
  readonly audit = new Map<string, AuditEntry>()
  readonly letters = new Map<string, DeadLetter & { readonly sentAt: number }>()
  /** Of each tenant. */
  readonly epochs = new Map<string, number>()
  readonly erasedAt = new Map<string, number>()
}

/** What an event log reads of a tenant's webhooks. */
export function readWebhooks({ tenants, webhooks, epochs }: Tables, tenantId: string) {
  const tenant = tenants.get(tenantId)
  if (tenant === undefined) return null
  const own = [...webhooks.values()].filter(({ webhook }) => webhook.tenantId === tenantId)
  return {
    tenantName: tenant.name,
    epoch: epochs.get(tenantId) ?? 0,
    webhooks: own.map(({ webhook, stateVersion }) => ({
      webhook: {
        ...webhook,
        ...{ tenantName: tenant.name, tenantRetentionDays: tenant.retentionDays },
      },
      stateVersion,
    })),
  }
}

export function raiseEpoch({ epochs }: Tables, tenantId: string, epoch: number): void {
  epochs.set(tenantId, Math.max(epochs.get(tenantId) ?? 0, epoch + 1))
}

const byId = <T extends { readonly id: string }>(items: readonly T[]) =>
  items.toSorted((a, b) => (a.id < b.id ? -1 : 1))

export function createMemoryStores(tables: Tables = new Tables()) {
  return {
    tenants: tenantStore(tables),
    audit: auditStore(tables),
    keys: keyStore(tables),
    sessions: sessionStore(tables),
    portalLinks: portalLinkStore(tables),
    notices: createMemoryNoticeStore(tables.tenants),
    pullConsumers: pullConsumerStore(tables),
    templates: templateStore(tables),
    eventTypes: eventTypeStore(tables),
    webhooks: webhookStore(tables),
    secrets: createMemorySecretStore(tables.webhooks),
    deduplication: deduplicationStore(tables),
    idempotency: idempotencyStore(tables),
    tenantJobs: tenantJobStore(tables),
    activity: createMemoryActivityStore(tables),
    deadLetters: deadLetterStore(tables),
  }
}

/** What `TenantStore.namesOf` tells. */
function namesOf(
  tenantId: string,
  { tenants, formerUids }: Pick<Tables, 'tenants' | 'formerUids'>,
): readonly TenantName[] {
  const others = (uid: string) =>
    [...formerUids].filter((one) => one.uid === uid && one.tenantId !== tenantId)
  const lastOf = (rows: readonly { readonly at: number }[]) =>
    rows.length === 0 ? null : Math.max(...rows.map(({ at }) => at))
  const isAnothers = (uid: string, since: number) =>
    [...tenants.values()].some((one) => one.uid === uid && one.id !== tenantId) ||
    others(uid).some(({ at }) => at > since)
  const tenant = tenants.get(tenantId)
  const former = [...formerUids].filter((one) => one.tenantId === tenantId)
  const deletedAt = tenant ? null : lastOf(former.filter(({ uid }) => uid === tenantId))
  return [
    ...(tenant ? [{ name: tenant.id, after: null, until: null }] : []),
    ...(tenant?.uid ? [{ name: tenant.uid, after: lastOf(others(tenant.uid)), until: null }] : []),
    ...former.map(({ uid, at }) => ({
      name: uid,
      after: lastOf(others(uid).filter((one) => one.at < at)),
      until: isAnothers(uid, at) ? at : deletedAt,
    })),
  ]
}

function isFound(
  { id, name, uid, url }: Pick<Tenant, 'id' | 'uid'> & { name: string | null; url?: string },
  search: string,
): boolean {
  const texts = [name, uid, url].filter((text) => text != null)
  return id === search || texts.some((text) => text.toLowerCase().includes(search))
}

function tenantStore(tables: Tables): TenantStore {
  const { tenants, keys, webhooks, claims, epochs, freed, formerUids, erasedAt } = tables
  const all = () => [...tenants.values()]
  const named = (name: string): Tenant | undefined => {
    const byTheirId = tenants.get(name.toLowerCase())
    if (byTheirId !== undefined) return byTheirId
    for (const tenant of tenants.values()) if (tenant.uid === name) return tenant
    return undefined
  }
  /** Thousands are compared with each other in a test: what has another length need not be. */
  const isInAnyCase = (uid: string | null, id: string) =>
    uid?.length === id.length && uid.toLowerCase() === id
  const restingOf = (now: number) => [...freed].filter(([, { at }]) => at > now - TENANT.uidRestMs)

  function conflictOfUid(id: string, uid: string | null | undefined, now: number) {
    if (uid === null || uid === undefined) return null
    const other = named(uid)
    if (uid.toLowerCase() === id || (other && (other.id !== id || other.uid !== uid)))
      return 'uid_taken'
    const isResting = restingOf(now).some(([name, by]) => name === uid && by.tenantId !== id)
    return isResting ? 'uid_resting' : null
  }
  function conflictOfNames({ id, uid, createdAt }: Tenant): NameConflict | null {
    const isTaken =
      tenants.has(id) ||
      tenants.values().some(({ uid }) => isInAnyCase(uid, id)) ||
      restingOf(createdAt).some(([uid]) => isInAnyCase(uid, id))
    return isTaken ? 'id_taken' : conflictOfUid(id, uid, createdAt)
  }
  function put(tenant: Tenant): void {
    tenants.set(tenant.id, tenant)
    epochs.set(tenant.id, tenant.createdAt)
  }
  function rest(id: string, now: number): void {
    const uid = tenants.get(id)?.uid
    if (!uid) return
    freed.set(uid, { tenantId: id, at: now })
    formerUids.add({ tenantId: id, uid, at: now })
  }

  return {
    async insert(tenant) {
      const conflict = conflictOfNames(tenant)
      if (conflict === null) put(tenant)
      return conflict ?? 'inserted'
    },
    async insertFree(drafts, now) {
      const conflictOf = ({ id, uid }: Tenant) => conflictOfUid(id, uid, now)
      const resting = drafts.filter((tenant) => conflictOf(tenant) === 'uid_resting')
      if (resting.length > 0) return resting.flatMap(({ uid }) => uid ?? [])
      for (const tenant of drafts) if (conflictOf(tenant) === null) put(tenant)
      return []
    },
    find: async (id) => tenants.get(id) ?? null,
    findIds: async (names) => {
      return new Map(
        names.flatMap((name) => {
          const id = named(name)?.id
          return id === undefined ? [] : [[name, id] as const]
        }),
      )
    },
    async update(id, change, now, epoch) {
      const tenant = tenants.get(id)
      if (tenant === undefined) return null
      if (epoch !== undefined && epochs.get(id) !== epoch) {
        throw new EngineError('unavailable', 'The change took too long.', { cause: FENCED })
      }
      const conflict = conflictOfUid(id, change.uid, now)
      if (conflict !== null) return conflict
      if (change.uid !== undefined && change.uid !== tenant.uid) rest(id, now)
      const next = { ...tenant, ...change }
      tenants.set(id, next)
      return next
    },
    async noteErasure(id, at) {
      erasedAt.set(id, Math.max(at, erasedAt.get(id) ?? 0))
    },
    namesOf: async (id) => namesOf(id, tables),
    list: async ({ limit, after, endings, search, order = 'ascending' }) =>
      (order === 'ascending' ? byId(all()) : byId(all()).toReversed())
        .filter((tenant) => search === undefined || isFound(tenant, search.toLowerCase()))
        .filter(({ id }) => after === null || (order === 'ascending' ? id > after : id < after))
        .filter(({ id }) => endings === undefined || endings.includes(id.slice(-2)))
        .slice(0, limit),
    async delete(id, now) {
      rest(id, now)
      if (tenants.has(id)) formerUids.add({ tenantId: id, uid: id, at: now })
      for (const [keyId, { key }] of keys) if (key.tenantId === id) keys.delete(keyId)
      for (const [row, { webhook }] of webhooks) if (webhook.tenantId === id) webhooks.delete(row)
      for (const claim of claims.keys()) if (claim.startsWith(`${id}/`)) claims.delete(claim)
      return tenants.delete(id)
    },
  }
}

function keyStore({ tenants, keys, operatorKeys }: Tables): KeyStore {
  return {
    async insert(key, secretHash) {
      if (!tenants.has(key.tenantId)) throw new EngineError('not_found', 'No such tenant.')
      keys.set(key.id, { key, secretHash })
    },
    async find(id) {
      const ofTenant = keys.get(id)
      const found = ofTenant ?? operatorKeys.get(id)
      if (found === undefined) return null
      const { permissions, expiresAt } = found.key
      const { tenantId = null, subject = null, featureFlags = null } = ofTenant?.key ?? {}
      const kind = tenantId === null ? 'operator' : 'tenant'
      const caller = { id, kind, tenantId, subject, permissions, featureFlags } as const
      return { caller, expiresAt, secretHash: found.secretHash }
    },
    list: async (tenantId, { limit, after }) =>
      byId([...keys.values()].map(({ key }) => key))
        .filter((key) => key.tenantId === tenantId && (after === null || key.id > after))
        .slice(0, limit),
    async delete(tenantId, id) {
      const found = keys.get(id)
      if (found === undefined || found.key.tenantId !== tenantId) return null
      keys.delete(id)
      return found.key
    },
    async expire(tenantId, id, expiresAt) {
      const found = keys.get(id)
      if (found === undefined || found.key.tenantId !== tenantId) return null
      const key = { ...found.key, expiresAt: Math.min(found.key.expiresAt ?? expiresAt, expiresAt) }
      keys.set(id, { ...found, key })
      return key
    },
    async insertOperatorKey(key, secretHash) {
      operatorKeys.set(key.id, { key, secretHash })
    },
    listOperatorKeys: async ({ limit, after }) =>
      byId([...operatorKeys.values()].map(({ key }) => key))
        .filter(({ id }) => after === null || id > after)
        .slice(0, limit),
    async deleteOperatorKey(id) {
      const found = operatorKeys.get(id)
      operatorKeys.delete(id)
      return found?.key ?? null
    },
  }
}

function pullConsumerStore({ webhooks, pullConsumers }: Tables): PullConsumerStore {
  const keyOf = ({ tenantId, id }: WebhookRef) => `${tenantId}/${id}`
  const all = (ref: WebhookRef) => {
    // They go with their webhook.
    for (const key of pullConsumers.keys()) {
      if (!webhooks.has(key.split('/').slice(0, 2).join('/'))) pullConsumers.delete(key)
    }
    const own = [...pullConsumers].filter(([key]) => key.startsWith(`${keyOf(ref)}/`))
    return own.map(([, one]) => one).toSorted((a, b) => (a.name < b.name ? -1 : 1))
  }
  return {
    find: async (ref, name) => all(ref).find((one) => one.name === name) ?? null,
    list: async (ref) => all(ref),
    async put(ref, consumer, most) {
      if (!webhooks.has(keyOf(ref))) throw new EngineError('not_found', 'No such webhook.')
      if (all(ref).filter(({ name }) => name !== consumer.name).length >= most) return 'full'
      pullConsumers.set(`${keyOf(ref)}/${consumer.name}`, consumer)
      return 'kept'
    },
    delete: async (ref, name) => {
      all(ref)
      return pullConsumers.delete(`${keyOf(ref)}/${name}`)
    },
  }
}

function tenantJobStore({ tenantJobs }: Tables): TenantJobStore {
  const kept = () => byId([...tenantJobs.values()])
  return {
    async note(job) {
      tenantJobs.set(job.id, job)
    },
    async list({ limit, behind, order }) {
      const isAscending = order === 'ascending'
      const isBehind = ({ id }: TenantJob) =>
        behind === null || (isAscending ? id > behind : id < behind)
      const all = isAscending ? kept() : kept().toReversed()
      return all.filter(isBehind).slice(0, limit)
    },
    async prune(before) {
      const old = kept().filter(({ id }) => timeOf(id) < before)
      for (const { id } of old) tenantJobs.delete(id)
      return old.length
    },
  }
}

function auditStore({ tenants, keys, operatorKeys, webhooks, audit }: Tables): AuditStore {
  const nameOf = ({ tenantId, target: { kind, id, name } }: AuditDraft) =>
    name ?? (kind === 'webhook' ? (webhooks.get(`${tenantId}/${id}`)?.webhook.name ?? null) : null)
  return {
    async append(entries) {
      for (const entry of entries) {
        const { id, tenantId, actor, target } = entry
        if (audit.has(id) || (tenantId !== null && !tenants.has(tenantId))) continue
        const key = keys.get(actor.id ?? '') ?? operatorKeys.get(actor.id ?? '')
        audit.set(id, {
          ...entry,
          actor: {
            ...actor,
            name: key?.key.name ?? (actor.id === target.id ? target.name : null),
          },
          target: { ...target, name: nameOf(entry) },
        })
      }
    },
    async list({ tenantId, kindsOfTenants, after, before, action, actor, target, limit, behind }) {
      const isAsked = (entry: AuditEntry) =>
        (entry.tenantId === null || tenants.has(entry.tenantId)) &&
        (tenantId === undefined || entry.tenantId === tenantId) &&
        (entry.tenantId === null ||
          kindsOfTenants === undefined ||
          kindsOfTenants.includes(entry.target.kind)) &&
        (after === undefined || timeOf(entry.id) > after) &&
        (before === undefined || timeOf(entry.id) < before) &&
        (action === undefined ||
          entry.action === action ||
          entry.action.startsWith(`${action}.`)) &&
        (actor === undefined ||
          [entry.actor.id, entry.actor.subject, entry.actor.kind].includes(actor)) &&
        (target === undefined || entry.target.id === target) &&
        (behind === null || entry.id < behind)
      return byId([...audit.values()].filter(isAsked))
        .toReversed()
        .slice(0, limit)
    },
    async prune(before, limit) {
      const old = byId([...audit.values()]).filter(({ id }) => timeOf(id) < before)
      for (const { id } of old.slice(0, limit)) audit.delete(id)
      return Math.min(old.length, limit)
    },
  }
}

function templateStore({ templates }: Tables): TemplateStore {
  const all = () => [...templates.values()]
  return {
    async insert(template) {
      if (all().some(({ name }) => name === template.name)) return false
      templates.set(template.id, template)
      return true
    },
    find: async (text) => templates.get(text) ?? all().find(({ name }) => name === text) ?? null,
    async list({ limit, offset }) {
      const sorted = all().toSorted((a, b) => (a.name < b.name ? -1 : 1))
      return { items: sorted.slice(offset, offset + limit), count: sorted.length }
    },
  }
}

function eventTypeStore(tables: Tables): EventTypeStore {
  return {
    current: async () => tables.catalogue,
    async write({ revision, saved, deleted }) {
      if (tables.catalogue.revision !== revision) return false
      const types = new Map([
        ...tables.catalogue.types,
        ...saved.map((type) => [type.name, type] as const),
      ])
      for (const name of deleted) types.delete(name)
      const ordered = [...types].toSorted(([one], [other]) => (one < other ? -1 : 1))
      tables.catalogue = { revision: revision + 1, types: new Map(ordered) }
      return true
    },
  }
}

function sessionStore(tables: Tables): SessionStore {
  const { sessions } = tables
  const keys = keyStore(tables)
  return {
    async insert(known) {
      sessions.set(known.session.id, known)
    },
    async find(id) {
      const known = sessions.get(id)
      if (known === undefined) return null
      const { keyId } = known.session
      return { ...known, key: keyId === null ? null : await keys.find(keyId) }
    },
    async delete(id) {
      sessions.delete(id)
    },
    async deleteAll(keyId) {
      const ended = [...sessions.values()].filter(({ session }) => session.keyId === keyId)
      for (const { session } of ended) sessions.delete(session.id)
      return ended.map(({ session }) => session.id)
    },
    async prune(now) {
      for (const { session } of sessions.values()) {
        if (session.expiresAt <= now) sessions.delete(session.id)
      }
    },
  }
}

function portalLinkStore(tables: Tables): PortalLinkStore {
  const { keys, portalLinks } = tables
  /** With its key as that is now: without one it is gone. */
  const find = (id: string): KnownPortalLink | null => {
    const known = portalLinks.get(id)
    const key = keys.get(id)?.key
    return known && key ? { ...known, link: { ...known.link, key } } : null
  }
  return {
    async insert(known, secretHash) {
      await keyStore(tables).insert(known.link.key, secretHash)
      portalLinks.set(known.link.key.id, known)
    },
    find: async (id) => find(id),
    async use(id, now) {
      const known = find(id)
      if (known === null || known.link.usedAt !== null || known.link.expiresAt <= now) return false
      portalLinks.set(id, { ...known, link: { ...known.link, usedAt: now } })
      return true
    },
    list: async (tenantId, page) => {
      const ofTenant = await keyStore(tables).list(tenantId, { ...page, limit: keys.size })
      return ofTenant.flatMap(({ id }) => find(id)?.link ?? []).slice(0, page.limit)
    },
    async prune(now) {
      for (const id of portalLinks.keys()) {
        if ((find(id)?.link.key.expiresAt ?? now) <= now) keys.delete(id)
      }
    },
  }
}

function idempotencyStore({ calls, tenants, erasedAt }: Tables): IdempotencyStore {
  const openOf = ({ key, owner }: CallClaim) => {
    const held = calls.get(key)
    return held?.owner === owner && held.answer === null ? held : undefined
  }
  return {
    async claim(claim, { now, expiresAt }) {
      const held = calls.get(claim.key)
      if (held && held.expiresAt > now) {
        return { contentHash: held.contentHash, answer: held.answer }
      }
      calls.set(claim.key, { ...claim, answer: null, contentOf: null, expiresAt })
      return null
    },
    async complete(claim, answer, expiresAt, contentOf = null) {
      const held = openOf(claim)
      const { tenantId = null, since = 0 } = contentOf ?? {}
      const isErased =
        tenantId !== null && !(tenants.has(tenantId) && (erasedAt.get(tenantId) ?? -1) < since)
      if (isErased && held) calls.delete(claim.key)
      else if (held) Object.assign(held, { answer, expiresAt, contentOf: tenantId })
    },
    async eraseContentOf(tenantId) {
      for (const one of calls.values()) if (one.contentOf === tenantId) calls.delete(one.key)
    },
    async release(claim) {
      if (openOf(claim)) calls.delete(claim.key)
    },
    async prune(now, limit) {
      const expired = [...calls.values()].filter(({ expiresAt }) => expiresAt <= now)
      for (const { key } of expired.slice(0, limit)) calls.delete(key)
      return Math.min(expired.length, limit)
    },
  }
}

function passes(webhook: Webhook, filter: WebhookFilter): boolean {
  const { tenantId, dialect, owner, owners, uniqueKey, uid, name, status, eventTypes } = filter
  const { enabled, suspended, active, search } = filter
  return (
    webhook.tenantId === tenantId &&
    (dialect === undefined || webhook.dialect === dialect) &&
    (owner === undefined || webhook.owner === owner) &&
    (owners === undefined || owners.includes(webhook.owner)) &&
    (uniqueKey === undefined || webhook.uniqueKey === uniqueKey) &&
    (uid === undefined || webhook.uid === uid) &&
    (name === undefined || webhook.name === name) &&
    (status === undefined || statusOf(webhook) === status) &&
    (enabled === undefined || webhook.enabled === enabled) &&
    (suspended === undefined || (webhook.suspendedAt !== null) === suspended) &&
    (active === undefined || (statusOf(webhook) === 'active') === active) &&
    (eventTypes === undefined || eventTypes.some((type) => webhook.eventTypes.includes(type))) &&
    (search === undefined || isFound(webhook, search.toLowerCase()))
  )
}

function webhookStore({ tenants, webhooks, epochs, erasedAt }: Tables): WebhookStore {
  const refuseFenced = (tenantId: string, epoch: number | undefined) => {
    if (epoch === undefined || epochs.get(tenantId) === epoch) return
    throw new EngineError('unavailable', 'The change took too long.', { cause: FENCED })
  }
  const keyOf = ({ tenantId, id }: Pick<Webhook, 'tenantId' | 'id'>) => `${tenantId}/${id}`
  const all = () => byId([...webhooks.values()].map(({ webhook }) => webhook))
  const listed = (filter: WebhookFilter, { limit, after, offset = 0 }: WebhookPage) =>
    all()
      .filter((webhook) => passes(webhook, filter) && (after === undefined || webhook.id > after))
      .slice(offset, offset + limit)
  const isKeyTaken = (candidate: Webhook) =>
    all().some(
      ({ id, tenantId, dialect, uniqueKey, uid }) =>
        id !== candidate.id &&
        tenantId === candidate.tenantId &&
        ((uniqueKey !== null &&
          dialect === candidate.dialect &&
          uniqueKey === candidate.uniqueKey) ||
          (uid !== null && uid === candidate.uid)),
    )
  const withTenant = (webhook: Webhook): WebhookWithTenant => ({
    ...webhook,
    tenantName: tenants.get(webhook.tenantId)?.name ?? '',
    tenantRetentionDays: tenants.get(webhook.tenantId)?.retentionDays,
    tenantErasedAt: erasedAt.get(webhook.tenantId) ?? null,
  })
  return {
    async insert(webhook, most = Number.MAX_SAFE_INTEGER, epoch) {
      if (!tenants.has(webhook.tenantId)) return 'no_tenant'
      refuseFenced(webhook.tenantId, epoch)
      const { tenantId } = webhook
      const own = webhooks.values().filter((other) => other.webhook.tenantId === tenantId)
      if ([...own].length >= most) return 'full'
      if (isKeyTaken(webhook)) return 'conflict'
      webhooks.set(keyOf(webhook), { webhook, stateVersion: 0, sealedUnder: 'newest' })
      return 'inserted'
    },
    find: async (ref) => webhooks.get(keyOf(ref))?.webhook ?? null,
    findChangeable: async (ref) => webhooks.get(keyOf(ref))?.webhook ?? null,
    list: async (filter, page) => listed(filter, page),
    listOutlines: async (filter, page) =>
      listed(filter, page).map(({ secrets: _, ...outline }) => outline),
    listIds: async (filter) =>
      all()
        .filter((webhook) => passes(webhook, filter))
        .map(({ id }) => id)
        .toSorted(),
    count: async (filter) => all().filter((webhook) => passes(webhook, filter)).length,
    async update(ref, change, epoch) {
      const row = webhooks.get(keyOf(ref))
      if (row === undefined) return null
      refuseFenced(ref.tenantId, epoch)
      const { id, tenantId, suspendedAt, lane, createdAt } = row.webhook
      const kept = { id, tenantId, suspendedAt, lane, createdAt }
      const next = { ...change(row.webhook), ...kept }
      if (isKeyTaken(next)) return 'conflict'
      row.webhook = next
      return next
    },
    async delete(ref, epoch) {
      const row = webhooks.get(keyOf(ref))
      if (row !== undefined) refuseFenced(ref.tenantId, epoch)
      webhooks.delete(keyOf(ref))
      return row?.webhook ?? null
    },
    findSubscribers: async (topics) =>
      all()
        .filter((webhook) =>
          topics.some((topic) => topic.tenantId === webhook.tenantId && matches(webhook, topic)),
        )
        .map(withTenant),
    findByRef: async (refs) => {
      const rows = new Set(refs.map((ref) => webhooks.get(keyOf(ref))))
      return [...rows].flatMap((row) => (row ? [withTenant(row.webhook)] : []))
    },
    async setState(ref, { version, suspendedAt, lane }) {
      const row = webhooks.get(keyOf(ref))
      if (row === undefined || row.stateVersion >= version) return
      row.stateVersion = version
      row.webhook = { ...row.webhook, suspendedAt, lane }
    },
    async notePull(ref, pulledAt) {
      const row = webhooks.get(keyOf(ref))
      if (row !== undefined) row.webhook = { ...row.webhook, pulledAt }
    },
    async listIdle(before, { limit, after }) {
      return [...webhooks.values()]
        .map(({ webhook }) => webhook)
        .filter(({ deleteAfterIdleSeconds: seconds, pulledAt, updatedAt }) => {
          return seconds != null && Math.max(pulledAt ?? 0, updatedAt) + seconds * 1_000 < before
        })
        .filter((webhook) => after === null || keyOf(webhook) > keyOf(after))
        .toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
        .slice(0, limit)
        .map(({ tenantId, id }) => ({ tenantId, id }))
    },
  }
}

function deduplicationStore({ claims }: Tables): DeduplicationStore {
  return {
    async claim(tenantId, entries, { now, expiresAt }) {
      return entries.map((entry) => {
        const row = `${tenantId}/${entry.key}`
        const taken = claims.get(row)
        if (taken && taken.expiresAt > now) {
          const { key, contentHash, answer, confirmed } = taken
          return { key, contentHash, answer, confirmed }
        }
        claims.set(row, { ...entry, expiresAt, confirmed: false })
        return null
      })
    },
    async confirm(tenantId, keys) {
      for (const key of keys) {
        const row = `${tenantId}/${key}`
        const claim = claims.get(row)
        if (claim) claims.set(row, { ...claim, confirmed: true })
      }
    },
    async release(tenantId, keys) {
      for (const row of keys.map((key) => `${tenantId}/${key}`)) {
        if (claims.get(row)?.confirmed === false) claims.delete(row)
      }
    },
    async prune(now, limit) {
      const expired = [...claims].filter(([, claim]) => claim.expiresAt <= now).slice(0, limit)
      for (const [row] of expired) claims.delete(row)
      return expired.length
    },
  }
}

const ERASED = { body: '', reason: DEAD_LETTER.erasedReason }

function deadLetterStore({ letters, tenants, erasedAt, formerUids }: Tables): DeadLetterStore {
  const newestFirst = () =>
    [...letters.values()].toSorted((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1))
  return {
    async insert({ sentAt, ...letter }) {
      const ids = [...tenants.keys(), ...[...formerUids].map(({ tenantId }) => tenantId)]
      const toldAt = (id: string) => {
        const gone = [...formerUids].filter((one) => one.tenantId === id && one.uid === id)
        return Math.max(erasedAt.get(id) ?? -1, ...gone.map(({ at }) => at))
      }
      const told = ids.filter((id) => toldAt(id) >= sentAt)
      const name = tenantNamedIn(letter.body)
      const isAnyTenants =
        name !== null &&
        (ids.includes(name.toLowerCase()) ||
          [...tenants.values(), ...formerUids].some(({ uid }) => uid === name))
      const isErased =
        (told.length > 0 && !isAnyTenants) ||
        told.some((id) => {
          const names = namesOf(id, { tenants, formerUids })
          return isNamedIn(letter.body, id, namesAt(names, sentAt))
        })
      const left = { ...letter, ...(isErased ? ERASED : {}), sentAt }
      if (!letters.has(letter.id)) letters.set(letter.id, left)
    },
    async list({ limit, before }) {
      const sorted = newestFirst()
      const from = before === null ? 0 : sorted.findIndex(({ id }) => id === before) + 1
      const page = before !== null && from === 0 ? [] : sorted.slice(from, from + limit)
      return page.map(({ sentAt: _, ...letter }) => letter)
    },
    async erase(isErased) {
      for (const letter of letters.values()) {
        if (isErased(letter)) letters.set(letter.id, { ...letter, ...ERASED })
      }
    },
    async prune(before) {
      const old = [...letters.values()].filter(({ at }) => at < before)
      for (const { id } of old) letters.delete(id)
      for (const one of formerUids) {
        if (one.at < before - QUEUE.maxRetentionSeconds * 1_000) formerUids.delete(one)
      }
      return old.length
    },
  }
}
