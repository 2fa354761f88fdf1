// Functions of the language that are ours: because the library's need more than a Worker has, make too much, or lose numbers.

import { EXPRESSION } from './bounds.ts'
import { ExpressionFailure } from './failure.ts'
import { isFunctionLike, type Meter } from './meter.ts'
import { writeValue } from './write-value.ts'
import { WrittenNumber } from './written-number.ts'

/** `$string()`: JSON, with at most 15 digits of a number that is computed; functions are empty texts. */
export function textOf(value: unknown, isPretty = false): string | undefined {
  if (value === undefined || typeof value === 'string') return value
  if (isFunctionLike(value)) return ''
  return writeValue(rounded(value), isPretty ? 2 : 0)
}

function rounded(value: unknown): unknown {
  if (typeof value === 'number') {
    return Number.isInteger(value) ? value : Number(value.toPrecision(15))
  }
  if (typeof value !== 'object' || value === null || value instanceof WrittenNumber) return value
  if (isFunctionLike(value)) return ''
  if (Array.isArray(value)) return value.map(rounded)
  const made: Record<string, unknown> = Object.create(null)
  for (const [name, member] of Object.entries(value)) made[name] = rounded(member)
  return made
}

/** `$clone()`; each object of it is noted. */
export function cloneOf(value: unknown, clones: WeakSet<object>): unknown {
  if (typeof value !== 'object' || value === null || value instanceof WrittenNumber) return value
  if (isFunctionLike(value)) return ''
  if (Array.isArray(value)) return value.map((element) => cloneOf(element, clones))
  const made: Record<string, unknown> = Object.create(null)
  for (const [name, member] of Object.entries(value)) made[name] = cloneOf(member, clones)
  clones.add(made)
  return made
}

/** `$base64encode()`: of the text as UTF-8. */
export function base64Encode(text: unknown): string | undefined {
  if (typeof text !== 'string') return undefined
  return new TextEncoder().encode(text).toBase64()
}

/** `$base64decode()`: to a text in UTF-8. */
export function base64Decode(text: unknown): string | undefined {
  if (typeof text !== 'string') return undefined
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
      Uint8Array.fromBase64(text),
    )
  } catch {
    throw new ExpressionFailure(
      'failed',
      '$base64decode() was given something else than a text in base64.',
    )
  }
}

type Callable = (...given: unknown[]) => unknown

/** What the library tells of a match. */
interface Match {
  readonly match: string
  readonly start: number
  readonly groups: readonly (string | undefined)[]
  readonly next: Callable
}

/** `$replace()`. */
export async function replaceText(
  [text, pattern, replacement, limit]: readonly unknown[],
  meter: Meter,
): Promise<string | undefined> {
  if (typeof text !== 'string') return undefined
  if (pattern === '' || (typeof limit === 'number' && !(limit >= 0))) {
    throw new ExpressionFailure('failed', '$replace() was given something that it does not take.')
  }
  const most = typeof limit === 'number' ? limit : Number.POSITIVE_INFINITY
  const made = new Joined(meter)
  if (typeof pattern === 'string') {
    replaceWords(text, { word: pattern, replacement, most }, made)
    return made.text
  }
  let position = 0
  let count = 0
  let found = count < most ? await firstMatch(text, pattern) : undefined
  while (found !== undefined && count < most) {
    meter.spend(1)
    made.add(text.slice(position, found.start))
    made.add(await substitute(found, replacement))
    position = found.start + found.match.length
    count += 1
    found = toMatch(await found.next())
  }
  made.add(text.slice(position))
  return made.text
}

/** A text of parts that does not become too long. */
class Joined {
  private readonly parts: string[] = []
  private chars = 0
  private readonly meter: Meter

  constructor(meter: Meter) {
    this.meter = meter
  }

  get text(): string {
    return this.parts.join('')
  }

  add(part: string): void {
    this.chars += part.length
    this.meter.checkText(this.chars)
    this.parts.push(part)
  }
}

/** A word is replaced by what is written, without groups. */
function replaceWords(
  text: string,
  { word, replacement, most }: { word: string; replacement: unknown; most: number },
  made: Joined,
): void {
  if (typeof replacement !== 'string') {
    throw new ExpressionFailure('failed', '$replace() takes a text in place of a text.')
  }
  let position = 0
  let start = text.indexOf(word)
  for (let count = 0; start !== -1 && count < most; count += 1) {
    made.add(text.slice(position, start))
    made.add(replacement)
    position = start + word.length
    start = text.indexOf(word, position)
  }
  made.add(text.slice(position))
}

async function firstMatch(text: string, pattern: unknown): Promise<Match | undefined> {
  if (typeof pattern === 'function') return toMatch(await Reflect.apply(pattern, undefined, [text]))
  throw new ExpressionFailure(
    'failed',
    '$replace() takes a text or a regular expression to look for.',
  )
}

function toMatch(value: unknown): Match | undefined {
  if (value === undefined) return undefined
  if (
    typeof value === 'object' &&
    value !== null &&
    'match' in value &&
    'start' in value &&
    'next' in value
  ) {
    const { match, start, next } = value
    const groups = 'groups' in value && Array.isArray(value.groups) ? value.groups : []
    const isText = typeof match === 'string' && typeof start === 'number' && start >= 0
    if (isText && typeof next === 'function') {
      return { match, start, groups, next: () => Reflect.apply(next, undefined, []) }
    }
  }
  throw new ExpressionFailure(
    'failed',
    '$replace() takes a text or a regular expression to look for.',
  )
}

async function substitute(found: Match, replacement: unknown): Promise<string> {
  if (typeof replacement === 'function') {
    const made = await Reflect.apply(replacement, undefined, [found])
    if (typeof made === 'string') return made
  } else if (typeof replacement === 'string') {
    return withGroups(found, replacement)
  }
  throw new ExpressionFailure(
    'failed',
    '$replace() takes a text, or a function that answers one, as replacement.',
  )
}

/** `$0` for the match, `$1` for its first group, `$$` for a dollar. */
function withGroups({ match, groups }: Match, replacement: string): string {
  const dollars = replacement.split('$').length - 1
  if (replacement.length + dollars * match.length > EXPRESSION.textChars) {
    const most = EXPRESSION.textChars
    throw new ExpressionFailure(
      'too_large',
      `The expression makes a text of more than ${most} characters.`,
    )
  }
  const digits = groups.length < 10 ? 1 : 2
  return replacement.replace(
    new RegExp(`\\$(?:\\$|(\\d{1,${digits}}))`, 'g'),
    (whole: string, digitsFound: string | undefined) => {
      if (whole === '$$') return '$'
      const index = Number(digitsFound)
      if (index === 0) return match
      if (index <= groups.length) return groups[index - 1] ?? ''
      const shorter = Math.floor(index / 10)
      if (digitsFound?.length === 2 && shorter > 0)
        return `${groups[shorter - 1] ?? ''}${index % 10}`
      return ''
    },
  )
}
