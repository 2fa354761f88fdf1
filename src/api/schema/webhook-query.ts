// Which webhooks a list has, on the wire.

import { z } from 'zod'
import { text } from '../../engine/intake/event-input.ts'
import { EventType, patternsFor } from '../../engine/model/event-type.ts'
import { idCursorOf, Limit } from '../../http/pagination.ts'
import { WEBHOOK } from '../../limits.ts'
import { CURSORS } from '../../primitives/cursor.ts'
import { ShownStatus } from './fields.ts'

export const WebhookQueryInput = z.object({
  dialect: z.string().min(1).optional().meta({ description: 'Only webhooks of this dialect.' }),
  status: ShownStatus.optional().meta({ description: 'Only webhooks with this status.' }),
  eventType: EventType.transform(patternsFor).optional().meta({
    description: 'Only webhooks that ask for events of this type, by its name or by a pattern.',
  }),
  search: text(1, WEBHOOK.urlChars).optional().meta({
    description:
      'Only webhooks with this in their name, `uid` or URL, in whichever case of ASCII letters, or with this id.',
  }),
  limit: Limit,
  cursor: idCursorOf(CURSORS.webhooks).optional(),
})
