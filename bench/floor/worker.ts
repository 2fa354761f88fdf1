// The floor: the least that accepts an event durably and delivers it signed. One queue message per publish; the consumer
// sends one signed request each and acknowledges. No tenants, no webhooks, no retries, no log: what nobody can be below.

import { deliver, type FloorEvent } from './deliver.ts'

export interface FloorEnv {
  readonly EVENTS: Queue
  /** Where every event goes. */
  readonly TARGET_URL: string
}

export default {
  async fetch(request, env) {
    const event: FloorEvent = { id: crypto.randomUUID(), body: await request.text() }
    await env.EVENTS.send(event)
    return Response.json({ events: [{ id: event.id }] }, { status: 202 })
  },

  async queue(batch, env) {
    await Promise.all(
      batch.messages.map(async (message) => {
        await deliver(message.body as FloorEvent, env.TARGET_URL)
        message.ack()
      }),
    )
  },
} satisfies ExportedHandler<FloorEnv>
