// Changes on their way into the audit: what is made through one engine is noted, and written down once it is known who asked.

import { describeError } from '../../errors.ts'
import { newId } from '../../primitives/ids.ts'
import type { Audit } from '../api.ts'
import type { AuditAuthor, AuditedChange } from '../model/index.ts'
import type { Ports } from '../ports/index.ts'

/** Notes that something was changed, after it was. */
export type NoteChange = (change: AuditedChange) => void

interface Noted {
  readonly change: AuditedChange
  readonly id: string
}

/** Hookline itself. */
export const BY_SYSTEM: AuditAuthor = {
  actor: { kind: 'system', id: null, subject: null },
  via: 'system',
  surface: null,
}

type AuditPorts = Pick<Ports, 'audit' | 'log'>

/** The audit of one engine. */
export function createAudit(
  ports: AuditPorts & Pick<Ports, 'clock'>,
): Audit & { note: NoteChange } {
  const pending: Noted[] = []
  return {
    note: (change) => {
      pending.push({ change, id: newId(ports.clock()) })
    },
    record: async (author) => {
      if (pending.length > 0) await writeDown(pending.splice(0), author, ports)
    },
    list: (query) => ports.audit.list(query),
  }
}

/** Never rejects. */
export async function writeDown(
  noted: readonly Noted[],
  author: AuditAuthor,
  { audit, log }: AuditPorts,
): Promise<void> {
  try {
    await audit.append(noted.map(({ change, id }) => ({ ...change, ...author, id })))
  } catch (error) {
    log({
      event: 'audit.unwritten',
      actions: [...new Set(noted.map(({ change }) => change.action))],
      entries: noted.length,
      error: describeError(error),
    })
  }
}
