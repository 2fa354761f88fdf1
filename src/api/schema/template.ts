// The template catalogue on the wire.

import { z } from 'zod'
import { optional, text } from '../../engine/intake/event-input.ts'
import { Limit, offsetCursorOf } from '../../http/pagination.ts'
import { NAMES } from '../../limits.ts'
import { CURSORS } from '../../primitives/cursor.ts'
import { Id } from './fields.ts'

export const CreateTemplate = z
  .strictObject({
    name: text(1, NAMES.chars),
    displayName: optional(text(1, NAMES.chars).meta({ description: 'Defaults to `name`.' })),
    description: optional(text(0, NAMES.descriptionChars)),
  })
  .meta({ id: 'CreateTemplate' })

export const TemplateResponse = z
  .object({ id: Id, name: z.string(), displayName: z.string(), description: z.string() })
  .meta({ id: 'Template' })

export const TemplatePageQuery = z.object({
  limit: Limit,
  cursor: offsetCursorOf(CURSORS.templates).optional(),
})
