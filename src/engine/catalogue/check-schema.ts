// What is wrong with a schema before it is saved. In: any JSON; out: each flaw with its place. What passes is evaluated without an
// error, whatever the data.

import type { Issue } from '../../errors.ts'
import { CATALOGUE } from '../../limits.ts'
import { isRecord } from '../../primitives/is-record.ts'
import { IN_PLACE, KEYWORDS } from './keywords.ts'
import { toPattern } from './pattern.ts'
import { resolveReference } from './references.ts'

type Path = Issue['path']

/** A schema inside another, and by which keyword it is reached. */
interface Subschema {
  readonly keyword: string
  readonly path: Path
  readonly value: unknown
}

interface Walk {
  readonly issues: Issue[]
  /** Every schema of the document: what may be referred to. */
  readonly schemas: Set<unknown>
  readonly references: { readonly path: Path; readonly from: object; readonly to: string }[]
  /** Of each schema those that look at the same value. */
  readonly inPlace: Map<object, unknown[]>
}

/** Every flaw of a schema, its path from `path` on. */
export function schemaFlaws(schema: unknown, path: Path = []): readonly Issue[] {
  const text = JSON.stringify(schema) ?? ''
  if (text.length > CATALOGUE.schemaChars) {
    return [{ path, message: `A schema may have at most ${CATALOGUE.schemaChars} characters.` }]
  }
  if (depthOf(schema, CATALOGUE.schemaDepth) > CATALOGUE.schemaDepth) {
    return [
      { path, message: `A schema may be nested at most ${CATALOGUE.schemaDepth} levels deep.` },
    ]
  }
  const walk: Walk = { issues: [], schemas: new Set(), references: [], inPlace: new Map() }
  visit(schema, path, walk)
  for (const { path: at, from, to } of walk.references) {
    const target = resolveReference(schema, to)
    if (target === undefined || !walk.schemas.has(target)) {
      const message = 'Refers to no schema of this document. Only "#" and "#/…" are supported.'
      walk.issues.push({ path: at, message })
    } else walk.inPlace.get(from)?.push(target)
  }
  if (walk.issues.length === 0 && hasEndlessReference(walk.inPlace)) {
    walk.issues.push({ path, message: 'A reference leads back to itself for the same value.' })
  }
  return walk.issues
}

function visit(schema: unknown, path: Path, walk: Walk): void {
  walk.schemas.add(schema)
  if (typeof schema === 'boolean') return
  if (!isRecord(schema)) {
    walk.issues.push({ path, message: 'Expected a schema: an object or a boolean.' })
    return
  }
  const inPlace: unknown[] = []
  walk.inPlace.set(schema, inPlace)
  for (const [keyword, value] of Object.entries(schema)) {
    const operand = KEYWORDS.get(keyword)
    if (operand === undefined) continue
    const at = [...path, keyword]
    if (typeof operand === 'function') {
      const message = operand(value)
      if (message !== null) walk.issues.push({ path: at, message })
    } else if (operand === 'reference') {
      if (typeof value === 'string') walk.references.push({ path: at, from: schema, to: value })
      else walk.issues.push({ path: at, message: 'Expected a string.' })
    }
    if (operand === 'schemas by pattern' && isRecord(value)) {
      for (const source of Object.keys(value)) {
        const pattern = toPattern(source)
        if (typeof pattern === 'string') {
          walk.issues.push({ path: [...at, source], message: pattern })
        }
      }
    }
    const inner = subschemas(keyword, value, at)
    if (inner === null) {
      walk.issues.push({ path: at, message: 'Expected schemas.' })
      continue
    }
    for (const each of inner) {
      if (IN_PLACE.has(keyword)) inPlace.push(each.value)
      visit(each.value, each.path, walk)
    }
  }
}

/** The schemas that a keyword holds; null where it should and does not. */
function subschemas(
  keyword: string,
  value: unknown,
  at: Path = [keyword],
): readonly Subschema[] | null {
  const operand = KEYWORDS.get(keyword)
  if (operand === 'schema') return [{ keyword, path: at, value }]
  if (operand === 'schemas') {
    if (!Array.isArray(value) || value.length === 0) return null
    return value.map((each: unknown, index) => ({ keyword, path: [...at, index], value: each }))
  }
  if (operand === 'schemas by name' || operand === 'schemas by pattern') {
    if (!isRecord(value)) return null
    return Object.entries(value).map(([name, each]) => ({
      keyword,
      path: [...at, name],
      value: each,
    }))
  }
  return []
}

/** Whether a schema refers to itself without looking at a smaller value in between. */
function hasEndlessReference(inPlace: ReadonlyMap<object, readonly unknown[]>): boolean {
  const under = new Set<unknown>()
  const done = new Set<unknown>()
  const leadsBack = (schema: unknown): boolean => {
    if (under.has(schema)) return true
    if (!isRecord(schema) || done.has(schema)) return false
    under.add(schema)
    const found = (inPlace.get(schema) ?? []).some(leadsBack)
    under.delete(schema)
    done.add(schema)
    return found
  }
  return [...inPlace.keys()].some(leadsBack)
}

/** Levels of nesting, counted up to one more than `most`. */
function depthOf(value: unknown, most: number): number {
  if (typeof value !== 'object' || value === null) return 0
  if (most < 0) return 1
  let deepest = 0
  for (const inner of Object.values(value)) deepest = Math.max(deepest, depthOf(inner, most - 1))
  return deepest + 1
}
