// The template catalogue on the wire.

import { z } from 'zod'
import { optional, text } from '../../engine/intake/event-input.ts'
import { Limit, offsetCursorOf } from '../../http/pagination.ts'
import { NAMES } from '../../limits.ts'
import { CURSORS } from '../../primitives/cursor.ts'
import { idField } from './fields.ts'

const MEANING = {
  name: 'The name by which events may name the template.',
  displayName: 'A name for people.',
  description: 'What the template is for.',
} as const

export const CreateTemplate = z
  .strictObject({
    name: text(1, NAMES.chars).meta({ description: MEANING.name }),
    displayName: optional(text(1, NAMES.chars), `${MEANING.displayName} Defaults to \`name\`.`),
    description: optional(text(0, NAMES.descriptionChars), MEANING.description),
  })
  .meta({ id: 'CreateTemplate' })

export const TemplateResponse = z
  .object({
    id: idField('template'),
    name: z.string().meta({ description: MEANING.name }),
    displayName: z.string().meta({ description: MEANING.displayName }),
    description: z.string().meta({ description: MEANING.description }),
  })
  .meta({ id: 'Template' })

export const TemplatePageQuery = z.object({
  limit: Limit,
  cursor: offsetCursorOf(CURSORS.templates).optional(),
})
