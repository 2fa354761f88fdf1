// Values that expressions made to JSON text, with numbers as they were written where they were only moved.

import { EXPRESSION } from './bounds.ts'
import { ExpressionFailure } from './failure.ts'
import { isFunctionLike } from './meter.ts'
import { WrittenNumber } from './written-number.ts'

/**
 * The JSON text of a value that an expression made, with `indent` spaces a level; 0: in one line. Throws `ExpressionFailure` for what is
 * no JSON, or too much of it.
 */
export function writeValue(value: unknown, indent = 0): string {
  const parts: string[] = []
  let chars = 0
  const add = (part: string) => {
    chars += part.length
    if (chars > EXPRESSION.textChars) {
      const most = EXPRESSION.textChars
      throw new ExpressionFailure('too_large', `The result has more than ${most} characters.`)
    }
    parts.push(part)
  }
  const lineAt = (depth: number) => (indent === 0 ? '' : `\n${' '.repeat(indent * depth)}`)
  write(value, { add, lineAt, colon: indent === 0 ? ':' : ': ' }, 0)
  return parts.join('')
}

interface Writer {
  readonly add: (part: string) => void
  readonly lineAt: (depth: number) => string
  readonly colon: string
}

function write(value: unknown, writer: Writer, depth: number): void {
  const { add } = writer
  if (depth > EXPRESSION.valueDepth) {
    throw new ExpressionFailure('too_deep', 'The result is nested too deeply.')
  }
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new ExpressionFailure('failed', 'The result has a number that JSON has not.')
  }
  if (isFunctionLike(value)) {
    throw new ExpressionFailure('failed', 'The result has a function, which is no JSON.')
  }
  if (value instanceof WrittenNumber) add(value.text)
  else if (typeof value !== 'object' || value === null) add(JSON.stringify(value) ?? 'null')
  else writeMembers(value, writer, depth)
}

function writeMembers(value: object, writer: Writer, depth: number): void {
  const { add, lineAt, colon } = writer
  const isArray = Array.isArray(value)
  const entries = isArray
    ? value.map((element): [string, unknown] => ['', element ?? null])
    : Object.entries(value).filter(([, member]) => member !== undefined)
  add(isArray ? '[' : '{')
  for (const [index, [name, member]] of entries.entries()) {
    add(`${index > 0 ? ',' : ''}${lineAt(depth + 1)}`)
    if (!isArray) add(`${JSON.stringify(name)}${colon}`)
    write(member, writer, depth + 1)
  }
  if (entries.length > 0) add(lineAt(depth))
  add(isArray ? ']' : '}')
}
