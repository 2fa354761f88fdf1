// The body of a receiver's response: a little of it is kept, a bounded part is read so that the connection can be used
// again, the rest is cancelled.

import { DELIVERY } from '../../tuning.ts'
import { type Deadline, EXPIRED } from '../deadline.ts'

/**
 * Reads at most 16 KiB until the deadline and cancels the rest. Resolves with the first 1,024 bytes as text. Never
 * rejects: a body that breaks off is what came of it.
 */
export async function readExcerpt(
  body: ReadableStream<Uint8Array> | null,
  deadline: Deadline,
): Promise<string> {
  const excerpt = new Uint8Array(DELIVERY.excerptBytes)
  let read = 0
  await readChunks(body, deadline, (chunk) => {
    if (read < excerpt.length) excerpt.set(chunk.subarray(0, excerpt.length - read), read)
    read += chunk.length
    return read < DELIVERY.responseBytes
  })
  return toText(excerpt.subarray(0, read))
}

/**
 * Reads what is left of a response that nobody asks for, so that its connection can be used again: at most 16 KiB and for half a
 * second. One that says how little it is, is read in one go, which takes a third of the time; the runtime's parser holds it to
 * what it says. Never rejects.
 */
export async function drain(response: Response, deadline: Deadline): Promise<void> {
  const { headers } = response
  const length = headers.has('content-encoding') ? null : headers.get('content-length')
  // The body itself is only asked for where it is needed: that makes a stream of it.
  if (length === '0' || (length === null && response.body === null)) return
  deadline.pullForward(DELIVERY.drainMs)
  if (length === null || Number(length) > DELIVERY.responseBytes) {
    let read = 0
    return readChunks(response.body, deadline, (chunk) => {
      read += chunk.length
      return read < DELIVERY.responseBytes
    })
  }
  // The connection may break; and the deadline's signal ends what takes longer.
  await deadline.within(response.arrayBuffer()).catch(() => {})
}

/** All of a body as text. Rejects for one that is longer than `maxBytes`, or that breaks off. */
export async function readBounded(
  body: ReadableStream<Uint8Array> | null,
  maxBytes: number,
): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  for await (const chunk of body ?? []) {
    bytes += chunk.length
    if (bytes > maxBytes) throw new Error(`The response has more than ${maxBytes} bytes.`)
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}

/** Hands chunks to `take` until it says stop, the body or the time is over, or the connection breaks. */
async function readChunks(
  body: ReadableStream<Uint8Array> | null,
  deadline: Deadline,
  take: (chunk: Uint8Array) => boolean,
): Promise<void> {
  if (body === null) return
  const reader = body.getReader()
  try {
    for (;;) {
      const step = await deadline.within(reader.read())
      if (step === EXPIRED || step.done || !take(step.value)) break
    }
  } catch {
    // The connection broke after the headers: what was read until then is the response.
  } finally {
    cancel(reader)
  }
}

/** Cancels a body, read or not. Nobody waits for it: a source that hangs need not confirm. */
export function cancel(body: Pick<ReadableStream, 'cancel'> | null): void {
  body?.cancel().catch(() => {})
}

/** Controls, NUL and terminal escapes among them, which would harm a log or a database's text. */
const CONTROLS = /[^\P{Cc}\t\n\r]/gu

/** UTF-8, without a character that was cut in half at the end. */
function toText(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes, { stream: true }).replace(CONTROLS, '\ufffd')
}
