// What is exported can be imported: generated catalogues, as OpenAPI and back.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  breaksOfChange,
  isOfPublishedVersion,
} from '../../src/engine/catalogue/check-definition.ts'
import { schemaFlaws } from '../../src/engine/catalogue/check-schema.ts'
import type { EventTypeDefinition, JsonSchema } from '../../src/engine/model/index.ts'
import { toOpenApi } from '../../src/http/event-type-documents.ts'
import { toImportedDrafts } from '../../src/http/import-event-types.ts'
import { anEventType } from '../contracts/event-type-store.ts'

const TARGETS = ['#', '#/$defs/a', '#/$defs/b%20c', '#/definitions/d~1e']

/** Schemas with references everywhere that one can stand, also back to the whole. */
const schemas = fc.letrec<{ schema: JsonSchema; leaf: JsonSchema }>((tie) => ({
  leaf: fc.oneof(
    fc.constantFrom<JsonSchema[]>(true, { type: 'string' }, { enum: [1, 'a'] }, { pattern: '^a' }),
    fc.constantFrom(...TARGETS).map(($ref) => ({ properties: { deeper: { $ref } } })),
    fc
      .constantFrom(...TARGETS.slice(1))
      .map(($ref) => ({ items: { $ref, description: 'Words.' } })),
  ),
  schema: fc.oneof(
    { maxDepth: 3 },
    tie('leaf'),
    fc
      .dictionary(fc.constantFrom('x', 'y/z', '$ref'), tie('schema'), { maxKeys: 2 })
      .map((properties) => ({ type: 'object', properties, required: Object.keys(properties) })),
    fc.array(tie('schema'), { minLength: 1, maxLength: 2 }).map((anyOf) => ({ anyOf })),
    tie('schema').map((items) => ({ type: ['array', 'null'], items, title: 'Many' })),
  ),
})).schema

const roots = fc
  .tuple(schemas, schemas, schemas, schemas, fc.constantFrom<object[]>({}, { $ref: '#/$defs/a' }))
  .map(([whole, a, b, d, beside]): JsonSchema => {
    const own = typeof whole === 'object' ? whole : {}
    const $defs = { a, 'b c': b }
    return JSON.parse(JSON.stringify({ ...own, ...beside, $defs, definitions: { 'd/e': d } }))
  })
  .filter((schema) => schemaFlaws(schema).length === 0)

const definitions = fc
  .record({
    description: fc.constantFrom('Paid.', null),
    group: fc.constantFrom('Billing', null),
    deprecated: fc.boolean(),
    schemas: fc.dictionary(
      fc.constantFrom('2025-01', '2026-11', 'v2'),
      fc.oneof(roots, fc.boolean()),
    ),
    examples: fc.array(fc.constantFrom({ n: 1 }, 'text', null), { maxLength: 2 }),
  })
  .map((given) => given as Partial<EventTypeDefinition>)

const mapOf = (types: readonly EventTypeDefinition[]) =>
  new Map(types.map((type) => [type.name, type]))

describe('an export', () => {
  it('imported where it comes from changes nothing, and imported elsewhere is the same', () => {
    const names = ['a.b', 'c', 'd-e_f']
    fc.assert(
      fc.property(fc.array(definitions, { minLength: 1, maxLength: 3 }), (given) => {
        const types = mapOf(given.map((each, index) => anEventType(names[index] ?? '', each)))
        const document: unknown = JSON.parse(
          JSON.stringify(toOpenApi({ revision: 7, types }, null)),
        )
        for (const draft of toImportedDrafts(document, types, {})) {
          const before = types.get(draft.name) as EventTypeDefinition
          const { createdAt: _, updatedAt: __, ...same } = before
          expect(draft).toEqual(same)
          expect(breaksOfChange(before, draft).filter(isOfPublishedVersion)).toEqual([])
        }
        for (const draft of toImportedDrafts(document, new Map(), {})) {
          const { description, group, deprecated, examples, schemas } = types.get(
            draft.name,
          ) as EventTypeDefinition
          expect(draft).toMatchObject({ description, group, deprecated, examples })
          const newest = Object.keys(schemas).toSorted().at(-1)
          expect(draft.schemas).toEqual(newest === undefined ? {} : { [newest]: schemas[newest] })
        }
      }),
      { numRuns: 300, seed: 9 },
    )
  })

  it('of a type that says what dialect its schema is of keeps that where it comes from', () => {
    const $schema = 'http://json-schema.org/draft-07/schema#'
    const types = mapOf([anEventType('a', { schemas: { '1': { $schema, type: 'object' } } })])
    const document = toOpenApi({ revision: 1, types }, null)
    const [draft] = toImportedDrafts(document, types, {})
    expect(draft?.schemas).toEqual({ '1': { $schema, type: 'object' } })
  })

  it('becomes the version that the query names', () => {
    const types = mapOf([anEventType('a', { schemas: { '1': true } }), anEventType('b')])
    const document = toOpenApi({ revision: 1, types }, null)
    const drafts = toImportedDrafts(document, new Map(), { version: '2' })
    expect(drafts.map(({ schemas }) => schemas)).toEqual([{ '2': true }, {}])
  })
})

describe('conversions', () => {
  const schemas = { '1': { type: 'object' }, '2': true } as const
  const DOWN = { from: '2', to: '1', expression: '{ "a": a }' }
  const types = mapOf([anEventType('a', { schemas, conversions: [DOWN] })])
  const exported = (pin: string | null): unknown =>
    JSON.parse(JSON.stringify(toOpenApi({ revision: 1, types }, pin)))

  it('stay where they come from, and come with the second of their versions elsewhere', () => {
    expect(toImportedDrafts(exported(null), types, {})).toMatchObject([{ conversions: [DOWN] }])
    const [first] = toImportedDrafts(exported(null), new Map(), {})
    expect(first).toMatchObject({ schemas: { '2': true }, conversions: [] })
    const there = mapOf([anEventType('a', first)])
    expect(toImportedDrafts(exported('1'), there, {})).toMatchObject([
      { schemas, conversions: [DOWN] },
    ])
  })

  it('take the place of those between the same versions, beside others', () => {
    const UP = { from: '1', to: '2', expression: '{ "b": b }' }
    const other = { ...DOWN, expression: '{ "c": c }' }
    const before = mapOf([anEventType('a', { schemas, conversions: [other, UP] })])
    expect(toImportedDrafts(exported(null), before, {})).toMatchObject([
      { conversions: [DOWN, UP] },
    ])
  })
})

describe('a document', () => {
  it('whose references have the names of definitions that a schema has itself keeps both', () => {
    const schema = {
      properties: {
        a: { $ref: '#/components/schemas/a' },
        b: { $ref: '#/components/schemas/x/$defs/a_1' },
      },
      $defs: { a_1: { type: 'null' } },
    }
    const content = { 'application/json': { schema: { $ref: '#/components/schemas/x' } } }
    const document = {
      openapi: '3.1.0',
      info: { version: '1' },
      webhooks: { t: { post: { requestBody: { content } } } },
      components: { schemas: { x: schema, a: { type: 'string' } } },
    }
    expect(toImportedDrafts(document, new Map(), {})[0]?.schemas['1']).toEqual({
      properties: { a: { $ref: '#/$defs/a_2' }, b: { $ref: '#/$defs/a_1' } },
      $defs: { a_1: { type: 'null' }, a_2: { type: 'string' } },
    })
  })

  const referring = {
    openapi: '3.1.0',
    info: { version: '1' },
    webhooks: { t: { $ref: '#/components/pathItems/t' } },
    components: {
      pathItems: {
        t: { post: { requestBody: { $ref: '#/components/requestBodies/t' } } },
      },
      requestBodies: {
        t: {
          content: {
            'Application/JSON; charset=utf-8': {
              schema: { type: 'object', properties: { next: { $ref: '#/components/schemas/n' } } },
              examples: { one: { $ref: '#/components/examples/one' }, two: { value: { n: 2 } } },
            },
          },
        },
      },
      examples: { one: { value: { n: 1 } } },
      schemas: { n: { type: 'null' } },
    },
  }

  it('may refer to webhooks, bodies and examples that stand elsewhere in it', () => {
    expect(toImportedDrafts(referring, new Map(), {})).toMatchObject([
      {
        name: 't',
        examples: [{ n: 1 }, { n: 2 }],
        schemas: {
          '1': { properties: { next: { $ref: '#/$defs/n_1' } }, $defs: { n_1: { type: 'null' } } },
        },
      },
    ])
  })

  it.each<[object, string]>([
    [{ t: { $ref: 'https://example.com/t.json' } }, 'webhooks.t: Refers to https://example.com/t'],
    [{ t: { $ref: '#/components/pathItems/none' } }, 'webhooks.t: Refers to #/components/path'],
    [{ t: { $ref: '#/webhooks/t' } }, 'webhooks.t: Refers to #/webhooks/t'],
    [
      { t: { post: { requestBody: { $ref: './bodies.yaml#/t' } } } },
      'webhooks.t.post.requestBody: Refers to ./bodies.yaml#/t',
    ],
    [{ t: 1 }, 'webhooks.t: '],
    [{ t: { put: {} } }, 'webhooks.t.post: '],
  ])('that refers to what is not in it is refused, with the place: %j', (webhooks, message) => {
    const importing = () => toImportedDrafts({ ...referring, webhooks }, new Map(), {})
    expect(importing).toThrow(message)
  })
})
