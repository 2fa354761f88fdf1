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
    type: z.literal('schedule').meta({ description: 'Each delay is given.' }),
    delaysSeconds: z
      .array(DelaySeconds)
      .min(1)
      .max(maxRetries)
      .meta({ description: 'The delay before each retry, in seconds.' }),
  }),
  z.strictObject({
    type: z.enum(['linear', 'exponential']).meta({
      description: 'Whether all delays are the interval, or each is twice the one before.',
    }),
    intervalSeconds: DelaySeconds.meta({ description: 'The first delay, in seconds.' }),
    attempts: z
      .int()
      .min(1)
      .max(maxRetries)
      .meta({ description: 'The number of retries after the first attempt.' }),
  }),
])

const Suspension = z.strictObject({
  afterSeconds: z.int().min(0).max(FAILURE_HANDLING.maxSuspendSeconds).meta({
    description: 'How long deliveries must have been failing, in seconds.',
  }),
  afterFailures: z.int().min(1).max(FAILURE_HANDLING.maxSuspendFailures).meta({
    description: 'On how many distinct events deliveries must have failed.',
  }),
})

const MEANING = {
  triggers:
    'The failures that are retried: status codes, classes of them, and `timeout` for no response in time.',
  retry: 'When a failed delivery is retried; null means never.',
  divert: 'Whether events that are given up are kept.',
  suspend: 'When the webhook is suspended because deliveries keep failing; null means never.',
  alertUrl: 'The URL that is notified when an event is given up; null for none.',
  timeoutMs: 'How long to wait for a response, in milliseconds.',
} as const

const plain = {
  triggers: z.array(TriggerPattern).max(FAILURE_HANDLING.maxTriggers),
  divert: z.boolean(),
  timeoutMs: z.int().min(DELIVERY.minTimeoutMs).max(DELIVERY.maxTimeoutMs),
}

const clearable = {
  retry: RetryStrategy.nullable().meta({ description: MEANING.retry }),
  suspend: Suspension.nullable().meta({ description: MEANING.suspend }),
}

/**
 * What is left out stays as it is; on a new webhook, as the platform's default has it. Null says the same, except where
 * there can be none: of retries, of suspension, of an address for alerts.
 */
export const FailureHandlingInput = z
  .strictObject({
    triggers: optional(plain.triggers, MEANING.triggers),
    retry: clearable.retry.optional(),
    divert: optional(plain.divert, MEANING.divert),
    suspend: clearable.suspend.optional(),
    alertUrl: TargetUrl.nullish().meta({ description: MEANING.alertUrl }),
    timeoutMs: optional(plain.timeoutMs, MEANING.timeoutMs),
  })
  .meta({ id: 'FailureHandlingInput' })
export type FailureHandlingInput = z.infer<typeof FailureHandlingInput>

export const FailureHandlingResponse = z
  .object({
    triggers: plain.triggers.meta({ description: MEANING.triggers }),
    retry: clearable.retry,
    divert: plain.divert.meta({ description: MEANING.divert }),
    suspend: clearable.suspend,
    alertUrl: z.string().nullable().meta({ description: MEANING.alertUrl }),
    timeoutMs: plain.timeoutMs.meta({ description: MEANING.timeoutMs }),
  })
  .meta({ id: 'FailureHandling' })

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
