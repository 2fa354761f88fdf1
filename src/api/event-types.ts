// The catalogue of event types: read by every key, written with a permission that a key has only if it is named.

import { eventTypeNameFlaw } from '../engine/model/event-type.ts'
import type { EventTypeDefinition } from '../engine/model/index.ts'
import { invalid } from '../errors.ts'
import { READ, saving, WRITE } from '../http/event-type-input.ts'
import { nothing, query } from '../http/input.ts'
import { operation } from '../http/operation.ts'
import { seenEventType, seenEventTypes } from '../http/seen-event-types.ts'
import { CURSORS } from '../primitives/cursor.ts'
import {
  EventTypePageQuery,
  EventTypeResponse,
  SavedEventTypeResponse,
  SaveEventType,
  SaveQuery,
  toEventTypeDraft,
  toEventTypeResponse,
  toSavedResponse,
} from './schema/event-type.ts'
import { listOf } from './schema/fields.ts'

export const eventTypeOperations = [
  operation({
    id: 'listEventTypes',
    method: 'get',
    path: '/event-types',
    summary: 'List event types',
    description: 'Returns the catalogue of event types in order of name.',
    access: READ,
    input: query(EventTypePageQuery),
    status: 200,
    output: listOf(EventTypeResponse),
    handle: async ({ c, input: { group, archived, limit, cursor: after } }) => {
      const { types } = await seenEventTypes(c)
      const isShown = (type: EventTypeDefinition) =>
        (group === undefined || type.group === group) &&
        (archived === 'true' || !type.archived) &&
        (after === undefined || type.name > after)
      const found = [...types.values()].filter(isShown)
      const items = found.slice(0, limit)
      const last = items.at(-1)
      const hasMore = found.length > limit && last !== undefined
      return {
        items: items.map(toEventTypeResponse),
        nextCursor: hasMore ? CURSORS.eventTypes.write(last.name) : null,
      }
    },
  }),
  operation({
    id: 'getEventType',
    method: 'get',
    path: '/event-types/{eventType}',
    summary: 'Get an event type',
    access: READ,
    input: nothing,
    status: 200,
    output: EventTypeResponse,
    handle: async ({ c, id }) => toEventTypeResponse(await seenEventType(c, id('eventType'))),
  }),
  operation({
    id: 'saveEventType',
    method: 'put',
    path: '/event-types/{eventType}',
    summary: 'Save an event type',
    description:
      'Creates the type, or replaces it. The answer says what the change breaks; a change that may break a version that is published ' +
      'already is refused unless `acceptBreaks` is `true`.',
    access: WRITE,
    audit: ['event_type.created', 'event_type.updated'],
    input: saving(SaveQuery, SaveEventType, ['schemas', 'examples']),
    status: 200,
    output: SavedEventTypeResponse,
    errors: ['conflict'],
    handle: async ({ c, id, input: { asked, body } }) => {
      const name = id('eventType')
      const flaw = eventTypeNameFlaw(name)
      if (flaw !== null) throw invalid(['name'], flaw)
      if (body.name !== undefined && body.name !== name) {
        throw invalid(['name'], 'The name of an event type cannot be changed.')
      }
      const acceptsBreaks = asked.acceptBreaks === 'true'
      const draft = toEventTypeDraft(name, body)
      const [saved] = await c.env.engine.eventTypes.save([draft], { acceptsBreaks })
      if (saved === undefined) throw new Error('One type was to be saved, and none was.')
      return toSavedResponse(saved)
    },
  }),
  operation({
    id: 'deleteEventType',
    method: 'delete',
    path: '/event-types/{eventType}',
    summary: 'Delete an event type',
    description: 'Events of the type can still be published, unless types have to be listed.',
    access: WRITE,
    audit: ['event_type.deleted'],
    input: nothing,
    status: 204,
    errors: ['conflict'],
    handle: ({ c, id }) => c.env.engine.eventTypes.delete(id('eventType')),
  }),
]
