// Reads the events queue. In: messages as publish packed them, or as another Worker sent them; out: events, or what
// else becomes of the message. What cannot be read is kept for a person and blocks nobody.

import { z } from 'zod'
import { describeError, EngineError } from '../../errors.ts'
import type { InboundMessage, Verdict } from '../api.ts'
import { fromEventMessage } from '../messages/event-message.ts'
import { isNewer } from '../messages/version.ts'
import type { Ports, RemainingEvent, Submission } from '../ports/index.ts'
import { readForeign } from './foreign-message.ts'
import { keepDeadLetter, leaveToNewer } from './unprocessed-message.ts'

export interface EventBatch {
  readonly kind: 'events'
  readonly messageId: string
  /** From another Worker as that names it: by an id or a uid. */
  readonly tenantId: string
  /** With their deduplication keys, where another Worker gave them such. */
  readonly submissions: readonly Submission[]
  /** Another Worker sent it: in its own words, and not yet in the events queue of ours. */
  readonly isForeign: boolean
  /** The same with the webhooks they are still for, when an earlier batch matched and logged them; else null. */
  readonly remaining: readonly RemainingEvent[] | null
  /** Some of it may have been processed before: the monitors know. */
  readonly redelivered: boolean
}

export type ReadBatch =
  | EventBatch
  /** Nothing to do: unreadable and kept, or for a newer version and stored anew. */
  | { readonly kind: 'closed'; readonly messageId: string }
  /** A component is down. */
  | { readonly kind: 'later'; readonly messageId: string }

export type EventBatchPorts = Pick<
  Ports,
  'clock' | 'log' | 'deadLetters' | 'events' | 'eventTypes' | 'deliveries' | 'settings'
>

/** What each message holds, in order. Never rejects. Next: named-batches.ts. */
export async function readEventBatches(
  messages: readonly InboundMessage[],
  ports: EventBatchPorts,
): Promise<readonly ReadBatch[]> {
  return Promise.all(messages.map((message) => readEventBatch(message, ports)))
}

async function readEventBatch(message: InboundMessage, ports: EventBatchPorts): Promise<ReadBatch> {
  const messageId = message.id
  if (isNewer(message.body)) {
    return toRead(messageId, await leaveToNewer('events', message, ports))
  }
  try {
    const packed = fromEventMessage(message.body)
    if (packed !== null) {
      const redelivered = packed.redelivered || message.attempts > 1
      const submissions = packed.events.map((event) => ({ event, key: null }))
      const { tenantId, remaining } = packed
      const read = { tenantId, submissions, isForeign: false, remaining, redelivered }
      return { kind: 'events', messageId, ...read }
    }
    const foreign = await readForeign(message, ports)
    const redelivered = message.attempts > 1
    return { kind: 'events', messageId, ...foreign, isForeign: true, remaining: null, redelivered }
  } catch (error) {
    if (isUnreadable(error)) {
      return toRead(messageId, await keepDeadLetter('events', message, sentence(error), ports))
    }
    ports.log({
      event: 'message.postponed',
      queue: 'events',
      messageId,
      kind: null,
      error: describeError(error),
    })
    return { kind: 'later', messageId }
  }
}

/** The message will never be readable, whoever tries. */
function isUnreadable(error: unknown): boolean {
  if (error instanceof EngineError) return error.code !== 'unavailable'
  return error instanceof z.ZodError || error instanceof SyntaxError || error instanceof RangeError
}

function sentence(error: unknown): string {
  // The runtime quotes the text it cannot parse, which may be a payload, and the reason is logged.
  if (error instanceof SyntaxError) return 'The message is not valid JSON, or it is damaged.'
  if (error instanceof z.ZodError) {
    const [first] = error.issues
    return `${first?.path.join('.') || 'message'}: ${first?.message ?? 'invalid'}`
  }
  return error instanceof Error ? error.message : 'The message cannot be read.'
}

/** What is left to do of a message that is not worked on. */
function toRead(messageId: string, { kind }: Verdict): ReadBatch {
  return { kind: kind === 'ack' ? 'closed' : 'later', messageId }
}
