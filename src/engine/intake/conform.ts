// What the catalogue says to an event that is handed in. In: a draft, and the catalogue; out: who is to get which of its data, and what
// is wrong with it. Next: conform-all.ts.

import type { Issue } from '../../errors.ts'
import { CATALOGUE, PUBLISH } from '../../limits.ts'
import { byteLength } from '../../primitives/framed-json.ts'
import { assignData, type FailedConversion } from '../catalogue/assign-data.ts'
import { type Converted, convertData, invalidMade, notConverted } from '../catalogue/convert.ts'
import { evaluate } from '../catalogue/evaluate.ts'
import type { EventSteps, Steps } from '../catalogue/steps.ts'
import {
  type Catalogue,
  type Conversion,
  type EventDraft,
  type EventTypeDefinition,
  type Json,
  type JsonSchema,
  type VersionData,
  versionsOf,
} from '../model/index.ts'
import { type RangedDraft, rangesGiven, rangesOf, withRanges } from './ranges.ts'

/** A draft, who gets which of its data, and whether something is wrong with it that its type only warns of. */
export interface ConformedDraft extends RangedDraft {
  /** As the event has it: `Event.invalid`. */
  readonly invalid?: true
}

/** Data that is not valid under the schema of its version, or could not be made for it. */
export interface Invalid {
  readonly eventType: string
  readonly version: string
  /** Within the event: `data`, or `versions` and the version, and where in it. */
  readonly issue: Issue
  /** The conversion that failed; absent: the data was published like that. */
  readonly conversion?: FailedConversion
}

interface Conformed {
  readonly draft: ConformedDraft
  readonly invalid: readonly Invalid[]
}

/**
 * Lists, checks, schemas and conversions count as they are in `catalogue`; an archived type is not listed. The event takes its share of
 * steps.
 */
export async function conform(
  draft: EventDraft,
  catalogue: Catalogue,
  { checking, converting }: EventSteps,
): Promise<Conformed> {
  const definition = listed(draft.type, catalogue)
  if (definition === null || versionsOf(definition).length === 0) {
    return { draft: withRanges(draft, rangesGiven(draft)), invalid: [] }
  }
  const parsed = new Map<string, Json>()
  const own = checking.share(CATALOGUE.eventSteps)
  let isTooComplex = false
  const check = (data: string, schema: JsonSchema) =>
    evaluate(schema, parsedOnce(parsed, data), own)
  const checkTold = (data: string, schema: JsonSchema) => {
    const evaluated = check(data, schema)
    isTooComplex ||= evaluated === 'too_complex'
    return evaluated
  }
  const published = publishedOf(draft, definition)
  const invalid = flaws(draft, definition, published, checkTold)
  const convert = convertingIn(draft, definition, { check, steps: converting })
  const assigned = await assignData(definition, published, {
    isFit: (version, { data }) => {
      const schema = definition.schemas[version]
      return schema === undefined || checkTold(data, schema) === 'valid'
    },
    convert,
  })
  const failed = assigned.failed.map((conversion) => notMade(draft, conversion))
  const unknown = isTooComplex && invalid.length === 0 ? tooComplex(draft, published) : []
  return {
    draft: withRanges(draft, rangesOf(assigned), assigned.made.length > 0),
    // What a conversion does not make somebody misses, whatever is checked.
    invalid: definition.check === 'off' ? failed : [...invalid, ...failed, ...unknown],
  }
}

/** Makes data that is valid, while there is room for it in the event. */
function convertingIn(
  draft: EventDraft,
  { schemas, conversions }: EventTypeDefinition,
  {
    check,
    steps,
  }: {
    readonly check: (data: string, schema: JsonSchema) => ReturnType<typeof evaluate>
    readonly steps: Steps
  },
) {
  let room = conversions.length === 0 ? 0 : PUBLISH.eventBytes - bytesOf(draft)
  return async (conversion: Conversion, data: string): Promise<Converted> => {
    const converted = await convertData(conversion, data, steps)
    if (converted.kind === 'failed') return converted
    const bytes = byteLength(converted.data)
    if (bytes > room) {
      const message = `With what it makes, the event would have more than ${PUBLISH.eventBytes} bytes.`
      return notConverted('too_large', message)
    }
    const flaw = check(converted.data, schemas[conversion.to] ?? true)
    if (flaw !== 'valid') return notConverted('invalid', invalidMade(flaw))
    room -= bytes
    return converted
  }
}

/** Of an event with all its versions, as JSON. */
function bytesOf({ data, versions, ...about }: EventDraft): number {
  const own = versions ?? [{ version: 'data', data }]
  return own.reduce(
    (sum, each) => sum + byteLength(each.version) + byteLength(each.data),
    byteLength(JSON.stringify(about)),
  )
}

function notMade(draft: EventDraft, conversion: FailedConversion): Invalid {
  const { from, to, reason } = conversion
  const path = [draft.versions === undefined ? 'data' : 'versions']
  const message = `The conversion of version ${from} to ${to} fails: ${reason}`
  return { eventType: draft.type, version: to, issue: { path, message }, conversion }
}

const TOO_COMPLEX = 'The data is too complex to be checked.'

/** Data that was published, its version and where it stands. */
type Published = VersionData & { readonly path: Issue['path'] }

/** It is not told for whom of the other versions the data is, and so not said that it is for nobody. */
function tooComplex(draft: EventDraft, [first]: readonly Published[]): readonly Invalid[] {
  if (first === undefined) return []
  const { version, path } = first
  return [{ eventType: draft.type, version, issue: { path, message: TOO_COMPLEX } }]
}

/** The data of an event with its versions; `data` alone is of the newest version. */
function publishedOf(draft: EventDraft, definition: EventTypeDefinition): readonly Published[] {
  const newest = versionsOf(definition).at(-1)
  if (newest === undefined) return []
  if (draft.versions === undefined) return [{ version: newest, data: draft.data, path: ['data'] }]
  return draft.versions.map((each) => ({ ...each, path: ['versions', each.version] }))
}

/** The type as it is listed; null where it is not. */
export function listed(type: string, { types }: Catalogue): EventTypeDefinition | null {
  const found = types.get(type)
  return found === undefined || found.archived ? null : found
}

function flaws(
  draft: EventDraft,
  definition: EventTypeDefinition,
  published: readonly Published[],
  check: (data: string, schema: JsonSchema) => ReturnType<typeof evaluate>,
): readonly Invalid[] {
  return published.flatMap(({ version, data, path }): readonly Invalid[] => {
    const schema = definition.schemas[version]
    const found = (issue: Issue) => [{ eventType: draft.type, version, issue }]
    if (schema === undefined) {
      return found({ path, message: 'The event type does not have this version.' })
    }
    const evaluated = definition.check === 'off' ? 'valid' : check(data, schema)
    if (evaluated === 'valid') return []
    if (evaluated === 'too_complex') return found({ path, message: TOO_COMPLEX })
    return found({ path: [...path, ...evaluated.path], message: evaluated.message })
  })
}

/** For looking only: what is sent is the text. */
function parsedOnce(parsed: Map<string, Json>, text: string): Json {
  const known = parsed.get(text)
  if (known !== undefined) return known
  const value: Json = JSON.parse(text)
  parsed.set(text, value)
  return value
}
