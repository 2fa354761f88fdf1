// EveryPoint's JSON to the model and back.

import type { WebhookOutline } from '../../engine/model/index.ts'
import type { NewWebhook } from '../../http/visible-webhooks.ts'
import type { WebhookAnswer } from './schema.ts'

/** The kinds of notifications (docs/contracts/everypoint.md, "Notifications"). */
const NOTIFICATIONS = ['job', 'annotation', 'message']

/** One for each instance (docs/contracts/everypoint.md, "Calls"). */
export function toNewWebhook(instance: string, url: string): NewWebhook {
  return { url, eventTypes: NOTIFICATIONS, uniqueKey: instance, scope: { instance } }
}

/** Without a webhook its `url` is null. */
export function toAnswer(webhook: WebhookOutline | null): WebhookAnswer {
  return { success: true, data: { webhook: { url: webhook?.url ?? null } } }
}
