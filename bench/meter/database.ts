// D1: queries, and rows read and written, from the `meta` of every answer. `raw()` and `first()` do not hand `meta` on, so it is read
// where every statement passes: between the binding and the database.

import type { Meter } from './counts.ts'

interface Answer {
  readonly meta?: { readonly rows_read?: number; readonly rows_written?: number }
}

/** The inside of a D1 binding (workerd's `cloudflare-internal:d1-api`). */
interface Inside {
  readonly alwaysPrimarySession: { fetcher: Pick<Fetcher, 'fetch'> }
}

const metered = new WeakSet<D1Database>()

/**
 * The same binding, counting from now on; a session, whose statements go another way, cannot be had. Throws when the
 * runtime's binding does not look as it did.
 */
export function meteredDatabase(database: D1Database, meter: Meter): D1Database {
  if (metered.has(database)) return database
  metered.add(database)
  const session = (database as unknown as Partial<Inside>).alwaysPrimarySession
  if (session?.fetcher === undefined) throw new Error('The D1 binding of this runtime is unknown.')
  const { fetcher } = session
  database.withSession = () => {
    throw new Error('The meter does not count sessions of D1.')
  }
  session.fetcher = {
    fetch: async (input: RequestInfo | URL, init?: RequestInit) => {
      meter.add('databaseQueries')
      const response = await fetcher.fetch(input as string, init)
      // A statement that failed has read nothing that is billed.
      if (!response.ok) return response
      const answer = await response.clone().json<Answer | readonly Answer[]>()
      for (const { meta } of Array.isArray(answer) ? answer : [answer]) {
        if (meta?.rows_read === undefined) throw new Error('D1 did not tell what it read.')
        meter.add('databaseRowsRead', meta.rows_read)
        meter.add('databaseRowsWritten', meta.rows_written ?? 0)
      }
      return response
    },
  }
  return database
}
