// Event types out of an OpenAPI document, into the catalogue.

import { z } from 'zod'
import {
  type EventTypeDefinition,
  type EventTypeDraft,
  type SavedEventType,
  versionsOf,
} from '../../engine/model/index.ts'
import { EngineError, invalid, notImplemented } from '../../errors.ts'
import { refuseChangedNumbers, saving, WRITE } from '../../http/event-type-input.ts'
import { toImportedDrafts } from '../../http/import-event-types.ts'
import { operation } from '../../http/operation.ts'
import { repeatable } from '../../http/repeatable.ts'
import { CATALOGUE } from '../../limits.ts'
import { isRecord } from '../../primitives/is-record.ts'
import { parseStrictJson } from '../../primitives/json-text.ts'
import { invalidInput } from '../../primitives/validate.ts'
import {
  EventTypeFromOpenApi,
  toEventTypeFromOpenApi,
  toPatchedDraft,
} from './schema/event-type.ts'

const ImportIn = z
  .object({
    dryRun: z.boolean().nullish().meta({ description: 'Whether nothing is saved.' }),
    replaceAll: z
      .boolean()
      .nullish()
      .meta({ description: 'Whether types that the document does not have are archived.' }),
    spec: z.looseObject({}).nullish().meta({ description: 'A document of OpenAPI 3.1.' }),
    specRaw: z.string().nullish().meta({ description: 'The same as a text of JSON.' }),
  })
  .meta({ id: 'SvixEventTypeImportOpenApiIn' })
type ImportIn = z.infer<typeof ImportIn>

const ImportOut = z
  .object({
    data: z
      .object({
        modified: z.array(z.string()).meta({ description: 'The types that were saved.' }),
        to_modify: z
          .array(EventTypeFromOpenApi)
          .optional()
          .meta({ description: 'With `dryRun`: the types as they would be saved.' }),
      })
      .meta({ description: 'What was imported.' }),
  })
  .meta({ id: 'SvixEventTypeImportOpenApiOut' })

/** Svix's importer writes version 1; what has others is changed in its newest. */
const versionOf = (before: EventTypeDefinition | undefined): string =>
  (before && versionsOf(before).at(-1)) ?? '1'

/** Which field has the document. Throws `malformed`. */
function fieldOf({ spec, specRaw }: ImportIn): 'spec' | 'specRaw' {
  const [hasSpec, hasText] = [Boolean(spec), typeof specRaw === 'string']
  if (hasSpec === hasText) throw new EngineError('malformed', 'Expected either spec or specRaw.')
  return hasSpec ? 'spec' : 'specRaw'
}

/** What stands in these members is kept, and must be as it was written. */
const EXACT = ['webhooks', 'x-webhooks', 'components']

/** A document as a text. Throws `not_implemented` for what is no JSON, `malformed`, `invalid`. */
function parseSpec(text: string): Readonly<Record<string, unknown>> {
  if (!/^\s*\{/.test(text)) throw notImplemented('A specRaw that is no JSON, such as YAML,')
  const document = parseStrictJson(text, { members: CATALOGUE.members })
  if (!isRecord(document)) throw invalid([], 'Expected an object.')
  refuseChangedNumbers(text, EXACT)
  return document
}

/** What `work` does; where it finds the document at fault, places in it begin with the name of its field. */
async function within<T>(field: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof EngineError) || error.code !== 'invalid') throw error
    const issues = error.issues.map(({ path, message }) => ({ path: [field, ...path], message }))
    throw invalidInput(issues, { inCallersWords: true })
  }
}

export const eventTypeImport = [
  repeatable(
    operation({
      id: 'importEventTypesFromOpenApi',
      method: 'post',
      path: '/event-type/import/openapi',
      summary: 'Import event types from OpenAPI',
      description:
        'Saves the `webhooks` (or `x-webhooks`) of an OpenAPI 3.1 document as event types, all or none. A body’s schema becomes the ' +
        'newest version of its type, or 1; other versions stay.',
      access: WRITE,
      audit: ['event_type.created', 'event_type.updated'],
      input: saving(
        z.object({}),
        ImportIn,
        EXACT.map((name) => `spec/${name}`),
      ),
      status: 200,
      output: ImportOut,
      errors: ['conflict', 'limit_reached'],
      handle: async ({ c, input: { body } }) => {
        const { eventTypes } = c.env.engine
        const field = fieldOf(body)
        const isTrial = body.dryRun ?? false
        const saved = await within(field, async () => {
          const { types } = await eventTypes.catalogue()
          const document = body.spec ?? parseSpec(body.specRaw ?? '')
          const webhooks = document.webhooks ?? document['x-webhooks']
          const drafts = toImportedDrafts({ ...document, webhooks }, types, {
            isBare: true,
            otherwise: versionOf,
          })
          const others = body.replaceAll ? toArchived(types, drafts) : []
          return eventTypes.save([...drafts, ...others], { acceptsBreaks: true, isTrial })
        })
        return { data: toImported(saved, isTrial) }
      },
    }),
  ),
]

/** The types that a document does not have, as they are once they are archived. */
function toArchived(
  types: ReadonlyMap<string, EventTypeDefinition>,
  drafts: readonly EventTypeDraft[],
): readonly EventTypeDraft[] {
  const named = new Set(drafts.map(({ name }) => name))
  return [...types.values()]
    .filter(({ name, archived }) => !named.has(name) && !archived)
    .map((type) => toPatchedDraft({ archived: true }, type))
}

function toImported(
  saved: readonly SavedEventType[],
  isTrial: boolean,
): z.infer<typeof ImportOut>['data'] {
  const types = saved.map(({ type }) => type)
  return isTrial
    ? { modified: [], to_modify: types.map(toEventTypeFromOpenApi) }
    : { modified: types.map(({ name }) => name) }
}
