// Which failure handling a webhook has: its own, or its dialect's, or the platform's.

import { DELIVERY } from '../../config.ts'
import type { FailureHandling, Webhook } from '../model.ts'
import type { Outbounds } from '../ports.ts'

/** The platform's default (contracts/delivery.md, "failureHandling"). */
export const DEFAULT_FAILURE_HANDLING: FailureHandling = {
  triggers: ['4xx', '5xx', 'timeout'],
  retry: { type: 'schedule', delaysSeconds: DELIVERY.scheduleSeconds },
  divert: true,
  suspend: {
    afterSeconds: DELIVERY.suspendAfterSeconds,
    afterFailures: DELIVERY.suspendAfterFailures,
  },
  alertUrl: null,
  timeoutMs: DELIVERY.timeoutMs,
}

/** The failure handling that applies to a webhook. */
export function failureHandlingOf(
  webhook: Pick<Webhook, 'failureHandling' | 'dialect'>,
  outbounds: Outbounds,
): FailureHandling {
  return webhook.failureHandling ?? outbounds(webhook.dialect)?.policy ?? DEFAULT_FAILURE_HANDLING
}
