// The catalogue of event types on the wire.

import { z } from 'zod'
import { CONVERSIONS, EXPRESSION } from '../../engine/expressions/bounds.ts'
import { optional, orDefault, plainRecord, text } from '../../engine/intake/event-input.ts'
import { EventType } from '../../engine/model/event-type.ts'
import {
  BREAK_KINDS,
  type BreakKind,
  CHECKS,
  type EventTypeDefinition,
  type EventTypeDraft,
  isEventTypeSchema,
  type Json,
  type JsonSchema,
  type SavedEventType,
  VersionName,
} from '../../engine/model/index.ts'
import { cursorOf, Limit } from '../../http/pagination.ts'
import { CATALOGUE, NAMES } from '../../limits.ts'
import { CURSORS } from '../../primitives/cursor.ts'
import { formatTime } from '../../primitives/time.ts'
import { timeField } from './fields.ts'

const MEANING = {
  name: 'The name by which events are published and webhooks choose them.',
  description: 'What the event means, in Markdown.',
  group: 'Under which a page for people shows the type.',
  deprecated: 'Whether new webhooks should not rely on the type. It is still published.',
  archived: 'Whether the type is no longer published. Then it counts as not listed.',
  featureFlag:
    'The flag that whoever shows the catalogue to users asks about before showing the type.',
  check:
    'How publishing is checked: `off`, `warn` (a line in the log) or `enforce` (data that is not valid under its schema is refused).',
  schemas:
    'JSON Schema 2020-12 of `data`, by version. Versions are ordered by the code units of their names: use dates such as `2026-11`.',
  conversions:
    'How data of one version is made of that of another, where nobody publishes it: JSONata expressions on the data of `from` ' +
    'that make an object, the data of `to`.',
  examples: 'Data of the newest version.',
} as const

/** Described without what generators stumble over: two types at once, and a type that refers to itself. What came is JSON. */
const Schema = z
  .custom<JsonSchema>(isEventTypeSchema, 'Expected a JSON Schema: an object, true or false.')
  .meta({ override: { description: 'A JSON Schema: an object, or a boolean.' } })
const Example = z
  .custom<Json>((value) => value !== undefined)
  .meta({ override: { description: 'Data of an event.' } })
const Check = z.enum(CHECKS)

const ConversionInput = z
  .strictObject({
    from: VersionName.meta({ description: 'The version whose data the expression sees.' }),
    to: VersionName.meta({ description: 'The version whose data it makes.' }),
    expression: z.string().min(1).max(EXPRESSION.chars).meta({
      description: 'In JSONata. The data itself is its context: `$number(total)`.',
    }),
  })
  .meta({ id: 'Conversion' })

export const SaveEventType = z
  .strictObject({
    name: optional(EventType, `${MEANING.name} If present, it must be that of the path.`),
    description: optional(text(0, NAMES.descriptionChars), MEANING.description),
    group: optional(text(1, NAMES.chars), MEANING.group),
    deprecated: orDefault(z.boolean(), false, MEANING.deprecated),
    archived: orDefault(z.boolean(), false, MEANING.archived),
    featureFlag: optional(text(1, NAMES.chars), MEANING.featureFlag),
    check: orDefault(Check, 'off', MEANING.check),
    schemas: optional(
      plainRecord(z.record(VersionName, Schema), CATALOGUE.versions),
      MEANING.schemas,
    ),
    conversions: optional(z.array(ConversionInput).max(CONVERSIONS.most), MEANING.conversions),
    examples: optional(z.array(Example).max(CATALOGUE.examples), MEANING.examples),
  })
  .meta({ id: 'SaveEventType' })
export type SaveEventType = z.infer<typeof SaveEventType>

const Flag = z.enum(['true', 'false']).default('false')

export const SaveQuery = z.object({
  acceptBreaks: Flag.meta({
    description:
      '`true` saves changes of published versions that may break whoever publishes or receives them.',
  }),
})

export const ImportQuery = SaveQuery.extend({
  version: VersionName.optional().meta({
    description:
      'The version that the schemas become. Defaults to the `x-version` of each webhook, and then to `info.version` of the document.',
  }),
  check: Check.optional().meta({
    description: 'The check of types that are new. Defaults to `off`; others keep theirs.',
  }),
})

export const ExportQuery = z.object({
  version: VersionName.optional().meta({
    description:
      'The types as a webhook gets them that is pinned to this version. Defaults to the newest.',
  }),
})

export const EventTypePageQuery = z.object({
  group: text(1, NAMES.chars).optional().meta({ description: 'Only types of this group.' }),
  archived: Flag.meta({ description: '`true` lists archived types, too.' }),
  limit: Limit,
  cursor: cursorOf(CURSORS.eventTypes)
    .transform((cursor) => CURSORS.eventTypes.read(cursor)?.[0])
    .optional(),
})

export const EventTypeResponse = z
  .object({
    name: z.string().meta({ description: MEANING.name }),
    description: z.string().nullable().meta({ description: MEANING.description }),
    group: z.string().nullable().meta({ description: MEANING.group }),
    deprecated: z.boolean().meta({ description: MEANING.deprecated }),
    archived: z.boolean().meta({ description: MEANING.archived }),
    featureFlag: z.string().nullable().meta({ description: MEANING.featureFlag }),
    check: Check.meta({ description: MEANING.check }),
    schemas: z.record(z.string(), Schema).meta({ description: MEANING.schemas }),
    conversions: z.array(ConversionInput).meta({ description: MEANING.conversions }),
    examples: z.array(Example).meta({ description: MEANING.examples }),
    createdAt: timeField('When it was first saved.'),
    updatedAt: timeField('When it was last saved.'),
  })
  .meta({ id: 'EventType' })

const KINDS = Object.keys(BREAK_KINDS).filter((kind): kind is BreakKind =>
  Object.hasOwn(BREAK_KINDS, kind),
)

const BreakResponse = z
  .object({
    kind: z.enum(KINDS).meta({
      description:
        'What kind of break it is. `cannot_tell`: something changed that this comparison does not understand.',
    }),
    breaks: z.enum(['publishers', 'receivers', 'both']).meta({ description: 'Whom it may break.' }),
    path: z.string().meta({
      description:
        'Where in the schema, as a JSON Pointer: `#/properties/total`. Of a conversion its versions: `#/conversions/2026-11/2025-01`.',
    }),
    from: z.string().meta({
      description:
        'The version that is compared, as it was. Of a conversion the version whose data it makes.',
    }),
    to: z.string().nullable().meta({
      description:
        'The version that it is compared with: the same, or a new one; null if it is removed.',
    }),
  })
  .meta({ id: 'SchemaBreak' })

export const SavedEventTypeResponse = EventTypeResponse.extend({
  breaks: z.array(BreakResponse).meta({
    description:
      'What the change may break: of each version that changed, of each new one against the one before, and of conversions to ' +
      'versions that stay.',
  }),
}).meta({ id: 'SavedEventType' })

export const ImportedResponse = z
  .object({
    eventTypes: z.array(SavedEventTypeResponse).meta({ description: 'The types that were saved.' }),
  })
  .meta({ id: 'ImportedEventTypes' })

/** A type as a request describes it. */
export function toEventTypeDraft(name: string, input: SaveEventType): EventTypeDraft {
  const { description, group, featureFlag, schemas, examples } = input
  const { deprecated, archived, check } = input
  return {
    name,
    description: description ?? null,
    group: group ?? null,
    featureFlag: featureFlag ?? null,
    schemas: schemas ?? {},
    conversions: input.conversions ?? [],
    examples: examples ?? [],
    ...{ deprecated, archived, check },
  }
}

export function toEventTypeResponse(type: EventTypeDefinition): z.input<typeof EventTypeResponse> {
  const { createdAt, updatedAt, ...shown } = type
  const written: Omit<z.input<typeof EventTypeResponse>, 'createdAt' | 'updatedAt'> = JSON.parse(
    JSON.stringify(shown),
  )
  return { ...written, createdAt: formatTime(createdAt), updatedAt: formatTime(updatedAt) }
}

export function toSavedResponse({ type, breaks }: SavedEventType) {
  return {
    ...toEventTypeResponse(type),
    breaks: breaks.map(({ kind, path, from, to }) => ({
      ...{ kind, path, from, to },
      breaks: BREAK_KINDS[kind],
    })),
  }
}
