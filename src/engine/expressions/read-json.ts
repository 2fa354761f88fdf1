// JSON text to values that expressions work on. Numbers that would be written in another way stay as they were written.

import { visit } from 'jsonc-parser'
import { ExpressionFailure } from './failure.ts'
import { WrittenNumber } from './written-number.ts'

/** Zeros at an end, exponents, and more digits than are sure to be held: those alone are looked at closely. */
const MAY_CHANGE = /\.\d*0(?![\d.])|\d[eE]|[\d.]{16}|-0/

/** Names by which the library knows its own functions. */
const RESERVED = /^_jsonata_/
const MAY_BE_RESERVED = /_jsonata_|\\u/i

/** The value of a JSON text. `path`: where it stands, such as `data`. Throws `ExpressionFailure` for a name that the language reserves. */
export function readJson(
  text: string,
  path: string,
): { readonly value: unknown; readonly hasWritten: boolean } {
  if (!MAY_CHANGE.test(text) && !MAY_BE_RESERVED.test(text)) {
    return { value: JSON.parse(text), hasWritten: false }
  }
  let hasWritten = false
  const root: unknown[] = []
  const open: ((value: unknown) => void)[] = [(value) => root.push(value)]
  const put = (value: unknown) => open.at(-1)?.(value)
  let name = ''
  visit(text, {
    onObjectBegin() {
      const made: Record<string, unknown> = Object.create(null)
      put(made)
      open.push((value) => {
        made[name] = value
      })
    },
    onObjectProperty(property) {
      if (RESERVED.test(property)) {
        throw new ExpressionFailure('not_allowed', 'The data has a name that expressions reserve.')
      }
      name = property
    },
    onObjectEnd() {
      open.pop()
    },
    onArrayBegin() {
      const made: unknown[] = []
      put(made)
      open.push((value) => made.push(value))
    },
    onArrayEnd() {
      open.pop()
    },
    onLiteralValue(value, offset, length, _line, _character, pathOf) {
      if (typeof value !== 'number') return put(value)
      const written = text.slice(offset, offset + length)
      if (isWrittenSo(written)) return put(Number(written))
      hasWritten = true
      put(new WrittenNumber(written, pathText(path, pathOf())))
    },
  })
  return { value: root[0], hasWritten }
}

/** Whether JavaScript writes it like that, also where it keeps to the 15 digits that are exact in any case. */
function isWrittenSo(written: string): boolean {
  return String(Number(written)) === written && written.replace(/\D/g, '').length <= 15
}

/** `data.items[0].total` */
function pathText(root: string, path: readonly (string | number)[]): string {
  return path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : `${text}.${part}`),
    root,
  )
}
