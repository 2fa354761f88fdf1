// Events as messages of the queue `hookline-events`, as few as hold them.

import type { EventMessage, HooklineEvent } from './event.ts'
import { PublishError } from './failure.ts'

/**
 * Bytes of a message as JSON. Cloudflare takes 128 KB ("Queues, Limits"), of which it counts some for itself: the rest is
 * left to that.
 */
const MESSAGE_BYTES = 127_000

const utf8 = new TextEncoder()

/** In the order of the events. Throws a PublishError for an event that no message can hold; then none was made. */
export function inMessages(tenantId: string, events: readonly HooklineEvent[]): EventMessage[] {
  const empty = bytesOf({ v: 1, tenantId, events: [] } satisfies EventMessage)
  const messages: HooklineEvent[][] = []
  let bytes = Number.POSITIVE_INFINITY
  for (const [index, event] of events.entries()) {
    const own = bytesOf(event) + 1
    if (empty + own > MESSAGE_BYTES) throw tooLarge(index, empty + own)
    if (bytes + own > MESSAGE_BYTES) {
      messages.push([])
      bytes = empty
    }
    messages.at(-1)?.push(event)
    bytes += own
  }
  return messages.map((part) => ({ v: 1, tenantId, events: part }))
}

function bytesOf(value: object): number {
  return utf8.encode(JSON.stringify(value)).length
}

function tooLarge(index: number, bytes: number): PublishError {
  const message = `The event takes ${bytes} bytes, and a queue message ${MESSAGE_BYTES}. Publish it by RPC or HTTP.`
  return new PublishError(message, {
    ...{ code: 'too_large', isRefusal: true, errors: [{ path: `[${index}]`, message }] },
  })
}
