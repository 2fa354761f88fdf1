// Who changed what: what surfaces and pages may ask of it.

import type { AuditAuthor, AuditEntry } from '../model/index.ts'
import type { AuditQuery } from '../ports/index.ts'

export interface Audit {
  /**
   * Writes down, as this author's, what was changed through this engine and is not written down yet; without a change it does nothing.
   * Never rejects: what cannot be written is logged, because the change was made all the same.
   */
  record(author: AuditAuthor): Promise<void>
  list(query: AuditQuery): Promise<readonly AuditEntry[]>
}
