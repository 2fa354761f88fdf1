// Event logs forget what is old when the cron tells them: an alarm for it would cost a quiet tenant more than its events. Each
// hour of the week it is the turn of other tenants, by how their ids end, so that nothing need be remembered.

import { describeError } from '../../errors.ts'
import { RETENTION } from '../../retention.ts'
import type { Ports } from '../ports/index.ts'

const HOUR_MS = 3_600_000
const HOURS = 7 * 24
/** How ids end: in two hexadecimal digits, which are random in UUIDv7. */
const ENDINGS = Array.from({ length: 256 }, (_, n) => n.toString(16).padStart(2, '0'))

/** The endings of the ids of tenants whose turn it is: each ending once a week. */
export function endingsAt(now: number): readonly string[] {
  const hour = Math.floor(now / HOUR_MS) % HOURS
  return ENDINGS.filter((_, index) => Math.floor((index * HOURS) / ENDINGS.length) === hour)
}

/** Has the event logs of this hour forget what is old; returns how many did. */
export async function sweepEventLogs({
  clock,
  tenants,
  eventLog,
  log,
}: Pick<Ports, 'clock' | 'tenants' | 'eventLog' | 'log'>): Promise<number> {
  const endings = endingsAt(clock())
  let [after, visited, swept]: [string | null, number, number] = [null, 0, 0]
  while (visited < RETENTION.sweptTenants) {
    const page = await tenants.list({ limit: RETENTION.sweptTogether, after, endings })
    const done = await Promise.all(
      page.map(async ({ id: tenantId }) => {
        try {
          await eventLog(tenantId).sweep()
          return 1
        } catch (error) {
          log({ event: 'sweep.skipped', tenantId, error: describeError(error) })
          return 0
        }
      }),
    )
    visited += page.length
    swept += done.reduce<number>((sum, one) => sum + one, 0)
    after = page.at(-1)?.id ?? null
    if (page.length < RETENTION.sweptTogether) break
  }
  return swept
}
