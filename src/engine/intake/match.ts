// Which webhooks want which events. In: an event and a webhook; out: yes or no. Next: delivery/next-action.ts.

import { accepts } from '../attempt/target.ts'
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

/** Whether an event is for a webhook: it wants it, and it means something in its dialect. */
export function isFor(webhook: Webhook, event: Event, dialectRuntimes: DialectRuntimes): boolean {
  const dialectRuntime = dialectRuntimes(webhook.dialect)
  return matches(webhook, event) && accepts({ webhook, dialectRuntime }, event)
}
