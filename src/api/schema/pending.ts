// Which pending deliveries of a webhook are meant, on the wire.

import { z } from 'zod'
import { optional, Uuid } from '../../engine/intake/event-input.ts'
import { EventType } from '../../engine/model/event-type.ts'
import { CANCEL, WEBHOOK } from '../../limits.ts'
import { Timestamp } from '../../primitives/time.ts'

export const CancelInput = z
  .strictObject({
    eventIds: optional(
      z.array(Uuid).min(1).max(CANCEL.eventIds),
      'Only deliveries of these events.',
    ),
    eventTypes: optional(
      z.array(EventType).min(1).max(WEBHOOK.eventTypes),
      'Only deliveries of events of these types.',
    ),
    after: optional(Timestamp, 'Only deliveries of events accepted after this time.'),
    before: optional(Timestamp, 'Only deliveries of events accepted before this time.'),
  })
  .meta({ id: 'CancelDeliveries' })

export const CancelledResponse = z
  .object({
    cancelled: z.int().meta({ description: 'The number of deliveries that were cancelled.' }),
    more: z.boolean().meta({
      description: 'Whether others may be pending that are meant: repeat the call to cancel them.',
    }),
  })
  .meta({ id: 'CancelledDeliveries' })
