// What a receiver of a webhook made under /v1 gets: the payload structure of Standard Webhooks.

import { DEFAULT_FAILURE_HANDLING } from '../engine/pipeline/failure-handling.ts'
import { plainAlert } from '../engine/pipeline/plain-alert.ts'
import type { Outbound } from '../engine/ports.ts'

/** https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md, "Payload structure". */
export const native: Outbound = {
  wire: {
    async notify({ type, time, data }) {
      const [typeText, timeText] = [JSON.stringify(type), JSON.stringify(time)]
      return { headers: [], body: `{"type":${typeText},"timestamp":${timeText},"data":${data}}` }
    },
    alert: plainAlert,
  },
  policy: DEFAULT_FAILURE_HANDLING,
}
