// Messages of the events queue as publish writes them: as many events in each as Queues bills as one operation.

import { z } from 'zod'
import { QUEUE } from '../../config.ts'
import { EventSchema } from '../event-schema.ts'
import { byteLength, frame, isFrame, unframe } from '../frame.ts'
import type { Event } from '../model.ts'

const EventMessageSchema = z.object({
  tenantId: z.string(),
  /** An earlier publish may have stored some of the events. */
  ask: z.boolean(),
  events: z.array(EventSchema),
})

export interface EventMessage {
  readonly tenantId: string
  readonly ask: boolean
  readonly events: readonly Event[]
}

/** The messages that carry events, in order: as few as fit. */
export function toEventMessages({ tenantId, ask, events }: EventMessage): string[] {
  const room = QUEUE.packBytes - QUEUE.messageOverheadBytes
  const groups: Event[][] = []
  let bytes = room
  for (const event of events) {
    const size = byteLength(frame(event))
    if (bytes + size > room) {
      groups.push([])
      bytes = 0
    }
    groups.at(-1)?.push(event)
    bytes += size
  }
  return groups.map((group) => frame({ tenantId, ask, events: group }))
}

/** What a message of `toEventMessages` carries; null for what somebody else sent. Throws for a damaged one. */
export function fromEventMessage(body: unknown): EventMessage | null {
  return isFrame(body) ? EventMessageSchema.parse(unframe(body)) : null
}
