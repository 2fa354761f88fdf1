// A schema as a person reads it: its type and limits in words, the fields in it, and what it is one of. Named schemas are pointed to, so
// that one which holds itself has an end.

import { nameIn, type SchemaObject } from './description.ts'

/** A part of a type in words: as it stands, or the name of a schema that is shown elsewhere. */
export type TypePart = string | { readonly name: string }

export interface Outline {
  readonly type: readonly TypePart[]
  /** Such as `at most 256 characters`; what is in backticks is code. */
  readonly limits: readonly string[]
  readonly description: string | undefined
  readonly fields: readonly Field[]
  /** What it is one of, where one of those has limits or fields. */
  readonly alternatives: readonly Outline[]
}

interface Field extends Outline {
  readonly field: string
  readonly isRequired: boolean
}

export function toOutline(schema: SchemaObject): Outline {
  const inner = innermost(schema)
  const several = alternativesOf(inner).filter(isSomething).map(toOutline)
  const isTold = several.some(({ limits, fields }) => limits.length + fields.length > 0)
  return {
    type: typeOf(schema),
    limits: limitsOf(schema),
    description: schema.description,
    fields: Object.entries(inner.properties ?? {}).map(([field, value]) => ({
      ...toOutline(value),
      field,
      isRequired: inner.required?.includes(field) ?? false,
    })),
    alternatives: several.length > 1 && isTold ? several : [],
  }
}

/** All named schemas that one points to. */
export function namesIn(schema: SchemaObject): readonly string[] {
  const { $ref, properties = {}, items, additionalProperties: values } = schema
  const parts = [...Object.values(properties), ...alternativesOf(schema)]
  return [
    ...($ref === undefined ? [] : [nameIn($ref)]),
    ...[
      ...parts,
      ...(items ? [items] : []),
      ...(typeof values === 'object' ? [values] : []),
    ].flatMap(namesIn),
  ]
}

/** What a schema may be one of. */
export function alternativesOf({ anyOf = [], oneOf = [] }: SchemaObject): readonly SchemaObject[] {
  return [...anyOf, ...oneOf]
}

export const isSomething = ({ type }: SchemaObject): boolean => type !== 'null'

/** The one alternative that is something, where there is but one. */
function soleAlternative(schema: SchemaObject): SchemaObject | undefined {
  const [only, ...others] = alternativesOf(schema).filter(isSomething)
  return others.length === 0 ? only : undefined
}

/** Through lists, maps and `or null` to what has fields. */
function innermost(schema: SchemaObject): SchemaObject {
  const { properties, items, additionalProperties: values } = schema
  if (properties !== undefined) return schema
  const next = items ?? (typeof values === 'object' ? values : undefined) ?? soleAlternative(schema)
  return next === undefined ? schema : innermost(next)
}

function typeOf(schema: SchemaObject): readonly TypePart[] {
  const { $ref, type, format, items, properties, additionalProperties: values } = schema
  if ($ref !== undefined) return [{ name: nameIn($ref) }]
  const alternatives = alternativesOf(schema)
  if (alternatives.length > 0) {
    const types = new Map(alternatives.map(typeOf).map((parts) => [JSON.stringify(parts), parts]))
    return [...types.values()].flatMap((parts, index) => (index === 0 ? parts : [' or ', ...parts]))
  }
  if (type === 'array') return items === undefined ? ['array'] : ['array of ', ...typeOf(items)]
  if (properties === undefined && typeof values === 'object' && Object.keys(values).length > 0) {
    return ['map of ', ...typeOf(values)]
  }
  if (type === undefined) {
    const fixed = schema.const ?? schema.enum?.[0]
    return [fixed === undefined ? 'any value' : typeof fixed]
  }
  const named = typeof type === 'string' ? type : type.join(' or ')
  return [format === undefined ? named : `${named} (${format})`]
}

/** Longer ones say less than the description beside them. */
const LONGEST_PATTERN = 80

function limitsOf(schema: SchemaObject): readonly string[] {
  const { minimum, maximum, pattern, items, example, additionalProperties: values } = schema
  const sole = soleAlternative(schema)
  const fixed = schema.const === undefined ? schema.enum : [schema.const]
  const isShort = pattern !== undefined && pattern.length <= LONGEST_PATTERN
  return [
    ...(sole ? limitsOf(sole) : []),
    ...(fixed
      ? [`${fixed.length > 1 ? 'one of ' : 'always '}${fixed.map(inCode).join(', ')}`]
      : []),
    ...range(isSafe(minimum) ? minimum : undefined, isSafe(maximum) ? maximum : undefined),
    ...range(schema.minLength || undefined, schema.maxLength, 'character'),
    ...range(schema.minItems || undefined, schema.maxItems, 'item'),
    ...range(schema.minProperties || undefined, schema.maxProperties, 'entry'),
    ...(isShort ? [`matches ${inCode(pattern)}`] : []),
    ...(schema.default === undefined ? [] : [`${inCode(schema.default)} unless given`]),
    ...(example === undefined ? [] : [`such as ${inCode(example)}`]),
    ...[items, typeof values === 'object' ? values : undefined].flatMap((each) =>
      each ? limitsOf(each).map((limit) => `each ${limit}`) : [],
    ),
  ]
}

const isSafe = (bound: number | undefined) => bound !== undefined && Math.abs(bound) < 2 ** 53 - 1

function range(least?: number, most?: number, unit?: 'character' | 'item' | 'entry'): string[] {
  const of = (count: number) => {
    const units = unit === 'entry' ? 'entries' : `${unit}s`
    const figure = count.toLocaleString('en')
    return unit === undefined ? figure : `${figure} ${count === 1 ? unit : units}`
  }
  if (least === undefined) return most === undefined ? [] : [`at most ${of(most)}`]
  if (most === undefined) return [`at least ${of(least)}`]
  return [least === most ? of(most) : `${least.toLocaleString('en')} to ${of(most)}`]
}

function inCode(value: unknown): string {
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``
}
