// Entries of the audit on the wire.

import { z } from 'zod'
import {
  AUDIT_ACTIONS,
  AUDIT_ACTOR_KINDS,
  AUDIT_TARGET_KINDS,
  AUDIT_VIAS,
  type AuditEntry,
} from '../../engine/model/index.ts'
import { idCursorOf, Limit } from '../../http/pagination.ts'
import { CURSORS } from '../../primitives/cursor.ts'
import { timeOf } from '../../primitives/ids.ts'
import { formatTime, Timestamp } from '../../primitives/time.ts'
import { idField, timeField } from './fields.ts'

const Name = (description: string) => z.string().min(1).max(256).optional().meta({ description })

export const AuditQueryInput = z.object({
  limit: Limit,
  cursor: idCursorOf(CURSORS.audit).optional(),
  after: Timestamp.optional().meta({ description: 'Only changes after this time.' }),
  before: Timestamp.optional().meta({ description: 'Only changes before this time.' }),
  action: Name(
    'Only this action, such as `webhook.updated`, or all on what it names, such as `webhook`.',
  ),
  actor: Name(
    'Only changes by this key (its id), this user (a `subject`), or actors of this kind.',
  ),
  target: Name('Only changes of what has this id; event types have their name as id.'),
})

/** What is asked of the list. */
export type AuditQueryInput = z.infer<typeof AuditQueryInput>

export const AuditEntryResponse = z
  .object({
    id: idField('entry'),
    at: timeField('When it was changed.'),
    tenantId: z.string().nullable().meta({
      description: 'The tenant that it concerns; null for the deployment.',
    }),
    action: z.enum(AUDIT_ACTIONS).meta({ description: 'What was done.' }),
    actor: z
      .object({
        kind: z.enum(AUDIT_ACTOR_KINDS).meta({ description: 'What sort of caller it was.' }),
        id: z.string().nullable().meta({ description: 'The id of its key; null without one.' }),
        name: z.string().nullable().meta({ description: 'What its key was called then.' }),
        subject: z.string().nullable().meta({ description: 'The user that its key acts for.' }),
      })
      .meta({ description: 'Who did it.' }),
    via: z.enum(AUDIT_VIAS).meta({ description: 'By which way it was done.' }),
    surface: z.string().nullable().meta({
      description: 'The dialect of the surface that was called; null for the system.',
    }),
    target: z
      .object({
        kind: z.enum(AUDIT_TARGET_KINDS).meta({ description: 'What sort of thing it is.' }),
        id: z.string().meta({ description: 'Its id; of an event type, its name.' }),
        name: z.string().nullable().meta({ description: 'What it was called then.' }),
      })
      .meta({ description: 'What was changed.' }),
    changes: z
      .array(
        z.object({
          field: z.string().meta({ description: 'The name of the field.' }),
          before: z.string().nullable().optional().meta({ description: 'Its former value.' }),
          after: z.string().nullable().optional().meta({ description: 'Its value from then on.' }),
        }),
      )
      .meta({
        description:
          'The fields that were changed, and what else is to be known. Values are told of harmless fields only.',
      }),
  })
  .meta({ id: 'AuditEntry' })
export type AuditEntryResponse = z.infer<typeof AuditEntryResponse>

export function toAuditEntryResponse(entry: AuditEntry): AuditEntryResponse {
  const { id, tenantId, action, actor, via, surface, target, changes } = entry
  return {
    ...{ id, at: formatTime(timeOf(id)), tenantId, action, actor, via, surface, target },
    changes: changes.map((change) => ({ ...change })),
  }
}
