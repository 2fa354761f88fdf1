// A WebhookFilter as the WHERE of a query.

import { and, eq, isNotNull, isNull, or, type SQL, sql } from 'drizzle-orm'
import type { WebhookStatus } from '../../engine/model/index.ts'
import type { WebhookFilter } from '../../engine/ports/index.ts'
import { webhooks } from './schema.ts'

export function toCondition(filter: WebhookFilter): SQL | undefined {
  const { dialect, owner, owners, uniqueKey, name, status } = filter
  const { enabled, suspended, active, eventTypes, uid, search } = filter
  return and(
    eq(webhooks.tenantId, filter.tenantId),
    dialect === undefined ? undefined : eq(webhooks.dialect, dialect),
    owner === undefined ? undefined : isOwnedBy(owner),
    owners === undefined ? undefined : (or(...owners.map(isOwnedBy)) ?? sql`FALSE`),
    uniqueKey === undefined ? undefined : eq(webhooks.uniqueKey, uniqueKey),
    uid === undefined ? undefined : eq(webhooks.uid, uid),
    name === undefined ? undefined : eq(webhooks.name, name),
    status === undefined ? undefined : statuses[status],
    enabled === undefined ? undefined : eq(webhooks.enabled, enabled),
    suspended === undefined ? undefined : isSuspended(suspended),
    active === undefined ? undefined : isActive(active),
    eventTypes === undefined ? undefined : hasOneOf(eventTypes),
    search === undefined ? undefined : isFound(search),
  )
}

/** `statusOf` of the model, as conditions. */
const statuses = {
  disabled: eq(webhooks.enabled, false),
  suspended: and(eq(webhooks.enabled, true), isNotNull(webhooks.suspendedAt)),
  active: and(eq(webhooks.enabled, true), isNull(webhooks.suspendedAt)),
} satisfies Record<WebhookStatus, SQL | undefined>

function isOwnedBy(owner: string | null): SQL {
  return owner === null ? isNull(webhooks.owner) : eq(webhooks.owner, owner)
}

function isSuspended(suspended: boolean): SQL {
  return suspended ? isNotNull(webhooks.suspendedAt) : isNull(webhooks.suspendedAt)
}

function isActive(active: boolean): SQL | undefined {
  return active ? statuses.active : or(statuses.disabled, isNotNull(webhooks.suspendedAt))
}

function hasOneOf(eventTypes: readonly string[]): SQL {
  return sql`EXISTS (SELECT 1 FROM json_each(${webhooks.eventTypes}) WHERE value IN
    (SELECT value FROM json_each(${JSON.stringify(eventTypes)})))`
}

function isFound(search: string): SQL {
  const has = (text: SQL) => sql`instr(lower(${text}), lower(${search})) > 0`
  const { id, name, uid, url } = webhooks
  return sql`(${has(sql`coalesce(${name}, '')`)} OR ${has(sql`coalesce(${uid}, '')`)} OR ${has(sql`${url}`)} OR ${id} = lower(${search}))`
}
