// Which schema a place stands for, and whether two stand for the same: through references, and whatever words for people say.

import { canonicalText } from '../../primitives/canonical-text.ts'
import { isRecord } from '../../primitives/is-record.ts'
import { KEYWORDS } from './keywords.ts'
import { BESIDE_REFERENCE, isReferenceAlone, resolveReference } from './references.ts'

/** The documents that the references of two schemas lead within. */
export interface Documents {
  readonly before: unknown
  readonly after: unknown
}

/** Levels of schemas within one another, through references, and pairs of schemas that a comparison goes through. */
const LEVELS = 300
const PAIRS = 20_000

/** Pairs of schemas that were looked at, or are being. */
export class Pairs {
  private readonly known = new Map<object, Set<object>>()
  private count = 0

  /** Whether a pair is new, and is known from now on. */
  add(before: object, after: object): boolean {
    const others = this.known.get(before) ?? new Set()
    this.known.set(before, others)
    if (others.has(after)) return false
    others.add(after)
    this.count += 1
    return true
  }

  /** Whether it goes too far to be told. */
  isBeyond(level: number): boolean {
    return level > LEVELS || this.count > PAIRS
  }
}

/** The schema that stands where others refer to; the reference itself where it leads nowhere. */
export function followed(schema: unknown, document: unknown): unknown {
  let found = schema
  const seen = new Set<unknown>()
  while (isReferenceAlone(found) && !seen.has(found)) {
    seen.add(found)
    const target = resolveReference(document, found.$ref)
    if (target === undefined) return found
    found = target
  }
  return found
}

/** Whether two schemas assert the same, keyword by keyword; false also where that goes too far to be told. */
export function isSameSchema(before: unknown, after: unknown, documents: Documents): boolean {
  return same(before, after, { ...documents, pairs: new Pairs() }, 0)
}

type Walk = Documents & { readonly pairs: Pairs }

function same(before: unknown, after: unknown, walk: Walk, level: number): boolean {
  const former = followed(before, walk.before)
  const latter = followed(after, walk.after)
  if (!isRecord(former) || !isRecord(latter)) return former === latter
  if (!walk.pairs.add(former, latter)) return true
  if (walk.pairs.isBeyond(level)) return false
  const asserting = new Set(
    [...Object.keys(former), ...Object.keys(latter)].filter(
      (keyword) => KEYWORDS.has(keyword) && (keyword === '$ref' || !BESIDE_REFERENCE.has(keyword)),
    ),
  )
  return [...asserting].every((keyword) =>
    sameOperand(keyword, former[keyword], latter[keyword], walk, level + 1),
  )
}

/** Whether a keyword asserts the same in two schemas. */
export function isSameOperand(
  keyword: string,
  before: unknown,
  after: unknown,
  documents: Documents,
): boolean {
  return sameOperand(keyword, before, after, { ...documents, pairs: new Pairs() }, 0)
}

function sameOperand(
  keyword: string,
  before: unknown,
  after: unknown,
  walk: Walk,
  level: number,
): boolean {
  if (before === undefined || after === undefined) return before === after
  const operand = KEYWORDS.get(keyword)
  if (operand === 'schema') return same(before, after, walk, level)
  if (operand === 'reference') {
    return same({ $ref: before }, { $ref: after }, walk, level)
  }
  if (operand === 'schemas' && Array.isArray(before) && Array.isArray(after)) {
    const latter: readonly unknown[] = after
    return (
      before.length === latter.length &&
      before.every((each: unknown, index) => same(each, latter[index], walk, level))
    )
  }
  const isByName = operand === 'schemas by name' || operand === 'schemas by pattern'
  if (!isByName || !isRecord(before) || !isRecord(after)) {
    return canonicalText(before) === canonicalText(after)
  }
  const names = Object.keys(before)
  return (
    names.length === Object.keys(after).length &&
    names.every(
      (name) => Object.hasOwn(after, name) && same(before[name], after[name], walk, level),
    )
  )
}
