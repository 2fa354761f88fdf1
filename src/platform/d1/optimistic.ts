// Optimistic concurrency: read, decide, write only if nobody else did meanwhile, else again after a random moment; and not at all
// once the tenant's epoch is over.

import { eq, sql } from 'drizzle-orm'
import { EngineError, FENCED } from '../../errors.ts'
import { WEBHOOK } from '../../limits.ts'
import { D1 } from '../tuning.ts'
import type { Database } from './database.ts'
import { tenants } from './schema.ts'

/** What a write came to that another one was faster than. */
export const LOST = Symbol('lost')

/** The first result that is not LOST. Throws `unavailable` after `WEBHOOK.updateTries`. */
export async function untilWon<Result>(
  write: () => Promise<Result | typeof LOST>,
): Promise<Result> {
  for (let tries = 0; tries < WEBHOOK.updateTries; tries += 1) {
    if (tries > 0) await scheduler.wait(backoffMs(tries))
    const result = await write()
    if (result !== LOST) return result
  }
  throw new EngineError(
    'unavailable',
    'Too many requests are changing this object at the same time. Try again later.',
    {
      retryAfterSeconds: 1,
    },
  )
}

/** Random, so that those who lost together do not meet again. */
function backoffMs(tries: number): number {
  return Math.random() * Math.min(D1.updateBackoffMs * 2 ** tries, D1.maxUpdateBackoffMs)
}

/** The tenant's epoch; nothing of one that there is not. */
export function readEpoch(db: Database, tenantId: string) {
  return db.select({ epoch: tenants.epoch }).from(tenants).where(eq(tenants.id, tenantId))
}

/** Throws when the batch that read this wrote nothing because the tenant is in another epoch, or gone. */
export function refuseFenced(
  present: readonly { readonly epoch: number }[],
  epoch: number | undefined,
): void {
  if (epoch === undefined || present[0]?.epoch === epoch) return
  throw new EngineError('unavailable', 'The change took too long. Try again.', {
    retryAfterSeconds: 1,
    cause: FENCED,
  })
}

/** In an epoch; no condition where none is asked for. */
export function isIn(tenantId: string, epoch: number | undefined) {
  if (epoch === undefined) return undefined
  return sql`EXISTS (SELECT 1 FROM ${tenants} WHERE ${tenants.id} = ${tenantId} AND ${tenants.epoch} = ${epoch})`
}
