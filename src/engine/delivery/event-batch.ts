// Reads the events queue. In: messages as publish packed them, or as another Worker sent them; out: events, or what
// else becomes of the message. What cannot be read is kept for a person and blocks nobody.

import { z } from 'zod'
import { describeError, EngineError } from '../../errors.ts'
import { derivedId } from '../../primitives/ids.ts'
import { memberText, rootOffset, writeJson } from '../../primitives/json-text.ts'
import type { InboundMessage, Verdict } from '../api.ts'
import { conformAll } from '../intake/conform.ts'
import { chosenEventIds } from '../intake/event-ids.ts'
import { parseDrafts } from '../intake/parse.ts'
import { toSubmissions } from '../intake/publish.ts'
import { fromEventMessage } from '../messages/event-message.ts'
import { isNewer } from '../messages/version.ts'
import { TENANT_UID } from '../model/index.ts'
import type { Ports, RemainingEvent, Submission } from '../ports/index.ts'
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
    return await readForeign(message, ports)
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

/** What another Worker sends, as an object or as its JSON text (docs/contracts/native.md, "RPC and queue"). */
const Envelope = z.strictObject({
  v: z.literal(1),
  tenantId: z.string().regex(TENANT_UID, 'Expected the id or the uid of a tenant.'),
  events: z.array(z.unknown()),
})

async function readForeign(
  message: InboundMessage,
  ports: Pick<Ports, 'eventTypes' | 'log' | 'settings'>,
): Promise<ReadBatch> {
  const { body } = message
  // As text, an object has the size it seems to have.
  const text = typeof body === 'string' ? body : writeJson(body)
  const { tenantId } = Envelope.parse(JSON.parse(text))
  const drafts = parseDrafts(memberText(text, rootOffset(text), 'events') ?? '')
  const conformed = await conformAll(tenantId, drafts, ports)
  const { id, timestamp } = message
  const ids = await chosenEventIds(drafts, id, timestamp, ports.settings.shards, (index, turn) =>
    derivedId(message, index, turn),
  )
  const submissions = await toSubmissions(conformed, ids)
  const read = { tenantId, submissions, isForeign: true, remaining: null }
  return { kind: 'events', messageId: id, ...read, redelivered: message.attempts > 1 }
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
