// Who it was, for the audit.

import type { AuditAuthor, Caller } from '../engine/model/index.ts'
import type { SurfaceContext } from './surface.ts'

/** The author of what a request changes, once it is admitted. */
export function authorOf(c: SurfaceContext): AuditAuthor {
  // Set only for a key: the administrator is no caller.
  const caller: Caller | undefined = c.get('caller')
  const surface: string | undefined = c.get('surface')
  return {
    actor:
      caller === undefined
        ? { kind: 'administrator', id: null, subject: null }
        : {
            kind: caller.kind === 'operator' ? 'operator_key' : 'key',
            id: caller.id,
            subject: caller.subject,
          },
    via: c.env.signedInAt ?? 'api',
    surface: surface ?? null,
  }
}
