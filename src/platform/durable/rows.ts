// What an object's SQL gives back, read through the schema that stands beside its table: whatever a released version left
// out has a default there.

import { z } from 'zod'

/** The rows of a query, one at a time. Throws for a row that no version has written. */
export function* rowsOf<Row>(
  sql: SqlStorage,
  schema: z.ZodType<Row>,
  query: string,
  ...bindings: readonly SqlStorageValue[]
): Generator<Row, void> {
  for (const row of sql.exec(query, ...bindings)) yield schema.parse(row)
}

/** The first row of a query; undefined when there is none. */
export function rowOf<Row>(
  sql: SqlStorage,
  schema: z.ZodType<Row>,
  query: string,
  ...bindings: readonly SqlStorageValue[]
): Row | undefined {
  const [row] = sql.exec(query, ...bindings).toArray()
  return row && schema.parse(row)
}

/** How many rows the last statement changed. */
export function changes(sql: SqlStorage): number {
  return rowOf(sql, Count, 'SELECT changes() AS n')?.n ?? 0
}

const Count = z.object({ n: z.number() })

/** A column that holds JSON, as what it says. */
export function jsonText<Value>(schema: z.ZodType<Value>) {
  return z
    .string()
    .transform((text): unknown => JSON.parse(text))
    .pipe(schema)
}
