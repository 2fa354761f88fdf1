// A new object has at once what an old one came to step by step.

import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { EVENT_LOG_SCHEMA } from '../../../src/platform/durable/event-log/schema.ts'
import { migrate, type ObjectSchema } from '../../../src/platform/durable/migrate.ts'
import { MONITOR_SCHEMA } from '../../../src/platform/durable/webhook-monitor/schema.ts'
import { newId } from '../../../src/primitives/ids.ts'

/** Tables with their columns, in no order, and indexes, once a storage was brought up to date that had this. */
async function schemaAfter(before: string, schema: ObjectSchema) {
  const stub = env.EVENT_LOGS.getByName(newId(Date.now()))
  return runInDurableObject(stub, (_, { storage }) => {
    const { sql } = storage
    const all = (query: string) => sql.exec(query).toArray()
    for (const { name } of all(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '%_cf_%' AND name NOT LIKE 'sqlite_%'",
    )) {
      sql.exec(`DROP TABLE ${name}`)
    }
    if (before !== '') sql.exec(before)
    migrate(storage, schema)
    const [version] = all('SELECT max(version) AS version FROM schema_version')
    const tables = schema.tables
      .filter(({ until }) => until === undefined)
      .map(({ name }) => [
        name,
        all(
          `SELECT name, type, "notnull", dflt_value, pk FROM pragma_table_info('${name}') ORDER BY name`,
        ),
      ])
    const indexes = all(
      "SELECT name, tbl_name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL ORDER BY name",
    )
    return { version, tables: Object.fromEntries(tables), indexes }
  })
}

it.each([
  ['event log', EVENT_LOG_SCHEMA],
  ['monitor', MONITOR_SCHEMA],
])('of a new %s is that of an old one', async (_, schema) => {
  const [first = ''] = schema.steps
  const fresh = await schemaAfter('', schema)
  expect(Object.values(fresh.tables).every((columns) => (columns as []).length > 0)).toBe(true)
  expect(fresh).toEqual(await schemaAfter(first, schema))
})
