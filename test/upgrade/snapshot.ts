// What a deployment has stored, as a value: every table of D1 and of the objects, and the messages of its queues. Taken by a
// recorder, and put back into a newer version's runtime.

import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'

type Value = string | number | null

interface Table {
  readonly name: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly Value[])[]
}

interface Tables {
  /** `CREATE …` of every table and index, in the order in which they were made. */
  readonly schema: readonly string[]
  readonly tables: readonly Table[]
}

export interface StoredObject extends Tables {
  readonly binding: ObjectBinding
  readonly name: string
  /** Unix milliseconds; null when it has none. */
  readonly alarmAt: number | null
}

export interface Snapshot {
  /** Unix milliseconds; whoever puts it back sets the clock to then. */
  readonly takenAt: number
  readonly database: Tables
  readonly objects: readonly StoredObject[]
}

export type ObjectBinding = 'MONITORS' | 'EVENT_LOGS' | 'DEPLOYMENT_JOBS'

const MASTER = `SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL
  AND name NOT LIKE '\\_cf\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY rowid`

interface Made {
  readonly type: string
  readonly name: string
  readonly sql: string
}

type Rows = (query: string) => Promise<readonly Readonly<Record<string, unknown>>[]>

/** Everything that a deployment with these objects has stored. */
export async function takeSnapshot(
  names: Readonly<Record<ObjectBinding, readonly string[]>>,
): Promise<Snapshot> {
  const ofDatabase: Rows = async (query) => (await env.DB.prepare(query).all()).results
  const objects: StoredObject[] = []
  for (const binding of ['MONITORS', 'EVENT_LOGS', 'DEPLOYMENT_JOBS'] as const) {
    for (const name of names[binding]) {
      const stub: DurableObjectStub = env[binding].getByName(name)
      const found = await runInDurableObject(stub, async (_, { storage }) => ({
        ...(await read(async (query) => storage.sql.exec(query).toArray())),
        alarmAt: await storage.getAlarm(),
      }))
      objects.push({ binding, name, ...found })
    }
  }
  return { takenAt: Date.now(), database: await read(ofDatabase), objects }
}

async function read(rowsOf: Rows): Promise<Tables> {
  const made = (await rowsOf(MASTER)) as unknown as readonly Made[]
  const tables: Table[] = []
  for (const { type, name } of made) {
    if (type !== 'table') continue
    const rows = await rowsOf(`SELECT * FROM "${name}"`)
    const columns = Object.keys(rows[0] ?? {})
    if (columns.length === 0) continue
    tables.push({ name, columns, rows: rows.map((row) => columns.map((one) => toValue(row[one]))) })
  }
  return { schema: made.map(({ sql }) => sql), tables }
}

function toValue(value: unknown): Value {
  if (value === null || typeof value === 'string' || typeof value === 'number') return value
  throw new Error(`A row has a ${typeof value}, which a snapshot cannot hold.`)
}

/** The database as it was, before the migrations that came since. */
export async function restoreDatabase({ database }: Snapshot): Promise<void> {
  const { results } = await env.DB.prepare(MASTER).all<{ type: string; name: string }>()
  const tables = results.filter(({ type }) => type === 'table')
  const statements = [
    // A row may come before the one that it belongs to.
    'PRAGMA defer_foreign_keys = ON',
    ...tables.map(({ name }) => `DROP TABLE "${name}"`),
    ...database.schema,
  ].map((sql) => env.DB.prepare(sql))
  const rows = inserts(database).flatMap(({ insert, rows }) =>
    rows.map((row) => env.DB.prepare(insert).bind(...row)),
  )
  await env.DB.batch([...statements, ...rows])
}

/** An object as it was, closed: whoever calls it next opens it in the present version. */
export async function restoreObject({ binding, name, alarmAt, ...stored }: StoredObject) {
  const stub: DurableObjectStub = env[binding].getByName(name)
  await runInDurableObject(stub, async (_, { storage }) => {
    const { sql } = storage
    const present = sql.exec<{ type: string; name: string }>(MASTER).toArray()
    for (const { type, name } of present) if (type === 'table') sql.exec(`DROP TABLE "${name}"`)
    for (const statement of stored.schema) sql.exec(statement)
    for (const { insert, rows } of inserts(stored)) for (const row of rows) sql.exec(insert, ...row)
    if (alarmAt !== null) await storage.setAlarm(alarmAt)
  })
  await evictDurableObject(stub)
}

function inserts({ tables }: Tables) {
  return tables.map(({ name, columns, rows }) => {
    const places = columns.map(() => '?').join(', ')
    const named = columns.map((column) => `"${column}"`).join(', ')
    return { insert: `INSERT INTO "${name}" (${named}) VALUES (${places})`, rows }
  })
}
