// A webhook that is about to be deleted: should whoever does that die before this monitor is purged, it finds out by itself
// that the webhook is gone, and forgets everything. Before it does it tells its tenant's event log how the deliveries stood.

import { z } from 'zod'
import { type DeliveryState, FIRST_RUN, type KeptDelivery } from '../../../engine/model/index.ts'
import type { WebhookRef } from '../../../engine/ports/index.ts'
import { AFTER_ALL_IDS, newId } from '../../../primitives/ids.ts'
import { RETENTION } from '../../../retention.ts'
import { HISTORY } from '../../tuning.ts'
import { inTime } from '../in-time.ts'
import type { StoredJob } from '../job-store.ts'
import { jsonText } from '../rows.ts'
import type { DeliveryStore } from './delivery-store.ts'
import type { ReportStore } from './report-store.ts'

const Made = z.object({ eventId: z.string(), run: z.string(), outcome: z.string() })
const ReportRow = z.object({ seq: z.number(), attempts: jsonText(z.array(Made)) })

/** A job that waits for the webhook to be gone. */
const DELETION = 'deletion'

export function toDeletion({ tenantId, id }: WebhookRef, now: number): StoredJob {
  const progress = { state: 'running', done: 0, total: 1, error: null, endedAt: null } as const
  return {
    ...{ id: newId(now), kind: DELETION, subject: id, request: tenantId },
    ...{ createdAt: now, progress },
  }
}

export function isDeletion({ kind }: StoredJob): boolean {
  return kind === DELETION
}

/** Forgets everything once the webhook is gone; when it is still there after a while, it was not deleted after all. */
export async function finishDeletion(
  { subject, request, createdAt }: StoredJob,
  db: D1Database,
  next: {
    readonly forget: () => Promise<void>
    readonly wait: () => Promise<void>
    readonly cancel: () => void
  },
): Promise<void> {
  const query = db.prepare('SELECT 1 FROM webhooks WHERE tenant_id = ? AND id = ?')
  if ((await inTime(query.bind(request, subject).first())) === null) await next.forget()
  else if (Date.now() < createdAt + RETENTION.deletionSeconds * 1_000) await next.wait()
  else next.cancel()
}

/** The event log of its tenant, as far as its monitor asks for it. */
export interface DeliveryKeeper {
  keepDeliveries(webhookId: string, deliveries: readonly KeptDelivery[]): Promise<void>
}

/** Where a monitor has what it knows of deliveries. */
interface Known {
  readonly deliveries: DeliveryStore
  readonly reports: ReportStore
}

/** Hands over in pages, no more of them than `HISTORY.calls`: what is older is shown as dropped. Can be repeated. */
export async function handOverDeliveries(
  stores: Known,
  statesOf: (eventIds: readonly string[]) => readonly DeliveryState[],
  webhookId: string,
  keeper: DeliveryKeeper,
): Promise<void> {
  let pages = 0
  for (const eventIds of pagesOfEvents(stores)) {
    const states = statesOf(eventIds)
    const kept = eventIds.flatMap((eventId, index): KeptDelivery[] => {
      const state = states[index]
      if (state === undefined) return []
      const { status, attempts, lastAttemptAt, reason } = state
      return [{ eventId, status, attempts, lastAttemptAt, reason }]
    })
    await keeper.keepDeliveries(webhookId, kept)
    pages += 1
    if (pages >= HISTORY.calls) return
  }
}

/** The ids of events that something is known of: of runs that have rows, and of those that were delivered at once and have none. */
function* pagesOfEvents({ deliveries, reports }: Known): Generator<readonly string[]> {
  for (let below = AFTER_ALL_IDS; ; ) {
    const ids = deliveries.eventsBelow(below, HISTORY.events)
    if (ids.length > 0) yield ids
    const last = ids.at(-1)
    if (last === undefined || ids.length < HISTORY.events) break
    below = last
  }
  const newest = { where: 'delivered > 0', newestFirst: true, limit: HISTORY.reports } as const
  for (let upTo = Number.MAX_SAFE_INTEGER; ; ) {
    // Read to its end: no statement is half read while a page is handed over.
    const asked = { columns: 'seq, attempts', upTo, ...newest }
    const rows = [...reports.tables.read(ReportRow, asked)]
    const delivered = rows
      .flatMap(({ attempts }) => attempts)
      .filter(({ run, outcome }) => run === FIRST_RUN && outcome === 'delivered')
    const ids = [...new Set(delivered.map(({ eventId }) => eventId))]
    for (let from = 0; from < ids.length; from += HISTORY.events) {
      yield ids.slice(from, from + HISTORY.events)
    }
    const last = rows.at(-1)
    if (last === undefined || rows.length < HISTORY.reports) break
    upTo = last.seq - 1
  }
}
