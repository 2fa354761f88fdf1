// Diverted events, and sending many events again, on the wire.

import { z } from 'zod'
import { optional, orDefault } from '../../engine/intake/event-input.ts'
import { EventType } from '../../engine/model/event-type.ts'
import type { DivertedEvent } from '../../engine/model/index.ts'
import { cursorOf, Limit } from '../../http/pagination.ts'
import { WEBHOOK } from '../../limits.ts'
import { CURSORS } from '../../primitives/cursor.ts'
import { formatTime, Timestamp } from '../../primitives/time.ts'
import { EventResponse, toEventResponse } from './event.ts'
import { idField, timeField } from './fields.ts'

export const LogPageQuery = z.object({
  limit: Limit,
  cursor: cursorOf(CURSORS.diverted).optional(),
})

export const DivertedResponse = z
  .object({
    eventId: idField('event'),
    eventType: z.string().meta({ description: 'The type of the event.' }),
    trigger: z.string().meta({
      description:
        'Why the event was diverted: a status code, "timeout", "suspended", "disabled", "paused", "rate", "order" or "crashed".',
    }),
    message: z.string().meta({ description: 'What went wrong, as a sentence.' }),
    divertedAt: timeField('When the event was diverted.'),
    event: EventResponse.meta({ description: 'The event as it was published.' }),
  })
  .meta({ id: 'DivertedEvent' })
export type DivertedResponse = z.infer<typeof DivertedResponse>

export function toDivertedResponse(diverted: DivertedEvent): DivertedResponse {
  const { event, trigger, message, divertedAt } = diverted
  return {
    eventId: event.id,
    eventType: event.type,
    trigger: String(trigger),
    message,
    divertedAt: formatTime(divertedAt),
    event: toEventResponse(event),
  }
}

/** Exact types: which of the webhook's events are meant. */
const OnlyTypes = z.array(EventType).min(1).max(WEBHOOK.eventTypes)

export const ResendDiverted = z
  .strictObject({
    since: optional(Timestamp, 'Only events diverted at or after this time.'),
    until: optional(Timestamp, 'Only events diverted before this time.'),
    eventTypes: optional(OnlyTypes, 'Only events of these types.'),
  })
  .meta({ id: 'ResendDiverted' })

export const ReplayInput = z
  .strictObject({
    since: Timestamp.meta({ description: 'Only events accepted at or after this time.' }),
    until: optional(Timestamp, 'Only events accepted before this time. Defaults to now.'),
    eventTypes: optional(OnlyTypes, 'Only events of these types.'),
    onlyMissing: orDefault(
      z.boolean(),
      false,
      'Skip events that were already delivered to the webhook.',
    ),
  })
  .meta({ id: 'Replay' })
