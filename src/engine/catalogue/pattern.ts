// Patterns of JSON Schema, matched in linear time: RE2 knows no backtracking, and so no look-around and no back references.

import { RE2JS } from 're2js'
import { CATALOGUE } from '../../limits.ts'

export interface Pattern {
  readonly isIn: (text: string) => boolean
  /** How many steps a text of so many characters takes at most, in those of `Steps`. */
  readonly stepsFor: (chars: number) => number
}

/** How many states of a pattern, per character, cost as much as one step. */
const STATES_PER_STEP = 40

/** A pattern, or a sentence about why there is none. */
export function toPattern(source: string): Pattern | string {
  if (source.length > CATALOGUE.patternChars) {
    return `A pattern may have at most ${CATALOGUE.patternChars} characters.`
  }
  try {
    const compiled = RE2JS.compile(RE2JS.translateRegExp(source))
    const states = compiled.programSize()
    if (states > CATALOGUE.patternStates) return 'The pattern is too large: it repeats too much.'
    return {
      isIn: (text) => compiled.matcher(text).find(),
      stepsFor: (chars) => 1 + Math.ceil((chars * states) / STATES_PER_STEP),
    }
  } catch {
    return 'Not a pattern that can be matched in linear time: look-around and back references are not supported.'
  }
}
