// Five hundred generated changes of schemas: every kind of break on the list is seen, and under `enforce` a pinned webhook gets only
// what is valid under its version, as another implementation of JSON Schema sees it.

import { Validator } from '@cfworker/json-schema'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { breaksOf } from '../../../src/engine/catalogue/breaks.ts'
import { RequestSteps } from '../../../src/engine/catalogue/steps.ts'
import { conform } from '../../../src/engine/intake/conform.ts'
import {
  asSentTo,
  type BreakKind,
  type Event,
  type EventDraft,
  type JsonSchema,
  newestNotAfter,
} from '../../../src/engine/model/index.ts'
import { anEventType } from '../../contracts/event-type-store.ts'

type Leaf = {
  readonly type: 'string' | 'integer' | 'boolean'
  readonly enum?: readonly (string | number)[]
}
interface ObjectSchema {
  readonly type: 'object'
  readonly properties: Readonly<Record<string, Leaf | ObjectSchema>>
  readonly required: readonly string[]
}

const leaf: fc.Arbitrary<Leaf> = fc.constantFrom<Leaf[]>(
  { type: 'string' },
  { type: 'integer' },
  { type: 'boolean' },
  { type: 'string', enum: ['a', 'b', 'c'] },
  { type: 'integer', enum: [1, 2] },
)

/** At least one property, some required; one level of objects within. */
const objects = fc
  .tuple(
    fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd/e'), leaf, { minKeys: 1, maxKeys: 3 }),
    fc.dictionary(fc.constantFrom('a', 'x'), leaf, { minKeys: 1, maxKeys: 2 }),
    fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
  )
  .map(([own, inner, picks]): ObjectSchema => {
    const nested: ObjectSchema = { type: 'object', properties: inner, required: [] }
    const properties = { ...own, nested }
    const required = Object.keys(properties).filter((_, index) => picks[index])
    return { type: 'object', properties, required }
  })

interface Change {
  readonly after: ObjectSchema
  readonly kind: BreakKind
  readonly path: string
}

const without = <T>(all: Readonly<Record<string, T>>, name: string) =>
  Object.fromEntries(Object.entries(all).filter(([other]) => other !== name))
const with_ = (schema: ObjectSchema, name: string, leaf: Leaf): ObjectSchema => ({
  ...schema,
  properties: { ...schema.properties, [name]: leaf },
})

/** Each listed kind of break that can be made of a property, made of it. */
function changesOf(schema: ObjectSchema, path = '#'): readonly Change[] {
  return Object.entries(schema.properties).flatMap(([name, property]): readonly Change[] => {
    const at = `${path}/properties/${name === 'd/e' ? 'd~1e' : name}`
    const isRequired = schema.required.includes(name)
    const others = schema.required.filter((other) => other !== name)
    const removed = { ...schema, properties: without(schema.properties, name), required: others }
    const common: readonly Change[] = [
      { kind: 'property_removed', path: at, after: removed },
      isRequired
        ? { kind: 'property_optional', path: at, after: { ...schema, required: others } }
        : {
            kind: 'property_required',
            path: at,
            after: { ...schema, required: [...schema.required, name] },
          },
    ]
    if (property.type === 'object') {
      const inner = changesOf(property, at).map((change) => ({
        ...change,
        after: { ...schema, properties: { ...schema.properties, [name]: change.after } },
      }))
      return [...common, ...inner]
    }
    const type = property.type === 'string' ? 'integer' : 'string'
    const retyped: Change = {
      kind: 'type_changed',
      path: `${at}/type`,
      after: with_(schema, name, { type }),
    }
    const given = property.enum
    if (given === undefined) return [...common, retyped]
    const enumerated = (values: readonly (string | number)[]) =>
      with_(schema, name, { ...property, enum: values })
    return [
      ...common,
      retyped,
      ...(given.length > 1
        ? [
            {
              kind: 'enum_narrowed',
              path: `${at}/enum`,
              after: enumerated(given.slice(1)),
            } as const,
          ]
        : []),
      { kind: 'enum_widened', path: `${at}/enum`, after: enumerated([...given, 'z']) },
    ]
  })
}

const toSchema = (schema: ObjectSchema): JsonSchema => JSON.parse(JSON.stringify(schema))

describe('a change of a schema', () => {
  it('is seen, whatever listed kind of break it is', () => {
    const seen = new Set<BreakKind>()
    fc.assert(
      fc.property(objects, fc.nat(), (before, choice) => {
        const changes = changesOf(before)
        const { after, kind, path } = changes[choice % changes.length] as Change
        seen.add(kind)
        const breaks = breaksOf(toSchema(before), toSchema(after))
        expect(breaks).toContainEqual({ kind, path })
      }),
      { numRuns: 500, seed: 2026 },
    )
    expect([...seen].toSorted()).toEqual([
      'enum_narrowed',
      'enum_widened',
      'property_optional',
      'property_removed',
      'property_required',
      'type_changed',
    ])
  })

  it('breaks nothing where it is of words, or adds what may be left out', () => {
    fc.assert(
      fc.property(objects, (before) => {
        const after = { ...with_(before, 'new', { type: 'string' }), title: 'T', examples: [{}] }
        expect(breaksOf(toSchema(before), toSchema(after))).toEqual([])
      }),
      { numRuns: 100, seed: 1 },
    )
  })

  it.each<[JsonSchema, JsonSchema, BreakKind, string]>([
    [{ type: ['string', 'null'] }, { type: 'string' }, 'type_narrowed', '#/type'],
    [{ type: 'integer' }, { type: 'number' }, 'type_widened', '#/type'],
    [{}, { type: 'object' }, 'type_narrowed', '#/type'],
    [{ type: 'string' }, {}, 'type_widened', '#/type'],
    [{}, { const: 1 }, 'enum_narrowed', '#/enum'],
    [{ enum: [1] }, {}, 'enum_widened', '#/enum'],
    [{}, { additionalProperties: false }, 'properties_closed', '#/additionalProperties'],
    [{ additionalProperties: false }, {}, 'properties_opened', '#/additionalProperties'],
    [
      { additionalProperties: { type: 'string' } },
      { additionalProperties: { type: 'null' } },
      'type_changed',
      '#/additionalProperties/type',
    ],
    [
      { items: { properties: { a: {} } } },
      { items: { properties: {} } },
      'property_removed',
      '#/items/properties/a',
    ],
    [{}, { required: ['a'] }, 'property_required', '#/properties/a'],
    [
      { $defs: { x: { type: 'string' } } },
      { $defs: { x: { type: 'null' } } },
      'type_changed',
      '#/$defs/x/type',
    ],
    [{ pattern: 'a' }, { pattern: 'b' }, 'cannot_tell', '#/pattern'],
    [{ anyOf: [{}] }, {}, 'cannot_tell', '#/anyOf'],
    [{ $ref: '#/$defs/a' }, { $ref: '#/$defs/b' }, 'cannot_tell', '#/$ref'],
    [{ minimum: 1 }, { minimum: 0 }, 'cannot_tell', '#/minimum'],
    [true, {}, 'cannot_tell', '#'],
    [
      { properties: { a: { $ref: '#/$defs/x' } }, $defs: { x: { type: 'string' } } },
      { properties: { a: { type: 'null' } } },
      'type_changed',
      '#/properties/a/type',
    ],
    [
      { properties: { a: { $ref: '#/$defs/x' } }, $defs: { x: { type: 'string' } } },
      { properties: { a: { $ref: '#/$defs/y' } }, $defs: { y: { type: 'null' } } },
      'type_changed',
      '#/properties/a/type',
    ],
    [
      { properties: { a: { $ref: '#/$defs/x', minimum: 1 } }, $defs: { x: { type: 'number' } } },
      { properties: { a: { $ref: '#/$defs/y', minimum: 1 } }, $defs: { y: { type: 'null' } } },
      'cannot_tell',
      '#/properties/a/$ref',
    ],
    [
      { anyOf: [{ $ref: '#/$defs/x' }], $defs: { x: { properties: {} } } },
      { anyOf: [{ $ref: '#/$defs/y' }], $defs: { y: { properties: { a: true } } } },
      'cannot_tell',
      '#/anyOf',
    ],
    [{ items: {} }, { items: false }, 'cannot_tell', '#/items'],
    [{}, { properties: { a: false } }, 'cannot_tell', '#/properties/a'],
    [
      { properties: { b: {} } },
      { properties: { b: {}, a: { not: {} } } },
      'cannot_tell',
      '#/properties/a',
    ],
    [
      {},
      { properties: { a: { $ref: '#/$defs/no' } }, $defs: { no: false } },
      'cannot_tell',
      '#/properties/a',
    ],
    [
      { additionalProperties: { type: 'null' } },
      { additionalProperties: { type: 'null' }, properties: { a: false } },
      'cannot_tell',
      '#/properties/a',
    ],
    [
      { additionalProperties: false, patternProperties: { '^a': true } },
      { additionalProperties: false, patternProperties: { '^a': true }, properties: { a: false } },
      'cannot_tell',
      '#/properties/a',
    ],
  ])('from %j to %j', (before, after, kind, path) => {
    expect(breaksOf(before, after)).toEqual([{ kind, path }])
  })
})

describe('a change that says the same in other words breaks nothing', () => {
  const TREE: JsonSchema = {
    properties: { left: { $ref: '#' }, value: { anyOf: [{ type: 'null' }, { $ref: '#' }] } },
  }
  const TREE_BY_NAME: JsonSchema = {
    $ref: '#/$defs/tree',
    $defs: {
      tree: {
        properties: {
          left: { $ref: '#/$defs/tree', description: 'The smaller ones.' },
          value: { anyOf: [{ type: 'null' }, { $ref: '#/$defs/again' }] },
        },
      },
      again: { properties: { left: { $ref: '#' }, value: { $ref: '#/$defs/value' } } },
      value: { anyOf: [{ type: 'null', title: 'Nothing' }, { $ref: '#/$defs/tree' }] },
    },
  }

  it.each<[JsonSchema, JsonSchema]>([
    [
      { properties: { a: { type: 'string' } } },
      { properties: { a: { $ref: '#/$defs/x' } }, $defs: { x: { type: 'string' } } },
    ],
    [
      { not: { type: 'string' }, allOf: [{ patternProperties: { '^x': { items: true } } }] },
      {
        not: { $ref: '#/$defs/x' },
        allOf: [{ patternProperties: { '^x': { $ref: '#/$defs/y' } } }],
        $defs: { x: { type: 'string', title: 'Text' }, y: { items: true } },
      },
    ],
    [
      { additionalProperties: false },
      { additionalProperties: { $ref: '#/$defs/x' }, $defs: { x: false } },
    ],
    [TREE, TREE_BY_NAME],
    [{ additionalProperties: false }, { additionalProperties: false, properties: {} }],
  ])('from %j to %j and back', (one, other) => {
    expect(breaksOf(one, other)).toEqual([])
    expect(breaksOf(other, one)).toEqual([])
  })

  it('and neither does a property that is forbidden as it was before', () => {
    const closed: JsonSchema = { additionalProperties: false }
    expect(breaksOf(closed, { ...closed, properties: { a: false } })).toEqual([])
  })

  it('and a change of two hundred definitions that refer to one another is told in time', () => {
    const chain = (length: number, last: JsonSchema): JsonSchema => ({
      $ref: '#/$defs/d0',
      $defs: Object.fromEntries(
        Array.from({ length }, (_, n) => {
          const next = n + 1 === length ? last : { $ref: `#/$defs/d${n + 1}` }
          return [`d${n}`, { properties: { a: next, b: next } }]
        }),
      ),
    })
    expect(breaksOf(chain(200, { type: 'null' }), chain(200, { type: 'null' }))).toEqual([])
    const changed = breaksOf(chain(200, { type: 'null' }), chain(200, { type: 'string' }))
    expect(changed.map(({ kind }) => kind)).toContain('type_changed')
    // Each goes round, and no step of one is ever twice beside the same of the other.
    const round = breaksOf(chain(400, { $ref: '#' }), chain(399, { $ref: '#' }))
    expect(round.every(({ kind }) => kind === 'cannot_tell')).toBe(true)
  })
})

/** Data for a schema: mostly valid. */
function dataFor(schema: ObjectSchema): fc.Arbitrary<Record<string, unknown>> {
  const model = Object.fromEntries(
    Object.entries(schema.properties).map(([name, property]) => [name, valueFor(property)]),
  )
  return fc.record(model, { requiredKeys: [...schema.required] })
}

function valueFor(property: Leaf | ObjectSchema): fc.Arbitrary<unknown> {
  if (property.type === 'object') return dataFor(property)
  if (property.enum !== undefined) return fc.constantFrom(...property.enum)
  if (property.type === 'boolean') return fc.boolean()
  return property.type === 'string' ? fc.constantFrom('a', 'q') : fc.integer({ min: 0, max: 3 })
}

const VERSIONS = ['2025-01', '2025-06', '2026-01', '2026-11']

describe('what a pinned webhook gets', () => {
  it('is valid under its version, and the bytes that were published', async () => {
    const tally = { sent: 0, refused: 0, none: 0 }
    /** A chain of changes, and an event that gives data of some of the versions, or data alone. */
    const played = fc
      .tuple(objects, fc.array(fc.nat(), { minLength: 3, maxLength: 3 }), fc.subarray(VERSIONS))
      .chain(([first, choices, given]) => {
        const chain: ObjectSchema[] = [first]
        for (const choice of choices) {
          const before = chain.at(-1) ?? first
          const changes = changesOf(before)
          const changed = changes[choice % changes.length]?.after ?? before
          chain.push(choice % 3 === 0 ? before : changed)
        }
        const payload = (version: string) => dataFor(chain[VERSIONS.indexOf(version)] ?? first)
        const data = fc.record(
          Object.fromEntries(given.map((version) => [version, payload(version)])),
        )
        return fc.tuple(
          fc.constant(chain),
          data,
          payload('2026-11'),
          fc.integer({ min: 0, max: 9 }),
        )
      })
    await fc.assert(
      fc.asyncProperty(played, async ([chain, byVersion, alone, spoil]) => {
        const schemas = Object.fromEntries(
          VERSIONS.map((version, index) => [version, toSchema(chain[index] as ObjectSchema)]),
        )
        const type = anEventType('t', { check: 'enforce', schemas })
        const catalogue = { revision: 1, types: new Map([['t', type]]) }
        const texts = Object.entries(byVersion)
          .map(([version, value]) => ({
            version,
            data: JSON.stringify(spoil === 0 ? { a: null } : value, null, 1),
          }))
          .toReversed()
        const data = texts[0]?.data ?? JSON.stringify(alone)
        const draft: EventDraft = {
          ...{
            type: 't',
            data,
            deduplicationKey: null,
            time: null,
            scope: {},
            actor: null,
            requestId: null,
          },
          ...(texts.length > 0 && { versions: texts }),
        }
        const conformed = await conform(draft, catalogue, new RequestSteps(1).next())
        if (conformed.invalid.length > 0) {
          tally.refused += 1
          return
        }
        const event: Event = {
          ...{ id: '0190a5c8-7f00-7000-8000-000000000001', type: 't', time: '', data },
          ...(conformed.draft.ranges && { versions: conformed.draft.ranges }),
          ...{ scope: {}, actor: null, requestId: null },
        }
        for (const pin of ['2024-01', ...VERSIONS, '2025-07', '2027-01']) {
          const sent = asSentTo(event, { pins: [{ version: pin, since: 0 }] })
          if (sent === null) {
            tally.none += 1
            continue
          }
          tally.sent += 1
          const version = newestNotAfter(VERSIONS, pin) ?? '2025-01'
          const under = new Validator(schemas[version] as object, '2020-12')
          expect(under.validate(JSON.parse(sent.data)).valid).toBe(true)
          expect([data, ...texts.map((each) => each.data)]).toContain(sent.data)
        }
        expect(asSentTo(event, { pins: [] })?.data).toBe(data)
      }),
      { numRuns: 500, seed: 500 },
    )
    for (const count of Object.values(tally)) expect(count).toBeGreaterThan(20)
  })
})
