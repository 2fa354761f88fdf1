// Configurations and what else the database keeps. None of it grows with traffic but deduplication keys and dead letters.

import type {
  Caller,
  Catalogue,
  EventTypeDefinition,
  Health,
  Key,
  OperatorKey,
  Scope,
  Template,
  Tenant,
  Webhook,
  WebhookOutline,
  WebhookStatus,
  WebhookWithTenant,
} from '../model/index.ts'

/** Why a tenant cannot have a name: `resting` is a uid that another one has just given up. */
export type NameConflict = 'id_taken' | 'uid_taken' | 'uid_resting'

export interface TenantStore {
  /**
   * An id is taken if it is a tenant's id, or a uid in whichever case; a uid if it is a tenant's, or an id. A uid that another tenant
   * had until `TENANT.uidRestMs` before rests.
   */
  insert(tenant: Tenant): Promise<'inserted' | NameConflict>
  /** Inserts, in one go, those of the tenants whose uids are free. None where any of their uids rests: those that do are told. */
  insertFree(tenants: readonly Tenant[], now: number): Promise<readonly string[]>
  find(id: string): Promise<Tenant | null>
  /** The ids of the tenants that are called so, by an id in either case or by a uid; in one statement, by name. */
  findIds(names: readonly string[]): Promise<ReadonlyMap<string, string>>
  /**
   * Writes what is there of `change`. Given an `epoch` (`EventLog.announce`), only while the tenant is in it; else it throws
   * `unavailable` with `FENCED` as cause. Null when there is no such tenant.
   */
  update(
    id: string,
    change: TenantChange,
    now: number,
    epoch?: number,
  ): Promise<Tenant | NameConflict | null>
  /** Events of the tenant are to be erased that were accepted by `at` (Unix milliseconds): whoever reads its webhooks is told. */
  noteErasure(id: string, at: number): Promise<void>
  /** What a dead letter may name the tenant by: its id, its uid, and the uids that it gave up; of a deleted tenant, too. */
  namesOf(id: string): Promise<readonly TenantName[]>
  /** In order of id, or against it, after `after` in that order; of all, or of those whose ids end in one of `endings`, of two characters each. */
  list(page: {
    readonly limit: number
    readonly after: string | null
    readonly endings?: readonly string[]
    /** Only those with this in their name or uid, in whichever case of ASCII letters, or with this id. */
    readonly search?: string | undefined
    readonly order?: 'ascending' | 'descending' | undefined
  }): Promise<readonly Tenant[]>
  /** Removes the tenant with its keys, webhooks and deduplication keys; false when there is none. Its uid rests, and its names stay known. */
  delete(id: string, now: number): Promise<boolean>
}

/** Whom a name meant when a message was sent (Unix milliseconds). */
export interface TenantName {
  readonly name: string
  /** Until then it meant another tenant, which gave it up; null: none. */
  readonly after: number | null
  /** The last moment when it meant this one, as another has had it since, or this one was deleted; null: it still does. */
  readonly until: number | null
}

export type TenantChange = Partial<Pick<Tenant, 'name' | 'uid' | 'metadata' | 'retentionDays'>>

/** What proves a caller. */
export interface KnownKey {
  readonly caller: Caller
  readonly expiresAt: number | null
  readonly secretHash: string
}

export interface KeyStore {
  insert(key: Key, secretHash: string): Promise<void>
  /** A key of a tenant or of the operator, in one statement. */
  find(id: string): Promise<KnownKey | null>
  list(
    tenantId: string,
    page: { readonly limit: number; readonly after: string | null },
  ): Promise<readonly Key[]>
  /** The key that is gone; null when the tenant has none such. */
  delete(tenantId: string, id: string): Promise<Key | null>
  /** Has a key end at `expiresAt`, unless it ends before that anyway. Answers the key; null when the tenant has none such. */
  expire(tenantId: string, id: string, expiresAt: number): Promise<Key | null>
  insertOperatorKey(key: OperatorKey, secretHash: string): Promise<void>
  /** In order of id, after `after`. */
  listOperatorKeys(page: {
    readonly limit: number
    readonly after: string | null
  }): Promise<readonly OperatorKey[]>
  /** The key that is gone; null when there was none. */
  deleteOperatorKey(id: string): Promise<OperatorKey | null>
}

export interface TemplateStore {
  /** False when the name is taken. */
  insert(template: Template): Promise<boolean>
  /** By id or by name. */
  find(idOrName: string): Promise<Template | null>
  /** In order of name. */
  list(page: { readonly limit: number; readonly offset: number }): Promise<{
    readonly items: readonly Template[]
    readonly count: number
  }>
}

/** A change of the catalogue. */
interface CatalogueChange {
  /** The revision that it was made from: of another one nothing is written. */
  readonly revision: number
  readonly saved: readonly EventTypeDefinition[]
  /** Names. */
  readonly deleted: readonly string[]
}

export interface EventTypeStore {
  /**
   * The catalogue from a look at most so many milliseconds old; 0: from a new one, which is one statement while nothing changes.
   * While the database cannot be asked, a former look counts for as long as that lasts, unless a new one is wanted.
   */
  current(maxAgeMs: number): Promise<Catalogue>
  /** Writes all of a change, or nothing and false when the catalogue has another revision by now. */
  write(change: CatalogueChange): Promise<boolean>
}

export interface WebhookFilter {
  readonly tenantId: string
  readonly dialect?: string | undefined
  /** Null asks for those without an owner; undefined does not ask. */
  readonly owner?: string | null | undefined
  /** Any of these; null among them asks for those without an owner as well. */
  readonly owners?: readonly (string | null)[] | undefined
  readonly uniqueKey?: string | undefined
  readonly uid?: string | undefined
  readonly name?: string | undefined
  readonly status?: WebhookStatus | undefined
  readonly enabled?: boolean | undefined
  readonly suspended?: boolean | undefined
  /** Enabled and not suspended; false asks for all others. */
  readonly active?: boolean | undefined
  /** Any of these, compared with the webhook's own entries as they are written. */
  readonly eventTypes?: readonly string[] | undefined
  /** In the name, the `uid` or the URL, in whichever case of ASCII letters; or the id. */
  readonly search?: string | undefined
}

export interface WebhookPage {
  readonly limit: number
  /** Exclusive lower bound of the id. */
  readonly after?: string | undefined
  readonly offset?: number | undefined
}

/** One question of `match`: who wants this type with this scope? */
export interface Topic {
  readonly tenantId: string
  readonly type: string
  readonly scope: Scope
}

export type WebhookRef = Pick<Webhook, 'tenantId' | 'id'>

export interface WebhookStore {
  /**
   * `full` when the tenant has `most` webhooks already, `conflict` when the unique key or the uid is taken, `no_tenant` when the tenant
   * is not there (any more). However many come at once, there are never more than `most`. Here and below, what is given an
   * `epoch` (`EventLog.announce`) is written only while the tenant is in it; else it throws `unavailable` with `FENCED` as cause.
   */
  insert(
    webhook: Webhook,
    most?: number,
    epoch?: number,
  ): Promise<'inserted' | 'full' | 'conflict' | 'no_tenant'>
  find(ref: WebhookRef): Promise<Webhook | null>
  /** As `update` shows it to `change`: who looks into secrets that cannot be opened is told why. */
  findChangeable(ref: WebhookRef): Promise<Webhook | null>
  /** In order of creation (of id). */
  list(filter: WebhookFilter, page: WebhookPage): Promise<readonly Webhook[]>
  /** The same, without reading or opening secrets. */
  listOutlines(filter: WebhookFilter, page: WebhookPage): Promise<readonly WebhookOutline[]>
  /** The ids alone of all of them, in order. */
  listIds(filter: WebhookFilter): Promise<readonly string[]>
  count(filter: WebhookFilter): Promise<number>
  /**
   * Replaces what `change` makes of the present webhook, atomically: when another update came between, `change`
   * is asked again with what that one left. Null when there is no such webhook; what `change` throws is thrown.
   * `suspendedAt` and `lane` are not written. `conflict` when the new unique key is taken. Secrets that cannot be opened stay
   * as they are when `change` hands on the `secrets` it was given; when it looks into them, that throws `unavailable`.
   */
  update(
    ref: WebhookRef,
    change: (current: Webhook) => Webhook,
    epoch?: number,
  ): Promise<Webhook | 'conflict' | null>
  /** Returns what was deleted, without secrets that cannot be opened; null when there was none. */
  delete(ref: WebhookRef, epoch?: number): Promise<Webhook | null>
  /**
   * Enabled webhooks (suspended ones included) that may want any of the topics, each once, in one query. A superset:
   * `matches` decides.
   */
  findSubscribers(topics: readonly Topic[]): Promise<readonly WebhookWithTenant[]>
  /** Those of the webhooks that exist, in one query; disabled ones included. */
  findByRef(refs: readonly WebhookRef[]): Promise<readonly WebhookWithTenant[]>
  /** Writes the monitor's state unless a newer version stands there already. */
  setState(ref: WebhookRef, state: Pick<Health, 'version' | 'suspendedAt' | 'lane'>): Promise<void>
  /** Notes that a webhook was pulled. */
  notePull(ref: WebhookRef, at: number): Promise<void>
  /**
   * Webhooks with a `deleteAfterIdleSeconds` that have neither been pulled nor changed for that long before a time, in order of their
   * tenants and ids.
   */
  listIdle(
    before: number,
    page: { readonly limit: number; readonly after: WebhookRef | null },
  ): Promise<readonly WebhookRef[]>
}

/** What one step of sealing anew came to. */
interface Resealed {
  /** Webhooks whose secrets were sealed under the newest key. */
  readonly resealed: number
  /** Those of this step whose secrets cannot be opened: their key is missing, or they are damaged. */
  readonly unreadable: readonly WebhookRef[]
  /** Webhooks, of all, whose secrets are not sealed under the newest key. */
  readonly remaining: number
  /** After which the next step goes on; null after the last one. */
  readonly next: WebhookRef | null
}

/** The secrets at rest of all tenants. */
export interface SecretStore {
  /**
   * Seals secrets under the newest key that are not: those of the next `limit` webhooks after `after`. What an owner
   * changes meanwhile is not lost. Can be repeated, and begun again, at any time.
   */
  reseal(page: { readonly limit: number; readonly after: WebhookRef | null }): Promise<Resealed>
}

/** A key that was used before: whether what it stood for was stored. */
export interface DeduplicationEntry {
  readonly key: string
  /** SHA-256 (hex) of what the key stands for. */
  readonly contentHash: string
  /** What to answer again: an event id, or a whole response as JSON. */
  readonly answer: string
}

export interface DeduplicationStore {
  /**
   * Claims keys for `expiresAt` (an expired claim is free), in one transaction. Returns, in order, null for a key
   * claimed now and the earlier entry for one that was taken; `confirmed` says that its publish was stored.
   */
  claim(
    tenantId: string,
    entries: readonly DeduplicationEntry[],
    times: { readonly now: number; readonly expiresAt: number },
  ): Promise<readonly ((DeduplicationEntry & { readonly confirmed: boolean }) | null)[]>
  /** Marks claims as stored. */
  confirm(tenantId: string, keys: readonly string[]): Promise<void>
  /** Removes claims that were made for a publish that was then refused. */
  release(tenantId: string, keys: readonly string[]): Promise<void>
  /** Removes expired keys, at most `limit`; returns how many. */
  prune(now: number, limit: number): Promise<number>
}

/** A queue message that could not be processed, kept for a person to see. */
export interface DeadLetter {
  readonly id: string
  readonly queue: string
  readonly reason: string
  readonly body: string
  readonly at: number
}

export interface DeadLetterStore {
  /**
   * Idempotent by id. Without its body and reason where that names a tenant of which events were erased since it was sent (Unix milliseconds),
   * nobody can say whether it tells of them, or one that was deleted since; or where it names none, and that was done for any.
   */
  insert(letter: DeadLetter & { readonly sentAt: number }): Promise<void>
  /** Newest first, before `before`. */
  list(page: {
    readonly limit: number
    readonly before: string | null
  }): Promise<readonly DeadLetter[]>
  /** Removes letters older than `before` (Unix milliseconds), and names of tenants that none may have any more; returns how many letters. */
  prune(before: number): Promise<number>
  /** Empties the bodies of those letters for which that holds, and says nothing more of why (`DEAD_LETTER.erasedReason`). */
  erase(
    isErased: (letter: { readonly body: string; readonly sentAt: number }) => boolean,
  ): Promise<void>
}
