// Events as messages of the queue `hookline-events`, as few as hold them.

import type { EventMessage, HooklineEvent } from './event.ts'
import { refusal, toJson } from './failure.ts'

/** What a message and an event may have (docs/limits.md of Hookline): what is more would be a dead letter, of which nobody here hears. */
const EVENTS = 1_000
const EVENT_BYTES = 100_000

/**
 * Bytes of a message as JSON. Cloudflare takes 128 KB ("Queues, Limits"), of which it counts some for itself: the rest is
 * left to that.
 */
const MESSAGE_BYTES = 127_000

const utf8 = new TextEncoder()

/** In the order of the events. Throws a PublishError for none, and for an event that is too large; then none was made. */
export function inMessages(tenantId: string, events: readonly HooklineEvent[]): EventMessage[] {
  if (events.length === 0) throw refusal('invalid', 'Expected one event or more.')
  const empty = bytesOf({ v: 1, tenantId, events: [] } satisfies EventMessage)
  const messages: HooklineEvent[][] = []
  let bytes = Number.POSITIVE_INFINITY
  for (const [index, event] of events.entries()) {
    const own = bytesOf(event)
    if (own > EVENT_BYTES) {
      const message = `An event may have at most ${EVENT_BYTES} bytes of JSON, and this one has ${own}.`
      throw refusal('too_large', message, { path: `[${index}]` })
    }
    // With the comma behind it.
    if (bytes + own + 1 > MESSAGE_BYTES || messages.at(-1)?.length === EVENTS) {
      messages.push([])
      bytes = empty
    }
    messages.at(-1)?.push(event)
    bytes += own + 1
  }
  return messages.map((part) => ({ v: 1, tenantId, events: part }))
}

function bytesOf(value: object): number {
  return utf8.encode(toJson(value)).length
}
