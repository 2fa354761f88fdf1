// Keeps messages that nobody can process where a person can see them.

import { describeError } from '../errors.ts'
import type { InboundMessage } from '../index.ts'
import type { Ports } from '../ports.ts'

/** Keeps a message and logs that once, without its body. False when it could not be kept: it must come again. */
export async function keepDeadLetter(
  queue: 'events' | 'deliveries',
  { id, body }: Pick<InboundMessage, 'id' | 'body'>,
  reason: string,
  { clock, deadLetters, log }: Pick<Ports, 'clock' | 'deadLetters' | 'log'>,
): Promise<boolean> {
  try {
    await deadLetters.insert({ id, queue, reason, body: toText(body), at: clock() })
    log({ event: 'message.kept', queue, messageId: id, reason })
    return true
  } catch (error) {
    log({ event: 'message.unkept', queue, messageId: id, error: describeError(error) })
    return false
  }
}

/** A body as a person reads it; queues carry text, bytes, JSON and whatever `structuredClone` takes. */
function toText(body: unknown): string {
  if (typeof body === 'string') return body
  if (body instanceof ArrayBuffer || ArrayBuffer.isView(body)) return new TextDecoder().decode(body)
  try {
    const withoutBigInts = (_: string, value: unknown) =>
      typeof value === 'bigint' ? String(value) : value
    return JSON.stringify(body, withoutBigInts) ?? String(body)
  } catch {
    // A circular value has no text; that it came is what can be kept.
    return String(body)
  }
}
