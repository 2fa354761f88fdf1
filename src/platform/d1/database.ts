// What every store shares of D1 through Drizzle: opening it, and reading its errors.

import { DrizzleQueryError } from 'drizzle-orm'
import { type DrizzleD1Database, drizzle } from 'drizzle-orm/d1'
import { mapRejections } from '../rejections.ts'

export type Database = DrizzleD1Database

export function openDatabase(d1: D1Database): Database {
  return drizzle(d1)
}

/** Whether a statement failed because of a constraint; SQLite says so in the message only. */
export function violates(error: unknown, constraint: 'UNIQUE' | 'FOREIGN KEY'): boolean {
  const cause = withoutParameters(error)
  return cause instanceof Error && cause.message.includes(`${constraint} constraint failed`)
}

/**
 * A store whose rejections carry D1's own error. Drizzle's puts every parameter of the statement into its message,
 * from where it would reach a log.
 */
export function hideParameters<Store extends object>(store: Store): Store {
  return mapRejections(store, withoutParameters)
}

function withoutParameters(error: unknown): unknown {
  return error instanceof DrizzleQueryError ? error.cause : error
}
