// A D1 database that keeps what was asked of it and what it cost, so that tests look at the statements that really run.

export interface Recorded {
  readonly sql: string
  readonly params: readonly unknown[]
  /** Undefined for results read as raw arrays, which come without. */
  readonly meta: D1Meta | undefined
}

export function recordD1(db: D1Database): { readonly db: D1Database; readonly calls: Recorded[] } {
  const calls: Recorded[] = []
  const origins = new WeakMap<object, { sql: string; params: unknown[] }>()

  function wrap(
    statement: D1PreparedStatement,
    sql: string,
    params: unknown[],
  ): D1PreparedStatement {
    origins.set(statement, { sql, params })
    return new Proxy(statement, {
      get(target, name) {
        if (name === 'unwrap') return target
        if (name === 'bind') {
          return (...values: unknown[]) => wrap(target.bind(...values), sql, values)
        }
        const member = Reflect.get(target, name)
        if (typeof member !== 'function') return member
        return async (...args: unknown[]) => {
          const result = await member.apply(target, args)
          calls.push({ sql, params, meta: result?.meta })
          return result
        }
      },
    })
  }

  const recorder = new Proxy(db, {
    get(target, name) {
      if (name === 'prepare') return (sql: string) => wrap(target.prepare(sql), sql, [])
      if (name === 'batch') {
        return async (wrapped: D1PreparedStatement[]) => {
          const statements = wrapped.map((one) => Reflect.get(one, 'unwrap') as D1PreparedStatement)
          const results = await target.batch(statements)
          for (const [index, statement] of statements.entries()) {
            const origin = origins.get(statement)
            if (origin) calls.push({ ...origin, meta: results[index]?.meta })
          }
          return results
        }
      }
      const member = Reflect.get(target, name)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
  return { db: recorder, calls }
}

/** The query plan of a recorded statement, one line per step. */
export async function explain(db: D1Database, { sql, params }: Recorded): Promise<string[]> {
  const { results } = await db
    .prepare(`EXPLAIN QUERY PLAN ${sql}`)
    .bind(...params)
    .all<{ detail: string }>()
  return results.map(({ detail }) => detail)
}

/** Rows read and written by a recorded statement when it is run once more. */
export async function costOf(db: D1Database, { sql, params }: Recorded): Promise<D1Meta> {
  const { meta } = await db
    .prepare(sql)
    .bind(...params)
    .all()
  return meta
}
