// Events on the wire.

import { z } from 'zod'
import type { EventDelivery } from '../../engine/index.ts'
import { optional, Uuid } from '../../engine/intake/event-input.ts'
import { EventType } from '../../engine/model/event-type.ts'
import type { Event } from '../../engine/model/index.ts'
import { JsonSource, Payload } from '../../http/json-source.ts'
import { cursorOf, Limit } from '../../http/pagination.ts'
import { CURSORS } from '../../primitives/cursor.ts'
import { formatTimeOrNull, Timestamp } from '../../primitives/time.ts'
import { Id, Time } from './fields.ts'

export const EventQueryInput = z.object({
  type: EventType.optional(),
  after: Timestamp.optional().meta({ description: 'Only events accepted after this time.' }),
  before: Timestamp.optional().meta({ description: 'Only events accepted before this time.' }),
  limit: Limit,
  cursor: cursorOf(CURSORS.events).optional(),
})

export const ResendEvent = z
  .strictObject({
    webhookId: optional(
      Uuid.meta({
        description: 'If absent, the event is resent to all webhooks that match it now.',
      }),
    ),
  })
  .meta({ id: 'ResendEvent' })

export const AcceptedResponse = z
  .object({ events: z.array(z.object({ id: Id, type: z.string(), duplicate: z.boolean() })) })
  .meta({ id: 'AcceptedEvents' })

export const EventResponse = z
  .object({
    id: Id,
    type: z.string(),
    time: Time,
    scope: z.record(z.string(), z.string()),
    actor: z.string().nullable(),
    requestId: z.string().nullable(),
    data: Payload,
  })
  .meta({ id: 'Event' })
export type EventResponse = z.infer<typeof EventResponse>

const DeliveryResponse = z.object({
  webhookId: Id,
  status: z.enum(['pending', 'delivered', 'failing', 'diverted', 'dropped', 'unsendable']).meta({
    description: '`unsendable` means that the webhook’s format cannot express the event.',
  }),
  attempts: z.int(),
  lastAttemptAt: Time.nullable(),
  reason: z
    .string()
    .nullable()
    .meta({
      description:
        'Why the delivery ended without success, or why it waits: no request can be made to the webhook, because its ' +
        'secrets cannot be decrypted or its dialect is not deployed.',
    }),
})
type DeliveryResponse = z.infer<typeof DeliveryResponse>

export const EventWithDeliveriesResponse = EventResponse.extend({
  deliveries: z.array(DeliveryResponse),
}).meta({ id: 'EventWithDeliveries' })

export function toEventResponse(event: Event): EventResponse {
  const { id, type, time, scope, actor, requestId, data } = event
  return { id, type, time, scope: { ...scope }, actor, requestId, data: new JsonSource(data) }
}

export function toDeliveryResponse(delivery: EventDelivery): DeliveryResponse {
  const { webhookId, status, attempts, lastAttemptAt, reason } = delivery
  return { webhookId, status, attempts, lastAttemptAt: formatTimeOrNull(lastAttemptAt), reason }
}
