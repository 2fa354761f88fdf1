// References of schemas: `#` and `#/…` as JSON Pointers (RFC 6901), in a document of their own and in one that they are put into.

import { isRecord } from '../../primitives/is-record.ts'
import { KEYWORDS } from './keywords.ts'

/** Keywords beside a reference that mean nothing there: definitions, and what is no keyword of ours. */
export const BESIDE_REFERENCE: ReadonlySet<string> = new Set([
  '$ref',
  '$defs',
  'definitions',
  '$schema',
])

/** Whether a schema is a reference, and words for people. */
export function isReferenceAlone(schema: unknown): schema is { readonly $ref: string } {
  return (
    isRecord(schema) &&
    typeof schema.$ref === 'string' &&
    Object.keys(schema).every((keyword) => BESIDE_REFERENCE.has(keyword) || !KEYWORDS.has(keyword))
  )
}

/** What a reference within a document leads to; undefined for nothing, or for another document. */
export function resolveReference(document: unknown, reference: string): unknown {
  if (reference === '#') return document
  if (!reference.startsWith('#/')) return undefined
  let found: unknown = document
  for (const part of pointerParts(reference)) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, part)) return undefined
    found = Reflect.get(found, part)
  }
  return found
}

function pointerParts(reference: string): readonly string[] {
  return reference
    .slice(2)
    .split('/')
    .map((part) => decoded(part).replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** Percent-encoding of a URI fragment; a text that is none stands for itself. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/** One part of a pointer as it is written. */
export function pointerPart(name: string): string {
  return encodeURIComponent(name.replaceAll('~', '~0').replaceAll('/', '~1'))
}

/** A schema whose references are what `change` makes of them; what stands under `enum`, `const` and annotations is left alone. */
export function withReferences<T>(schema: T, change: (reference: string) => string): T {
  return withSchemas(schema, (each) =>
    typeof each.$ref === 'string' ? { ...each, $ref: change(each.$ref) } : each,
  )
}

type SchemaKeywords = Readonly<Record<string, unknown>>

/** A schema in which it and every schema inside is what `change` makes of it; what stands under `enum`, `const` and annotations is none. */
export function withSchemas<T>(schema: T, change: (schema: SchemaKeywords) => SchemaKeywords): T
export function withSchemas(
  schema: unknown,
  change: (schema: SchemaKeywords) => SchemaKeywords,
): unknown {
  if (!isRecord(schema)) return schema
  const within = (value: unknown) => withSchemas(value, change)
  const entries = Object.entries(schema).map(([keyword, value]) => {
    const operand = KEYWORDS.get(keyword)
    if (operand === 'schema') return [keyword, within(value)]
    if (operand === 'schemas' && Array.isArray(value)) {
      return [keyword, value.map((each: unknown) => within(each))]
    }
    const isByName = operand === 'schemas by name' || operand === 'schemas by pattern'
    if (!isByName || !isRecord(value)) return [keyword, value]
    const inner = Object.entries(value).map(([name, each]) => [name, within(each)])
    return [keyword, Object.fromEntries(inner)]
  })
  return change(Object.fromEntries(entries))
}
