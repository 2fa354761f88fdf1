// The tables of the control plane. `npx drizzle-kit generate --name <what>` turns a change here into a migration;
// test/platform/d1/schema.test.ts holds the two together.
//
// Every table is WITHOUT ROWID (the migration says so; Drizzle has no word for it): a text primary key then costs one
// row written instead of two (https://developers.cloudflare.com/d1/platform/pricing/: an index is a row of its own).

import { sql } from 'drizzle-orm'
import {
  foreignKey,
  index,
  integer,
  primaryKey,
  real,
  sqliteTable,
  text,
  uniqueIndex,
} from 'drizzle-orm/sqlite-core'
import {
  Attributes,
  BatchingColumn,
  Channels,
  Counts,
  EventTypePatterns,
  FeatureFlags,
  FieldChanges,
  Handling,
  HoursOfDay,
  HttpSignatureColumn,
  jsonColumn,
  Metadata,
  OrderingColumn,
  PauseColumn,
  Permissions,
  Pins,
  ScopeEntries,
  Shapes,
  ThrottleColumn,
  VerificationColumn,
} from './json-columns.ts'

export * from './standalone-tables.ts'

/** A tenant's rows go with it; the database sees to that. */
const tenantId = () =>
  text('tenant_id')
    .notNull()
    .references(() => tenants.id, { onDelete: 'cascade' })

export const tenants = sqliteTable(
  'tenants',
  {
    id: text('id').primaryKey(),
    name: text('name').notNull(),
    createdAt: integer('created_at').notNull(),
    /** Writes of webhooks that were begun under a former one do nothing (engine/configuration/announced-changes.ts). */
    epoch: integer('epoch').notNull().default(0),
    uid: text('uid'),
    metadata: jsonColumn('metadata', Metadata).notNull().default(sql`'{}'`),
    /** Days for which its events are kept. */
    retentionDays: integer('retention_days').notNull().default(30),
    /** When an erasure of events was last asked for: who has an older one in a queue asks first whether it still has content. */
    erasedAt: integer('erased_at'),
  },
  (table) => [
    // Unique as it is written, and found in any case: what an id is compared with.
    uniqueIndex('tenants_uid').on(sql`lower(uid)`, table.uid).where(sql`uid IS NOT NULL`),
  ],
)

/**
 * Uids that tenants gave up lately: they rest, because somebody may still take them for the former tenant's
 * (`TENANT.uidRestMs`). It outlives its tenant.
 */
export const freedUids = sqliteTable('freed_uids', {
  uid: text('uid').primaryKey(),
  tenantId: text('tenant_id').notNull(),
  at: integer('at').notNull(),
})

/** Uids that tenants had, each time they gave one up, and the ids of deleted ones, for as long as a dead letter may name them by one. */
export const formerUids = sqliteTable(
  'former_uids',
  {
    tenantId: text('tenant_id').notNull(),
    uid: text('uid').notNull(),
    /** When it was given up, or the tenant was deleted. */
    at: integer('at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.uid, table.at] })],
)

export const keys = sqliteTable(
  'keys',
  {
    id: text('id').primaryKey(),
    tenantId: tenantId(),
    name: text('name'),
    subject: text('subject'),
    permissions: jsonColumn('permissions', Permissions).notNull(),
    /** Null: event types are shown whatever their flag. */
    featureFlags: jsonColumn('feature_flags', FeatureFlags),
    /** SHA-256 of the secret; the secret itself is nowhere. */
    secretHash: text('secret_hash').notNull(),
    createdAt: integer('created_at').notNull(),
    expiresAt: integer('expires_at'),
  },
  (table) => [index('keys_by_tenant').on(table.tenantId, table.id)],
)

/** Keys of no tenant. A table of their own: a version that does not know them takes none of them for a tenant's. */
export const operatorKeys = sqliteTable('operator_keys', {
  id: text('id').primaryKey(),
  name: text('name'),
  permissions: jsonColumn('permissions', Permissions).notNull(),
  secretHash: text('secret_hash').notNull(),
  createdAt: integer('created_at').notNull(),
  expiresAt: integer('expires_at'),
})

/**
 * What objects counted by day (its number since 1970) and told: of the tenants' event logs and webhooks. The row of day 0 has the sums
 * of all days that were closed. By day first: the newest of all tenants are read together.
 */
export const activity = sqliteTable(
  'activity',
  {
    day: integer('day').notNull(),
    tenantId: text('tenant_id').notNull(),
    source: text('source').notNull(),
    /** Of each hour of the day its number and its sums; of day 0 the first day that is not closed. */
    hours: jsonColumn('hours', HoursOfDay).notNull(),
    events: integer('events').notNull(),
    bytes: integer('bytes').notNull(),
    delivered: integer('delivered').notNull(),
    failed: integer('failed').notNull(),
    diverted: integer('diverted').notNull(),
    microdollars: real('microdollars').notNull(),
    latencyMs: integer('latency_ms').notNull(),
    /** How many delivered attempts took how long (`LATENCY_BOUNDS_MS`). */
    latencies: jsonColumn('latencies', Counts).notNull(),
  },
  (table) => [primaryKey({ columns: [table.day, table.tenantId, table.source] })],
)

/** Links for customers: each opens the pages of its key, once, and goes with it. */
export const portalLinks = sqliteTable('portal_links', {
  keyId: text('key_id')
    .primaryKey()
    .references(() => keys.id, { onDelete: 'cascade' }),
  /** SHA-256 of the code in its address. */
  codeHash: text('code_hash').notNull(),
  expiresAt: integer('expires_at').notNull(),
  usedAt: integer('used_at'),
})

/** Its primary key lists a tenant's webhooks in order of creation, because ids are UUIDv7. */
export const webhooks = sqliteTable(
  'webhooks',
  {
    tenantId: tenantId(),
    id: text('id').notNull(),
    dialect: text('dialect').notNull(),
    owner: text('owner'),
    uniqueKey: text('slot'),
    name: text('name'),
    url: text('url').notNull(),
    eventTypes: jsonColumn('event_types', EventTypePatterns).notNull(),
    scope: jsonColumn('scope', ScopeEntries).notNull(),
    enabled: integer('enabled', { mode: 'boolean' }).notNull(),
    failureHandling: jsonColumn('failure_handling', Handling),
    attributes: jsonColumn('attributes', Attributes).notNull(),
    pins: jsonColumn('pins', Pins).notNull().default([]),
    shapes: jsonColumn('shapes', Shapes).notNull().default([]),
    uid: text('uid'),
    description: text('description'),
    metadata: jsonColumn('metadata', Metadata).notNull().default({}),
    channels: jsonColumn('channels', Channels).notNull().default([]),
    /** The last one; null: it was never paused. */
    pause: jsonColumn('pause', PauseColumn),
    /** What its owner said of its rate last; null: nothing. */
    throttle: jsonColumn('throttle', ThrottleColumn),
    /** Null: its receiver is not asked. */
    verification: jsonColumn('verification', VerificationColumn),
    /** What its owner said of its order last; null: nothing. */
    ordering: jsonColumn('ordering', OrderingColumn),
    /** What its owner said of its batches last; null: nothing. */
    batching: jsonColumn('batching', BatchingColumn),
    /** Null: its requests have none. */
    httpSignature: jsonColumn('http_signature', HttpSignatureColumn),
    /** After how long without a pull it is deleted; null: never. */
    deleteAfterIdleSeconds: integer('delete_after_idle_seconds'),
    /** When it was last pulled, as far as that is noted; only of those that are deleted when nobody does. */
    pulledAt: integer('pulled_at'),
    /** `WebhookSecrets` as JSON, sealed by the vault and bound to the id. */
    sealed: text('sealed').notNull(),
    suspendedAt: integer('suspended_at'),
    lane: text('lane', { enum: ['fast', 'slow'] }).notNull(),
    /** The monitor's version of `suspended_at` and `lane`; only a greater one is written over it. */
    stateVersion: integer('state_version').notNull(),
    /** Another random text after every update of everything else: an update that read a former one has lost. */
    version: text('version').notNull(),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.id] }),
    uniqueIndex('webhooks_slot')
      .on(table.tenantId, table.dialect, table.uniqueKey)
      .where(sql`slot IS NOT NULL`),
    uniqueIndex('webhooks_uid').on(table.tenantId, table.uid).where(sql`uid IS NOT NULL`),
    index('webhooks_idle')
      .on(table.tenantId, table.id)
      .where(sql`delete_after_idle_seconds IS NOT NULL`),
  ],
)

/** Consumers of webhooks to which nothing is sent, and how far each has read. They go with their webhook. */
export const pullConsumers = sqliteTable(
  'pull_consumers',
  {
    tenantId: text('tenant_id').notNull(),
    webhookId: text('webhook_id').notNull(),
    name: text('name').notNull(),
    position: text('position').notNull(),
    committedAt: integer('committed_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.webhookId, table.name] }),
    foreignKey({
      columns: [table.tenantId, table.webhookId],
      foreignColumns: [webhooks.tenantId, webhooks.id],
    }).onDelete('cascade'),
  ],
)

/** Who may want an event, found by key alone (subscription-rows.ts says which rows a webhook has). */
export const subscriptions = sqliteTable(
  'subscriptions',
  {
    tenantId: tenantId(),
    eventType: text('event_type').notNull(),
    scopeEntry: text('scope_entry').notNull(),
    webhookId: text('webhook_id').notNull(),
  },
  (table) => [
    primaryKey({
      columns: [table.tenantId, table.eventType, table.scopeEntry, table.webhookId],
    }),
  ],
)

/** Who changed what. What is of a tenant goes with it. Read by tenant or as a whole, newest first, because ids are UUIDv7. */
export const audit = sqliteTable(
  'audit',
  {
    id: text('id').primaryKey(),
    /** Null: the deployment's. */
    tenantId: text('tenant_id').references(() => tenants.id, { onDelete: 'cascade' }),
    action: text('action').notNull(),
    actorKind: text('actor_kind').notNull(),
    actorId: text('actor_id'),
    /** What the key was called then: it may be gone. */
    actorName: text('actor_name'),
    actorSubject: text('actor_subject'),
    via: text('via').notNull(),
    surface: text('surface'),
    targetKind: text('target_kind').notNull(),
    targetId: text('target_id').notNull(),
    targetName: text('target_name'),
    changes: jsonColumn('changes', FieldChanges).notNull(),
  },
  (table) => [index('audit_by_tenant').on(table.tenantId, table.id)],
)
