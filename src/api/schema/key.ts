// Keys on the wire.

import { z } from 'zod'
import { text } from '../../engine/intake/event-input.ts'
import {
  type Key,
  OPERATOR_PERMISSIONS,
  type OperatorKey,
  PERMISSIONS,
} from '../../engine/model/index.ts'
import { NAMES } from '../../limits.ts'
import { formatTime, formatTimeOrNull, Timestamp } from '../../primitives/time.ts'
import { idField, timeField, timeOrNull } from './fields.ts'

const Permission = z.enum(PERMISSIONS)
const OperatorPermission = z.enum(OPERATOR_PERMISSIONS)

const NAME = 'A display name.'
const EXPIRY = 'When the key stops working; null means never.'

/** What is shown as null may be given as null. */
export const CreateKey = z
  .strictObject({
    name: text(1, NAMES.chars).nullish().meta({ description: NAME }),
    subject: text(1, NAMES.chars)
      .nullish()
      .meta({
        description:
          'The user that the key acts for. Webhooks created with the key belong to this user, and it can access only ' +
          'this user’s webhooks and what was sent to them. If absent, the key acts for the tenant and can access all.',
      }),
    permissions: z
      .array(Permission)
      .nullish()
      .meta({
        description:
          'If absent, all permissions that the creator of the key may grant, except `mcp:write`, which lets agents write through the MCP ' +
          'server at `/mcp`, and `ucp-agent:write`, which lets webhooks name the `UCP-Agent` of a business; with a `subject`, also except `webhooks:unowned`, which gives such a key access to webhooks that belong to ' +
          'no user, too.',
      }),
    expiresAt: Timestamp.nullish().meta({ description: EXPIRY }),
  })
  .meta({ id: 'CreateKey' })

export const CreateOperatorKey = z
  .strictObject({
    name: text(1, NAMES.chars).nullish().meta({ description: NAME }),
    permissions: z.array(OperatorPermission).nullish().meta({
      description:
        'If absent, all permissions except `mcp:write` and `ucp-agent:write`. Every key may read the catalogue.',
    }),
    expiresAt: Timestamp.nullish().meta({ description: EXPIRY }),
  })
  .meta({ id: 'CreateOperatorKey' })

export const OperatorKeyResponse = z
  .object({
    id: idField('key'),
    name: z.string().nullable().meta({ description: NAME }),
    permissions: z.array(OperatorPermission).meta({ description: 'What the key may do.' }),
    createdAt: timeField('When it was created.'),
    expiresAt: timeOrNull(EXPIRY),
  })
  .meta({ id: 'OperatorKey' })
export type OperatorKeyResponse = z.infer<typeof OperatorKeyResponse>

export const KeyResponse = z
  .object({
    id: idField('key'),
    tenantId: idField('tenant'),
    name: z.string().nullable().meta({ description: NAME }),
    subject: z.string().nullable().meta({
      description: 'The user that the key acts for; null if it acts for the tenant.',
    }),
    permissions: z.array(Permission).meta({ description: 'What the key may do.' }),
    createdAt: timeField('When it was created.'),
    expiresAt: timeOrNull(EXPIRY),
  })
  .meta({ id: 'Key' })
export type KeyResponse = z.infer<typeof KeyResponse>

const shownOnce = {
  secret: z.string().meta({ description: 'Returned only in this response.' }),
  token: z.string().meta({ description: '`<id>.<secret>`. Returned only in this response.' }),
}

export const CreatedKeyResponse = KeyResponse.extend(shownOnce).meta({ id: 'CreatedKey' })

export const CreatedOperatorKeyResponse = OperatorKeyResponse.extend(shownOnce).meta({
  id: 'CreatedOperatorKey',
})

export function toKeyResponse(key: Key): KeyResponse {
  const { id, tenantId, name, subject, permissions, createdAt, expiresAt } = key
  return {
    id,
    tenantId,
    name,
    subject,
    // What only an operator key can have was given to none of a tenant.
    permissions: permissions.flatMap((name) => PERMISSIONS.find((known) => known === name) ?? []),
    createdAt: formatTime(createdAt),
    expiresAt: formatTimeOrNull(expiresAt),
  }
}

export function toOperatorKeyResponse(key: OperatorKey): OperatorKeyResponse {
  const { id, name, permissions, createdAt, expiresAt } = key
  return {
    id,
    name,
    permissions: [...permissions],
    createdAt: formatTime(createdAt),
    expiresAt: formatTimeOrNull(expiresAt),
  }
}
