// What docs/contracts/delivery.md promises of scheduled events: none leaves before its time, each does then, and none that was cancelled.

import type { EventLog } from '../../src/engine/ports/index.ts'
import type { Request } from './trace.ts'

/** An event that was published for later. */
export interface Scheduled {
  readonly id: string
  readonly type: string
  /** True Unix milliseconds. */
  readonly deliverAt: number
  /** Its producer was told that it is accepted. */
  readonly isPromised: boolean
  /** Somebody was told that it is cancelled. */
  isCancelled: boolean
}

/** Every promise of them that a history broke, as sentences. */
export async function brokenSchedules(
  scheduled: readonly Scheduled[],
  requests: readonly Request[],
  log: Pick<EventLog, 'find'>,
  marginMs: number,
): Promise<readonly string[]> {
  const broken: string[] = []
  for (const { id, deliverAt, isPromised, isCancelled } of scheduled) {
    const sent = requests.filter((request) => request.sent.eventId === id)
    const early = sent.find((request) => request.sent.at < deliverAt - marginMs)
    if (early) broken.push(`${id} is for ${deliverAt} and was sent at ${early.sent.at}`)
    const found = await log.find(id)
    if (found === null && isPromised) broken.push(`${id} was scheduled and is lost`)
    if (found?.isWaiting) broken.push(`${id} was for ${deliverAt} and waits still`)
    if (!isCancelled) continue
    if (sent.length > 0) broken.push(`${id} was cancelled and sent`)
    if (found?.cancelledAt === undefined) broken.push(`${id} was cancelled and does not say so`)
  }
  return broken
}
