// Which webhooks want which events. In: an event and a subscriber; out: yes or no. Next: attempt.

import { typeMatches } from '../model/event-type.ts'
import type { Event, Webhook } from '../model/index.ts'
import type { DialectRuntimes } from '../ports/index.ts'

/** Whether an event is for a webhook: enabled, a type of its, and every entry of its scope in the event's. */
export function matches(
  webhook: Pick<Webhook, 'enabled' | 'eventTypes' | 'scope'>,
  event: Pick<Event, 'type' | 'scope'>,
): boolean {
  return (
    webhook.enabled &&
    webhook.eventTypes.some((entry) => typeMatches(entry, event.type)) &&
    Object.entries(webhook.scope).every(([name, value]) => event.scope[name] === value)
  )
}

/** Whether an event is a webhook's: it matches, and it means something in the webhook's dialect. */
export function isFor(webhook: Webhook, event: Event, dialectRuntimes: DialectRuntimes): boolean {
  return matches(webhook, event) && accepts(webhook, event, dialectRuntimes)
}

/** Whether an event means something in a webhook's dialect, as far as the dialect can tell before it is sent. */
export function accepts(webhook: Webhook, event: Event, dialectRuntimes: DialectRuntimes): boolean {
  return dialectRuntimes(webhook.dialect)?.wire.accepts?.(event, webhook) ?? true
}
