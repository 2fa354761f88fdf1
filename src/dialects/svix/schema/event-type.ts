// Event types on the wire: the catalogue of the deployment (docs/contracts/svix.md, "Paths").

import { z } from 'zod'
import { plainRecord, text } from '../../../engine/intake/event-input.ts'
import { EventType } from '../../../engine/model/event-type.ts'
import {
  conversionsWithin,
  type EventTypeDefinition,
  type EventTypeDraft,
  isEventTypeSchema,
  isSystemEventType,
  type JsonSchema,
  VersionName,
} from '../../../engine/model/index.ts'
import { notImplemented } from '../../../errors.ts'
import { CATALOGUE, NAMES } from '../../../limits.ts'
import { formatTime } from '../../../primitives/time.ts'

const Schema = z
  .custom<JsonSchema>(isEventTypeSchema, 'Expected a JSON Schema: an object, true or false.')
  .meta({ override: { description: 'A JSON Schema: an object, or a boolean.' } })

export const FlagName = text(1, NAMES.chars)

const FIELDS = {
  description: text(0, NAMES.descriptionChars).meta({ description: 'What it means.' }),
  archived: z.boolean().nullish().meta({ description: 'Whether it is no longer used.' }),
  deprecated: z.boolean().nullish().meta({ description: 'Whether it should not be used.' }),
  schemas: plainRecord(z.record(VersionName, Schema), CATALOGUE.versions)
    .nullish()
    .meta({ description: 'JSON Schemas of payloads, by version.' }),
  featureFlag: FlagName.nullish().meta({ description: 'The flag under which it is shown.' }),
  featureFlags: z.array(FlagName).nullish().meta({ description: 'The same: one flag at most.' }),
  groupName: FlagName.nullish().meta({ description: 'Under which it is shown.' }),
}

export const EventTypeIn = z
  .object({
    name: EventType.refine((type) => !isSystemEventType(type), 'This type is reserved.').meta({
      description: 'Its name.',
    }),
    ...FIELDS,
  })
  .meta({ id: 'SvixEventTypeIn' })
export const EventTypeUpdate = z.object(FIELDS).meta({ id: 'SvixEventTypeUpdate' })
type EventTypeUpdate = z.infer<typeof EventTypeUpdate>
export const EventTypePatch = EventTypeUpdate.partial().meta({ id: 'SvixEventTypePatch' })
type EventTypePatch = z.infer<typeof EventTypePatch>

export const EventTypeOut = z
  .object({
    name: z.string().meta({ description: 'Its name.' }),
    description: z.string().meta({ description: 'What it means.' }),
    archived: z.boolean().meta({ description: 'Whether it is no longer used.' }),
    deprecated: z.boolean().meta({ description: 'Whether it should not be used.' }),
    schemas: z
      .record(z.string(), Schema)
      .optional()
      .meta({ description: 'JSON Schemas of payloads, by version.' }),
    featureFlag: z.string().optional().meta({ description: 'The flag under which it is shown.' }),
    featureFlags: z.array(z.string()).optional().meta({ description: 'The same.' }),
    groupName: z.string().optional().meta({ description: 'Under which it is shown.' }),
    createdAt: z.string().meta({ description: 'When it was created.' }),
    updatedAt: z.string().meta({ description: 'When it was last changed.' }),
  })
  .meta({ id: 'SvixEventTypeOut' })
export type EventTypeOut = z.infer<typeof EventTypeOut>

/** The one flag that an input names; undefined where it says nothing. Throws `not_implemented` for several. */
function flagIn({ featureFlag, featureFlags }: EventTypePatch): string | null | undefined {
  if (featureFlags === undefined) return featureFlag
  const [flag = null, ...others] = featureFlags ?? []
  if (others.length > 0) throw notImplemented('More than one feature flag of an event type')
  return flag
}

/** A type as an input describes it whole; what only `/v1` knows stays as it is in `before`. */
export function toEventTypeDraft(
  name: string,
  input: EventTypeUpdate,
  before: EventTypeDefinition | null,
): EventTypeDraft {
  return {
    name,
    description: input.description,
    group: input.groupName ?? null,
    deprecated: input.deprecated ?? false,
    archived: input.archived ?? false,
    featureFlag: flagIn(input) ?? null,
    check: before?.check ?? 'off',
    schemas: input.schemas ?? {},
    conversions: conversionsWithin(before?.conversions ?? [], input.schemas ?? {}),
    examples: before?.examples ?? [],
  }
}

/** A type as a patch leaves it: what is absent stays, null clears. */
export function toPatchedDraft(input: EventTypePatch, before: EventTypeDefinition): EventTypeDraft {
  const { createdAt: _, updatedAt: __, ...current } = before
  const flag = flagIn(input)
  const schemas = input.schemas === undefined ? before.schemas : (input.schemas ?? {})
  return {
    ...current,
    ...{ schemas, conversions: conversionsWithin(before.conversions, schemas) },
    ...(input.description !== undefined && { description: input.description }),
    ...(input.groupName !== undefined && { group: input.groupName }),
    ...(typeof input.deprecated === 'boolean' && { deprecated: input.deprecated }),
    ...(typeof input.archived === 'boolean' && { archived: input.archived }),
    ...(flag !== undefined && { featureFlag: flag }),
  }
}

/** `withSchemas`: whether schemas are shown. */
export function toEventTypeOut(type: EventTypeDefinition, withSchemas: boolean): EventTypeOut {
  const { name, description, archived, deprecated, featureFlag, group } = type
  const schemas: EventTypeOut['schemas'] = JSON.parse(JSON.stringify(type.schemas))
  return {
    name,
    description: description ?? '',
    archived,
    deprecated,
    ...(withSchemas && Object.keys(type.schemas).length > 0 && { schemas }),
    ...(featureFlag !== null && { featureFlag, featureFlags: [featureFlag] }),
    ...(group !== null && { groupName: group }),
    createdAt: formatTime(type.createdAt),
    updatedAt: formatTime(type.updatedAt),
  }
}

export const EventTypeFromOpenApi = EventTypeOut.omit({
  archived: true,
  createdAt: true,
  updatedAt: true,
}).meta({ id: 'SvixEventTypeFromOpenApi' })

/** A type as an import would save it. */
export function toEventTypeFromOpenApi(
  type: EventTypeDefinition,
): z.infer<typeof EventTypeFromOpenApi> {
  const { archived: _, createdAt: __, updatedAt: ___, ...shown } = toEventTypeOut(type, true)
  return shown
}
