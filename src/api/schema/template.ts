// The template catalogue on the wire.

import { z } from 'zod'
import { Limit, OffsetCursor } from '../../http/pagination.ts'
import { Id } from './fields.ts'

export const CreateTemplate = z
  .strictObject({
    name: z.string().min(1).max(200),
    displayName: z.string().min(1).max(200).optional().meta({ description: 'Absent: the name.' }),
    description: z.string().max(2_000).optional(),
  })
  .meta({ id: 'CreateTemplate' })

export const TemplateResponse = z
  .object({ id: Id, name: z.string(), displayName: z.string(), description: z.string() })
  .meta({ id: 'Template' })

export const TemplatePageQuery = z.object({ limit: Limit, cursor: OffsetCursor.optional() })
