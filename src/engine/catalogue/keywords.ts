// The keywords of JSON Schema 2020-12 that assert something, and what each takes. What is not here and not refused is an
// annotation, `format` among them (JSON Schema Validation 2020-12, section 7.2.1), and checks nothing.

import { isRecord } from '../../primitives/is-record.ts'
import { toPattern } from './pattern.ts'

/** What a keyword takes: a schema, a list of schemas, schemas by name, or a value that is told what is wrong with it. */
type Operand =
  | 'schema'
  | 'schemas'
  | 'schemas by name'
  | 'schemas by pattern'
  | 'reference'
  | ((value: unknown) => string | null)

export const TYPES = ['null', 'boolean', 'object', 'array', 'number', 'string', 'integer'] as const
export type TypeName = (typeof TYPES)[number]

const isCount = (value: unknown) => Number.isInteger(value) && Number(value) >= 0
const isName = (value: unknown) => typeof value === 'string'
const isNames = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every(isName) && new Set(value).size === value.length
const isTypeName = (value: unknown): value is TypeName => TYPES.some((type) => type === value)

const expects = (is: (value: unknown) => boolean, what: string) => (value: unknown) =>
  is(value) ? null : `Expected ${what}.`
const count = expects(isCount, 'an integer of at least 0')
const number = expects((value) => typeof value === 'number', 'a number')
const names = expects(isNames, 'an array of different strings')

const DIALECTS: readonly unknown[] = [
  'https://json-schema.org/draft/2020-12/schema',
  'https://json-schema.org/draft/2020-12/schema#',
  'https://spec.openapis.org/oas/3.1/dialect/base',
]

const unsupported = (why: string) => () => why

export const KEYWORDS: ReadonlyMap<string, Operand> = new Map<string, Operand>([
  ['$schema', expects((value) => DIALECTS.includes(value), 'the dialect of JSON Schema 2020-12')],
  ['$ref', 'reference'],
  ['$defs', 'schemas by name'],
  ['definitions', 'schemas by name'],
  ['allOf', 'schemas'],
  ['anyOf', 'schemas'],
  ['oneOf', 'schemas'],
  ['not', 'schema'],
  ['if', 'schema'],
  ['then', 'schema'],
  ['else', 'schema'],
  ['properties', 'schemas by name'],
  ['patternProperties', 'schemas by pattern'],
  ['additionalProperties', 'schema'],
  ['propertyNames', 'schema'],
  ['dependentSchemas', 'schemas by name'],
  ['prefixItems', 'schemas'],
  ['items', 'schema'],
  ['contains', 'schema'],
  [
    'type',
    expects(
      (value) =>
        isTypeName(value) ||
        (isNames(value) && value.length > 0 && value.every((name) => isTypeName(name))),
      `one of ${TYPES.join(', ')}, or an array of them`,
    ),
  ],
  ['enum', expects((value) => Array.isArray(value) && value.length > 0, 'an array of values')],
  ['const', () => null],
  [
    'multipleOf',
    expects((value) => typeof value === 'number' && value > 0, 'a number greater than 0'),
  ],
  ['maximum', number],
  ['exclusiveMaximum', number],
  ['minimum', number],
  ['exclusiveMinimum', number],
  ['maxLength', count],
  ['minLength', count],
  ['pattern', (value) => (typeof value === 'string' ? patternFlaw(value) : 'Expected a string.')],
  ['maxItems', count],
  ['minItems', count],
  ['uniqueItems', expects((value) => typeof value === 'boolean', 'a boolean')],
  ['maxContains', count],
  ['minContains', count],
  ['maxProperties', count],
  ['minProperties', count],
  ['required', names],
  [
    'dependentRequired',
    expects(
      (value) => isRecord(value) && Object.values(value).every(isNames),
      'arrays of different strings by name',
    ),
  ],
  // What would assert something, or mean something else, and is not supported.
  ...['$id', '$anchor', '$dynamicRef', '$dynamicAnchor', '$recursiveRef', '$recursiveAnchor'].map(
    (name) => [name, unsupported('Only $ref to a place in the same schema is supported.')] as const,
  ),
  ...['unevaluatedItems', 'unevaluatedProperties', '$vocabulary'].map(
    (name) => [name, unsupported('This keyword is not supported.')] as const,
  ),
  ['dependencies', unsupported('Use dependentRequired or dependentSchemas.')],
  ['additionalItems', unsupported('Use prefixItems and items.')],
  ['nullable', unsupported('Use "type": ["…", "null"].')],
])

function patternFlaw(source: string): string | null {
  const pattern = toPattern(source)
  return typeof pattern === 'string' ? pattern : null
}

/** Keywords whose schemas look at the very value that the schema itself looks at. */
export const IN_PLACE: ReadonlySet<string> = new Set([
  '$ref',
  'allOf',
  'anyOf',
  'oneOf',
  'not',
  'if',
  'then',
  'else',
  'dependentSchemas',
])
