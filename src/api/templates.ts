// The template catalogue: the administrator's.

import { mapPage, toOffsetPage } from '../http/pagination.ts'
import { CURSORS } from '../primitives/cursor.ts'
import { call } from './call.ts'
import { json, query } from './input.ts'
import { listOf } from './schema/fields.ts'
import { CreateTemplate, TemplatePageQuery, TemplateResponse } from './schema/template.ts'

const access = 'administrator'

export const templateCalls = [
  call({
    id: 'createTemplate',
    method: 'post',
    path: '/templates',
    summary: 'Create a template',
    description: 'Adds a template to the template catalogue.',
    access,
    takes: json(CreateTemplate),
    status: 201,
    gives: TemplateResponse,
    refusals: ['conflict'],
    handle: ({ c, input: { name, displayName = name, description = '' } }) =>
      c.env.engine.administration.createTemplate({ name, displayName, description }),
  }),
  call({
    id: 'listTemplates',
    method: 'get',
    path: '/templates',
    summary: 'List templates',
    description: 'Returns the template catalogue in order of name.',
    access,
    takes: query(TemplatePageQuery),
    status: 200,
    gives: listOf(TemplateResponse),
    handle: async ({ c, input: { limit, cursor: offset = 0 } }) => {
      const found = await c.env.engine.administration.listTemplates({ limit, offset })
      const page = toOffsetPage(CURSORS.templates, found.items, { offset, count: found.count })
      return mapPage(page, (template) => template)
    },
  }),
]
