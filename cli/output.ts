// What commands print: for people on a terminal, for programs in a pipe.

import { stripVTControlCharacters, styleText } from 'node:util'

type Style = Parameters<typeof styleText>[0]

/** One column of a table. */
export interface Column<Item> {
  readonly name: string
  readonly of: (item: Item) => string | number | null
  readonly style?: (item: Item) => Style | null
}

export interface Output {
  /** Whether people read it. */
  readonly isForPeople: boolean
  /** An item each: rows of a table, or lines of JSON. */
  table<Item>(items: readonly Item[], columns: readonly Column<Item>[]): void
  /** One thing: lines for people, or a line of JSON. */
  item(item: unknown, lines: () => readonly string[]): void
  /** What is said beside the answer; never in a pipe. */
  note(text: string): void
  /** A warning; always, and beside the answer. */
  warn(text: string): void
  paint(style: Style, text: string): string
}

export function createOutput(wantsJson: boolean | undefined): Output {
  const isForPeople = wantsJson === undefined ? process.stdout.isTTY === true : !wantsJson
  // NO_COLOR (https://no-color.org), and terminals without, are `styleText`'s to know.
  const paint = (style: Style, text: string) =>
    isForPeople && !process.env.NO_COLOR ? styleText(style, text, { stream: process.stdout }) : text
  const print = (line: string) => void process.stdout.write(`${line}\n`)
  return {
    isForPeople,
    table(items, columns) {
      if (!isForPeople) {
        for (const item of items) print(JSON.stringify(item))
        return
      }
      if (items.length === 0) return print(paint('dim', 'Nothing.'))
      const cells = items.map((item) => columns.map(({ of }) => printable(String(of(item) ?? '–'))))
      const widths = columns.map(({ name }, at) =>
        Math.max(name.length, ...cells.map((row) => row[at]?.length ?? 0)),
      )
      print(
        paint(
          'dim',
          line(
            columns.map(({ name }) => name),
            widths,
          ),
        ),
      )
      for (const [index, item] of items.entries()) {
        const row = (cells[index] ?? []).map((cell, at) => {
          const style = columns[at]?.style?.(item) ?? null
          const padded = cell.padEnd(widths[at] ?? 0)
          return style === null ? padded : paint(style, padded)
        })
        print(row.join('  ').trimEnd())
      }
    },
    item(item, lines) {
      if (!isForPeople) return print(JSON.stringify(item))
      for (const one of lines()) print(one)
    },
    note(text) {
      if (isForPeople) process.stderr.write(`${text}\n`)
    },
    warn(text) {
      process.stderr.write(`${printableLines(text)}\n`)
    },
    paint,
  }
}

const line = (cells: readonly string[], widths: readonly number[]) =>
  cells
    .map((cell, at) => cell.padEnd(widths[at] ?? 0))
    .join('  ')
    .trimEnd()

/** Text of others that cannot move the cursor or colour what follows. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out.
  return stripVTControlCharacters(text).replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ')
}

/** The same of several lines. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n')
}

/** A time of day as people read it, from RFC 3339. */
export function clockTime(time: string | number | Date): string {
  return new Date(time).toISOString().slice(11, 19)
}
