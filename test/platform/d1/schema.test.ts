// schema.ts and migrations/ say the same.

import { applyD1Migrations } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { is, type SQL } from 'drizzle-orm'
import {
  getTableConfig,
  SQLiteColumn,
  SQLiteSyncDialect,
  SQLiteTable,
} from 'drizzle-orm/sqlite-core'
import { afterEach, describe, expect, it } from 'vitest'
import * as noticeTables from '../../../src/platform/d1/notice-tables.ts'
import * as schema from '../../../src/platform/d1/schema.ts'

interface Described {
  /** `name type` and what else holds: `not null`, `key 1` for the first column of the primary key. */
  readonly columns: readonly string[]
  readonly indexes: readonly string[]
  readonly references: readonly string[]
}

const tables = [...Object.values(schema), ...Object.values(noticeTables)].filter((one) =>
  is(one, SQLiteTable),
)

function describeSchema(): Record<string, Described> {
  return Object.fromEntries(
    tables.map((table) => {
      const { name, columns, indexes, primaryKeys, foreignKeys, uniqueConstraints } =
        getTableConfig(table)
      const key = primaryKeys[0]?.columns ?? columns.filter(({ primary }) => primary)
      const unique = columns
        .filter(({ isUnique }) => isUnique)
        .map((column) => `${column.uniqueName} unique (${column.name})`)
      expect(uniqueConstraints).toEqual([])
      return [
        name,
        {
          columns: columns
            .map((column) =>
              describeColumn(
                column.name,
                column.getSQLType(),
                column.notNull,
                key.findIndex(({ name }) => name === column.name) + 1,
              ),
            )
            .sort(),
          indexes: [
            ...unique,
            ...indexes.map(({ config }) => {
              const on = config.columns.map((column) =>
                is(column, SQLiteColumn) ? column.name : 'an expression',
              )
              return describeIndex(config.name, config.unique, on, toText(config.where))
            }),
          ].sort(),
          references: foreignKeys
            .flatMap((foreignKey) => {
              const { columns, foreignColumns, foreignTable } = foreignKey.reference()
              const { name } = getTableConfig(foreignTable)
              return columns.map(
                (column, index) =>
                  `${column.name} → ${name}.${foreignColumns[index]?.name} ${foreignKey.onDelete}`,
              )
            })
            .sort(),
        },
      ]
    }),
  )
}

async function describeDatabase(): Promise<Record<string, Described>> {
  const described: [string, Described][] = []
  for (const { name } of await all<{ name: string }>(
    `SELECT name FROM sqlite_master WHERE type = 'table'
      AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '\\_cf\\_%' ESCAPE '\\' AND name <> 'd1_migrations'`,
  )) {
    const columns = await all<{ name: string; type: string; notnull: number; pk: number }>(
      `PRAGMA table_info(${name})`,
    )
    const indexes = await all<{ name: string; unique: number; origin: string }>(
      `PRAGMA index_list(${name})`,
    )
    const references = await all<{ from: string; table: string; to: string; on_delete: string }>(
      `PRAGMA foreign_key_list(${name})`,
    )
    described.push([
      name,
      {
        columns: columns
          .map((column) =>
            describeColumn(column.name, column.type, column.notnull === 1, column.pk),
          )
          .sort(),
        indexes: (
          await Promise.all(indexes.filter(({ origin }) => origin === 'c').map(describeStoredIndex))
        ).sort(),
        references: references
          .map(
            ({ from, table, to, on_delete }) =>
              `${from} → ${table}.${to} ${on_delete.toLowerCase()}`,
          )
          .sort(),
      },
    ])
  }
  return Object.fromEntries(described)
}

async function describeStoredIndex(index: { name: string; unique: number }): Promise<string> {
  const columns = await all<{ name: string | null }>(`PRAGMA index_info(${index.name})`)
  const [stored] = await all<{ sql: string }>(
    `SELECT sql FROM sqlite_master WHERE type = 'index' AND name = '${index.name}'`,
  )
  const where = stored?.sql.split(' WHERE ')[1]
  const on = columns.map(({ name }) => name ?? 'an expression')
  return describeIndex(index.name, index.unique === 1, on, where)
}

function describeColumn(name: string, type: string, notNull: boolean, position: number): string {
  const key = position === 0 ? '' : ` key ${position}`
  return `${name} ${type.toLowerCase()}${notNull ? ' not null' : ''}${key}`
}

function describeIndex(
  name: string,
  unique: boolean,
  on: readonly string[],
  where: string | undefined,
): string {
  return `${name}${unique ? ' unique' : ''} (${on.join(', ')})${where ? ` where ${where}` : ''}`
}

function toText(where: SQL | undefined): string | undefined {
  return where && new SQLiteSyncDialect().sqlToQuery(where).sql
}

async function all<Row>(statement: string): Promise<Row[]> {
  return (await env.DB.prepare(statement).all<Row>()).results
}

describe('the migrated database', () => {
  it('has the tables, columns, indexes and references of the schema, no more and no less', async () => {
    expect(Object.keys(describeSchema()).sort()).toEqual([
      'activity',
      'audit',
      'catalogue',
      'confirmation_mails',
      'dead_letters',
      'deduplication_keys',
      'event_types',
      'former_uids',
      'freed_uids',
      'idempotency_keys',
      'keys',
      'notice_addresses',
      'notices',
      'operator_keys',
      'portal_links',
      'pull_consumers',
      'sessions',
      'subscriptions',
      'templates',
      'tenant_jobs',
      'tenants',
      'webhooks',
    ])
    expect(await describeDatabase()).toEqual(describeSchema())
  })

  it('has no table with a rowid, so that no insert writes its row twice', async () => {
    const stored = await all<{ name: string; wr: number; type: string }>('PRAGMA table_list')
    const names = Object.keys(describeSchema())
    const withRowid = stored.filter(({ name, wr }) => names.includes(name) && wr === 0)
    expect(withRowid).toEqual([])
  })
})

/** Whatever was made of it, the next file finds it as the migrations make it. */
async function remakeDatabase(): Promise<void> {
  const names = (await all<{ name: string }>('PRAGMA table_list'))
    .map(({ name }) => name)
    .filter((name) => !/^(sqlite_|_cf_)/.test(name))
  await env.DB.batch([
    env.DB.prepare('PRAGMA defer_foreign_keys = on'),
    ...names.map((name) => env.DB.prepare(`DROP TABLE ${name}`)),
  ])
  await applyD1Migrations(env.DB, env.MIGRATIONS)
}

describe('the comparison', () => {
  afterEach(remakeDatabase)

  it.each([
    ['a column too many', ['ALTER TABLE templates ADD COLUMN extra text']],
    ['a column too few', ['ALTER TABLE dead_letters DROP COLUMN reason']],
    ['a missing index', ['DROP INDEX keys_by_tenant']],
    ['a table too many', ['CREATE TABLE extra (id text PRIMARY KEY)']],
    [
      'another primary key',
      ['DROP TABLE subscriptions', 'CREATE TABLE subscriptions (tenant_id text NOT NULL)'],
    ],
  ])('notices %s', async (_, statements) => {
    const before = await describeDatabase()
    await env.DB.batch(statements.map((statement) => env.DB.prepare(statement)))
    const after = await describeDatabase()
    expect(after).not.toEqual(before)
    expect(after).not.toEqual(describeSchema())
  })
})
