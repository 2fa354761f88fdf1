// Expressions that were checked when they were saved, compiled once in an isolate for as long as there is room.

import { Lru } from '../../primitives/lru.ts'
import { type CompiledExpression, compileExpression } from './compile.ts'

/** Characters of expressions that an isolate keeps compiled. */
const COMPILED_CHARS = 500_000

const compiled = new Lru<string, CompiledExpression>({
  max: COMPILED_CHARS,
  sizeOf: (source) => source.length,
})

/** Whether this isolate has it compiled. */
export function isCompiled(source: string): boolean {
  return compiled.get(source) !== undefined
}

/** The expression, or what is wrong with one that a former version took. */
export function compileOnce(source: string): CompiledExpression | string {
  const known = compiled.get(source)
  if (known !== undefined) return known
  const made = compileExpression(source)
  if (made.kind === 'flawed') return made.flaw.message
  compiled.set(source, made)
  return made
}
