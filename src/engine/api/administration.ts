// What the administrator may ask of the engine, and the operator.

import type {
  Caller,
  DayReport,
  ErasureRequest,
  Job,
  JobReceipt,
  Key,
  OperatorKey,
  Permission,
  Template,
  Tenant,
} from '../model/index.ts'
import type { DeadLetter, TenantChange, TenantJob } from '../ports/index.ts'
import type { IdPage, NewestPage, OrderedIdPage } from './pages.ts'

/** What a tenant is made of. */
interface TenantDraft extends Pick<Tenant, 'name'> {
  /** Null: it gets one. */
  readonly id: string | null
  readonly uid?: Tenant['uid'] | undefined
  readonly metadata?: Tenant['metadata'] | undefined
  readonly retentionDays?: number | undefined
}

/** Tenants, keys and the template catalogue: the administrator's side, and the operator's. */
export interface Administration {
  /** Throws `conflict` when the id or the uid is taken, or rests. */
  createTenant(draft: TenantDraft): Promise<Tenant>
  /** The ids of the tenants that are called so, by name; those that there are not are made, but for none where the uids of some rest. */
  createMissingTenants(uids: readonly string[]): Promise<{
    readonly ids: ReadonlyMap<string, string>
    readonly made: readonly Tenant[]
    readonly resting: readonly string[]
  }>
  /** Throws `not_found`. */
  getTenant(id: string): Promise<Tenant>
  /** The id of a tenant by its id or its uid, maybe from a cache (`TENANT.cacheMs`). Throws `not_found`, `unavailable`. */
  getTenantId(name: string): Promise<string>
  /** The same of several, by name, without those that there are not. Throws `unavailable`. */
  findTenantIds(names: readonly string[]): Promise<ReadonlyMap<string, string>>
  /** Changes what is there of `change`. Throws `not_found`, and `conflict` as `createTenant` does. */
  updateTenant(id: string, change: TenantChange): Promise<Tenant>
  /** `Events.usage` of a tenant. Throws `not_found`. */
  tenantUsage(id: string): Promise<readonly DayReport[]>
  /** `search`: only those with this in their name or uid, in whichever case, or with this id. */
  listTenants(
    page: OrderedIdPage & { readonly search?: string | undefined },
  ): Promise<readonly Tenant[]>
  /**
   * Removes the tenant with its keys and webhooks, and starts a job that removes what was kept of them: attempts and
   * diverted events. Throws `not_found`.
   */
  deleteTenant(id: string): Promise<JobReceipt>
  /**
   * Starts a job that erases the content of events: all that was published until now and has these entries in its scope (without any, all), or
   * these events. Throws `not_found` for the tenant.
   */
  eraseEvents(tenantId: string, request: ErasureRequest): Promise<JobReceipt>
  /**
   * `secret` is shown this once. `grantable`: the permissions of whoever makes it, null for the administrator. Throws `not_found` for
   * the tenant, `forbidden` for a permission that its maker lacks.
   */
  createKey(
    tenantId: string,
    draft: {
      readonly name: string | null
      readonly subject: string | null
      /** Null: all that may be granted, with a subject all but `webhooks:unowned`. */
      readonly permissions: readonly Permission[] | null
      readonly expiresAt: number | null
    },
    grantable: readonly Permission[] | null,
  ): Promise<{ readonly key: Key; readonly secret: string }>
  listKeys(tenantId: string, page: IdPage): Promise<readonly Key[]>
  /** The key that is gone. Throws `not_found`. */
  deleteKey(tenantId: string, id: string): Promise<Key>
  /** Has a key end at a time (Unix milliseconds), unless it ends before. Throws `not_found`. */
  expireKey(tenantId: string, id: string, expiresAt: number): Promise<Key>
  /** `secret` is shown this once. Null `permissions`: all of them. */
  createOperatorKey(draft: {
    readonly name: string | null
    readonly permissions: readonly Permission[] | null
    readonly expiresAt: number | null
  }): Promise<{ readonly key: OperatorKey; readonly secret: string }>
  listOperatorKeys(page: IdPage): Promise<readonly OperatorKey[]>
  /** The key that is gone. Throws `not_found`. */
  deleteOperatorKey(id: string): Promise<OperatorKey>
  /** Who this credential is; null for an unknown, wrong, revoked or expired one. May answer from a cache for 5 s. */
  authenticate(id: string, secret: string): Promise<Caller | null>
  /** Whether a key that was proved still works; may answer from a cache for 5 s. */
  isValid(keyId: string): Promise<boolean>
  createTemplate(draft: Omit<Template, 'id'>): Promise<Template>
  listTemplates(page: {
    readonly limit: number
    readonly offset: number
  }): Promise<{ readonly items: readonly Template[]; readonly count: number }>
  findTemplate(idOrName: string): Promise<Template | null>
  listDeadLetters(page: NewestPage): Promise<readonly DeadLetter[]>
  /** Starts a job that seals all secrets at rest under the newest key. */
  reencryptSecrets(): Promise<JobReceipt>
  /** The jobs of the deployment, newest first. */
  listJobs(page: NewestPage): Promise<readonly Job[]>
  getJob(id: string): Promise<Job>
  /**
   * Jobs of all tenants in order of time, behind the id `behind`: fewer than `limit` where some are gone. `last` is the last of them, gone
   * or not, from which the list goes on; null at its end.
   */
  listTenantJobs(page: {
    readonly limit: number
    readonly behind: string | null
    readonly order: 'ascending' | 'descending'
  }): Promise<{ readonly items: readonly Job[]; readonly last: TenantJob | null }>
  /** Stops a job where it is. Throws `not_found`, and `conflict` for a purge that is running. */
  cancelJob(id: string): Promise<void>
}
