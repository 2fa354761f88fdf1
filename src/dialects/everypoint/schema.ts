// What EveryPoint's clients send and are answered.

import { z } from 'zod'
import { PUBLISH, WEBHOOK } from '../../limits.ts'

/**
 * "Limited to lowercase letters, numbers, and hyphens" (developer.everypoint.io, Instances). The length is ours: what
 * an event's scope can name.
 */
export const INSTANCE_NAME = `[a-z0-9-]{1,${PUBLISH.scopeValueChars}}`

const URL_MEANING = 'Where notifications are sent; null is no webhook.'

/** Null clears the webhook; ours. */
export const UpdateWebhook = z
  .object({
    url: z.string().min(1).max(WEBHOOK.urlChars).nullable().meta({ description: URL_MEANING }),
  })
  .meta({ id: 'EveryPointUpdateWebhook' })

/** The envelope of every answer that is no error. */
export const WebhookAnswer = z
  .object({
    success: z.literal(true).meta({ description: 'False only for errors.' }),
    data: z
      .object({
        webhook: z
          .object({ url: z.string().nullable().meta({ description: URL_MEANING }) })
          .meta({ description: 'The webhook of the instance.' }),
      })
      .meta({ description: 'The result of the request.' }),
  })
  .meta({ id: 'EveryPointWebhook' })
export type WebhookAnswer = z.infer<typeof WebhookAnswer>
