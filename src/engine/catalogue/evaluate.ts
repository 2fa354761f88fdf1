// Whether data is valid under a schema (JSON Schema 2020-12). Interpreted, without `eval`; patterns in linear time; and with a
// budget of steps, because `anyOf` in a recursive schema can take exponentially many.

import type { Issue } from '../../errors.ts'
import { isRecord } from '../../primitives/is-record.ts'
import type { Json, JsonSchema } from '../model/index.ts'
import { canonicalText } from './check-schema.ts'
import { hasType, numberFlaw } from './check-value.ts'
import { type Pattern, toPattern } from './pattern.ts'
import { resolveReference } from './references.ts'

type Path = Issue['path']
type SchemaObject = Exclude<JsonSchema, boolean>

/** Steps that one evaluation may take: some tens of milliseconds. */
const STEPS = 500_000

/** Levels of schemas within one another that an evaluation goes through. */
const LEVELS = 1_000

/** Valid, or the first thing that is wrong; `too_complex`: it takes too long to tell. */
type Evaluated = 'valid' | Issue | 'too_complex'

/** Evaluates data under a schema that `schemaFlaws` has nothing against. */
export function evaluate(schema: JsonSchema, data: Json): Evaluated {
  try {
    return new Evaluation(schema).flaw(schema, data, [], 0) ?? 'valid'
  } catch (error) {
    if (error instanceof TooComplex) return 'too_complex'
    throw error
  }
}

class TooComplex extends Error {}

/** Patterns compiled so far, of each schema that has some; they go with it. */
const patterns = new WeakMap<object, Map<string, Pattern>>()

class Evaluation {
  private readonly root: JsonSchema
  private steps = STEPS

  constructor(root: JsonSchema) {
    this.root = root
  }

  private spend(steps: number): void {
    this.steps -= steps
    if (this.steps < 0) throw new TooComplex()
  }

  /** What is wrong with a value under a schema; null for nothing. */
  flaw(schema: JsonSchema, value: Json, path: Path, level: number): Issue | null {
    this.spend(1)
    if (level > LEVELS) throw new TooComplex()
    if (schema === true) return null
    if (schema === false) return { path, message: 'Not allowed.' }
    return (
      this.general(schema, value, path) ??
      (typeof value === 'string' ? this.string(schema, value, path) : null) ??
      (typeof value === 'number' ? numberFlaw(schema, value, path) : null) ??
      (isArray(value) ? this.array(schema, value, path, level) : null) ??
      (isObject(value) ? this.object(schema, value, path, level) : null) ??
      this.combined(schema, value, path, level)
    )
  }

  private isValid(schema: JsonSchema, value: Json, path: Path, level: number): boolean {
    return this.flaw(schema, value, path, level + 1) === null
  }

  private general(schema: SchemaObject, value: Json, path: Path): Issue | null {
    const { type } = schema
    if (type !== undefined) {
      const types = isArray(type) ? type : [type]
      if (!types.some((name) => hasType(value, name))) {
        return { path, message: `Expected ${types.join(' or ')}.` }
      }
    }
    const allowed = Object.hasOwn(schema, 'const') ? [schema.const ?? null] : schema.enum
    if (!isArray(allowed)) return null
    if (allowed.some((each) => this.isSame(each, value))) return null
    const shown = allowed.slice(0, 10).map((each) => JSON.stringify(each).slice(0, 50))
    const more = allowed.length > shown.length ? ', …' : ''
    return { path, message: `Expected ${shown.join(', ')}${more}.` }
  }

  private isSame(one: Json, other: Json): boolean {
    this.spend(1)
    if (one === other) return true
    if (isArray(one) && isArray(other)) {
      return (
        one.length === other.length && one.every((each, at) => this.isSame(each, other[at] ?? null))
      )
    }
    if (!isObject(one) || !isObject(other)) return false
    const names = Object.keys(one)
    return (
      names.length === Object.keys(other).length &&
      names.every(
        (name) =>
          Object.hasOwn(other, name) && this.isSame(memberOf(one, name), memberOf(other, name)),
      )
    )
  }

  private string(schema: SchemaObject, value: string, path: Path): Issue | null {
    const { minLength, maxLength, pattern } = schema
    if (typeof minLength === 'number' || typeof maxLength === 'number') {
      this.spend(1 + value.length / 100)
      let characters = 0
      for (const _ of value) characters += 1
      if (typeof minLength === 'number' && characters < minLength) {
        return { path, message: `Expected at least ${minLength} characters.` }
      }
      if (typeof maxLength === 'number' && characters > maxLength) {
        return { path, message: `Expected at most ${maxLength} characters.` }
      }
    }
    if (typeof pattern !== 'string' || this.isMatch(schema, pattern, value)) return null
    return { path, message: `Expected a match of ${pattern}.` }
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
    path: Path,
    level: number,
  ): Issue | null {
    const { minItems, maxItems, uniqueItems, contains, items } = schema
    const prefix = isArray(schema.prefixItems) ? schema.prefixItems : []
    if (typeof minItems === 'number' && value.length < minItems) {
      return { path, message: `Expected at least ${minItems} items.` }
    }
    if (typeof maxItems === 'number' && value.length > maxItems) {
      return { path, message: `Expected at most ${maxItems} items.` }
    }
    for (const [index, item] of value.entries()) {
      const under = prefix[index] ?? items
      const found = isSchemaLike(under) && this.flaw(under, item, [...path, index], level + 1)
      if (found) return found
    }
    if (uniqueItems === true) {
      const seen = new Set<string>()
      for (const [index, item] of value.entries()) {
        const text = canonicalText(item)
        this.spend(1 + text.length / 10)
        if (seen.has(text)) return { path: [...path, index], message: 'Expected different items.' }
        seen.add(text)
      }
    }
    if (!isSchemaLike(contains)) return null
    const least = typeof schema.minContains === 'number' ? schema.minContains : 1
    const most = typeof schema.maxContains === 'number' ? schema.maxContains : value.length
    const count = value.filter((item) => this.isValid(contains, item, path, level)).length
    if (count >= least && count <= most) return null
    return { path, message: 'Does not contain the expected number of certain items.' }
  }

  private object(
    schema: SchemaObject,
    value: { readonly [name: string]: Json },
    path: Path,
    level: number,
  ): Issue | null {
    const names = Object.keys(value)
    const { minProperties, maxProperties, required, propertyNames, additionalProperties } = schema
    if (typeof minProperties === 'number' && names.length < minProperties) {
      return { path, message: `Expected at least ${minProperties} properties.` }
    }
    if (typeof maxProperties === 'number' && names.length > maxProperties) {
      return { path, message: `Expected at most ${maxProperties} properties.` }
    }
    const missing = this.missing(value, required)
    if (missing !== null) return { path: [...path, missing], message: 'Required.' }
    for (const [name, needed] of entriesOf(schema.dependentRequired)) {
      const absent = Object.hasOwn(value, name) ? this.missing(value, needed) : null
      if (absent !== null) return { path: [...path, absent], message: `Required with ${name}.` }
    }
    const byPattern = entriesOf(schema.patternProperties)
    const { properties } = schema
    for (const name of names) {
      const inner = memberOf(value, name)
      const at = [...path, name]
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
        return { path: at, message: 'This name is not allowed.' }
      }
    }
    for (const [name, each] of entriesOf(schema.dependentSchemas)) {
      const isMeant = Object.hasOwn(value, name) && isSchemaLike(each)
      const found = isMeant && this.flaw(each, value, path, level + 1)
      if (found) return found
    }
    return null
  }

  /** The first of some names that an object does not have. */
  private missing(value: object, names: Json | undefined): string | null {
    if (!isArray(names)) return null
    this.spend(names.length / 10)
    const found = names.find((name) => typeof name === 'string' && !Object.hasOwn(value, name))
    return typeof found === 'string' ? found : null
  }

  private combined(schema: SchemaObject, value: Json, path: Path, level: number): Issue | null {
    const { $ref, allOf, anyOf, oneOf, not } = schema
    const next = level + 1
    if (typeof $ref === 'string') {
      const target = resolveReference(this.root, $ref)
      if (!isSchemaLike(target)) throw new Error('A reference that leads nowhere was saved.')
      const found = this.flaw(target, value, path, next)
      if (found) return found
    }
    for (const each of schemasIn(allOf)) {
      const found = this.flaw(each, value, path, next)
      if (found) return found
    }
    const any = schemasIn(anyOf)
    if (any.length > 0 && !any.some((each) => this.isValid(each, value, path, level))) {
      return { path, message: 'Matches none of the alternatives.' }
    }
    const one = schemasIn(oneOf)
    if (one.length > 0) {
      const count = one.filter((each) => this.isValid(each, value, path, level)).length
      if (count !== 1) return { path, message: `Matches ${count} of the alternatives, not one.` }
    }
    if (isSchemaLike(not) && this.isValid(not, value, path, level)) {
      return { path, message: 'Matches what it must not.' }
    }
    if (!isSchemaLike(schema.if)) return null
    const branch = this.isValid(schema.if, value, path, level) ? schema.then : schema.else
    return isSchemaLike(branch) ? this.flaw(branch, value, path, next) : null
  }
}

const isArray = (value: unknown): value is readonly Json[] => Array.isArray(value)
const isObject = (value: unknown): value is { readonly [name: string]: Json } => isRecord(value)
const isSchemaLike = (value: unknown): value is JsonSchema =>
  typeof value === 'boolean' || isRecord(value)

function schemasIn(value: Json | undefined): readonly JsonSchema[] {
  return isArray(value) ? value.filter(isSchemaLike) : []
}

function entriesOf(value: Json | undefined): readonly (readonly [string, Json])[] {
  return isObject(value) ? Object.entries(value) : []
}

/** A member that is there. */
function memberOf(value: { readonly [name: string]: Json }, name: string): Json {
  return value[name] ?? null
}
