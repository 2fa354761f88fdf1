// What receivers answered, on its way out of the reports.

import { z } from 'zod'
import type { Attempt } from '../../../engine/model/index.ts'
import { timeOf } from '../../../primitives/ids.ts'
import { LOG } from '../../../tuning.ts'
import { jsonText, rowsOf } from '../rows.ts'
import { StoredAttempt } from './stored-report.ts'

const Row = z.object({ seq: z.number(), attempts: jsonText(z.array(StoredAttempt)) })

/** Removes what responses to attempts of events said, or to one attempt; the events that attempts were made of. */
export function eraseExcerpts(
  sql: SqlStorage,
  eventIds: readonly string[],
  attemptId?: string,
): ReadonlySet<string> {
  const ids = eventIds.toSorted()
  const [first] = ids
  const last = ids.at(-1)
  const found = new Set<string>()
  if (first === undefined || last === undefined) return found
  const meant = new Set(ids)
  const isErased = (one: Attempt) => meant.has(one.eventId) && (attemptId ?? one.id) === one.id
  const query = `SELECT seq, attempts FROM reports
    WHERE seq >= ? AND first_event <= ? AND last_event >= ?`
  // No attempt is older than its event, on whichever clock.
  const since = Math.max(0, timeOf(first) - LOG.clockSkewMs) * 1_000
  const changed = new Map<number, readonly Attempt[]>()
  for (const { seq, attempts } of rowsOf(sql, Row, query, since, last, first)) {
    const told = attempts.filter(({ eventId }) => meant.has(eventId))
    for (const { eventId } of told) found.add(eventId)
    if (!told.some((one) => isErased(one) && one.responseExcerpt !== null)) continue
    const bare = attempts.map((one) => (isErased(one) ? { ...one, responseExcerpt: null } : one))
    changed.set(seq, bare)
  }
  for (const [seq, attempts] of changed) {
    sql.exec('UPDATE reports SET attempts = ? WHERE seq = ?', JSON.stringify(attempts), seq)
  }
  return found
}
