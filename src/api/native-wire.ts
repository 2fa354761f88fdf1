// What a receiver of a webhook made on `/v1` gets: the payload structure of Standard Webhooks 1.0
// (github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md, "Payload structure").

import { DEFAULT_FAILURE_HANDLING } from '../engine/attempt/failure-handling.ts'
import { plainAlert } from '../engine/notifications/alert.ts'
import type { DialectRuntime, Wire } from '../engine/ports/index.ts'

/** Stored with every webhook made on `/v1`; never changes. */
export const nativeDialect = 'native'

const wire: Wire = {
  // Put together as text: `data` reaches the receiver as the producer wrote it.
  encode: async ({ type, time, data }) => ({
    headers: [],
    body: `{"type":${JSON.stringify(type)},"timestamp":${JSON.stringify(time)},"data":${data}}`,
  }),
  together: {
    part: ({ id, type, time, data }, shaped) =>
      shaped ??
      `{"id":${JSON.stringify(id)},"type":${JSON.stringify(type)},"timestamp":${JSON.stringify(time)},"data":${data}}`,
    body: (parts) => `{"events":[${parts.join(',')}]}`,
  },
  alert: plainAlert,
}

export const nativeRuntime: DialectRuntime = { wire, policy: DEFAULT_FAILURE_HANDLING }
