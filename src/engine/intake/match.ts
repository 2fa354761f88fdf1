// Which webhooks want which events. In: an event and a webhook; out: yes or no. Next: delivery/next-action.ts.

import { accepts } from '../attempt/target.ts'
import { typeMatches } from '../model/event-type.ts'
import { asSentTo, type Event, type UnmatchedReason, type Webhook } from '../model/index.ts'
import type { DialectRuntimes } from '../ports/index.ts'

/** Whether an event is for a webhook: enabled, a type of its, every entry of its scope in the event's, and a channel of its, if it has any. */
export function matches(
  webhook: Pick<Webhook, 'enabled' | 'eventTypes' | 'scope' | 'channels'>,
  event: Pick<Event, 'type' | 'scope' | 'channels'>,
): boolean {
  return (
    webhook.enabled &&
    hasType(webhook, event) &&
    hasScope(webhook, event) &&
    hasChannel(webhook, event)
  )
}

function hasType({ eventTypes }: Pick<Webhook, 'eventTypes'>, { type }: Pick<Event, 'type'>) {
  return eventTypes.some((entry) => typeMatches(entry, type))
}

function hasScope(webhook: Pick<Webhook, 'scope'>, event: Pick<Event, 'scope'>): boolean {
  return Object.entries(webhook.scope).every(([name, value]) => event.scope[name] === value)
}

function hasChannel(
  { channels }: Pick<Webhook, 'channels'>,
  event: Pick<Event, 'channels'>,
): boolean {
  return channels.length === 0 || (event.channels?.some((one) => channels.includes(one)) ?? false)
}

/** Whether an event is for a webhook: it wants it, and it has data for it that means something in its dialect. */
export function isFor(webhook: Webhook, event: Event, dialectRuntimes: DialectRuntimes): boolean {
  const dialectRuntime = dialectRuntimes(webhook.dialect)
  return matches(webhook, event) && accepts({ webhook, dialectRuntime }, event)
}

/** Every reason why an event is not for a webhook; none where it is (`isFor`). */
export function mismatches(
  webhook: Webhook,
  event: Event,
  dialectRuntimes: DialectRuntimes,
): readonly UnmatchedReason[] {
  const isWanted = hasType(webhook, event) && hasScope(webhook, event) && hasChannel(webhook, event)
  const dialectRuntime = dialectRuntimes(webhook.dialect)
  // What no webhook of the dialect could name it need not be asked about.
  const hasData = asSentTo(event, webhook) !== null
  const isRefused = isWanted && hasData && !accepts({ webhook, dialectRuntime }, event)
  return [
    ...(webhook.enabled ? [] : (['disabled'] as const)),
    ...(hasType(webhook, event) ? [] : (['event_type'] as const)),
    ...(hasScope(webhook, event) ? [] : (['scope'] as const)),
    ...(hasChannel(webhook, event) ? [] : (['channel'] as const)),
    ...(isRefused ? (['dialect'] as const) : []),
    ...(isWanted && !hasData ? (['version'] as const) : []),
  ]
}
