// How an object hands over what it counted on a day.

import type { DayActivity } from '../../engine/model/index.ts'
import { describeError } from '../../errors.ts'
import type { Bindings } from '../bindings.ts'
import { createActivityStore } from '../d1/activity-store.ts'
import { openDatabase } from '../d1/database.ts'
import { log } from '../logger.ts'
import { inTime } from './in-time.ts'

/** Tells D1. Never rejects: what is not told now is told with what follows, and until then only not counted. */
export async function tellActivity(
  { DB }: Pick<Bindings, 'DB'>,
  tenantId: string,
  day: DayActivity,
): Promise<void> {
  if (day.hours.length === 0) return
  try {
    await inTime(createActivityStore(openDatabase(DB)).tell(tenantId, day))
  } catch (error) {
    log({ event: 'activity.untold', tenantId, error: describeError(error) })
  }
}
