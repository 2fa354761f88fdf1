// All secrets at rest, whoever's they are: sealing them anew under the newest key, a few at a time.

import { and, count, eq, type SQL, sql } from 'drizzle-orm'
import type { SecretStore, WebhookRef } from '../../engine/ports/index.ts'
import { describeError } from '../../errors.ts'
import { log } from '../logger.ts'
import type { Vault } from '../vault.ts'
import type { Database } from './database.ts'
import { webhooks } from './schema.ts'
import type { WebhookRow } from './webhook-row.ts'

type SealedRow = Pick<WebhookRow, 'tenantId' | 'id' | 'sealed' | 'version'>

const columns = {
  tenantId: webhooks.tenantId,
  id: webhooks.id,
  sealed: webhooks.sealed,
  version: webhooks.version,
}

export function createSecretStore(db: Database, vault: Vault): SecretStore {
  /** Null when it cannot be opened. */
  async function sealAnew({ id, sealed }: SealedRow): Promise<string | null> {
    try {
      return await vault.seal(await vault.open(sealed, id), id)
    } catch (error) {
      log({ event: 'secrets.unreadable', webhookId: id, error: describeError(error) })
      return null
    }
  }

  /**
   * Whether it was written. The version stays: an update that read the row before is no loser, since what it writes is
   * whole and sealed too; one that came between has changed the version, and nothing is written over it.
   */
  async function replace({ tenantId, id, version }: SealedRow, sealed: string): Promise<boolean> {
    const written = await db
      .update(webhooks)
      .set({ sealed })
      .where(
        and(eq(webhooks.tenantId, tenantId), eq(webhooks.id, id), eq(webhooks.version, version)),
      )
      .returning({ id: webhooks.id })
    return written.length > 0
  }

  return {
    async reseal({ limit, after }) {
      const outdated = isOutdated(await vault.newestPrefix())
      const rows = await db
        .select(columns)
        .from(webhooks)
        .where(and(outdated, after === null ? undefined : isAfter(after)))
        .orderBy(webhooks.tenantId, webhooks.id)
        .limit(limit)
      const unreadable: WebhookRef[] = []
      let resealed = 0
      for (const row of rows) {
        const sealed = await sealAnew(row)
        if (sealed === null) unreadable.push({ tenantId: row.tenantId, id: row.id })
        else if (await replace(row, sealed)) resealed += 1
      }
      const left = await db.select({ count: count() }).from(webhooks).where(outdated).get()
      const last = rows.at(-1)
      return {
        resealed,
        unreadable,
        remaining: left?.count ?? 0,
        next:
          rows.length === limit && last !== undefined
            ? { tenantId: last.tenantId, id: last.id }
            : null,
      }
    },
  }
}

/** Not sealed under the newest key. */
function isOutdated(prefix: string): SQL {
  return sql`substr(${webhooks.sealed}, 1, ${prefix.length}) <> ${prefix}`
}

function isAfter({ tenantId, id }: WebhookRef): SQL {
  return sql`(${webhooks.tenantId}, ${webhooks.id}) > (${tenantId}, ${id})`
}
