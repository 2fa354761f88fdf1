// What becomes of attempts that the batch window did not see the end of: they finish in the background and are recorded
// then; a delayed look at the log makes sure that nothing is lost if the isolate dies first.

import { describeError } from '../../errors.ts'
import { INVOCATION } from '../../tuning.ts'
import type { Tried } from '../attempt/attempt.ts'
import { failureHandlingOf } from '../attempt/failure-handling.ts'
import type { Subscriber } from '../model/index.ts'
import type { Ports } from '../ports/index.ts'
import { type RecordPorts, recordOrSend, toReportLine } from './report.ts'

/** Seconds after which an unanswered attempt must be over and recorded, or lost. */
export function watchdogDelay(
  webhook: Subscriber,
  dialectRuntimes: Ports['dialectRuntimes'],
): number {
  const { timeoutMs } = failureHandlingOf(webhook, dialectRuntimes)
  return Math.ceil(timeoutMs / 1_000) + INVOCATION.insuranceMarginSeconds
}

/** Records attempts as they end, without holding the batch. */
export function finishInBackground(
  attempts: readonly Promise<Tried>[],
  ports: RecordPorts & Pick<Ports, 'deliveries'>,
): void {
  for (const running of attempts) ports.background(finish(running, ports))
}

async function finish(
  running: Promise<Tried>,
  ports: RecordPorts & Pick<Ports, 'deliveries'>,
): Promise<void> {
  const tried = await running
  try {
    await recordOrSend([toReportLine(tried)], ports)
  } catch (error) {
    // The watchdog message finds nothing in the log and tries again: once too often, never once too few.
    const { id } = tried.delivery.webhook
    ports.log({ event: 'background.unrecorded', webhookId: id, error: describeError(error) })
  }
}
