// Hands deliveries over to their queue. In: messages; out: they are stored, or it rejects.

import { QUEUE } from '../../tuning.ts'
import type { DelayedMessage, Ports } from '../ports/index.ts'

/**
 * Sends messages step by step, each step in the time of one call: a large event for many webhooks takes many
 * steps, and all of them at once would never be in time. Rejects with the step that fails; what was sent stays sent.
 */
export async function enqueue(
  messages: readonly DelayedMessage[],
  { deliveries }: Pick<Ports, 'deliveries'>,
): Promise<void> {
  for (let from = 0; from < messages.length; from += QUEUE.stepMessages) {
    await deliveries.send(messages.slice(from, from + QUEUE.stepMessages))
  }
}
