// CrazyGoldFish's JSON to the model and back.

import {
  type Principal,
  type SigningSecret,
  statusOf,
  type Template,
  type Webhook,
  type WebhookDraft,
  type WebhookOutline,
} from '../../engine/model/index.ts'
import type { NewWebhook } from '../../http/visible-webhooks.ts'
import type { CreateWebhook, TemplateResponse, UpdateWebhook, WebhookResponse } from './schema.ts'

/** "Triggered when documents are processed"; the name is ours (docs/contracts/crazygoldfish.md, "Notifications"). */
export const PROCESSED = 'document.processed'

/**
 * Its scope is its user, so that nobody else's events look at it. The template stands in the attributes and is the
 * wire's to compare, because an event may name it by id or by name.
 */
export function toNewWebhook(
  { endpoint_url, secret_hash }: CreateWebhook,
  template: Template,
  { subject }: Principal,
): NewWebhook {
  return {
    url: endpoint_url,
    eventTypes: [PROCESSED],
    // "Each user can only create one webhook per API template" (docs/contracts/crazygoldfish.md, "Calls").
    uniqueKey: subject === null ? template.id : `${template.id}/${subject}`,
    scope: subject === null ? {} : { user: subject },
    attributes: { api_template: template.id, template_name: template.name },
    secrets: { signing: toSigning(secret_hash), headers: [], attributes: {} },
  }
}

/** What an update changes of the present webhook: what it does not name stays. */
export function toChanges(
  { endpoint_url, secret_hash }: UpdateWebhook,
  { secrets }: Webhook,
): Partial<WebhookDraft> {
  return {
    ...(endpoint_url !== undefined && { url: endpoint_url }),
    ...(secret_hash !== undefined && { secrets: { ...secrets, signing: toSigning(secret_hash) } }),
  }
}

function toSigning(secret: string | null | undefined): readonly SigningSecret[] {
  return secret ? [{ secret, expiresAt: null }] : []
}

/** Without a user the tenant made it; ours. */
export function toWebhook(webhook: WebhookOutline): WebhookResponse {
  return {
    id: webhook.id,
    api_template: templateOf(webhook),
    endpoint_url: webhook.url,
    status: statusOf(webhook) === 'active' ? 'enabled' : 'disabled',
    created_at: toTime(webhook.createdAt),
    created_by: webhook.owner ?? webhook.tenantId,
  }
}

/** Attributes hold whatever JSON a surface keeps there; this one keeps an id. */
function templateOf({ attributes: { api_template } }: WebhookOutline): string | null {
  return typeof api_template === 'string' ? api_template : null
}

export function toTemplate({ id, name, displayName, description }: Template): TemplateResponse {
  return { id, name, display_name: displayName, description }
}

/** Whole seconds, as the vendor's example prints it. */
function toTime(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z')
}
