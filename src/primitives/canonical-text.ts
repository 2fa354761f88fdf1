// JSON as a text that equal values have in common.

import { isRecord } from './is-record.ts'

/** The text of a value with the members of objects in order of their names: equal values, equal texts. */
export function canonicalText(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    isRecord(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  )
}
