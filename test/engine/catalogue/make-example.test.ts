// Data made up from schemas: what it is, and that it is valid or none.

import { expect, it } from 'vitest'
import { evaluate } from '../../../src/engine/catalogue/evaluate.ts'
import { makeExample } from '../../../src/engine/catalogue/make-example.ts'
import { Steps } from '../../../src/engine/catalogue/steps.ts'
import type { Json, JsonSchema } from '../../../src/engine/model/index.ts'

const node = {
  type: 'object',
  properties: { next: { $ref: '#' }, n: { type: 'integer' } },
  required: ['n'],
}

it.each<[JsonSchema, Json]>([
  [true, {}],
  [{}, {}],
  [{ const: null }, null],
  [{ enum: ['b', 'a'] }, 'b'],
  [{ type: 'string', default: 'd' }, 'd'],
  [{ examples: [{ a: 1 }, 2], type: 'object' }, { a: 1 }],
  [{ type: 'string' }, 'text'],
  [{ type: ['null', 'string'] }, null],
  [{ type: 'string', minLength: 6 }, 'text..'],
  [{ type: 'string', maxLength: 2 }, 'te'],
  [{ type: 'string', format: 'email' }, 'ada@example.com'],
  [{ type: 'integer' }, 1],
  [{ type: 'integer', minimum: 2.5 }, 3],
  [{ type: 'number', exclusiveMinimum: 3, multipleOf: 3 }, 6],
  [{ type: 'number', minimum: 0.25, multipleOf: 0.1 }, 0.3],
  [{ type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1 }, 0.5],
  [{ type: 'integer', maximum: -5 }, -5],
  [{ type: 'boolean' }, true],
  [{ type: 'array', items: { type: 'string' } }, ['text']],
  [{ type: 'array' }, []],
  [{ prefixItems: [{ type: 'null' }, { const: 2 }] }, [null, 2]],
  [
    { properties: { a: { type: 'string' }, b: { type: 'array', items: { const: 1 } } } },
    { a: 'text', b: [1] },
  ],
  [{ type: 'object', required: ['a'], additionalProperties: { const: 7 } }, { a: 7 }],
  [
    { $ref: '#/$defs/a', $defs: { a: { type: 'object', properties: { n: { const: 1 } } } } },
    { n: 1 },
  ],
  [
    {
      allOf: [{ properties: { a: { const: 1 } } }, { required: ['a', 'b'] }],
      properties: { b: { const: 2 } },
    },
    { a: 1, b: 2 },
  ],
  [{ anyOf: [false, { const: 'x' }] }, 'x'],
  [
    { oneOf: [{ properties: { kind: { const: 'a' } }, required: ['kind'] }, { type: 'null' }] },
    { kind: 'a' },
  ],
  [node, { next: { next: { n: 1 }, n: 1 }, n: 1 }],
  [{ type: 'object', properties: { a: { const: 1 }, b: { pattern: '^z+$' } } }, {}],
])('of %j is %j', (schema, expected) => {
  expect(makeExample(schema)).toEqual(expected)
  expect(evaluate(schema, expected, new Steps(250_000))).toBe('valid')
})

it.each<[JsonSchema]>([
  [false],
  [{ not: {} }],
  [{ type: 'string', pattern: '^[0-9]{3}$' }],
  [{ type: 'integer', minimum: 1.2, maximum: 1.8 }],
  [{ type: 'object', required: ['next'], properties: { next: { $ref: '#' } } }],
  [{ type: 'string', minLength: 100_000 }],
  [{ type: 'array', minItems: 1e9, items: {} }],
])('of %j is none', (schema) => {
  expect(makeExample(schema)).toBeUndefined()
})
