// The tables of a Durable Object change with versions of Hookline; what an earlier one stored is brought up to date when the
// object starts. A step is never changed once it was released: what comes later is a step of its own.

const SCHEMA = 'CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY)'

/** Unix milliseconds, in a step. */
export const NOW = "CAST(unixepoch('subsec') * 1000 AS INTEGER)"

/**
 * Runs the steps that this storage has not had, in order, all or none. The first one is what 0.1.0 made without counting: it
 * must do nothing where that is there already.
 */
export function migrate(storage: MigratedStorage, steps: readonly string[]): void {
  const { sql } = storage
  sql.exec(SCHEMA)
  const query = 'SELECT max(version) AS version FROM schema_version'
  const version = sql.exec<{ version: number | null }>(query).one().version ?? 0
  if (version >= steps.length) return
  storage.transactionSync(() => {
    for (const step of steps.slice(version)) sql.exec(step)
    sql.exec('DELETE FROM schema_version')
    sql.exec('INSERT INTO schema_version (version) VALUES (?)', steps.length)
  })
}

/** What of an object's storage that takes. */
export interface MigratedStorage {
  readonly sql: SqlStorage
  transactionSync<T>(work: () => T): T
}
