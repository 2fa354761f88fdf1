// What goes on in the background because somebody asked for it.

type JobState = 'running' | 'done' | 'failed' | 'cancelled'

/** How far something got that goes on in the background, whatever it is. */
export interface JobProgress {
  readonly state: JobState
  /** What of it is done, counted in the things it is about. */
  readonly done: number
  /** Of how many; null while nobody knows. */
  readonly total: number | null
  /** What went wrong last, as a sentence: it is tried again while the job is running. */
  readonly error: string | null
  readonly endedAt: number | null
}

/** Something that goes on in the background. */
export interface Job extends JobProgress {
  readonly id: string
  readonly kind: 'resend' | 'replay' | 'erase' | 'purge' | 'reencrypt'
  /** Null: the whole deployment's. */
  readonly tenantId: string | null
  readonly webhookId: string | null
  readonly createdAt: number
}

/** The answer to whoever starts a job: how many things it is about, or null when nobody has counted. */
export interface JobReceipt {
  readonly jobId: string
  readonly queued: number | null
}

/** Removing all that a deleted tenant had. */
export interface PurgeRequest {
  readonly kind: 'purge'
  readonly tenantId: string
  /** Tells the tenant from a later one with the same id. */
  readonly tenantCreatedAt: number
  /** Once its log is emptied, all that it has. */
  readonly webhookIds: readonly string[]
  /** Its log is emptied: nothing new comes in. */
  readonly isEmptied?: boolean | undefined
  /** Nobody can use the tenant any more. */
  readonly isClosed: boolean
  /** When it was deleted, until what else stands in the database is erased. */
  readonly deletedAt?: number | null | undefined
  /** How many of the webhooks are purged. */
  readonly purged: number
}

/** Sealing all secrets at rest under the newest key. */
export interface ReencryptRequest {
  readonly kind: 'reencrypt'
  /** The last webhook that was looked at. */
  readonly after: { readonly tenantId: string; readonly id: string } | null
  /** Webhooks whose secrets no key opens: how many, and the first of them. */
  readonly unreadable: number
  readonly examples: readonly string[]
}

export type DeploymentRequest = PurgeRequest | ReencryptRequest
