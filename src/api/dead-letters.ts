// Queue messages that could not be processed: for the administrator to see.

import { query } from '../http/input.ts'
import { operation } from '../http/operation.ts'
import { mapPage, readIdPage } from '../http/pagination.ts'
import { CURSORS } from '../primitives/cursor.ts'
import { DeadLetterResponse, toDeadLetterResponse } from './schema/dead-letter.ts'
import { idPageQuery, listOf } from './schema/fields.ts'

export const deadLetterOperations = [
  operation({
    id: 'listDeadLetters',
    method: 'get',
    path: '/dead-letters',
    summary: 'List dead letters',
    description: 'Returns the queue messages that could not be processed, newest first.',
    access: 'administrator',
    input: query(idPageQuery(CURSORS.deadLetters)),
    status: 200,
    output: listOf(DeadLetterResponse),
    handle: async ({ c, input: { limit, cursor: before = null } }) => {
      const { administration } = c.env.engine
      const page = await readIdPage(CURSORS.deadLetters, limit, (limit) =>
        administration.listDeadLetters({ limit, before }),
      )
      return mapPage(page, toDeadLetterResponse)
    },
  }),
]
