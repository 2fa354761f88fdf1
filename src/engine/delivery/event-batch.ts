// Reads the events queue. In: messages as publish packed them, or as another Worker sent them; out: events, or what
// else becomes of the message. What cannot be read is kept for a person and blocks nobody.

import { z } from 'zod'
import { describeError, EngineError } from '../../errors.ts'
import { derivedId } from '../../primitives/ids.ts'
import { memberText, rootOffset, writeJson } from '../../primitives/json-text.ts'
import type { InboundMessage, Verdict } from '../api.ts'
import { deduplicate } from '../intake/deduplicate.ts'
import { parseDrafts } from '../intake/parse.ts'
import { confirm } from '../intake/publish.ts'
import { fromEventMessage } from '../messages/event-message.ts'
import { isNewer } from '../messages/version.ts'
import type { Event } from '../model/index.ts'
import type { Ports, RemainingEvent } from '../ports/index.ts'
import { keepDeadLetter, leaveToNewer } from './unprocessed-message.ts'

export interface EventBatch {
  readonly kind: 'events'
  readonly messageId: string
  readonly tenantId: string
  readonly events: readonly Event[]
  /** Another Worker sent it: in its own words, and not yet in the events queue of ours. */
  readonly isForeign: boolean
  /** The same with the webhooks they are still for, when an earlier batch matched and logged them; else null. */
  readonly remaining: readonly RemainingEvent[] | null
  /** Some of it may have been processed before: the monitors know. */
  readonly redelivered: boolean
  /** Deduplication keys to confirm when all is on its way. */
  readonly keys: readonly string[]
}

type ReadBatch =
  | EventBatch
  /** Nothing to do: unreadable and kept, or for a newer version and stored anew. */
  | { readonly kind: 'closed'; readonly messageId: string }
  /** A component is down. */
  | { readonly kind: 'later'; readonly messageId: string }

type EventBatchPorts = Pick<
  Ports,
  'clock' | 'log' | 'tenants' | 'deduplication' | 'deadLetters' | 'events' | 'deliveries'
>

/** What each message holds, in order. Never rejects. */
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
      return { ...packed, kind: 'events', messageId, isForeign: false, redelivered, keys: [] }
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
  tenantId: z.uuid().toLowerCase(),
  events: z.array(z.unknown()),
})

async function readForeign(message: InboundMessage, ports: EventBatchPorts): Promise<ReadBatch> {
  const { body } = message
  // As text, an object has the size it seems to have.
  const text = typeof body === 'string' ? body : writeJson(body)
  const { tenantId } = Envelope.parse(JSON.parse(text))
  const drafts = parseDrafts(memberText(text, rootOffset(text), 'events') ?? '')
  if ((await ports.tenants.find(tenantId)) === null) {
    throw new EngineError('not_found', `No such tenant: ${tenantId}.`)
  }
  const ids = await Promise.all(drafts.map((_, index) => derivedId(message, index)))
  const { keys, ...accepted } = await deduplicate(tenantId, drafts, ids, null, ports)
  const redelivered = accepted.redelivered || message.attempts > 1
  const { id: messageId } = message
  const { events } = accepted
  const rest = { isForeign: true, remaining: null, redelivered, keys }
  return { kind: 'events', messageId, tenantId, events, ...rest }
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

/** Confirms the deduplication keys of events that came in by the queue, now that they are on their way. */
export async function confirmStored(
  batches: readonly EventBatch[],
  failed: ReadonlySet<string>,
  ports: Pick<Ports, 'deduplication' | 'log'>,
): Promise<void> {
  const stored = batches.filter(({ messageId, keys }) => keys.length > 0 && !failed.has(messageId))
  await Promise.all(stored.map(({ tenantId, keys }) => confirm(tenantId, keys, ports)))
}
