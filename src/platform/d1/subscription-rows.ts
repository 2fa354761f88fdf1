// Which subscription rows a webhook has. subscription-candidates.ts is the other side: which rows an event looks up.

import type { Scope, Webhook } from '../../engine/model/index.ts'

/** What of a subscription is not its webhook: a type as the webhook writes it, and one entry of its scope. */
export interface SubscriptionRow {
  readonly eventType: string
  /** One of `toScopeEntries`, or '' for a webhook without scope. */
  readonly scopeEntry: string
}

/**
 * One row per event type. Of a webhook's scope only the first entry is in it: enough that webhooks which differ by
 * scope alone are not read by each other's events. A disabled webhook has none.
 */
export function toSubscriptions(
  webhook: Pick<Webhook, 'enabled' | 'eventTypes' | 'scope'>,
): readonly SubscriptionRow[] {
  if (!webhook.enabled) return []
  const [scopeEntry = ''] = toScopeEntries(webhook.scope)
  return [...new Set(webhook.eventTypes)].map((eventType) => ({ eventType, scopeEntry }))
}

/** The entries of a scope as texts, in a fixed order: `["inbox","5e7a"]`. */
export function toScopeEntries(scope: Scope): readonly string[] {
  return Object.entries(scope)
    .map((entry) => JSON.stringify(entry))
    .sort()
}

/** What has to go and what has to come to turn the rows `before` into the rows `after`. */
export function diffSubscriptions(
  before: readonly SubscriptionRow[],
  after: readonly SubscriptionRow[],
): { readonly removed: readonly SubscriptionRow[]; readonly added: readonly SubscriptionRow[] } {
  const missingIn = (rows: readonly SubscriptionRow[]) => (row: SubscriptionRow) =>
    !rows.some(
      ({ eventType, scopeEntry }) => eventType === row.eventType && scopeEntry === row.scopeEntry,
    )
  return { removed: before.filter(missingIn(after)), added: after.filter(missingIn(before)) }
}
