// Wiring only: fetch, queue, scheduled, and the exported classes.

import type { Env } from './platform/env.ts'

export { EventLog } from './platform/durable/event-log.ts'
export { WebhookMonitor } from './platform/durable/webhook-monitor.ts'

export default {
  async fetch() {
    return new Response('not yet')
  },
} satisfies ExportedHandler<Env>
