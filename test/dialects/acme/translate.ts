import type { Webhook, WebhookDraft } from '../../../src/engine/model/index.ts'
import type { NewWebhook } from '../../../src/http/visible-webhooks.ts'
import type { CreateHook, Hook, UpdateHook } from './schema.ts'

export const toNewWebhook = ({ callback, topics }: CreateHook): NewWebhook => ({
  url: callback,
  eventTypes: topics,
})
export const toChanges = ({ callback, topics }: UpdateHook): Partial<WebhookDraft> => ({
  ...(callback !== undefined && { url: callback }),
  ...(topics !== undefined && { eventTypes: topics }),
})
export const toHook = ({ id, url, eventTypes }: Webhook): Hook => ({
  id,
  callback: url,
  topics: [...eventTypes],
})
