// Failure handling on the wire (docs/contracts/delivery.md, "Failure handling").

import { z } from 'zod'
import { optional } from '../../engine/intake/event-input.ts'
import type { FailureHandling } from '../../engine/model/index.ts'
import { FAILURE_HANDLING } from '../../limits.ts'
import { DELIVERY } from '../../tuning.ts'
import { TargetUrl } from './target-url.ts'

const { minTriggerStatus, maxTriggerStatus, maxRetries } = FAILURE_HANDLING

const TriggerPattern = z.union(
  [z.int().min(minTriggerStatus).max(maxTriggerStatus), z.enum(['3xx', '4xx', '5xx', 'timeout'])],
  {
    error: `Expected a status code from ${minTriggerStatus} to ${maxTriggerStatus}, "3xx", "4xx", "5xx" or "timeout".`,
  },
)

const DelaySeconds = z.int().min(0).max(DELIVERY.maxDelaySeconds)

const RetryStrategy = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('schedule'),
    delaysSeconds: z.array(DelaySeconds).min(1).max(maxRetries),
  }),
  z.strictObject({
    type: z.enum(['linear', 'exponential']),
    intervalSeconds: DelaySeconds,
    attempts: z
      .int()
      .min(1)
      .max(maxRetries)
      .meta({ description: 'The number of retries after the first attempt.' }),
  }),
])

const Suspension = z.strictObject({
  afterSeconds: z.int().min(0).max(FAILURE_HANDLING.maxSuspendSeconds),
  afterFailures: z.int().min(1).max(FAILURE_HANDLING.maxSuspendFailures),
})

const fields = {
  triggers: z.array(TriggerPattern).max(FAILURE_HANDLING.maxTriggers),
  retry: RetryStrategy.nullable(),
  divert: z.boolean(),
  suspend: Suspension.nullable(),
  alertUrl: z.string().nullable(),
  timeoutMs: z.int().min(DELIVERY.minTimeoutMs).max(DELIVERY.maxTimeoutMs),
}

/**
 * What is left out stays as it is; on a new webhook, as the platform's default has it. Null says the same, except where
 * there can be none: of retries, of suspension, of an address for alerts.
 */
export const FailureHandlingInput = z
  .strictObject({
    triggers: optional(fields.triggers),
    retry: fields.retry.optional(),
    divert: optional(fields.divert),
    suspend: fields.suspend.optional(),
    alertUrl: TargetUrl.nullish(),
    timeoutMs: optional(fields.timeoutMs),
  })
  .meta({ id: 'FailureHandlingInput' })
export type FailureHandlingInput = z.infer<typeof FailureHandlingInput>

export const FailureHandlingResponse = z.object(fields).meta({ id: 'FailureHandling' })

/** `base` with what the input says. */
export function fillFailureHandling(
  input: FailureHandlingInput,
  base: FailureHandling,
): FailureHandling {
  const { triggers = base.triggers, retry = base.retry, divert = base.divert } = input
  const { suspend = base.suspend, alertUrl = base.alertUrl, timeoutMs = base.timeoutMs } = input
  return { ...base, triggers, retry, divert, suspend, alertUrl, timeoutMs }
}

export function toFailureHandlingResponse(
  handling: FailureHandling,
): z.infer<typeof FailureHandlingResponse> {
  const { triggers, retry, divert, suspend, alertUrl, timeoutMs } = handling
  return {
    triggers: [...triggers],
    retry:
      retry?.type === 'schedule' ? { ...retry, delaysSeconds: [...retry.delaysSeconds] } : retry,
    divert,
    suspend,
    alertUrl,
    timeoutMs,
  }
}
