// What becomes of a message that this version cannot process: one of a newer version waits for it in its queue, since a
// rolling deployment brings such to isolates that cannot read them yet; what nobody can process is kept where a person sees it.

import { describeError } from '../../errors.ts'
import { writeFirst } from '../../primitives/json-text.ts'
import { DEAD_LETTER, QUEUE } from '../../tuning.ts'
import type { InboundMessage, Verdict } from '../api.ts'
import type { Ports } from '../ports/index.ts'
import { ACK, isOld, later } from './backoff.ts'

/**
 * The verdict on a message of a newer version: it comes again later, and before the queue gives it up it is stored anew as it is.
 */
export async function leaveToNewer(
  queue: 'events' | 'deliveries',
  inbound: InboundMessage,
  { clock, log, ...ports }: Pick<Ports, 'clock' | 'log' | 'events' | 'deliveries'>,
): Promise<Verdict> {
  const { id: messageId, attempts } = inbound
  log({ event: 'message.newer', queue, messageId, attempts })
  if (!isOld(inbound, clock())) return later(inbound)
  try {
    await ports[queue].repeat(String(inbound.body), QUEUE.maxUnavailableDelaySeconds)
    return ACK
  } catch (error) {
    log({ event: 'message.unrenewed', queue, messageId, error: describeError(error) })
    return later(inbound)
  }
}

/**
 * Keeps a message, whole or cut to `DEAD_LETTER`, and logs that once, without its body and the reason, which may quote it. The verdict on it: it is done with,
 * or, when it could not be kept, comes again.
 */
export async function keepDeadLetter(
  queue: 'events' | 'deliveries',
  { id, body, attempts, timestamp: sentAt }: InboundMessage,
  reason: string,
  { clock, deadLetters, log }: Pick<Ports, 'clock' | 'deadLetters' | 'log'>,
): Promise<Verdict> {
  try {
    const { kept, remark } = cut(toBody(body))
    const why = `${reason.slice(0, DEAD_LETTER.reasonChars)}${remark}`
    await deadLetters.insert({ id, queue, reason: why, body: kept, at: clock(), sentAt })
    log({ event: 'message.kept', queue, messageId: id })
    return ACK
  } catch (error) {
    log({ event: 'message.unkept', queue, messageId: id, error: describeError(error) })
    return later({ attempts })
  }
}

interface Body {
  readonly text: string
  readonly isWhole: boolean
}

/** As much of a text as a letter holds, and what to say about the rest of it. */
function cut({ text, isWhole }: Body): { readonly kept: string; readonly remark: string } {
  const { bodyChars } = DEAD_LETTER
  if (isWhole && text.length <= bodyChars) return { kept: text, remark: '' }
  const length = isWhole ? `${text.length}` : `more than ${text.length}`
  const kept = text.slice(0, bodyChars)
  return { kept, remark: ` (cut to the first ${kept.length} of ${length} characters)` }
}

/** A body as a person reads it; queues carry text, bytes, JSON and whatever `structuredClone` takes. */
function toBody(body: unknown): Body {
  if (typeof body === 'string') return { text: body, isWhole: true }
  if (body instanceof ArrayBuffer || ArrayBuffer.isView(body)) {
    return { text: new TextDecoder().decode(body), isWhole: true }
  }
  try {
    const show = (value: unknown) => (typeof value === 'bigint' ? String(value) : value)
    const { text, isWhole } = writeFirst(body, DEAD_LETTER.written, { show })
    return { text: text || String(body), isWhole }
  } catch {
    // A circular value has no text; that it came is what can be kept.
    return { text: Object.prototype.toString.call(body), isWhole: true }
  }
}
