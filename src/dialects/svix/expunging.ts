// Removing the content of messages: of one, of several, of all of an application.

import { z } from 'zod'
import { EngineError } from '../../errors.ts'
import { nothing, optionalJson } from '../../http/input.ts'
import { operation } from '../../http/operation.ts'
import { repeatable } from '../../http/repeatable.ts'
import { seen } from '../../http/seen.ts'
import type { SurfaceContext } from '../../http/surface.ts'
import { PUBLISH } from '../../limits.ts'
import { refuseFields } from './errors.ts'
import { getMessage } from './kept-messages.ts'
import { TaskOut } from './schema/task.ts'
import { started } from './tasks.ts'

/** Messages of one request, each of which is looked up. */
const MOST = 100
/** Messages that are looked up at once. */
const AT_ONCE = 20

const BulkExpungeIn = z
  .looseObject({
    ids: z
      .array(z.string().max(PUBLISH.idChars))
      .max(MOST)
      .nullish()
      .meta({ description: 'The messages, by their ids or their `eventId`.' }),
  })
  .meta({ id: 'SvixBulkExpungeContentsIn' })

const BulkExpungeOut = z
  .object({
    results: z
      .record(z.string(), z.enum(['expunged', 'not-found']))
      .meta({ description: 'What came of each.' }),
  })
  .meta({ id: 'SvixBulkExpungeContentsOut' })

/** The id of the message that is called so; null where there is none. */
async function findMessageId(c: SurfaceContext, name: string): Promise<string | null> {
  try {
    return (await getMessage(c, name)).id
  } catch (error) {
    if (error instanceof EngineError && error.code === 'not_found') return null
    throw error
  }
}

export const expungingOperations = [
  operation({
    id: 'expungeMessage',
    method: 'delete',
    path: '/app/{app_id}/msg/{msg_id}/content',
    summary: 'Expunge the content of a message',
    description:
      'Removes all of the message but its id, type and time, with what its endpoints answered. What was not delivered by then never is.',
    access: ['events:write'],
    audit: ['event.expunged'],
    input: nothing,
    status: 204,
    handle: async ({ c, id }) => {
      const { id: eventId } = await getMessage(c, id('msg_id'))
      await seen(c).events.expunge(c.get('principal').tenantId, [eventId])
    },
  }),
  repeatable(
    operation({
      id: 'bulkExpunge',
      method: 'post',
      path: '/app/{app_id}/msg/bulk-expunge',
      summary: 'Expunge the content of messages',
      description: 'What `expungeMessage` does, of up to 100 messages.',
      access: ['events:write'],
      audit: ['event.expunged'],
      input: optionalJson(BulkExpungeIn),
      status: 200,
      output: BulkExpungeOut,
      handle: async ({ c, input: { ids: given, ...others } }) => {
        refuseFields(others)
        const names = [...new Set(given)]
        const found = new Map<string, string | null>()
        for (let start = 0; start < names.length; start += AT_ONCE) {
          const some = names.slice(start, start + AT_ONCE)
          const ids = await Promise.all(some.map((name) => findMessageId(c, name)))
          for (const [index, name] of some.entries()) found.set(name, ids[index] ?? null)
        }
        const ids = [...new Set(found.values())].filter((id) => id !== null)
        await seen(c).events.expunge(c.get('principal').tenantId, ids)
        const results = [...found].map(
          ([name, id]) => [name, id === null ? 'not-found' : 'expunged'] as const,
        )
        return { results: Object.fromEntries(results) }
      },
    }),
  ),
  repeatable(
    operation({
      id: 'expungeAllContents',
      method: 'post',
      path: '/app/{app_id}/msg/expunge-all-contents',
      summary: 'Expunge the content of all messages',
      description: 'Starts a background task that removes the content of what was sent until now.',
      access: { operator: ['erase'] },
      audit: ['tenant.erased'],
      input: nothing,
      status: 202,
      output: TaskOut,
      handle: async ({ c, id }) => {
        const { jobId } = await c.env.engine.administration.eraseEvents(id('app_id'), { scope: {} })
        return started(c, jobId, 'erase')
      },
    }),
  ),
]
