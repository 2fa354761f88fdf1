// The jobs of the whole deployment, and which tenant has which of its own.

import type { DeploymentRequest, JobProgress } from '../model/index.ts'

/** A job of the whole deployment. */
export interface DeploymentJob {
  readonly id: string
  readonly kind: DeploymentRequest['kind']
  readonly tenantId: string | null
  readonly createdAt: number
  readonly progress: JobProgress
}

/** What the administrator's calls set going. It goes on until it has ended, whoever dies. */
export interface DeploymentJobs {
  /** Resolves when the job is kept and its first step taken; rejects when the first step fails, and is kept all the same. */
  start(id: string, request: DeploymentRequest): Promise<DeploymentJob>
  find(id: string): Promise<DeploymentJob | null>
  /** Newest first, below the id `before`. */
  list(page: {
    readonly limit: number
    readonly before: string | null
  }): Promise<readonly DeploymentJob[]>
  /** Stops a job where it is; false when it is not running. */
  cancel(id: string): Promise<boolean>
}

/** A job of a tenant. */
export interface TenantJob {
  readonly id: string
  readonly tenantId: string
}

/** Which tenant has which job; that of a deleted one stays until it is pruned. */
export interface TenantJobStore {
  /** Idempotent by id. */
  note(job: TenantJob): Promise<void>
  /** Of all tenants in order of time, those behind the id `behind`. */
  list(page: {
    readonly limit: number
    readonly behind: string | null
    readonly order: 'ascending' | 'descending'
  }): Promise<readonly TenantJob[]>
  /** Forgets those that were started before a time (Unix milliseconds); returns how many. */
  prune(before: number): Promise<number>
}
