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
import { idField, timeField, timeOrNull } from './fields.ts'

export const EventQueryInput = z.object({
  type: EventType.optional().meta({ description: 'Only events of this type.' }),
  after: Timestamp.optional().meta({ description: 'Only events accepted after this time.' }),
  before: Timestamp.optional().meta({ description: 'Only events accepted before this time.' }),
  limit: Limit,
  cursor: cursorOf(CURSORS.events).optional(),
})

export const ResendEvent = z
  .strictObject({
    webhookId: optional(
      Uuid,
      'The webhook to resend to. If absent, all webhooks that match the event now.',
    ),
  })
  .meta({ id: 'ResendEvent' })

export const AcceptedResponse = z
  .object({
    events: z
      .array(
        z.object({
          id: idField('event'),
          type: z.string().meta({ description: 'The type of the event.' }),
          duplicate: z.boolean().meta({
            description: 'Whether it had been published before, and was not published again.',
          }),
        }),
      )
      .meta({ description: 'The events in the order in which they were given.' }),
  })
  .meta({ id: 'AcceptedEvents' })

export const EventResponse = z
  .object({
    id: idField('event'),
    type: z.string().meta({ description: 'The type of the event.' }),
    time: timeField('When it happened: as published, or when it was accepted.'),
    scope: z.record(z.string(), z.string()).meta({ description: 'What the event belongs to.' }),
    actor: z.string().nullable().meta({ description: 'Who caused the event, if known.' }),
    requestId: z
      .string()
      .nullable()
      .meta({ description: 'The request that caused the event, if known.' }),
    data: Payload,
  })
  .meta({ id: 'Event' })
export type EventResponse = z.infer<typeof EventResponse>

const DeliveryResponse = z.object({
  webhookId: idField('webhook'),
  status: z
    .enum(['pending', 'delivered', 'failing', 'held', 'diverted', 'dropped', 'unsendable'])
    .meta({
      description: '`unsendable` means that the webhook’s format cannot express the event.',
    }),
  attempts: z.int().meta({
    description: 'The number of attempts so far, those of resends and replays among them.',
  }),
  lastAttemptAt: timeOrNull('When the last attempt was made; null if there was none.'),
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
  deliveries: z
    .array(DeliveryResponse)
    .meta({ description: 'The delivery to each webhook that the event matched.' }),
}).meta({ id: 'EventWithDeliveries' })

export function toEventResponse(event: Event): EventResponse {
  const { id, type, time, scope, actor, requestId, data } = event
  return { id, type, time, scope: { ...scope }, actor, requestId, data: new JsonSource(data) }
}

export function toDeliveryResponse(delivery: EventDelivery): DeliveryResponse {
  const { webhookId, status, attempts, lastAttemptAt, reason } = delivery
  return { webhookId, status, attempts, lastAttemptAt: formatTimeOrNull(lastAttemptAt), reason }
}
