// Regular expressions of an expression, matched in linear time: RE2 knows no backtracking, and so no look-around and no back references.

import { RE2JS } from 're2js'
import { EXPRESSION } from './bounds.ts'
import { ExpressionFailure } from './failure.ts'
import type { Meter } from './meter.ts'

/** How many states of a pattern, per character, cost as much as one step. */
const STATES_PER_STEP = 40

interface LinearPattern {
  readonly compiled: RE2JS
  readonly states: number
}

/** The same pattern for RE2, or a sentence about why there is none. */
export function toLinear({ source, flags }: RegExp): LinearPattern | string {
  if (source.length > EXPRESSION.patternChars) {
    return `A regular expression may have at most ${EXPRESSION.patternChars} characters.`
  }
  try {
    const options =
      (flags.includes('i') ? RE2JS.CASE_INSENSITIVE : 0) |
      (flags.includes('m') ? RE2JS.MULTILINE : 0)
    const compiled = RE2JS.compile(RE2JS.translateRegExp(source), options)
    const states = compiled.programSize()
    if (states <= EXPRESSION.patternStates) return { compiled, states }
    return 'The regular expression is too large: it repeats too much.'
  } catch {
    return 'The regular expression cannot be matched in linear time: look-around and back references are not supported.'
  }
}

/** A class that the library uses in place of `RegExp`. */
export function regexEngine(patterns: ReadonlyMap<RegExp, LinearPattern>, meter: Meter) {
  return class {
    lastIndex = 0
    private readonly pattern: LinearPattern

    constructor(of: RegExp) {
      const pattern = patterns.get(of)
      if (pattern === undefined)
        throw new ExpressionFailure('not_allowed', 'A regular expression that is not known.')
      this.pattern = pattern
    }

    exec(text: unknown) {
      if (typeof text !== 'string') {
        throw new ExpressionFailure('failed', 'A regular expression matches texts alone.')
      }
      const { compiled, states } = this.pattern
      const from = this.lastIndex
      meter.spend(1 + Math.ceil(((text.length - from + 1) * states) / STATES_PER_STEP))
      if (from > text.length) return null
      const matcher = compiled.matcher(text)
      if (!matcher.find(from)) {
        this.lastIndex = 0
        return null
      }
      const groups = Array.from(
        { length: compiled.groupCount() + 1 },
        (_, index) => matcher.group(index) ?? undefined,
      )
      this.lastIndex = matcher.end()
      return Object.assign(groups, { index: matcher.start() })
    }
  }
}
