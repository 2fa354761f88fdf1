// Whether data is valid under a schema (JSON Schema 2020-12). Interpreted, without `eval`; patterns in linear time; and with a
// budget of steps, because `anyOf` in a recursive schema can take exponentially many. Whatever a step does takes a bounded time:
// what looks at all members of something spends steps for them.

import type { Issue } from '../../errors.ts'
import { canonicalText } from '../../primitives/canonical-text.ts'
import { isRecord } from '../../primitives/is-record.ts'
import type { Json, JsonSchema } from '../model/index.ts'
import { hasType, isArray, isObject, isSame, memberOf, numberFlaw } from './check-value.ts'
import { type Pattern, toPattern } from './pattern.ts'
import { resolveReference } from './references.ts'
import { type Steps, TooComplex } from './steps.ts'

type SchemaObject = Exclude<JsonSchema, boolean>

/** A place in the data, from its end: a path is written down for what is told only. Null: the whole. */
type Place = { readonly within: Place; readonly part: string | number } | null

/** What is wrong, in words that are made for what is told only: most flaws are of one alternative among several. */
interface Flaw {
  readonly place: Place
  readonly message: () => string
}

/** Members of an object, or items of an array, that are passed over in the time of one step. */
const MEMBERS_PER_STEP = 10

/** Levels of schemas within one another that an evaluation goes through. */
const LEVELS = 1_000

/** Valid, or the first thing that is wrong; `too_complex`: it takes too long to tell. */
type Evaluated = 'valid' | Issue | 'too_complex'

/** Evaluates data under a schema that `schemaFlaws` has nothing against. */
export function evaluate(schema: JsonSchema, data: Json, steps: Steps): Evaluated {
  try {
    const flaw = new Evaluation(schema, steps).flaw(schema, data, null, 0)
    return flaw === null ? 'valid' : { path: pathOf(flaw.place), message: flaw.message() }
  } catch (error) {
    if (error instanceof TooComplex) return 'too_complex'
    throw error
  }
}

function pathOf(place: Place): Issue['path'] {
  const parts: (string | number)[] = []
  for (let at = place; at !== null; at = at.within) parts.push(at.part)
  return parts.toReversed()
}

/** Patterns compiled so far, of each schema that has some; they go with it. */
const patterns = new WeakMap<object, Map<string, Pattern>>()

/** What the references of a schema lead to, as far as they were followed. */
const references = new WeakMap<object, Map<string, JsonSchema>>()

class Evaluation {
  private readonly root: JsonSchema
  private readonly steps: Steps

  constructor(root: JsonSchema, steps: Steps) {
    this.root = root
    this.steps = steps
  }

  private spend(steps: number): void {
    this.steps.spend(steps)
  }

  /** What is wrong with a value under a schema; null for nothing. */
  flaw(schema: JsonSchema, value: Json, place: Place, level: number): Flaw | null {
    this.spend(1)
    if (level > LEVELS) throw new TooComplex()
    if (schema === true) return null
    if (schema === false) return told(place, () => 'Not allowed.')
    return (
      this.general(schema, value, place) ??
      (typeof value === 'string' ? this.string(schema, value, place) : null) ??
      (typeof value === 'number' ? this.number(schema, value, place) : null) ??
      (isArray(value) ? this.array(schema, value, place, level) : null) ??
      (isObject(value) ? this.object(schema, value, place, level) : null) ??
      this.combined(schema, value, place, level)
    )
  }

  private isValid(schema: JsonSchema, value: Json, place: Place, level: number): boolean {
    return this.flaw(schema, value, place, level + 1) === null
  }

  private general(schema: SchemaObject, value: Json, place: Place): Flaw | null {
    const { type } = schema
    if (type !== undefined) {
      const types = isArray(type) ? type : [type]
      if (!types.some((name) => hasType(value, name))) {
        return told(place, () => `Expected ${types.join(' or ')}.`)
      }
    }
    const allowed = Object.hasOwn(schema, 'const') ? [schema.const ?? null] : schema.enum
    if (!isArray(allowed)) return null
    if (allowed.some((each) => isSame(each, value, this.steps))) return null
    return told(place, () => {
      const shown = allowed.slice(0, 10).map((each) => JSON.stringify(each).slice(0, 50))
      return `Expected ${shown.join(', ')}${allowed.length > shown.length ? ', …' : ''}.`
    })
  }

  private number(schema: SchemaObject, value: number, place: Place): Flaw | null {
    const message = numberFlaw(schema, value)
    return message === null ? null : told(place, () => message)
  }

  private string(schema: SchemaObject, value: string, place: Place): Flaw | null {
    const { minLength, maxLength, pattern } = schema
    if (typeof minLength === 'number' || typeof maxLength === 'number') {
      this.spend(1 + value.length / 100)
      let characters = 0
      for (const _ of value) characters += 1
      if (typeof minLength === 'number' && characters < minLength) {
        return told(place, () => `Expected at least ${minLength} characters.`)
      }
      if (typeof maxLength === 'number' && characters > maxLength) {
        return told(place, () => `Expected at most ${maxLength} characters.`)
      }
    }
    if (typeof pattern !== 'string' || this.isMatch(schema, pattern, value)) return null
    return told(place, () => `Expected a match of ${pattern}.`)
  }

  private isMatch(schema: SchemaObject, source: string, text: string): boolean {
    const known = patterns.get(schema) ?? new Map<string, Pattern>()
    patterns.set(schema, known)
    const pattern = known.get(source) ?? toPattern(source)
    if (typeof pattern === 'string') throw new Error('A pattern that cannot be matched was saved.')
    known.set(source, pattern)
    this.spend(pattern.stepsFor(text.length))
    return pattern.isIn(text)
  }

  private array(
    schema: SchemaObject,
    value: readonly Json[],
    place: Place,
    level: number,
  ): Flaw | null {
    this.spend(value.length / MEMBERS_PER_STEP)
    const { minItems, maxItems, uniqueItems, contains, items } = schema
    const prefix = isArray(schema.prefixItems) ? schema.prefixItems : []
    if (typeof minItems === 'number' && value.length < minItems) {
      return told(place, () => `Expected at least ${minItems} items.`)
    }
    if (typeof maxItems === 'number' && value.length > maxItems) {
      return told(place, () => `Expected at most ${maxItems} items.`)
    }
    for (const [index, item] of value.entries()) {
      const under = prefix[index] ?? items
      const found = isSchemaLike(under) && this.flaw(under, item, inside(place, index), level + 1)
      if (found) return found
    }
    if (uniqueItems === true) {
      const seen = new Set<string>()
      for (const [index, item] of value.entries()) {
        const text = canonicalText(item)
        this.spend(1 + text.length / 5)
        if (seen.has(text)) return told(inside(place, index), () => 'Expected different items.')
        seen.add(text)
      }
    }
    if (!isSchemaLike(contains)) return null
    const least = typeof schema.minContains === 'number' ? schema.minContains : 1
    const most = typeof schema.maxContains === 'number' ? schema.maxContains : value.length
    const count = value.filter((item) => this.isValid(contains, item, place, level)).length
    if (count >= least && count <= most) return null
    return told(place, () => 'Does not contain the expected number of certain items.')
  }

  private object(
    schema: SchemaObject,
    value: { readonly [name: string]: Json },
    place: Place,
    level: number,
  ): Flaw | null {
    const names = Object.keys(value)
    this.spend(names.length)
    const { minProperties, maxProperties, required, propertyNames, additionalProperties } = schema
    if (typeof minProperties === 'number' && names.length < minProperties) {
      return told(place, () => `Expected at least ${minProperties} properties.`)
    }
    if (typeof maxProperties === 'number' && names.length > maxProperties) {
      return told(place, () => `Expected at most ${maxProperties} properties.`)
    }
    const missing = this.missing(value, required)
    if (missing !== null) return told(inside(place, missing), () => 'Required.')
    for (const [name, needed] of this.entriesOf(schema.dependentRequired)) {
      const absent = Object.hasOwn(value, name) ? this.missing(value, needed) : null
      if (absent !== null) return told(inside(place, absent), () => `Required with ${name}.`)
    }
    const byPattern = this.entriesOf(schema.patternProperties)
    const { properties } = schema
    for (const name of names) {
      const inner = memberOf(value, name)
      const at = inside(place, name)
      const named = isObject(properties) && Object.hasOwn(properties, name)
      const under = byPattern.filter(([source]) => this.isMatch(schema, source, name))
      const schemas = [
        ...(named ? [memberOf(properties, name)] : []),
        ...under.map(([, each]) => each),
        ...(named || under.length > 0 ? [] : [additionalProperties]),
      ]
      for (const each of schemas) {
        const found = isSchemaLike(each) && this.flaw(each, inner, at, level + 1)
        if (found) return found
      }
      if (isSchemaLike(propertyNames) && !this.isValid(propertyNames, name, at, level)) {
        return told(at, () => 'This name is not allowed.')
      }
    }
    for (const [name, each] of this.entriesOf(schema.dependentSchemas)) {
      const isMeant = Object.hasOwn(value, name) && isSchemaLike(each)
      const found = isMeant && this.flaw(each, value, place, level + 1)
      if (found) return found
    }
    return null
  }

  /** The first of some names that an object does not have. */
  private missing(value: object, names: Json | undefined): string | null {
    if (!isArray(names)) return null
    this.spend(names.length / MEMBERS_PER_STEP)
    const found = names.find((name) => typeof name === 'string' && !Object.hasOwn(value, name))
    return typeof found === 'string' ? found : null
  }

  private combined(schema: SchemaObject, value: Json, place: Place, level: number): Flaw | null {
    const { $ref, allOf, anyOf, oneOf, not } = schema
    const next = level + 1
    if (typeof $ref === 'string') {
      const found = this.flaw(this.referred($ref), value, place, next)
      if (found) return found
    }
    for (const each of this.schemasIn(allOf)) {
      const found = this.flaw(each, value, place, next)
      if (found) return found
    }
    const any = this.schemasIn(anyOf)
    if (any.length > 0 && !any.some((each) => this.isValid(each, value, place, level))) {
      return told(place, () => 'Matches none of the alternatives.')
    }
    const one = this.schemasIn(oneOf)
    if (one.length > 0) {
      const count = one.filter((each) => this.isValid(each, value, place, level)).length
      if (count !== 1) return told(place, () => `Matches ${count} of the alternatives, not one.`)
    }
    if (isSchemaLike(not) && this.isValid(not, value, place, level)) {
      return told(place, () => 'Matches what it must not.')
    }
    if (!isSchemaLike(schema.if)) return null
    const branch = this.isValid(schema.if, value, place, level) ? schema.then : schema.else
    return isSchemaLike(branch) ? this.flaw(branch, value, place, next) : null
  }

  /** The schema that a reference leads to. */
  private referred(reference: string): JsonSchema {
    if (typeof this.root === 'boolean') throw new Error('A boolean schema refers to nothing.')
    const known = references.get(this.root) ?? new Map<string, JsonSchema>()
    references.set(this.root, known)
    const target = known.get(reference) ?? resolveReference(this.root, reference)
    if (!isSchemaLike(target)) throw new Error('A reference that leads nowhere was saved.')
    known.set(reference, target)
    return target
  }

  private schemasIn(value: Json | undefined): readonly JsonSchema[] {
    if (!isArray(value)) return []
    this.spend(value.length / MEMBERS_PER_STEP)
    return value.filter(isSchemaLike)
  }

  private entriesOf(value: Json | undefined): readonly (readonly [string, Json])[] {
    if (!isObject(value)) return []
    const entries = Object.entries(value)
    this.spend(entries.length / MEMBERS_PER_STEP)
    return entries
  }
}

const told = (place: Place, message: Flaw['message']): Flaw => ({ place, message })
const inside = (within: Place, part: string | number): Place => ({ within, part })

const isSchemaLike = (value: unknown): value is JsonSchema =>
  typeof value === 'boolean' || isRecord(value)
