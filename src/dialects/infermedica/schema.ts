// What Infermedica's clients send.

import { z } from 'zod'
import { WEBHOOK } from '../../limits.ts'

/** `survey_finished` is in the vendor's table of events, `survey_created` in its examples. */
const SURVEY_EVENTS = ['survey_finished', 'survey_created'] as const

/** Characters of a token; ours. */
const TOKEN_CHARS = 512

const url = z.string().min(1).max(WEBHOOK.urlChars)

const authorizationToken = z
  .string()
  .min(1)
  .max(TOKEN_CHARS)
  .regex(
    /^(?! )[\x20-\x7e]*(?<! )$/,
    'Must contain only visible ASCII characters and spaces, with no space at the beginning or end.',
  )

const subscribedEvents = z
  .array(z.enum(SURVEY_EVENTS, `Must be one of: ${SURVEY_EVENTS.join(', ')}.`))
  .min(1)

export const CreateWebhook = z.object({
  url,
  authorization_token: authorizationToken,
  subscribed_events: subscribedEvents,
})
export type CreateWebhook = z.infer<typeof CreateWebhook>

export const UpdateWebhook = CreateWebhook.partial()
export type UpdateWebhook = z.infer<typeof UpdateWebhook>
