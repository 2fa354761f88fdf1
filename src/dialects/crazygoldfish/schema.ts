// What CrazyGoldFish's clients send.

import { z } from 'zod'
import { SIGNING, WEBHOOK } from '../../config.ts'

/** What a PATCH may name (docs.crazygoldfish.com, PATCH Webhook: "only"); the rest is ignored. */
export const UpdateWebhook = z.object({
  endpoint_url: z.string().min(1).max(WEBHOOK.urlChars),
  /** The secret itself, whatever the vendor's name for it says (seed 001: "secret key"). */
  secret_hash: z.string().min(1).max(SIGNING.textChars).optional(),
})
export type UpdateWebhook = z.infer<typeof UpdateWebhook>

export const CreateWebhook = UpdateWebhook.extend({
  api_template: z.guid('Must be a UUID.').toLowerCase(),
})
export type CreateWebhook = z.infer<typeof CreateWebhook>

/** Items on a page; ours. */
const PAGE_SIZE = 20
const MAX_PAGE_SIZE = 100

const positive = z
  .string()
  .regex(/^\d{1,9}$/, 'Must be an integer.')
  .transform(Number)
  .pipe(z.int().min(1))

/** Seed 001: "Supports pagination". The names and bounds are ours. */
export const PageQuery = z.object({
  page: positive.default(1),
  page_size: positive.pipe(z.int().max(MAX_PAGE_SIZE)).default(PAGE_SIZE),
})
export type PageQuery = z.infer<typeof PageQuery>
