// What the consumers of one webhook read themselves. In: where one of them stands; out: the events that were accepted behind that, as far
// as one look goes, and where it stands then. Nothing is written: whom an event is for stands in its row.

import type { PullPage, PullQuery } from '../../../engine/ports/index.ts'
import { PAGE } from '../../../limits.ts'
import { frame } from '../../../primitives/framed-json.ts'
import { LOG, PULL } from '../../../tuning.ts'
import { isKept } from './event-page.ts'
import { placedOf } from './event-rows.ts'
import type { EventStore } from './event-store.ts'

/** One look. Goes through `PULL.rows` rows and `LOG.readChars` characters at most, and answers `PAGE.answerBytes`, which logs share. */
export function pullPage(
  events: EventStore,
  tenantDays: number,
  { webhookId, since, position, limit, share = 1 }: PullQuery,
): PullPage {
  const behind = Number(position ?? since * 1_000)
  const items: PullPage['items'][number][] = []
  let [rows, chars, bytes] = [0, 0, 0]
  let reached = behind
  const answer = (more: boolean): PullPage => ({ items, position: String(reached), more })
  for (const row of events.numbers.rowsBehind(behind)) {
    if (rows >= PULL.rows || chars >= LOG.readChars) return answer(true)
    rows += 1
    chars += row.events.length
    const placed = row.events.includes(webhookId) ? placedOf(row) : []
    for (const { event, position: place } of placed) {
      if (Number(place) <= behind || event.pullWebhookIds?.includes(webhookId) !== true) continue
      if (!isKept(event, tenantDays)) continue
      // As `cutPage` has it: twice the characters, and one event at least.
      const size = 2 * frame(event).length
      const isFull = bytes + size > PAGE.answerBytes / share
      if (items.length >= limit || (items.length > 0 && isFull)) return answer(true)
      items.push({ event, position: place })
      bytes += size
      reached = Number(place)
    }
    reached = row.number
  }
  // Nothing is accepted under a lower number than the newest, or by a clock that is further behind: who reads on moves on.
  reached = Math.max(reached, (Date.now() - PULL.idleMs) * 1_000)
  return answer(false)
}
