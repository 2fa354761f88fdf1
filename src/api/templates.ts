// The template catalogue: the administrator's.

import { json, query } from '../http/input.ts'
import { operation } from '../http/operation.ts'
import { mapPage, toOffsetPage } from '../http/pagination.ts'
import { CURSORS } from '../primitives/cursor.ts'
import { listOf } from './schema/fields.ts'
import { CreateTemplate, TemplatePageQuery, TemplateResponse } from './schema/template.ts'

const access = 'administrator'

export const templateOperations = [
  operation({
    id: 'createTemplate',
    method: 'post',
    path: '/templates',
    summary: 'Create a template',
    description: 'Adds a template to the template catalogue.',
    access,
    audit: ['template.created'],
    input: json(CreateTemplate),
    status: 201,
    output: TemplateResponse,
    errors: ['conflict'],
    handle: ({ c, input: { name, displayName = name, description = '' } }) =>
      c.env.engine.administration.createTemplate({ name, displayName, description }),
  }),
  operation({
    id: 'listTemplates',
    method: 'get',
    path: '/templates',
    summary: 'List templates',
    description: 'Returns the template catalogue in order of name.',
    access,
    input: query(TemplatePageQuery),
    status: 200,
    output: listOf(TemplateResponse),
    handle: async ({ c, input: { limit, cursor: offset = 0 } }) => {
      const found = await c.env.engine.administration.listTemplates({ limit, offset })
      const page = toOffsetPage(CURSORS.templates, found.items, { offset, count: found.count })
      return mapPage(page, (template) => template)
    },
  }),
]
