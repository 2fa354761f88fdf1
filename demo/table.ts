// A table as lines of text.

import { styleText } from 'node:util'

export interface Cell {
  readonly text: string
  readonly style?: 'green' | 'yellow' | 'red' | 'dim'
}

/** Columns as wide as their widest cell, two spaces apart, under dim heads. */
export function renderTable(
  heads: readonly string[],
  rows: readonly (readonly Cell[])[],
): string[] {
  const widths = heads.map((head, column) =>
    Math.max(head.length, ...rows.map((row) => row[column]?.text.length ?? 0)),
  )
  const pad = (text: string, column: number) => text.padEnd(widths[column] ?? 0)
  return [
    styleText('dim', heads.map(pad).join('  ').trimEnd()),
    ...rows.map((row) =>
      row
        .map(({ text, style }, column) => {
          const padded = pad(text, column)
          return style === undefined ? padded : styleText(style, padded)
        })
        .join('  ')
        .trimEnd(),
    ),
  ]
}

/** Exactly `width` characters: cut with an ellipsis, or filled with spaces. */
export function toWidth(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text.padEnd(width)
}
