// Texts to a queue, a batch at a time, so that whoever sends them can mark each batch as soon as it is taken.

import { byteLength } from '../../primitives/framed-json.ts'
import { packFirst } from '../../primitives/pack.ts'
import type { Bindings } from '../bindings.ts'
import { BATCH } from './batches.ts'
import { chooseQueue, type QueueKind, queuesOf } from './choose-queue.ts'

/** `sendFirst`, to the queues of a kind. */
export function senderTo<Kind extends QueueKind>(
  env: Pick<Bindings, Kind>,
  kind: Kind,
): (texts: readonly string[]) => Promise<number> {
  const queues = queuesOf(env, kind)
  return (texts) => sendFirst(queues, texts)
}

/** `sendFirstBatch` to the queue for texts of one tenant. */
export async function sendFirst(
  queues: readonly Queue[],
  texts: readonly string[],
): Promise<number> {
  const [text] = texts
  return text === undefined ? 0 : sendFirstBatch(chooseQueue(queues, text), texts)
}

/** Sends the first of the texts, as many as one `sendBatch` takes; tells how many. Rejects when the queue does. */
async function sendFirstBatch(queue: Queue, texts: readonly string[]): Promise<number> {
  const sized = Iterator.from(texts).map((text) => ({ text, bytes: byteLength(text) }))
  const { items } = packFirst(sized, BATCH)
  if (items.length === 0) return 0
  await queue.sendBatch(items.map(({ text }) => ({ body: text, contentType: 'text' })))
  return items.length
}
