// Diverted events, and sending many events again, on the wire.

import { z } from 'zod'
import { WEBHOOK } from '../../config.ts'
import { EventType, optional, orDefault } from '../../engine/intake/event-input.ts'
import type { DivertedEvent } from '../../engine/model/index.ts'
import { cursorOf, Limit } from '../../http/pagination.ts'
import { CURSORS } from '../../primitives/cursor.ts'
import { formatTime, Timestamp } from '../../primitives/time.ts'
import { EventResponse, toEventResponse } from './event.ts'
import { Id, Time } from './fields.ts'

export const LogPageQuery = z.object({
  limit: Limit,
  cursor: cursorOf(CURSORS.diverted).optional(),
})

export const DivertedResponse = z
  .object({
    eventId: Id,
    eventType: z.string(),
    trigger: z
      .string()
      .meta({ description: 'A status code, "timeout", "suspended", "disabled" or "crashed".' }),
    message: z.string(),
    divertedAt: Time,
    event: EventResponse,
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
    since: optional(Timestamp.meta({ description: 'Diverted at or after this.' })),
    until: optional(Timestamp.meta({ description: 'Diverted before this.' })),
    eventTypes: optional(OnlyTypes),
  })
  .meta({ id: 'ResendDiverted' })

export const Replay = z
  .strictObject({
    since: Timestamp.meta({ description: 'Accepted at or after this.' }),
    until: optional(Timestamp.meta({ description: 'Accepted before this; absent: now.' })),
    eventTypes: optional(OnlyTypes),
    onlyMissing: orDefault(
      z.boolean().meta({ description: 'Leave out what was delivered already.' }),
      false,
    ),
  })
  .meta({ id: 'Replay' })
