// What goes on in the background, as surfaces may ask about it.

import type { Job } from '../model/index.ts'
import type { NewestPage } from './pages.ts'

/** What of a tenant goes on in the background: resends and replays. */
export interface Jobs {
  /** Newest first. */
  list(tenantId: string, page: NewestPage): Promise<readonly Job[]>
  /** Throws `not_found`. */
  get(tenantId: string, id: string): Promise<Job>
  /** Stops a job where it is; one that has ended stays as it is. Throws `not_found`. */
  cancel(tenantId: string, id: string): Promise<void>
}
