// The catalogue of event types into and out of documents of OpenAPI and AsyncAPI.

import { z } from 'zod'
import { toAsyncApi, toOpenApi } from '../http/event-type-documents.ts'
import { READ, saving, WRITE } from '../http/event-type-input.ts'
import { toImportedDrafts } from '../http/import-event-types.ts'
import { query } from '../http/input.ts'
import { JsonSource } from '../http/json-source.ts'
import { operation } from '../http/operation.ts'
import { seenEventTypes } from '../http/seen-event-types.ts'
import { ExportQuery, ImportedResponse, ImportQuery, toSavedResponse } from './schema/event-type.ts'

/** A document of somebody else's vocabulary, as it is. */
const Document = z.custom<JsonSource>().meta({ override: { type: 'object' } })

export const eventTypeExchange = [
  operation({
    id: 'importEventTypes',
    method: 'post',
    path: '/event-types/import/openapi',
    summary: 'Import event types from OpenAPI',
    description:
      'Saves the `webhooks` of an OpenAPI 3.1 document as event types, all or none. The schema of a request body becomes a version of ' +
      'the type of that name; other versions stay.',
    access: WRITE,
    audit: ['event_type.created', 'event_type.updated'],
    input: saving(ImportQuery, z.looseObject({}), ['webhooks', 'components']),
    status: 200,
    output: ImportedResponse,
    errors: ['conflict'],
    handle: async ({ c, input: { asked, body } }) => {
      const { eventTypes } = c.env.engine
      const { types } = await eventTypes.catalogue()
      const drafts = toImportedDrafts(body, types, asked)
      const acceptsBreaks = asked.acceptBreaks === 'true'
      const saved = await eventTypes.save(drafts, { acceptsBreaks })
      return { eventTypes: saved.map(toSavedResponse) }
    },
  }),
  operation({
    id: 'exportEventTypesAsOpenApi',
    method: 'get',
    path: '/event-types/export/openapi',
    summary: 'Export event types as OpenAPI',
    description: 'Returns an OpenAPI 3.1 document with the event types as `webhooks`.',
    access: READ,
    input: query(ExportQuery),
    status: 200,
    output: Document,
    handle: async ({ c, input: { version = null } }) =>
      new JsonSource(JSON.stringify(toOpenApi(await seenEventTypes(c), version))),
  }),
  operation({
    id: 'exportEventTypesAsAsyncApi',
    method: 'get',
    path: '/event-types/export/asyncapi',
    summary: 'Export event types as AsyncAPI',
    description: 'Returns an AsyncAPI 3.0 document with a message for each event type.',
    access: READ,
    input: query(ExportQuery),
    status: 200,
    output: Document,
    handle: async ({ c, input: { version = null } }) =>
      new JsonSource(JSON.stringify(toAsyncApi(await seenEventTypes(c), version))),
  }),
]
