// Re-encryption on the wire.

import { z } from 'zod'
import { toCursor } from '../../engine/cursor.ts'
import type { Resealed } from '../../engine/ports.ts'
import { cursorOf } from '../../http/pagination.ts'
import { Id } from './fields.ts'

const Position = z.strictObject({ v: z.literal(1), tenantId: z.guid(), webhookId: z.guid() })

export const ReencryptSecrets = z
  .strictObject({
    cursor: cursorOf(Position)
      .optional()
      .meta({ description: '`nextCursor` of the step before. Absent: from the start.' }),
  })
  .meta({ id: 'ReencryptSecrets' })

export const ReencryptedResponse = z
  .object({
    reencrypted: z.int().meta({ description: 'Webhooks whose secrets this step re-encrypted.' }),
    unreadable: z.array(z.object({ tenantId: Id, webhookId: Id })).meta({
      description: 'Webhooks of this step whose secrets no listed key opens.',
    }),
    remaining: z.int().meta({
      description: 'Webhooks whose secrets are not under the newest key. At 0 the others can go.',
    }),
    nextCursor: z.string().nullable().meta({ description: 'Null after the last step.' }),
  })
  .meta({ id: 'ReencryptedSecrets' })
export type ReencryptedResponse = z.infer<typeof ReencryptedResponse>

export function toReencryptedResponse({
  resealed,
  unreadable,
  remaining,
  next,
}: Resealed): ReencryptedResponse {
  return {
    reencrypted: resealed,
    unreadable: unreadable.map(({ tenantId, id }) => ({ tenantId, webhookId: id })),
    remaining,
    nextCursor: next && toCursor({ v: 1, tenantId: next.tenantId, webhookId: next.id }),
  }
}
