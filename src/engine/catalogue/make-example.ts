// Data made up from a schema, for a type that has no example: small, the same each time, and valid.

import { CATALOGUE } from '../../limits.ts'
import { isRecord } from '../../primitives/is-record.ts'
import type { Json, JsonSchema } from '../model/index.ts'
import { evaluate } from './evaluate.ts'
import { resolveReference } from './references.ts'
import { Steps } from './steps.ts'

type Schema = Readonly<Record<string, unknown>>

/** Levels below which only what is required is made: a schema may lead back to itself. */
const FULL_LEVELS = 4
const MOST_LEVELS = 30
/** Values that are made at most. */
const MOST_VALUES = 2_000
const MOST_CHARS = 1_000
const MOST_ITEMS = 20

const TEXTS: Readonly<Record<string, string>> = {
  'date-time': '2026-01-31T12:00:00Z',
  date: '2026-01-31',
  time: '12:00:00Z',
  duration: 'P1D',
  email: 'ada@example.com',
  hostname: 'example.com',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  uri: 'https://example.com/',
  url: 'https://example.com/',
  uuid: '00000000-0000-4000-8000-000000000000',
}

/** Data that is valid under a schema which `schemaFlaws` has nothing against; undefined where none could be made. */
export function makeExample(schema: JsonSchema): Json | undefined {
  for (const fullLevels of [FULL_LEVELS, 0]) {
    const made = new Making(schema, fullLevels).of(schema, 0)
    if (made === undefined) continue
    if (evaluate(schema, made, new Steps(CATALOGUE.eventSteps)) === 'valid') return made
  }
  return undefined
}

class Making {
  private readonly root: unknown
  private readonly fullLevels: number
  private values = 0

  constructor(root: unknown, fullLevels: number) {
    this.root = root
    this.fullLevels = fullLevels
  }

  of(schema: unknown, level: number): Json | undefined {
    this.values += 1
    if (schema === true) return {}
    if (!isRecord(schema) || level > MOST_LEVELS || this.values > MOST_VALUES) return undefined
    const { $ref, allOf, anyOf, oneOf, ...own } = schema
    if (typeof $ref === 'string') {
      const rest = Object.keys(schema).filter((name) => name !== '$ref' && name !== '$defs')
      const target = resolveReference(this.root, $ref)
      if (rest.length === 0) return this.of(target, level + 1)
      return this.of({ ...schema, $ref: undefined, allOf: [target, ...listOf(allOf)] }, level + 1)
    }
    if (Array.isArray(allOf)) {
      const whole = [...allOf, { ...own, anyOf, oneOf }].reduce(
        (merged: Schema, part) => merge(merged, this.followed(part)),
        {},
      )
      return this.of(whole, level + 1)
    }
    const alternatives = listOf(anyOf ?? oneOf)
    for (const alternative of alternatives.filter((one) => one !== false)) {
      const made = this.of(merge(own, this.followed(alternative)), level + 1)
      if (made !== undefined) return made
    }
    return alternatives.length > 0 ? undefined : this.plain(own, level)
  }

  private followed(schema: unknown): Schema {
    let found = schema
    for (let n = 0; n < MOST_LEVELS && isRecord(found) && typeof found.$ref === 'string'; n += 1) {
      found = resolveReference(this.root, found.$ref)
    }
    return isRecord(found) ? found : {}
  }

  private plain(schema: Schema, level: number): Json | undefined {
    const [given] = [
      schema.const,
      ...listOf(schema.examples),
      schema.default,
      ...listOf(schema.enum),
    ].filter((value) => value !== undefined)
    if (given !== undefined) return given as Json
    switch (typeOf(schema)) {
      case 'object':
        return this.object(schema, level)
      case 'array':
        return this.array(schema, level)
      case 'string':
        return textOf(schema)
      case 'integer':
        return numberOf(schema, 1)
      case 'number':
        return numberOf(schema, 0)
      case 'boolean':
        return true
      case 'null':
        return null
      default:
        return {}
    }
  }

  private object(schema: Schema, level: number): Json | undefined {
    const properties = isRecord(schema.properties) ? schema.properties : {}
    const required = new Set(listOf(schema.required).map(String))
    const isFull = level < this.fullLevels
    const names = [...new Set([...(isFull ? Object.keys(properties) : []), ...required])]
    const members: [string, Json][] = []
    for (const name of names) {
      const own = Object.hasOwn(properties, name) ? properties[name] : undefined
      const made = this.of(own ?? schema.additionalProperties ?? true, level + 1)
      if (made !== undefined) members.push([name, made])
      else if (required.has(name)) return undefined
    }
    return Object.fromEntries(members)
  }

  private array(schema: Schema, level: number): Json | undefined {
    const first = listOf(schema.prefixItems)
    const least = Math.max(sizeOf(schema.minItems, 0), first.length)
    const wanted =
      level < this.fullLevels && schema.items !== undefined ? Math.max(least, 1) : least
    const count = Math.min(wanted, sizeOf(schema.maxItems, wanted), MOST_ITEMS)
    const items: Json[] = []
    for (let index = 0; index < count; index += 1) {
      const made = this.of(first[index] ?? schema.items ?? true, level + 1)
      if (made !== undefined) items.push(made)
      else if (index < least) return undefined
    }
    return items
  }
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
const sizeOf = (value: unknown, otherwise: number) =>
  typeof value === 'number' ? value : otherwise

/** Both schemas at once, as far as an example needs it. */
function merge(one: Schema, other: Schema): Schema {
  const properties = {
    ...(isRecord(one.properties) && one.properties),
    ...(isRecord(other.properties) && other.properties),
  }
  const required = [...listOf(one.required), ...listOf(other.required)]
  return { ...one, ...other, properties, required }
}

function typeOf(schema: Schema): unknown {
  const [type] = [schema.type].flat()
  if (type !== undefined) return type
  if (isRecord(schema.properties) && Object.keys(schema.properties).length > 0) return 'object'
  if (listOf(schema.required).length > 0) return 'object'
  if (schema.items !== undefined || schema.prefixItems !== undefined) return 'array'
  if (['minLength', 'maxLength', 'pattern', 'format'].some((name) => name in schema))
    return 'string'
  if (['minimum', 'maximum', 'multipleOf'].some((name) => name in schema)) return 'number'
  return undefined
}

function textOf({ format, minLength, maxLength }: Schema): string {
  const text = (typeof format === 'string' && TEXTS[format]) || 'text'
  const least = Math.min(sizeOf(minLength, 0), MOST_CHARS)
  return text.padEnd(least, '.').slice(0, sizeOf(maxLength, MOST_CHARS))
}

function numberOf(schema: Schema, whole: 0 | 1): number | undefined {
  const { minimum, exclusiveMinimum, maximum, exclusiveMaximum, multipleOf } = schema
  const step = typeof multipleOf === 'number' ? multipleOf : 1
  const above = typeof exclusiveMinimum === 'number' ? exclusiveMinimum : undefined
  const below = typeof exclusiveMaximum === 'number' ? exclusiveMaximum : undefined
  const least = typeof minimum === 'number' ? minimum : undefined
  const most = typeof maximum === 'number' ? maximum : undefined
  const low = above ?? least
  const high = below ?? most
  const candidates = [
    ...(low === undefined
      ? [step, 0]
      : [Math.ceil(low / step) * step, (Math.floor(low / step) + 1) * step]),
    ...(high === undefined
      ? []
      : [Math.floor(high / step) * step, (Math.ceil(high / step) - 1) * step]),
    ...(low !== undefined && high !== undefined ? [(low + high) / 2] : []),
  ]
  // What was multiplied has a binary fraction of its own.
  const rounded = candidates.map((n) => Number(n.toPrecision(15)))
  return rounded.find(
    (n) =>
      (whole === 0 || Number.isInteger(n)) &&
      (least === undefined || n >= least) &&
      (above === undefined || n > above) &&
      (most === undefined || n <= most) &&
      (below === undefined || n < below),
  )
}
