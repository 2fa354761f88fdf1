// Groups messages into batches that one `sendBatch` takes.

import { QUEUE } from '../../tuning.ts'

/** In order, at most 100 messages and 240 KB each; a message that is larger goes alone. */
export function toBatches<T extends { readonly bytes: number }>(messages: readonly T[]): T[][] {
  const batches: T[][] = []
  let room = 0
  for (const message of messages) {
    const size = message.bytes + QUEUE.messageOverheadBytes
    const last = batches.at(-1)
    if (last !== undefined && last.length < QUEUE.batchMessages && size <= room) last.push(message)
    else {
      batches.push([message])
      room = QUEUE.batchBytes
    }
    room -= size
  }
  return batches
}
