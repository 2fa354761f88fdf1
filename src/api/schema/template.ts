// The template catalogue on the wire.

import { z } from 'zod'
import { NAMES } from '../../config.ts'
import { text } from '../../engine/pipeline/event-input.ts'
import { Limit, OffsetCursor } from '../../http/pagination.ts'
import { Id } from './fields.ts'

export const CreateTemplate = z
  .strictObject({
    name: text(1, NAMES.chars),
    displayName: text(1, NAMES.chars).optional().meta({ description: 'Absent: the name.' }),
    description: text(0, NAMES.descriptionChars).optional(),
  })
  .meta({ id: 'CreateTemplate' })

export const TemplateResponse = z
  .object({ id: Id, name: z.string(), displayName: z.string(), description: z.string() })
  .meta({ id: 'Template' })

export const TemplatePageQuery = z.object({ limit: Limit, cursor: OffsetCursor.optional() })
