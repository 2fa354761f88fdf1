// Infermedica's JSON to the model and back.

import type { Webhook, WebhookDraft, WebhookOutline } from '../../engine/model/index.ts'
import type { NewWebhook } from '../../http/visible-webhooks.ts'
import type {
  Configuration,
  CreatedConfiguration,
  CreateWebhook,
  UpdatedConfiguration,
  UpdateWebhook,
} from './schema.ts'

export function toNewWebhook(body: CreateWebhook): NewWebhook {
  return {
    url: body.url,
    eventTypes: unique(body.subscribed_events),
    secrets: {
      signing: [],
      headers: [],
      attributes: { authorization_token: body.authorization_token },
    },
  }
}

/** What an update changes of the present webhook; what it does not name stays. */
export function toChanges(body: UpdateWebhook, { secrets }: Webhook): Partial<WebhookDraft> {
  const { url, authorization_token, subscribed_events } = body
  return {
    ...(url !== undefined && { url }),
    ...(subscribed_events !== undefined && { eventTypes: unique(subscribed_events) }),
    ...(authorization_token !== undefined && {
      secrets: { ...secrets, attributes: { ...secrets.attributes, authorization_token } },
    }),
  }
}

/** "The data that you provided, along with the ID". */
export function toCreated(
  webhook: Webhook,
  { authorization_token }: CreateWebhook,
): CreatedConfiguration {
  const { id, url, subscribed_events } = toConfiguration(webhook)
  return { id, url, authorization_token, subscribed_events }
}

export function toUpdated(
  webhook: Webhook,
  { authorization_token }: UpdateWebhook,
): UpdatedConfiguration {
  const configuration = toConfiguration(webhook)
  return authorization_token === undefined
    ? configuration
    : { ...configuration, authorization_token }
}

export function toConfiguration({ id, url, eventTypes }: WebhookOutline): Configuration {
  return { id, url, subscribed_events: [...eventTypes] }
}

/** Named twice means subscribed once; ours. */
function unique<T>(values: readonly T[]): readonly T[] {
  return [...new Set(values)]
}
