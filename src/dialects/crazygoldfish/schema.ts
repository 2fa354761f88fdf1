// What CrazyGoldFish's clients send and are answered.

import { z } from 'zod'
import { clamped } from '../../http/query.ts'
import { SIGNING, WEBHOOK } from '../../limits.ts'

const MEANING = {
  api_template: 'The id of the API template whose documents are notified.',
  endpoint_url: 'Where notifications are sent: an http or https URL.',
} as const

const fields = {
  endpoint_url: z.string().min(1).max(WEBHOOK.urlChars).meta({ description: MEANING.endpoint_url }),
  /** The secret itself, whatever the vendor's name for it says; null or empty is none. */
  secret_hash: z.string().max(SIGNING.textChars).nullish().meta({
    description:
      'The secret itself, with which notifications are signed. Never returned. Null or an empty string means no secret.',
  }),
}

/** What a PATCH may name (docs.crazygoldfish.com, PATCH Webhook: "only"), any part of it; the rest is ignored. */
export const UpdateWebhook = z
  .object({ ...fields, endpoint_url: fields.endpoint_url.optional() })
  .meta({ id: 'CrazyGoldFishUpdateWebhook' })
export type UpdateWebhook = z.infer<typeof UpdateWebhook>

export const CreateWebhook = z
  .object({
    ...fields,
    api_template: z
      .guid('Must be a UUID.')
      .toLowerCase()
      .meta({ description: MEANING.api_template }),
  })
  .meta({ id: 'CrazyGoldFishCreateWebhook' })
export type CreateWebhook = z.infer<typeof CreateWebhook>

/** Items on a page; ours. */
const PAGE_SIZE = 20
const MAX_PAGE_SIZE = 100

/** No list is that long: a page beyond is past the end as well. */
const LAST_PAGE = 999_999_999

/** The vendor "supports pagination"; the names and bounds are ours. */
export const PageQuery = z.object({
  page: clamped(1, LAST_PAGE).default(1).meta({ description: 'The number of the page, from 1.' }),
  page_size: clamped(1, MAX_PAGE_SIZE)
    .default(PAGE_SIZE)
    .meta({
      description: `The number of items on a page; more than ${MAX_PAGE_SIZE} means ${MAX_PAGE_SIZE}.`,
    }),
})
export type PageQuery = z.infer<typeof PageQuery>

/** docs.crazygoldfish.com, POST Webhook: names and their order. */
export const WebhookResponse = z
  .object({
    id: z.string().meta({ format: 'uuid', description: 'The id of the webhook.' }),
    api_template: z.string().nullable().meta({ description: MEANING.api_template }),
    endpoint_url: z.string().meta({ description: MEANING.endpoint_url }),
    status: z.enum(['enabled', 'disabled']).meta({ description: 'Whether events are notified.' }),
    created_at: z.string().meta({ format: 'date-time', description: 'When it was created.' }),
    created_by: z
      .string()
      .meta({ description: 'The user who created it; without one, the tenant.' }),
  })
  .meta({ id: 'CrazyGoldFishWebhook' })
export type WebhookResponse = z.infer<typeof WebhookResponse>

export const TemplateResponse = z
  .object({
    id: z.string().meta({ format: 'uuid', description: 'The id of the API template.' }),
    name: z.string().meta({ description: 'The name, which events can also refer to.' }),
    display_name: z.string().meta({ description: 'The display name.' }),
    description: z.string().meta({ description: 'What it is for.' }),
  })
  .meta({ id: 'CrazyGoldFishTemplate' })
export type TemplateResponse = z.infer<typeof TemplateResponse>

/** A page of a list; ours. */
export function pageOf<T>(item: z.ZodType<T>) {
  return z.object({
    count: z.int().meta({ description: 'The number of items on all pages.' }),
    next: z.string().nullable().meta({ description: 'The URL of the next page, if there is one.' }),
    previous: z
      .string()
      .nullable()
      .meta({ description: 'The URL of the page before, if there is one.' }),
    results: z.array(item).meta({ description: 'The items on this page.' }),
  })
}
