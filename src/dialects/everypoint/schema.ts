// What EveryPoint's clients send.

import { z } from 'zod'
import { PUBLISH, WEBHOOK } from '../../limits.ts'

/**
 * "Limited to lowercase letters, numbers, and hyphens" (developer.everypoint.io, Instances). The length is ours: what
 * an event's scope can name.
 */
export const INSTANCE_NAME = `[a-z0-9-]{1,${PUBLISH.scopeValueChars}}`

/** Null clears the webhook; ours. */
export const UpdateWebhook = z.object({
  url: z.string().min(1).max(WEBHOOK.urlChars).nullable(),
})
export type UpdateWebhook = z.infer<typeof UpdateWebhook>
