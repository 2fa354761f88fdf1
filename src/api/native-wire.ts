// What a receiver of a webhook made on `/v1` gets: the payload structure of Standard Webhooks 1.0
// (github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md, "Payload structure").

import { DEFAULT_FAILURE_HANDLING } from '../engine/attempt/failure-handling.ts'
import { formatFor } from '../engine/model/index.ts'
import { plainAlert } from '../engine/notifications/alert.ts'
import type { DialectRuntime, Wire } from '../engine/ports/index.ts'
import { batchOfCloudEvents, encodeCloudEvent, toStructured } from './cloud-events-format.ts'

/** Stored with every webhook made on `/v1`; never changes. */
export const nativeDialect = 'native'

// Put together as text: `data` reaches the receiver as the producer wrote it.
const wire: Wire = {
  async encode(event, webhook) {
    const { type, time, data } = event
    const format = formatFor(event.id, webhook)
    if (format !== null) return encodeCloudEvent(event, webhook, { body: data }, format)
    const body = `{"type":${JSON.stringify(type)},"timestamp":${JSON.stringify(time)},"data":${data}}`
    return { headers: [], body }
  },
  wrap(event, webhook, made) {
    const format = formatFor(event.id, webhook)
    return format === null ? null : encodeCloudEvent(event, webhook, made, format)
  },
  together: {
    part(event, { shaped, format, tenantId }) {
      const { id, type, time, data } = event
      if (format !== null) return toStructured(event, tenantId, { body: shaped ?? data })
      return (
        shaped ??
        `{"id":${JSON.stringify(id)},"type":${JSON.stringify(type)},"timestamp":${JSON.stringify(time)},"data":${data}}`
      )
    },
    body: (parts, format) =>
      format === null ? { body: `{"events":[${parts.join(',')}]}` } : batchOfCloudEvents(parts),
  },
  alert: plainAlert,
}

export const nativeRuntime: DialectRuntime = { wire, policy: DEFAULT_FAILURE_HANDLING }
