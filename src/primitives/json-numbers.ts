// Numbers of a JSON text that are others once they are read: JavaScript has those of IEEE 754, binary64, alone.

import { visit } from 'jsonc-parser'

interface ChangedNumber {
  readonly path: readonly (string | number)[]
  /** As it is read: another number, or an infinite one. */
  readonly becomes: number
}

/** The numbers that reading and writing them again changes in value, in order. For text that is JSON. */
export function changedNumbers(text: string): readonly ChangedNumber[] {
  const found: ChangedNumber[] = []
  visit(text, {
    onLiteralValue(value, offset, length, _line, _character, pathOf) {
      if (typeof value !== 'number') return
      const written = text.slice(offset, offset + length)
      const becomes = Number(written)
      if (decimal(written) !== decimal(String(becomes))) found.push({ path: pathOf(), becomes })
    },
  })
  return found
}

/** A decimal number in one form: its digits without zeros around them, and the power of ten of the last. Null: none. */
export function decimal(text: string): string | null {
  const parts = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text)
  if (parts === null) return null
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = parts
  const digits = `${whole}${fraction}`.replace(/^0+/, '')
  const significant = digits.replace(/0+$/, '')
  if (significant === '') return '0'
  const power = Number(exponent) - fraction.length + digits.length - significant.length
  return `${sign}${significant}e${power}`
}
