// What CrazyGoldFish's clients send.

import { z } from 'zod'
import { clamped } from '../../http/query.ts'
import { SIGNING, WEBHOOK } from '../../limits.ts'

const fields = {
  endpoint_url: z.string().min(1).max(WEBHOOK.urlChars),
  /** The secret itself, whatever the vendor's name for it says; null or empty is none. */
  secret_hash: z.string().max(SIGNING.textChars).nullish(),
}

/** What a PATCH may name (docs.crazygoldfish.com, PATCH Webhook: "only"), any part of it; the rest is ignored. */
export const UpdateWebhook = z.object({ ...fields, endpoint_url: fields.endpoint_url.optional() })
export type UpdateWebhook = z.infer<typeof UpdateWebhook>

export const CreateWebhook = z.object({
  ...fields,
  api_template: z.guid('Must be a UUID.').toLowerCase(),
})
export type CreateWebhook = z.infer<typeof CreateWebhook>

/** Items on a page; ours. */
const PAGE_SIZE = 20
const MAX_PAGE_SIZE = 100

/** No list is that long: a page beyond is past the end as well. */
const LAST_PAGE = 999_999_999

/** The vendor "supports pagination"; the names and bounds are ours. */
export const PageQuery = z.object({
  page: clamped(1, LAST_PAGE).default(1),
  page_size: clamped(1, MAX_PAGE_SIZE).default(PAGE_SIZE),
})
export type PageQuery = z.infer<typeof PageQuery>
