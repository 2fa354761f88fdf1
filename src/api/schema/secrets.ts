// Re-encryption on the wire.

import { z } from 'zod'
import { CURSORS } from '../../engine/cursor.ts'
import { optional } from '../../engine/pipeline/event-input.ts'
import type { Resealed, WebhookRef } from '../../engine/ports.ts'
import { cursorOf } from '../../http/pagination.ts'
import { Id } from './fields.ts'

export const ReencryptSecrets = z
  .strictObject({
    cursor: optional(
      cursorOf(CURSORS.secrets).meta({
        description: '`nextCursor` of the step before. Absent: from the start.',
      }),
    ),
  })
  .meta({ id: 'ReencryptSecrets' })

/** After which webhook a step goes on; null from the start. */
export function toPosition(cursor: string | undefined): WebhookRef | null {
  const [tenantId, id] = (cursor && CURSORS.secrets.read(cursor)) || []
  return tenantId === undefined || id === undefined ? null : { tenantId, id }
}

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
    nextCursor: next && CURSORS.secrets.write(next.tenantId, next.id),
  }
}
