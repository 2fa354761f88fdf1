// Data under a schema: as JSON Schema 2020-12 says, told by another implementation, and in bounded time.

import { Validator } from '@cfworker/json-schema'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { schemaFlaws } from '../../../src/engine/catalogue/check-schema.ts'
import { evaluate } from '../../../src/engine/catalogue/evaluate.ts'
import { Steps } from '../../../src/engine/catalogue/steps.ts'
import type { Json, JsonSchema } from '../../../src/engine/model/index.ts'
import { CATALOGUE } from '../../../src/limits.ts'

/** Within what one event may take. */
const evaluated = (schema: JsonSchema, data: Json) =>
  evaluate(schema, data, new Steps(CATALOGUE.eventSteps))
const isValid = (schema: JsonSchema, data: Json) => evaluated(schema, data) === 'valid'

/** What cfworker says; it wants an object where a schema is `true`. */
function isValidElsewhere(schema: JsonSchema, data: Json): boolean {
  return new Validator(schema as object, '2020-12').validate(data).valid
}

const leaf: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(null, true, false, 0, 1, 2.5, -3, 'a', 'ab', 'é', '', 'b1'),
  fc.integer({ min: -5, max: 5 }),
)
const data: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthIdentifier: 'data' },
    leaf,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'c', 'ab'), tie('value'), { maxKeys: 4 }),
  ),
})).value

const small = fc.integer({ min: 0, max: 3 })
const typeName = fc.constantFrom(
  'null',
  'boolean',
  'object',
  'array',
  'number',
  'string',
  'integer',
)
const names = fc.uniqueArray(fc.constantFrom('a', 'b', 'c'), { maxLength: 2 })
const schema: fc.Arbitrary<JsonSchema> = fc.letrec<{ schema: JsonSchema }>((tie) => {
  const inner = tie('schema')
  const some = fc.array(inner, { minLength: 1, maxLength: 3 })
  const byName = fc.dictionary(fc.constantFrom('a', 'b', 'c'), inner, { maxKeys: 3 })
  const keywords = {
    type: fc.oneof(typeName, fc.uniqueArray(typeName, { minLength: 1, maxLength: 3 })),
    enum: fc.array(data, { minLength: 1, maxLength: 3 }),
    minimum: fc.integer({ min: -2, max: 2 }),
    exclusiveMaximum: fc.integer({ min: -2, max: 3 }),
    multipleOf: fc.constantFrom(1, 2, 0.5),
    minLength: small,
    maxLength: small,
    pattern: fc.constantFrom('^a', 'b$', '^[a-b]+$', '\\d'),
    minItems: small,
    maxItems: small,
    uniqueItems: fc.boolean(),
    required: names,
    minProperties: small,
    properties: byName,
    additionalProperties: inner,
    patternProperties: fc.dictionary(fc.constantFrom('^a', 'b$'), inner, { maxKeys: 2 }),
    propertyNames: fc.constantFrom<JsonSchema>({ pattern: '^a' }, { maxLength: 1 }, true),
    dependentRequired: fc.dictionary(fc.constantFrom('a', 'b'), names, { maxKeys: 2 }),
    dependentSchemas: byName,
    items: inner,
    prefixItems: some,
    contains: inner,
    allOf: some,
    anyOf: some,
    oneOf: some,
    not: inner,
    if: inner,
    // biome-ignore lint/suspicious/noThenProperty: a keyword.
    then: inner,
    else: inner,
  }
  const parts = Object.entries(keywords).map(([name, value]) => fc.record({ [name]: value }))
  const combined = fc.array(fc.oneof(...parts), { minLength: 1, maxLength: 3 })
  return {
    schema: fc.oneof(
      { maxDepth: 3, depthIdentifier: 'schema' },
      fc.boolean(),
      combined.map((some): JsonSchema => Object.assign({}, ...some)),
    ),
  }
}).schema

describe('data', () => {
  it('is valid where another implementation says so', () => {
    fc.assert(
      fc.property(schema, data, (under, value) => {
        expect(schemaFlaws(under)).toEqual([])
        expect(isValid(under, value)).toBe(isValidElsewhere(under, value))
      }),
      { numRuns: 2_000, seed: 14 },
    )
  })

  it.each<[JsonSchema, Json, unknown]>([
    [{ type: 'integer' }, 1.0, 'valid'],
    [{ type: ['string', 'null'] }, 1, { path: [], message: 'Expected string or null.' }],
    [
      { properties: { a: { items: { type: 'string' } } } },
      { a: ['x', 1] },
      { path: ['a', 1], message: 'Expected string.' },
    ],
    [{ required: ['total'] }, {}, { path: ['total'], message: 'Required.' }],
    [
      { properties: { a: true }, additionalProperties: false },
      { a: 1, b: 2 },
      { path: ['b'], message: 'Not allowed.' },
    ],
    [{ const: { b: 1, a: [2] } }, { a: [2], b: 1 }, 'valid'],
    [{ multipleOf: 0.01 }, 19.99, 'valid'],
    [{ maxLength: 1 }, '💶', 'valid'],
    [{ format: 'email' }, 'no address', 'valid'],
    [
      { $defs: { 'a/b ~': { type: 'null' } }, $ref: '#/$defs/a~1b%20~0' },
      1,
      { path: [], message: 'Expected null.' },
    ],
    [{ properties: { __proto__: { type: 'null' } } }, { a: 1 }, 'valid'],
    [{ required: ['constructor'] }, {}, { path: ['constructor'], message: 'Required.' }],
  ])('under %j: %j', (under, value, expected) => {
    expect(evaluated(under, value)).toEqual(expected)
  })

  it.each([
    [0.01, 10_000_000.01, true],
    [0.01, 10_000_000.005, false],
    [1, 1_000_000_000.5, false],
    [0.0001, 123_456_789.1234, true],
    [0.0001, 123_456_789.12345, false],
    [0.1, 0.3, true],
    [0.01, -19.99, true],
    [3, 1e22, false],
    [3, 3e22, true],
    [1e-300, 1e300, true],
    [1e-7, 3e-7, true],
    [2e-7, 3e-7, false],
    [1e300, 1e-300, false],
    [5e-324, Number.MAX_VALUE, true],
    [7, 0, true],
    [7, Number.POSITIVE_INFINITY, false],
  ])('counts in multiples of %d: %d (%s)', (multipleOf, value, isValid) => {
    const flaw = { path: [], message: `Expected a multiple of ${multipleOf}.` }
    expect(evaluated({ multipleOf }, value)).toEqual(isValid ? 'valid' : flaw)
  })

  it('under a schema that refers to itself is looked through to its end', () => {
    const tree: JsonSchema = {
      type: 'object',
      properties: { children: { type: 'array', items: { $ref: '#' } } },
      additionalProperties: false,
    }
    expect(schemaFlaws(tree)).toEqual([])
    expect(evaluated(tree, { children: [{ children: [{}] }] })).toBe('valid')
    const flaw = { path: ['children', 0, 'name'], message: 'Not allowed.' }
    expect(evaluated(tree, { children: [{ name: 'x' }] })).toEqual(flaw)
  })
})

describe('an evaluation ends soon', () => {
  // The clock of workerd stands while it computes: that a test does not end is what shows otherwise.
  const LONG = 'a'.repeat(100_000)

  it.each(['(a+)+$', '^(a|aa)+$', '^(a|a)*b$', '(.*)(.*)(.*)(.*)x$', '^([a-z]+)*[0-9]$'])(
    'with the pattern %s',
    (pattern) => {
      expect(schemaFlaws({ pattern })).toEqual([])
      expect(evaluated({ pattern }, `${LONG}!`)).toMatchObject({ path: [] })
    },
  )

  it('with alternatives of a recursive schema', () => {
    const deeper = {
      type: 'object',
      properties: { next: { $ref: '#' } },
      required: ['next'],
    } as const
    const under: JsonSchema = { anyOf: [deeper, { ...deeper, title: 'again' }, { const: 'end' }] }
    expect(schemaFlaws(under)).toEqual([])
    let chain: Json = 1
    for (let depth = 0; depth < 90; depth += 1) chain = { next: chain }
    expect(evaluated(under, chain)).toBe('too_complex')
  })

  it('with many items that must be different, or one of many', () => {
    const items = Array.from({ length: 20_000 }, (_, n) => n)
    expect(evaluated({ uniqueItems: true }, items)).toBe('valid')
    expect(evaluated({ items: { enum: items.slice(0, 5_000) } }, items)).toBe('too_complex')
  })
})

describe('steps', () => {
  const spentOn = (schema: JsonSchema, data: Json) => {
    let spent = 0
    const counting = new (class extends Steps {
      override spend(steps: number) {
        spent += steps
        super.spend(steps)
      }
    })(CATALOGUE.requestSteps)
    expect(evaluate(schema, data, counting)).toBe('valid')
    return spent
  }
  const line = {
    type: 'object',
    required: ['id', 'amount'],
    additionalProperties: false,
    properties: {
      id: { type: 'string', pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' },
      amount: { type: 'string', pattern: '^[0-9]+\\.[0-9]{2}$' },
      at: { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}Z$' },
      quantity: { type: 'integer', minimum: 1 },
      note: { anyOf: [{ type: 'null' }, { type: 'string', maxLength: 500 }] },
    },
  }
  const invoice = { properties: { lines: { items: { $ref: '#/$defs/line' } } }, $defs: { line } }
  const invoiceOf = (lines: number): Json => ({
    lines: Array.from({ length: lines }, (_, n) => ({
      id: '0190a5c8-7f00-7000-8000-000000000001',
      ...{ amount: '12.50', at: '2026-11-26T12:00:00Z', quantity: n + 1, note: null },
    })),
  })

  it('of an ordinary event are far below what it may take', () => {
    const [small, largest] = [invoiceOf(7), invoiceOf(820)]
    expect(JSON.stringify(small).length).toBeGreaterThan(800)
    expect(spentOn(invoice, small)).toBeLessThan(CATALOGUE.eventSteps / 400)
    expect(JSON.stringify(largest).length).toBeGreaterThan(96_000)
    expect(spentOn(invoice, largest)).toBeLessThan(CATALOGUE.eventSteps / 3)
  })

  it('are spent for whatever is looked through', () => {
    const many = { a: 1, b: 2, c: 3, d: 4, e: 5, f: 6, g: 7, h: 8, i: 9, j: 10 }
    const items = Array.from({ length: 10_000 }, () => 1)
    const wide = Object.fromEntries(items.map((_, n) => [`n${n}`, n]))
    const times = (count: number, schema: JsonSchema) => ({
      allOf: Array.from({ length: count }, () => schema),
    })
    expect(evaluated(times(300, {}), items)).toBe('too_complex')
    expect(evaluated(times(30, {}), wide)).toBe('too_complex')
    expect(evaluated({ enum: Array.from({ length: 30 }, () => many) }, wide)).toBe('too_complex')
    const empty = times(30, { dependentRequired: wide, anyOf: items.map(() => true) })
    expect(spentOn(empty, {})).toBeGreaterThan(30 * 1_000)
  })
})

describe('a schema is refused', () => {
  it.each<[unknown, string]>([
    ['string', ''],
    [{ type: 'text' }, 'type'],
    [{ properties: { a: 1 } }, 'properties.a'],
    [{ properties: [] }, 'properties'],
    [{ items: [{}] }, 'items'],
    [{ required: ['a', 'a'] }, 'required'],
    [{ enum: [] }, 'enum'],
    [{ minLength: -1 }, 'minLength'],
    [{ anyOf: [] }, 'anyOf'],
    [{ pattern: '(?=a)' }, 'pattern'],
    [{ pattern: '(a)\\1' }, 'pattern'],
    [{ pattern: '(' }, 'pattern'],
    [{ pattern: 'a'.repeat(501) }, 'pattern'],
    [{ pattern: '(a{1,100}){1,10}b{1,500}' }, 'pattern'],
    [{ patternProperties: { '(?<!a)': {} } }, 'patternProperties.(?<!a)'],
    [{ $ref: 'https://example.com/schema' }, '$ref'],
    [{ $ref: 'other.json#/a' }, '$ref'],
    [{ $ref: '#/$defs/none' }, '$ref'],
    [{ $ref: '#/x-notes', 'x-notes': { type: 'null' } }, '$ref'],
    [{ $ref: '#' }, ''],
    [{ allOf: [{ anyOf: [{ $ref: '#' }] }] }, ''],
    [{ $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } } }, ''],
    [{ $id: 'https://example.com/' }, '$id'],
    [{ unevaluatedProperties: false }, 'unevaluatedProperties'],
    [{ nullable: true }, 'nullable'],
    [{ $schema: 'http://json-schema.org/draft-04/schema#' }, '$schema'],
    [{ description: 'x'.repeat(64_000) }, ''],
    [JSON.parse(`${'{"not":'.repeat(60)}true${'}'.repeat(60)}`), ''],
  ])('of flaws: number %#', (schema, path) => {
    const flaws = schemaFlaws(schema)
    expect(flaws.map((flaw) => flaw.path.join('.'))).toContain(path)
  })

  it('and not for its words', () => {
    const words = { title: 't', 'x-own': { type: 'no type' }, format: 'email', deprecated: true }
    expect(schemaFlaws({ ...words, examples: [1], default: {} })).toEqual([])
  })
})
