// What expressions of a webhook see of an event.

import { readJson } from './read-json.ts'

/** A value for expressions. They cannot change it, so that several may have it. */
export interface ExpressionInput {
  readonly value: unknown
  /** There are numbers in it that are not as JavaScript would write them. */
  readonly hasWrittenNumbers: boolean
}

/** What is told of a JSON text beside others: members by name, of which those given as JSON are read. Throws `ExpressionFailure`. */
export function toInput(
  plain: Readonly<Record<string, unknown>>,
  json: Readonly<Record<string, string>> = {},
): ExpressionInput {
  const read = Object.entries(json).map(([name, text]) => [name, readJson(text, name)] as const)
  return {
    value: { ...plain, ...Object.fromEntries(read.map(([name, { value }]) => [name, value])) },
    hasWrittenNumbers: read.some(([, { hasWritten }]) => hasWritten),
  }
}
