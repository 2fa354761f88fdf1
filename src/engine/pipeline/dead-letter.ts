// Keeps messages that nobody can process where a person can see them.

import type { InboundMessage } from '../index.ts'
import type { Ports } from '../ports.ts'

/** Keeps a message and logs that once, without its body. False when it could not be kept: it must come again. */
export async function keepDeadLetter(
  queue: 'events' | 'deliveries',
  { id, body }: Pick<InboundMessage, 'id' | 'body'>,
  reason: string,
  { clock, deadLetters, log }: Pick<Ports, 'clock' | 'deadLetters' | 'log'>,
): Promise<boolean> {
  const text = typeof body === 'string' ? body : (JSON.stringify(body) ?? String(body))
  try {
    await deadLetters.insert({ id, queue, reason, body: text, at: clock() })
    log({ event: 'message.kept', queue, messageId: id, reason })
    return true
  } catch (error) {
    log({ event: 'message.unkept', queue, messageId: id, error: String(error) })
    return false
  }
}
