// What a receiver of Socotra's webhooks gets (docs/contracts/socotra.md, "Notifications").

import type { Header } from '../../engine/model/index.ts'
import type { Wire } from '../../engine/ports/index.ts'
import { hmacSha256Hex } from '../../engine/signing/index.ts'
import { uuidToUlid } from '../../http/ids.ts'
import { toJsonText } from '../../http/json-source.ts'
import { formatTime } from '../../primitives/time.ts'
import type { Endpoint } from './endpoint.ts'
import { toEventResponse } from './event.ts'
import { SIGNATURE_HEADER, TAG_HEADER } from './schema.ts'
import { endpointOf, failingOf } from './translate.ts'

export const wire: Wire = {
  signatureHeaders: [SIGNATURE_HEADER],
  encode: async (event, webhook) => {
    const body = toJsonText(toEventResponse(event, webhook.tenantId))
    return { headers: await signatureHeaders(endpointOf(webhook), body), body }
  },
  alert: ({ webhook, eventId, trigger, message, at, diverted, suspended }) =>
    JSON.stringify({
      webhookLocator: uuidToUlid(webhook.id),
      eventLocator: uuidToUlid(eventId),
      failureTrigger: String(trigger),
      failureMessage: message,
      failureTimestamp: formatTime(at),
      diverted,
      suspended,
    }),
  // An alert endpoint has a secret and headers of its own, or none.
  alertSecrets: async (webhook, body) => {
    const { alert } = failingOf(webhook)
    if (alert === null) return { signing: [], headers: [] }
    const { hmacEnabled, secret, headers } = alert
    return {
      signing: hmacEnabled && secret !== null ? [{ secret, expiresAt: null }] : [],
      headers: [...headers, ...(await signatureHeaders(alert, body))],
    }
  },
}

/** Hex HMAC-SHA256 of the body under the newest secret, and the tag if there is one. */
async function signatureHeaders(
  { hmacEnabled, secret, tag }: Endpoint,
  body: string,
): Promise<readonly Header[]> {
  if (!hmacEnabled || secret === null) return []
  return [
    [SIGNATURE_HEADER, await hmacSha256Hex(secret, body)],
    ...(tag === null ? [] : [[TAG_HEADER, tag] as const]),
  ]
}
