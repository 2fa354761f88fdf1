// What became of a million events, as if they had been sent: noted in a tenant's event log as senders note it.

import type { FirstOutcome } from '../../src/engine/model/index.ts'
import type { Env } from '../../src/platform/env.ts'
import { firstIdAt, newId } from '../../src/primitives/ids.ts'

export interface Filling {
  readonly tenantId: string
  /** The webhook that gets one of a thousand; the other events are each for one of 999 others. */
  readonly rare: string
  /** Unix milliseconds of the first event; the others follow `apartMs` after one another. */
  readonly since: number
  readonly apartMs: number
  /** Which of the events, the first and behind the last. */
  readonly from: number
  readonly to: number
}

const ONE_OF = 1_000
/** Outcomes of a call: what one publish may have. */
const CALL = 500
/** Ids that stand for webhooks of which nobody asks anything. */
const OTHERS = Array.from({ length: ONE_OF - 1 }, (_, n) => firstIdAt(n + 1))

export async function noteOutcomes({ EVENT_LOGS }: Env, filling: Filling): Promise<void> {
  const { tenantId, from, to } = filling
  for (let begin = from; begin < to; begin += CALL) {
    const count = Math.min(CALL, to - begin)
    const outcomes = Array.from({ length: count }, (_, n) => toOutcome(begin + n, filling))
    await EVENT_LOGS.getByName(tenantId).record(outcomes)
  }
}

function toOutcome(n: number, { rare, since, apartMs }: Filling): FirstOutcome {
  const at = since + n * apartMs
  const isRare = n % ONE_OF === ONE_OF / 2
  const webhookId = isRare ? rare : (OTHERS[(n * 7) % OTHERS.length] ?? '')
  const delivered = { statusCode: 204, durationMs: 15 + (n % 90) }
  return { eventId: newId(at), eventType: 'bench.event', webhookId, at: at + 15, delivered }
}
