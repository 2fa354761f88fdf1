// Texts that are planted in what is published, and looked for in everything that is stored.

import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { createVault } from '../../src/platform/vault.ts'
import { dumpStorage } from '../security/secrets-recorder.ts'

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
  return JSON.stringify([rows.map(({ results }) => results), await sealedAnswers()])
}

/** What calls were answered that may be repeated: it is sealed. */
async function sealedAnswers(): Promise<readonly string[]> {
  const vault = createVault(env.SECRETS_KEY)
  const query = 'SELECT key, sealed FROM idempotency_keys WHERE sealed IS NOT NULL'
  const { results } = await env.DB.prepare(query).all<{ key: string; sealed: string }>()
  return Promise.all(results.map(({ key, sealed }) => vault.open(sealed, key)))
}

function rowsOfObject(stub: DurableObjectStub): Promise<string> {
  return runInDurableObject(stub, (_, { storage: { sql } }) => {
    const names = sql.exec<{ name: string }>(TABLES).toArray()
    return JSON.stringify(names.map(({ name }) => sql.exec(`SELECT * FROM ${name}`).toArray()))
  })
}

/** The planted texts in every table of the database and of every object that there is, each with where it stands. */
export async function plantedAnywhere(): Promise<readonly string[]> {
  const places = [
    ...(await dumpStorage()),
    { name: 'sealed answers', text: JSON.stringify(await sealedAnswers()) },
  ]
  return places.flatMap(({ name, text }) => [...plantedIn(text)].map((one) => `${one} in ${name}`))
}
