// EveryPoint's JSON to the model and back.

import type { WebhookOutline } from '../../engine/model/index.ts'
import type { NewWebhook } from '../../http/visible-webhooks.ts'

/** The kinds of notifications (seed 000, "Notification formats"). */
const NOTIFICATIONS = ['job', 'annotation', 'message']

/** Seed 000: "Each instance is responsible for setting its own webhook." */
export function toNewWebhook(instance: string, url: string): NewWebhook {
  return { url, eventTypes: NOTIFICATIONS, slot: instance, scope: { instance } }
}

/** The envelope of both calls (seed 000); without a webhook its `url` is null. */
export function toAnswer(webhook: WebhookOutline | null) {
  return { success: true, data: { webhook: { url: webhook?.url ?? null } } }
}
