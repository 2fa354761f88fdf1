// Tables that refer to no other: part of the schema (schema.ts).

import { sql } from 'drizzle-orm'
import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'

/** Who signed in to the pages. Few, and looked for by their credential only to be ended: no index. */
export const sessions = sqliteTable('sessions', {
  id: text('id').primaryKey(),
  /** Null: the administrator's token. */
  keyId: text('key_id'),
  /** SHA-256 of that token; null of a key's. */
  proof: text('proof'),
  secretHash: text('secret_hash').notNull(),
  createdAt: integer('created_at').notNull(),
  expiresAt: integer('expires_at').notNull(),
})

export const templates = sqliteTable('templates', {
  id: text('id').primaryKey(),
  name: text('name').notNull().unique(),
  displayName: text('display_name').notNull(),
  description: text('description').notNull(),
})

/**
 * Which tenant has which job, in order of time, because ids are UUIDv7. It outlives its tenant, since to look for a tenant's would
 * take an index.
 */
export const tenantJobs = sqliteTable('tenant_jobs', {
  id: text('id').primaryKey(),
  tenantId: text('tenant_id').notNull(),
})

export const deadLetters = sqliteTable(
  'dead_letters',
  {
    id: text('id').primaryKey(),
    queue: text('queue').notNull(),
    reason: text('reason').notNull(),
    body: text('body').notNull(),
    at: integer('at').notNull(),
    /** When the message was sent; null of one that a version kept which did not note that. */
    sentAt: integer('sent_at'),
  },
  (table) => [index('dead_letters_by_time').on(table.at, table.id)],
)

/** The catalogue of event types; a definition is JSON (event-type-rows.ts). */
export const eventTypes = sqliteTable('event_types', {
  name: text('name').primaryKey(),
  definition: text('definition').notNull(),
})

/** One row, by which isolates see that the catalogue was changed; none until then. */
export const catalogue = sqliteTable('catalogue', {
  id: integer('id').primaryKey(),
  revision: integer('revision').notNull(),
  /** Whose change the last one was, so that what else it writes is written for nobody else. */
  writer: text('writer').notNull(),
})

/** What a call was answered that may be repeated (engine/configuration/repeated-calls.ts). */
export const idempotencyKeys = sqliteTable(
  'idempotency_keys',
  {
    /** SHA-256 of the caller, the method, the path and the key. */
    key: text('key').primaryKey(),
    contentHash: text('content_hash').notNull(),
    /** Of the call that has the key, so that no other one answers in its place. */
    owner: text('owner').notNull(),
    /** The answer, sealed by the vault and bound to the key; null while the call is under way. */
    sealed: text('sealed'),
    expiresAt: integer('expires_at').notNull(),
    /** The tenant of whose events' content the answer may have some; null where it has none. */
    contentOf: text('content_of'),
  },
  (table) => [
    index('idempotency_keys_with_content').on(table.contentOf).where(sql`content_of IS NOT NULL`),
  ],
)

/**
 * The one table that grows with traffic: no index and no foreign key beside the primary key, so that a claim writes
 * one row and does not depend on a tenant that is just being deleted.
 */
export const deduplicationKeys = sqliteTable(
  'deduplication_keys',
  {
    tenantId: text('tenant_id').notNull(),
    key: text('key').notNull(),
    contentHash: text('content_hash').notNull(),
    answer: text('answer').notNull(),
    confirmed: integer('confirmed', { mode: 'boolean' }).notNull(),
    expiresAt: integer('expires_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.key] })],
)
