// Which of a tenant's webhooks may want an event, found without looking at the others. The same keys as the subscriptions table
// of D1 has.

import type { Event, Webhook } from '../../../engine/model/index.ts'
import { toCandidates } from '../../d1/subscription-candidates.ts'
import { toSubscriptions } from '../../d1/subscription-rows.ts'

type Subscriber = Pick<Webhook, 'enabled' | 'eventTypes' | 'scope'>

export class WebhookIndex<W> {
  private readonly byKey = new Map<string, W[]>()

  constructor(webhooks: readonly W[], toSubscriber: (webhook: W) => Subscriber) {
    for (const webhook of webhooks) {
      for (const { eventType, scopeEntry } of toSubscriptions(toSubscriber(webhook))) {
        const key = keyOf(eventType, scopeEntry)
        const others = this.byKey.get(key)
        if (others) others.push(webhook)
        else this.byKey.set(key, [webhook])
      }
    }
  }

  /** Each once; a superset of those that an event of this type and scope is for. */
  candidates({ type, scope }: Pick<Event, 'type' | 'scope'>): Iterable<W> {
    const found = new Set<W>()
    if (this.byKey.size === 0) return found
    for (const [, eventType, scopeEntry] of toCandidates([{ tenantId: '', type, scope }])) {
      for (const webhook of this.byKey.get(keyOf(eventType, scopeEntry)) ?? []) found.add(webhook)
    }
    return found
  }
}

function keyOf(eventType: string, scopeEntry: string): string {
  return `${eventType}\n${scopeEntry}`
}
