// Groups messages into batches that one `sendBatch` takes.

import { pack, type Room } from '../../primitives/pack.ts'
import { QUEUE } from '../../tuning.ts'

interface Sized {
  readonly bytes: number
}

/** At most 100 messages and 240 KB. */
export const BATCH: Room<Sized> = {
  count: QUEUE.batchMessages,
  size: QUEUE.batchBytes,
  sizeOf: ({ bytes }) => bytes + QUEUE.messageOverheadBytes,
}

/** In order; a message that is larger than a batch goes alone. */
export function toBatches<T extends Sized>(messages: readonly T[]): T[][] {
  return [...pack(messages, BATCH)].map(({ items }) => items)
}
