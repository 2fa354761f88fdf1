// All attempts to a webhook, newest first: those that its monitor knows, and those that the event log noted as delivered at once. In: a
// query; out: a page that both have their part of, and where both go on.

import { invalid } from '../../errors.ts'
import { CURSORS } from '../../primitives/cursor.ts'
import type { Attempt } from '../model/index.ts'
import type { AttemptQuery, Ports, WebhookRef } from '../ports/index.ts'

/** Cursors of both; undefined from the start, null at the end. */
interface Position {
  readonly told: string | undefined | null
  readonly noted: string | undefined | null
}

interface Page {
  readonly items: readonly Attempt[]
  readonly nextCursor: string | null
}

const NOTHING: Page = { items: [], nextCursor: null }

/** In front of every row of a monitor, and behind it. */
const FIRST_ROW = Number.MAX_SAFE_INTEGER
const LAST_ROW = 0

const ALL_IDS = 'ffffffff-ffff-ffff-ffff-ffffffffffff'
const NO_IDS = '00000000-0000-0000-0000-000000000000'

/** A page may be short, or empty, and yet go on: one call reads only so much. */
export async function listAttempts(
  { tenantId, id: webhookId }: WebhookRef,
  query: AttemptQuery,
  ports: Pick<Ports, 'monitor' | 'eventLog'>,
): Promise<Page> {
  const monitor = ports.monitor(webhookId)
  const from = readPosition(query.cursor)
  const [told, noted] = await Promise.all([
    from.told === null ? NOTHING : monitor.attempts({ ...query, cursor: from.told }),
    from.noted === null
      ? NOTHING
      : ports.eventLog(tenantId).firstAttempts(webhookId, { ...query, cursor: from.noted }),
  ])
  const { items, toldHere, notedHere } = merge(told, noted, query.limit)
  const next: Position = {
    told:
      toldHere === told.items.length
        ? told.nextCursor
        : await behind(told.items.slice(0, toldHere), from.told, (limit, cursor) =>
            monitor.attempts({ ...query, limit, cursor }),
          ),
    noted:
      notedHere === noted.items.length
        ? noted.nextCursor
        : (cursorBehind(noted.items[notedHere - 1]) ?? from.noted),
  }
  return { items, nextCursor: writePosition(next) }
}

/**
 * The newest of both, at most so many, and how many of each. Each keeps its order, which is not quite that of time: a monitor's
 * attempts are in the order of their reports. Behind the last one of a page that goes on, what it goes on with may come next.
 */
function merge(told: Page, noted: Page, limit: number) {
  const items: Attempt[] = []
  let [toldHere, notedHere] = [0, 0]
  while (items.length < limit) {
    const [one, other] = [told.items[toldHere], noted.items[notedHere]]
    if (one === undefined && told.nextCursor !== null) break
    if (other === undefined && noted.nextCursor !== null) break
    const isTold = one !== undefined && (other === undefined || one.at >= other.at)
    const next = isTold ? one : other
    if (next === undefined) break
    items.push(next)
    if (isTold) toldHere += 1
    else notedHere += 1
  }
  return { items, toldHere, notedHere }
}

/** Where a monitor goes on behind the last of some attempts, the first of a page; what was reported since may stand before them. */
async function behind(
  shown: readonly Attempt[],
  from: string | undefined | null,
  read: (limit: number, cursor: string | undefined) => Promise<Page>,
): Promise<string | undefined | null> {
  const last = shown.at(-1)
  if (last === undefined) return from
  for (let limit = shown.length; ; limit += 1) {
    const { items, nextCursor } = await read(limit, from ?? undefined)
    if (nextCursor === null || items.at(-1)?.id === last.id) return nextCursor
  }
}

function cursorBehind(attempt: Attempt | undefined): string | undefined {
  return attempt && CURSORS.firstAttempts.write(attempt.id)
}

function readPosition(cursor: string | undefined): Position {
  if (cursor === undefined) return { told: undefined, noted: undefined }
  const [row, shown, id] = CURSORS.webhookAttempts.read(cursor) ?? []
  if (row === undefined || shown === undefined) {
    throw invalid(['cursor'], 'Not a cursor of this list.')
  }
  return {
    told: Number(row) === LAST_ROW ? null : CURSORS.attempts.write(row, shown),
    noted: id === NO_IDS ? null : CURSORS.firstAttempts.write(id ?? ALL_IDS),
  }
}

function writePosition({ told, noted }: Position): string | null {
  if (told === null && noted === null) return null
  const [row = FIRST_ROW, shown = 0] = told === null ? [LAST_ROW] : readTold(told)
  const [id = ALL_IDS] = noted === null ? [NO_IDS] : readNoted(noted)
  return CURSORS.webhookAttempts.write(row, shown, id)
}

function readTold(cursor: string | undefined): readonly (string | undefined)[] {
  return (cursor === undefined ? null : CURSORS.attempts.read(cursor)) ?? []
}

function readNoted(cursor: string | undefined): readonly (string | undefined)[] {
  return (cursor === undefined ? null : CURSORS.firstAttempts.read(cursor)) ?? []
}
