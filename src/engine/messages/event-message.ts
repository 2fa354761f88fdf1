// Messages of the events queue as publish writes them: as many events in each as Queues bills as one operation.

import { z } from 'zod'
import { byteLength, frame, isFrame, unframe } from '../../primitives/framed-json.ts'
import { pack } from '../../primitives/pack.ts'
import { QUEUE } from '../../tuning.ts'
import { EventSchema } from '../model/event-schema.ts'
import type { Event } from '../model/index.ts'
import { MESSAGE_VERSION } from './version.ts'

const EventMessageSchema = z.object({
  tenantId: z.string(),
  /** An earlier publish may have stored some of the events. */
  ask: z.boolean(),
  events: z.array(EventSchema),
  only: z.array(z.array(z.string())).optional(),
})

interface EventMessage {
  readonly tenantId: string
  readonly ask: boolean
  readonly events: readonly Event[]
  /** Of each event the ids of the webhooks it is still for; without it, whoever matches. */
  readonly only?: readonly (readonly string[])[] | undefined
}

/** The messages that carry events, in order: as few as fit. */
export function toEventMessages({ tenantId, ask, events, only }: EventMessage): string[] {
  if (events.length === 1) return [toText({ tenantId, ask, events, only })]
  const entries = events.map((event, index) => ({ event, webhookIds: only?.[index] ?? [] }))
  const packs = pack(entries, {
    size: QUEUE.packBytes - QUEUE.messageOverheadBytes,
    sizeOf: ({ event, webhookIds }) => byteLength(frame(event)) + JSON.stringify(webhookIds).length,
  })
  return [...packs].map(({ items }) => {
    const targets = only && items.map(({ webhookIds }) => webhookIds)
    return toText({ tenantId, ask, events: items.map(({ event }) => event), only: targets })
  })
}

function toText(message: EventMessage): string {
  return frame({ v: MESSAGE_VERSION, ...message })
}

/** What a message of `toEventMessages` carries; null for what somebody else sent. Throws for a damaged one. */
export function fromEventMessage(body: unknown): EventMessage | null {
  return isFrame(body) ? EventMessageSchema.parse(unframe(body)) : null
}
