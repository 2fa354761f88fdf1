// A webhook as a row of D1 and back; its secrets are sealed on the way in and opened on the way out.

import { describeError } from '../../engine/errors.ts'
import type { Subscriber, Webhook, WebhookSecrets } from '../../engine/model.ts'
import { log } from '../log.ts'
import type { Vault } from '../vault.ts'
import type { webhooks } from './schema.ts'

export type WebhookRow = typeof webhooks.$inferSelect

/** What an update writes: all but identity and the monitor's columns. */
export async function toWritableColumns(webhook: Webhook, vault: Vault) {
  return {
    dialect: webhook.dialect,
    owner: webhook.owner,
    slot: webhook.slot,
    name: webhook.name,
    url: webhook.url,
    eventTypes: webhook.eventTypes,
    scope: webhook.scope,
    enabled: webhook.enabled,
    failureHandling: webhook.failureHandling,
    attributes: webhook.attributes,
    sealed: await vault.seal(JSON.stringify(webhook.secrets), webhook.id),
    updatedAt: webhook.updatedAt,
    version: crypto.randomUUID(),
  }
}

/** A new row, not yet heard of by its monitor. */
export async function toRow(webhook: Webhook, vault: Vault): Promise<WebhookRow> {
  return {
    ...(await toWritableColumns(webhook, vault)),
    tenantId: webhook.tenantId,
    id: webhook.id,
    suspendedAt: webhook.suspendedAt,
    lane: webhook.lane,
    stateVersion: 0,
    createdAt: webhook.createdAt,
  }
}

/** Rejects when the secrets cannot be opened. */
export async function toWebhook(row: WebhookRow, vault: Vault): Promise<Webhook> {
  const { sealed, stateVersion: _, version: __, ...columns } = row
  const secrets: WebhookSecrets = JSON.parse(await vault.open(sealed, row.id))
  return { ...columns, secrets }
}

/**
 * For everybody but an update, which would lose them: a webhook whose secrets cannot be opened is shown without, so
 * that it can be found and deleted, and keeps no other from being listed or getting its events.
 */
export async function toReadable(
  row: WebhookRow,
  vault: Vault,
): Promise<Webhook & Pick<Subscriber, 'unreadable'>> {
  try {
    return await toWebhook(row, vault)
  } catch (error) {
    log({ event: 'secrets.unreadable', webhookId: row.id, error: describeError(error) })
    const { sealed: _, stateVersion: __, version: ___, ...columns } = row
    const secrets = { signing: [], headers: [], attributes: {} }
    return { ...columns, secrets, unreadable: true }
  }
}
