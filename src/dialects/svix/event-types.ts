// Event types: the catalogue of the deployment, which every key reads and an operator key writes.

import { z } from 'zod'
import type { EventTypeDraft, EventTypes } from '../../engine/model/index.ts'
import { EngineError, notFound } from '../../errors.ts'
import type { Access } from '../../http/admission.ts'
import { saving, WRITE } from '../../http/event-type-input.ts'
import { query } from '../../http/input.ts'
import { InOtherStatus, operation } from '../../http/operation.ts'
import { repeatable } from '../../http/repeatable.ts'
import { seenEventType, seenEventTypes } from '../../http/seen-event-types.ts'
import { validate } from '../../primitives/validate.ts'
import { OrderedQuery, pageOf, pageOfAll } from './pages.ts'
import {
  EventTypeIn,
  EventTypeOut,
  EventTypePatch,
  EventTypeUpdate,
  toEventTypeDraft,
  toEventTypeOut,
  toPatchedDraft,
} from './schema/event-type.ts'
import { Flag } from './schema/fields.ts'

const READ: Access = { eitherKind: [] }
const PATH = '/event-type/{event_type_name}'

const NameIn = EventTypeIn.pick({ name: true })
const NoQuery = z.object({})
const ListQuery = OrderedQuery.extend({
  include_archived: Flag.default(false).meta({ description: 'Whether archived types are listed.' }),
  with_content: Flag.default(false).meta({ description: 'Whether schemas are in the answer.' }),
})
const DeleteQuery = z.object({
  expunge: Flag.default(false).meta({ description: 'Whether it is deleted, and not archived.' }),
})

/** A version may change in ways that break whoever reads it: Svix refuses no change. */
async function save(eventTypes: EventTypes, draft: EventTypeDraft): Promise<EventTypeOut> {
  const [saved] = await eventTypes.save([draft], { acceptsBreaks: true })
  if (saved === undefined) throw new Error('One type was to be saved, and none was.')
  return toEventTypeOut(saved.type, true)
}

export const ofEventTypes = [
  operation({
    id: 'listEventTypes',
    method: 'get',
    path: '/event-type',
    summary: 'List event types',
    description: 'Returns event types in order of name.',
    access: READ,
    input: query(ListQuery),
    status: 200,
    output: pageOf(EventTypeOut).meta({ id: 'SvixListEventTypeOut' }),
    handle: async ({ c, input: { order, include_archived, with_content, ...asked } }) => {
      const { types } = await seenEventTypes(c)
      const all = [...types.values()].filter(({ archived }) => include_archived || !archived)
      const isAscending = order === 'ascending'
      const page = pageOfAll(
        isAscending ? all : all.toReversed(),
        asked,
        // A name may begin like an iterator that leads back.
        ({ name }) => `=${name}`,
        (key, other) => (isAscending ? key > other : key < other),
      )
      return { ...page, data: page.data.map((type) => toEventTypeOut(type, with_content)) }
    },
  }),
  repeatable(
    operation({
      id: 'createEventType',
      method: 'post',
      path: '/event-type',
      summary: 'Create an event type',
      description: 'One that is archived is created anew.',
      access: WRITE,
      audit: ['event_type.created', 'event_type.updated'],
      input: saving(NoQuery, EventTypeIn, ['schemas']),
      status: 201,
      output: EventTypeOut,
      errors: ['conflict'],
      handle: async ({ c, input: { body } }) => {
        const { eventTypes } = c.env.engine
        const { types } = await eventTypes.catalogue()
        const before = types.get(body.name) ?? null
        if (before !== null && !before.archived) {
          throw new EngineError('conflict', 'An event type of this name already exists.')
        }
        return save(eventTypes, toEventTypeDraft(body.name, body, before))
      },
    }),
  ),
  operation({
    id: 'getEventType',
    method: 'get',
    path: PATH,
    summary: 'Get an event type',
    access: READ,
    input: query(NoQuery),
    status: 200,
    output: EventTypeOut,
    handle: async ({ c, id }) =>
      toEventTypeOut(await seenEventType(c, id('event_type_name')), true),
  }),
  operation({
    id: 'updateEventType',
    method: 'put',
    path: PATH,
    summary: 'Create or replace an event type',
    access: WRITE,
    audit: ['event_type.created', 'event_type.updated'],
    input: saving(NoQuery, EventTypeUpdate, ['schemas']),
    status: 200,
    otherStatus: 201,
    output: EventTypeOut,
    handle: async ({ c, id, input: { body } }) => {
      const { eventTypes } = c.env.engine
      const { name } = validate(NameIn, { name: id('event_type_name') })
      const before = (await eventTypes.catalogue()).types.get(name) ?? null
      const saved = await save(eventTypes, toEventTypeDraft(name, body, before))
      return before === null ? new InOtherStatus(saved) : saved
    },
  }),
  operation({
    id: 'patchEventType',
    method: 'patch',
    path: PATH,
    summary: 'Change an event type',
    access: WRITE,
    audit: ['event_type.updated'],
    input: saving(NoQuery, EventTypePatch, ['schemas']),
    status: 200,
    output: EventTypeOut,
    handle: async ({ c, id, input: { body } }) => {
      const { eventTypes } = c.env.engine
      const before = await eventTypes.get(id('event_type_name'))
      return save(eventTypes, toPatchedDraft(body, before))
    },
  }),
  operation({
    id: 'deleteEventType',
    method: 'delete',
    path: PATH,
    summary: 'Archive an event type',
    access: WRITE,
    audit: ['event_type.deleted', 'event_type.updated'],
    input: query(DeleteQuery),
    status: 204,
    handle: async ({ c, id, input: { expunge } }) => {
      const { eventTypes } = c.env.engine
      const name = id('event_type_name')
      if (expunge) return eventTypes.delete(name)
      const before = (await eventTypes.catalogue()).types.get(name)
      if (before === undefined) throw notFound('event type')
      await save(eventTypes, toPatchedDraft({ archived: true }, before))
    },
  }),
]
