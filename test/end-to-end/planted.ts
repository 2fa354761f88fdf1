// Texts that are planted in what is published, and looked for in everything that is stored.

import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'

const PLANTED = /planted-[a-z0-9-]+/g

/** The planted texts in a text, each once. */
export function plantedIn(text: string): ReadonlySet<string> {
  return new Set(text.match(PLANTED))
}

/** The planted texts in every row of every table, of the database and of these objects. */
export async function plantedInStores(
  objects: readonly DurableObjectStub[],
): Promise<ReadonlySet<string>> {
  const texts = await Promise.all([rowsOfDatabase(), ...objects.map(rowsOfObject)])
  return plantedIn(texts.join('\n'))
}

const TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB '_cf_*'"

async function rowsOfDatabase(): Promise<string> {
  const { results } = await env.DB.prepare(TABLES).all<{ name: string }>()
  const rows = await Promise.all(
    results.map(({ name }) => env.DB.prepare(`SELECT * FROM ${name}`).all()),
  )
  return JSON.stringify(rows.map(({ results }) => results))
}

function rowsOfObject(stub: DurableObjectStub): Promise<string> {
  return runInDurableObject(stub, (_, { storage: { sql } }) => {
    const names = sql.exec<{ name: string }>(TABLES).toArray()
    return JSON.stringify(names.map(({ name }) => sql.exec(`SELECT * FROM ${name}`).toArray()))
  })
}
