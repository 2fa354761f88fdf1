// Texts to a queue, a batch at a time, so that whoever sends them can mark each batch as soon as it is taken.

import { byteLength } from '../../primitives/framed-json.ts'
import { packFirst } from '../../primitives/pack.ts'
import { BATCH } from './batches.ts'

/** Sends the first of the texts, as many as one `sendBatch` takes; tells how many. Rejects when the queue does. */
export async function sendFirstBatch(queue: Queue, texts: readonly string[]): Promise<number> {
  const sized = Iterator.from(texts).map((text) => ({ text, bytes: byteLength(text) }))
  const { items } = packFirst(sized, BATCH)
  if (items.length === 0) return 0
  await queue.sendBatch(items.map(({ text }) => ({ body: text, contentType: 'text' })))
  return items.length
}
