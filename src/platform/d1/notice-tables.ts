// Notices by e-mail: where a tenant's go, and what is still to be told.

import { integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { tenants } from './schema.ts'

const tenantId = () => text('tenant_id').references(() => tenants.id, { onDelete: 'cascade' })

export const noticeAddresses = sqliteTable('notice_addresses', {
  tenantId: tenantId().primaryKey(),
  address: text('address').notNull(),
  confirmedAt: integer('confirmed_at'),
  /** SHA-256 of the code that confirms it; null once it was used. */
  codeHash: text('code_hash'),
  expiresAt: integer('expires_at').notNull(),
})

/** A row for each mail of the last day that asked whether an address may be told, whoever is there still. */
export const confirmationMails = sqliteTable(
  'confirmation_mails',
  {
    at: integer('at').notNull(),
    id: text('id').notNull(),
    tenantId: text('tenant_id'),
    addressHash: text('address_hash').notNull(),
  },
  (table) => [primaryKey({ columns: [table.at, table.id] })],
)

/** A row for each kind of what happened to a webhook. */
export const notices = sqliteTable(
  'notices',
  {
    tenantId: tenantId().notNull(),
    webhookId: text('webhook_id').notNull(),
    kind: text('kind').notNull(),
    /** How many are to be told: 0 once they were. */
    count: integer('count').notNull(),
    firstAt: integer('first_at').notNull(),
    at: integer('at').notNull(),
    lastId: text('last_id').notNull(),
    cause: text('cause'),
    failingSince: integer('failing_since'),
    suspendsAt: integer('suspends_at'),
    triedAt: integer('tried_at'),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.webhookId, table.kind] })],
)
