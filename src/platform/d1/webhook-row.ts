// A webhook as a row of D1 and back; its secrets are sealed on the way in and opened on the way out.

import type { Webhook, WebhookOutline, WebhookSecrets } from '../../engine/model/index.ts'
import { describeError } from '../../errors.ts'
import { log } from '../logger.ts'
import type { Vault } from '../vault.ts'
import { Secrets } from './json-columns.ts'
import type { webhooks } from './schema.ts'
import type { SealedWebhook } from './tenant-webhooks.ts'

export type WebhookRow = typeof webhooks.$inferSelect

/** What an update writes: all but identity and the monitor's columns. */
export async function toWritableColumns(webhook: Webhook, vault: Vault) {
  return {
    ...toOpenColumns(webhook),
    sealed: await vault.seal(JSON.stringify(webhook.secrets), webhook.id),
  }
}

/** The same without the secrets, for an update that cannot open them: what may be found again is not written over. */
export function toOpenColumns(webhook: Webhook) {
  return {
    dialect: webhook.dialect,
    owner: webhook.owner,
    uniqueKey: webhook.uniqueKey,
    name: webhook.name,
    url: webhook.url,
    eventTypes: webhook.eventTypes,
    scope: webhook.scope,
    enabled: webhook.enabled,
    failureHandling: webhook.failureHandling,
    attributes: webhook.attributes,
    pins: webhook.pins,
    shapes: webhook.shapes ?? [],
    pause: webhook.pause,
    throttle: webhook.throttle ?? null,
    verification: webhook.verification ?? null,
    ordering: webhook.ordering ?? null,
    batching: webhook.batching ?? null,
    httpSignature: webhook.httpSignature ?? null,
    deleteAfterIdleSeconds: webhook.deleteAfterIdleSeconds ?? null,
    uid: webhook.uid,
    description: webhook.description,
    metadata: webhook.metadata,
    channels: webhook.channels,
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
    pulledAt: null,
    createdAt: webhook.createdAt,
  }
}

/** Rejects when the secrets cannot be opened. */
async function toWebhook(row: WebhookRow, vault: Vault): Promise<Webhook> {
  const secrets = Secrets.parse(JSON.parse(await vault.open(row.sealed, row.id)))
  return { ...toOutline(row), secrets }
}

/**
 * For everybody but an update: a webhook whose secrets cannot be opened is shown without, so that it can be found and
 * deleted, and keeps no other from being listed or getting its events.
 */
export async function toReadable(row: WebhookRow, vault: Vault): Promise<Webhook> {
  try {
    return await toWebhook(row, vault)
  } catch (error) {
    logUnreadable(row, error)
    return withoutSecrets(toOutline(row))
  }
}

/** The same of a copy, which does not know how the webhook fares. */
export function openSealed(sealed: SealedWebhook, vault: Vault): Promise<Webhook> {
  const state = { suspendedAt: null, lane: 'fast', stateVersion: 0 } as const
  const { shapes = [], throttle = null, ordering = null, batching = null } = sealed
  const { httpSignature = null } = sealed
  const idle = { deleteAfterIdleSeconds: null, pulledAt: null }
  const without = { httpSignature, verification: null, ...idle, ...state }
  return toReadable({ ...sealed, shapes, throttle, ordering, batching, ...without }, vault)
}

/** For an update, which would lose secrets that cannot be opened if it took them for none: they stand there closed. */
export async function toChangeable(row: WebhookRow, vault: Vault): Promise<Webhook> {
  try {
    return await toWebhook(row, vault)
  } catch (error) {
    logUnreadable(row, error)
    return { ...toOutline(row), secrets: closedSecrets(error), unreadable: true }
  }
}

/** How a webhook shows itself whose secrets cannot be opened. */
export function withoutSecrets(webhook: WebhookOutline): Webhook {
  return { ...webhook, secrets: { signing: [], headers: [], attributes: {} }, unreadable: true }
}

function toOutline(row: WebhookRow) {
  const { sealed: _, stateVersion: __, version: ___, ...columns } = row
  return withoutNothing(columns)
}

type OutlineRow = Omit<WebhookRow, 'sealed' | 'stateVersion' | 'version'>

/** Columns of a webhook, without those in which its owner never said anything. */
export function withoutNothing({
  throttle,
  ordering,
  batching,
  verification,
  httpSignature,
  deleteAfterIdleSeconds,
  pulledAt,
  ...columns
}: OutlineRow) {
  return {
    ...columns,
    ...(throttle && { throttle }),
    ...(ordering && { ordering }),
    ...(batching && { batching }),
    ...(verification && { verification }),
    ...(httpSignature && { httpSignature }),
    ...(deleteAfterIdleSeconds !== null && { deleteAfterIdleSeconds }),
    ...(pulledAt !== null && { pulledAt }),
  }
}

/** Stands for secrets that cannot be opened: can be handed on, and says why to whoever looks into it. */
function closedSecrets(why: unknown): WebhookSecrets {
  const refuse = (): never => {
    throw why
  }
  return {
    get signing() {
      return refuse()
    },
    get headers() {
      return refuse()
    },
    get attributes() {
      return refuse()
    },
    get values() {
      return refuse()
    },
  }
}

function logUnreadable({ id }: WebhookRow, error: unknown): void {
  log({ event: 'secrets.unreadable', webhookId: id, error: describeError(error) })
}
