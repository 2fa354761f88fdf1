// The batch of a webhook on the wire.

import { z } from 'zod'
import { BATCH_LIMITS, type Batch, type HealthReport } from '../../engine/model/index.ts'
import { wholeNumber } from './fields.ts'

export const BATCH_MEANING =
  'How many events one request to the webhook has at most, and for how long they wait for each other. Null: each event has a request of its own.'

const MAX_EVENTS = `Events of one request at most, up to ${BATCH_LIMITS.maxEvents}.`
const MAX_WAIT_MS = `Milliseconds for which the first of them waits at most, up to ${BATCH_LIMITS.maxWaitMs}.`

export const BatchInput = z.strictObject({
  maxEvents: wholeNumber(1, BATCH_LIMITS.maxEvents).meta({ description: MAX_EVENTS }),
  maxWaitMs: wholeNumber(0, BATCH_LIMITS.maxWaitMs)
    .default(BATCH_LIMITS.waitMs)
    .meta({ description: MAX_WAIT_MS }),
})

export const BatchResponse = z.object({
  maxEvents: z.int().meta({ description: MAX_EVENTS }),
  maxWaitMs: z.int().meta({ description: MAX_WAIT_MS }),
})

export const BatchHealth = z.object({
  waiting: z.int().meta({ description: 'Events that wait for others to go with.' }),
  underWay: z.int().meta({ description: 'Events on their way, or sent and not answered.' }),
})

/** What waits for others of a webhook with a batch; null: it has none. */
export function toBatchHealth(
  batch: Batch | null,
  { forOthers, underWay }: Pick<HealthReport, 'forOthers' | 'underWay'>,
): z.infer<typeof BatchHealth> | null {
  return batch === null ? null : { waiting: forOthers, underWay }
}
