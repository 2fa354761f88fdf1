// What a change of a schema breaks (docs/event-types.md, "What a change breaks"). In: a schema before and after; out: every break
// of the list, and a `cannot_tell` for each place that changed in a way beyond it. Words for people may change freely, and so may what
// is said by reference and what in its place.

import { canonicalText } from '../../primitives/canonical-text.ts'
import { isRecord } from '../../primitives/is-record.ts'
import type { Break, JsonSchema } from '../model/index.ts'
import { KEYWORDS } from './keywords.ts'
import { pointerPart } from './references.ts'
import { type Documents, followed, isSameOperand, isSameSchema, Pairs } from './same-schema.ts'

/** What data valid under one schema may not be under the other, in the order of the places. */
export function breaksOf(before: JsonSchema, after: JsonSchema): readonly Break[] {
  return between(before, after, '#', { before, after, pairs: new Pairs(), level: 0 })
}

/** What a comparison goes through: no pair of schemas is compared twice. */
interface Walk extends Documents {
  readonly pairs: Pairs
  readonly level: number
}

interface SchemaObject {
  readonly [keyword: string]: unknown
  readonly type?: unknown
  readonly const?: unknown
  readonly enum?: unknown
  readonly required?: unknown
  readonly properties?: unknown
  readonly additionalProperties?: unknown
  readonly patternProperties?: unknown
  readonly not?: unknown
  readonly items?: unknown
}

/** Keywords that `between` compares by what they mean; all others that assert something are the same or not. */
const COMPARED: ReadonlySet<string> = new Set([
  'type',
  'enum',
  'const',
  'required',
  'properties',
  'additionalProperties',
  'items',
  '$defs',
  'definitions',
  '$schema',
])

function between(given: unknown, changed: unknown, path: string, walk: Walk): readonly Break[] {
  const before = followed(given, walk.before)
  const after = followed(changed, walk.after)
  if (!isRecord(before) || !isRecord(after)) {
    return before === after ? [] : [{ kind: 'cannot_tell', path }]
  }
  if (!walk.pairs.add(before, after)) return []
  if (walk.pairs.isBeyond(walk.level)) return [{ kind: 'cannot_tell', path }]
  const within = { ...walk, level: walk.level + 1 }
  // First, so that what is wrong with one is told there, and not where it is referred to.
  const ofDefinitions = definitionBreaks(before, after, path, within)
  return [
    ...typeBreaks(before, after, path),
    ...enumBreaks(before, after, path),
    ...requiredBreaks(before, after, path),
    ...propertyBreaks(before, after, path, within),
    ...closedBreaks(before, after, path, within),
    ...withinItems(before, after, path, within),
    ...ofDefinitions,
    ...others(before, after, path, within),
  ]
}

const ALL_TYPES: readonly string[] = [
  'null',
  'boolean',
  'object',
  'array',
  'number',
  'integer',
  'string',
]

/** The types that a schema allows: a number is an integer, too. */
function typesOf({ type }: SchemaObject): ReadonlySet<string> {
  const given = type === undefined ? ALL_TYPES : namesIn(Array.isArray(type) ? type : [type])
  return new Set(given.includes('number') ? [...given, 'integer'] : given)
}

function typeBreaks(before: SchemaObject, after: SchemaObject, path: string): readonly Break[] {
  const { lost, gained } = compare(typesOf(before), typesOf(after))
  if (!lost && !gained) return []
  const kind = lost && gained ? 'type_changed' : lost ? 'type_narrowed' : 'type_widened'
  return [{ kind, path: `${path}/type` }]
}

/** The values that a schema allows, as texts; null: any. */
function valuesOf(schema: SchemaObject): ReadonlySet<string> | null {
  if (Object.hasOwn(schema, 'const')) return new Set([textOf(schema.const)])
  return Array.isArray(schema.enum) ? new Set(schema.enum.map(textOf)) : null
}

function enumBreaks(before: SchemaObject, after: SchemaObject, path: string): readonly Break[] {
  const [former, latter] = [valuesOf(before), valuesOf(after)]
  if (former === null && latter === null) return []
  const { lost, gained } =
    former === null || latter === null
      ? { lost: former === null, gained: latter === null }
      : compare(former, latter)
  const at = `${path}/enum`
  return [
    ...(lost ? [{ kind: 'enum_narrowed', path: at } as const] : []),
    ...(gained ? [{ kind: 'enum_widened', path: at } as const] : []),
  ]
}

function requiredBreaks(before: SchemaObject, after: SchemaObject, path: string): readonly Break[] {
  const former = new Set(namesIn(before.required))
  const latter = new Set(namesIn(after.required))
  const at = (name: string) => `${path}/properties/${pointerPart(name)}`
  return [
    ...[...latter.difference(former)].map(
      (name) => ({ kind: 'property_required', path: at(name) }) as const,
    ),
    // One that is removed altogether is called that.
    ...[...former.difference(latter)]
      .filter(
        (name) =>
          Object.hasOwn(recordOf(after.properties), name) ||
          !Object.hasOwn(recordOf(before.properties), name),
      )
      .map((name) => ({ kind: 'property_optional', path: at(name) }) as const),
  ]
}

function propertyBreaks(
  before: SchemaObject,
  after: SchemaObject,
  path: string,
  walk: Walk,
): readonly Break[] {
  const former = recordOf(before.properties)
  const latter = recordOf(after.properties)
  const at = (name: string) => `${path}/properties/${pointerPart(name)}`
  const kept = Object.entries(former).flatMap(([name, schema]) =>
    Object.hasOwn(latter, name)
      ? between(schema, latter[name], at(name), walk)
      : [{ kind: 'property_removed', path: at(name) } as const],
  )
  // Where others were allowed one of that name may have been anything; where they were of a schema, of that.
  const added = Object.keys(latter).filter((name) => !Object.hasOwn(former, name))
  const others = followed(before.additionalProperties ?? true, walk.before)
  if (isRecord(others)) {
    return [...kept, ...added.flatMap((name) => between(others, latter[name], at(name), walk))]
  }
  if (others === false && before.patternProperties === undefined) return kept
  const forbidden = added.filter((name) => isForbidding(latter[name], walk.after))
  return [...kept, ...forbidden.map((name) => ({ kind: 'cannot_tell', path: at(name) }) as const)]
}

/** Whether a schema allows nothing at all, as far as that is said in so many words: `false`, or not what is everything. */
function isForbidding(schema: unknown, document: unknown): boolean {
  const meant = followed(schema, document)
  if (!isRecord(meant)) return meant === false
  const not = followed(meant.not, document)
  return not === true || (isRecord(not) && !Object.keys(not).some((name) => KEYWORDS.has(name)))
}

function closedBreaks(
  before: SchemaObject,
  after: SchemaObject,
  path: string,
  walk: Walk,
): readonly Break[] {
  const { additionalProperties: former = true } = before
  const { additionalProperties: latter = true } = after
  const at = `${path}/additionalProperties`
  if (isRecord(former) && isRecord(latter)) return between(former, latter, at, walk)
  if (isSameSchema(former, latter, walk)) return []
  if (latter === false) return [{ kind: 'properties_closed', path: at }]
  if (former === false) return [{ kind: 'properties_opened', path: at }]
  return [{ kind: 'cannot_tell', path: at }]
}

function withinItems(
  before: SchemaObject,
  after: SchemaObject,
  path: string,
  walk: Walk,
): readonly Break[] {
  return between(before.items ?? true, after.items ?? true, `${path}/items`, walk)
}

/** A definition that is new, or that nothing refers to any more, changes nothing by itself. */
function definitionBreaks(
  before: SchemaObject,
  after: SchemaObject,
  path: string,
  walk: Walk,
): readonly Break[] {
  return ['$defs', 'definitions'].flatMap((keyword) => {
    const latter = recordOf(after[keyword])
    return Object.entries(recordOf(before[keyword])).flatMap(([name, schema]) =>
      Object.hasOwn(latter, name)
        ? between(schema, latter[name], `${path}/${keyword}/${pointerPart(name)}`, walk)
        : [],
    )
  })
}

function others(
  before: SchemaObject,
  after: SchemaObject,
  path: string,
  walk: Walk,
): readonly Break[] {
  const keywords = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...keywords]
    .filter((keyword) => KEYWORDS.has(keyword) && !COMPARED.has(keyword))
    .filter((keyword) => !isSameOperand(keyword, before[keyword], after[keyword], walk))
    .map((keyword) => ({ kind: 'cannot_tell', path: `${path}/${keyword}` }))
}

function compare(before: ReadonlySet<string>, after: ReadonlySet<string>) {
  return { lost: !before.isSubsetOf(after), gained: !after.isSubsetOf(before) }
}

function textOf(value: unknown): string {
  return canonicalText(value)
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {}
}

function namesIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((name) => typeof name === 'string') : []
}
