// All webhooks of a tenant at once, as its event log copies them: their secrets stay sealed.

import { eq, lte, sql } from 'drizzle-orm'
import { z } from 'zod'
import type { Lane } from '../../engine/model/index.ts'
import { openDatabase } from './database.ts'
import {
  Attributes,
  BatchingColumn,
  Channels,
  EventTypePatterns,
  Handling,
  HttpSignatureColumn,
  Metadata,
  OrderingColumn,
  PauseColumn,
  Pins,
  ScopeEntries,
  Shapes,
  ThrottleColumn,
} from './json-columns.ts'
import { tenants, webhooks } from './schema.ts'

/** What owners decide about a webhook, secrets sealed. */
export type SealedWebhook = z.infer<typeof SealedWebhook>
export const SealedWebhook = z.object({
  tenantId: z.string(),
  id: z.string(),
  dialect: z.string(),
  owner: z.string().nullable().default(null),
  uniqueKey: z.string().nullable().default(null),
  name: z.string().nullable().default(null),
  url: z.string(),
  eventTypes: EventTypePatterns,
  scope: ScopeEntries,
  enabled: z.boolean(),
  failureHandling: Handling.nullable().default(null),
  attributes: Attributes,
  pins: Pins.default([]),
  shapes: Shapes.optional(),
  uid: z.string().nullable().default(null),
  description: z.string().nullable().default(null),
  metadata: Metadata.default({}),
  channels: Channels.default([]),
  pause: PauseColumn.nullable().default(null),
  throttle: ThrottleColumn.nullish(),
  ordering: OrderingColumn.nullish(),
  batching: BatchingColumn.nullish(),
  httpSignature: HttpSignatureColumn.nullish(),
  sealed: z.string(),
  version: z.string(),
  createdAt: z.number(),
  updatedAt: z.number(),
})

export interface TenantWebhooks {
  readonly tenantName: string
  readonly retentionDays: number
  readonly epoch: number
  readonly webhooks: readonly {
    readonly sealed: SealedWebhook
    /** As the database has them; the event log may know better. */
    readonly state: {
      readonly version: number
      readonly suspendedAt: number | null
      readonly lane: Lane
    }
  }[]
}

/** Null when there is no such tenant. */
export async function readTenantWebhooks(
  d1: D1Database,
  tenantId: string,
): Promise<TenantWebhooks | null> {
  const db = openDatabase(d1)
  const [[tenant], rows] = await db.batch([
    db
      .select({ name: tenants.name, epoch: tenants.epoch, retentionDays: tenants.retentionDays })
      .from(tenants)
      .where(eq(tenants.id, tenantId)),
    db.select().from(webhooks).where(eq(webhooks.tenantId, tenantId)),
  ])
  if (tenant === undefined) return null
  return {
    tenantName: tenant.name,
    epoch: tenant.epoch,
    retentionDays: tenant.retentionDays,
    webhooks: rows.map(({ suspendedAt, lane, stateVersion, ...sealed }) => ({
      sealed,
      state: { version: stateVersion, suspendedAt, lane },
    })),
  }
}

/** Sees to it that the epoch of a tenant is greater than `epoch`. */
export async function raiseEpoch(d1: D1Database, tenantId: string, epoch: number): Promise<void> {
  await openDatabase(d1)
    .update(tenants)
    .set({ epoch: epoch + 1 })
    .where(sql`${eq(tenants.id, tenantId)} AND ${lte(tenants.epoch, epoch)}`)
}
