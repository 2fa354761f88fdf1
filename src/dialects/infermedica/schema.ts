// What Infermedica's clients send and are answered. Fields of answers stand in the order in which the vendor's page prints
// them (docs/contracts/infermedica.md, "Calls").

import { z } from 'zod'
import { WEBHOOK } from '../../limits.ts'

/** `survey_finished` is in the vendor's table of events, `survey_created` in its examples. */
const SURVEY_EVENTS = ['survey_finished', 'survey_created'] as const

/** Characters of a token; ours. */
const TOKEN_CHARS = 512

const URL_MEANING = 'Where notifications are sent: an http or https URL.'
const TOKEN_MEANING =
  'Sent with each notification, in the header `x-webhook-infermedica-token`. 1 to 512 visible ASCII characters, and spaces between them.'
const EVENTS_MEANING = 'The events that trigger a notification.'

const url = z.string().min(1).max(WEBHOOK.urlChars).meta({ description: URL_MEANING })

const authorizationToken = z
  .string()
  .min(1)
  .max(TOKEN_CHARS)
  .regex(
    /^(?! )[\x20-\x7e]*(?<! )$/,
    'Must contain only visible ASCII characters and spaces, with no space at the beginning or end.',
  )
  .meta({ description: TOKEN_MEANING })

const subscribedEvents = z
  .array(z.enum(SURVEY_EVENTS, `Must be one of: ${SURVEY_EVENTS.join(', ')}.`))
  .min(1)
  .meta({ description: EVENTS_MEANING })

export const CreateWebhook = z
  .object({
    url,
    authorization_token: authorizationToken,
    subscribed_events: subscribedEvents,
  })
  .meta({ id: 'InfermedicaCreateWebhook' })
export type CreateWebhook = z.infer<typeof CreateWebhook>

export const UpdateWebhook = CreateWebhook.partial().meta({ id: 'InfermedicaUpdateWebhook' })
export type UpdateWebhook = z.infer<typeof UpdateWebhook>

const shown = {
  id: z.string().meta({ format: 'uuid', description: 'The id of the webhook.' }),
  url: z.string().meta({ description: URL_MEANING }),
  subscribed_events: z.array(z.string()).meta({ description: EVENTS_MEANING }),
}

/** "Token excluded", as the vendor has it. */
export const Configuration = z.object(shown).meta({ id: 'InfermedicaWebhook' })
export type Configuration = z.infer<typeof Configuration>

export const CreatedConfiguration = z
  .object({ ...shown, authorization_token: z.string().meta({ description: TOKEN_MEANING }) })
  .meta({ id: 'InfermedicaCreatedWebhook' })
export type CreatedConfiguration = z.infer<typeof CreatedConfiguration>

/** "The token omitted" when the request did not name it, and "the updated token" when it did. */
export const UpdatedConfiguration = CreatedConfiguration.partial({
  authorization_token: true,
}).meta({
  id: 'InfermedicaUpdatedWebhook',
})
export type UpdatedConfiguration = z.infer<typeof UpdatedConfiguration>
