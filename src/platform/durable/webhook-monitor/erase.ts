// What a monitor does for an erasure: it tells of which events it has content, because the log may know them no more, and forgets: nothing
// of it stays here, and what had not ended ends as `erased`.

import { z } from 'zod'
import { erasedState } from '../../../engine/health/runs.ts'
import { withoutContent } from '../../../engine/health/without-content.ts'
import { fromDeliveryText } from '../../../engine/messages/delivery-message.ts'
import { hasEnded, hasResponseContent, JOINT_RUN, type Scope } from '../../../engine/model/index.ts'
import type { Report } from '../../../engine/ports/index.ts'
import { firstIdAt } from '../../../primitives/ids.ts'
import { jsonText, rowsOf } from '../rows.ts'
import { StoredAttempt } from './stored-report.ts'
import type { MonitorStores } from './stores.ts'

/** What is diverted; what waits because of a hold, what goes with others in one request, and what waits for others of its order; what no queue has taken yet; what is being tried; what receivers answered. */
const KINDS = ['diverted', 'held', 'joined', 'placed', 'unsent', 'open', 'excerpt'] as const
export const ContentKind = z.enum(KINDS)

/** Something that a monitor has of an event; with its scope where that stands there, too. */
export interface Content {
  readonly eventId: string
  readonly kind: z.infer<typeof ContentKind>
  readonly scope: Scope | null
}

/** Where a reader stands: behind a row of a kind. */
export interface ContentPosition {
  readonly kind: Content['kind']
  readonly behind: string
}

const START: ContentPosition = { kind: 'diverted', behind: '' }

/** Rows of one page. */
const ROWS = 200

/** A report as it is kept: of events that were erased before without their content. */
export function asKept(report: Report, { erased }: MonitorStores): Report {
  return withoutContent(report, (eventId) => erased.has(eventId))
}

/** Within a transaction. `wherePresent`: only of events that something is known of; whether there were any. */
export function erase(
  eventIds: readonly string[],
  wherePresent: boolean,
  stores: MonitorStores,
  now: number,
): boolean {
  const { deliveries, diverted, held, joint, places, outbox, reports, erased } = stores
  const attempted = reports.eraseExcerpts(eventIds)
  const meant = new Set<string>()
  for (const eventId of eventIds) {
    const runs = deliveries.ofEvent(eventId)
    const waiting = held.runsOf(eventId)
    const joined = joint.runsOf(eventId)
    const isKnown = runs.length + waiting.length + joined.length > 0 || attempted.has(eventId)
    const wasDiverted = diverted.delete(eventId)
    if (wherePresent && !isKnown && !wasDiverted) continue
    meant.add(eventId)
    erased.add(eventId, now)
    for (const run of waiting) held.delete({ eventId, run })
    for (const run of joined) joint.leave({ eventId, run })
    places.end(eventId)
    for (const { run, ...state } of runs) {
      if (!hasEnded(state.status)) deliveries.put({ eventId, run }, erasedState(state))
    }
  }
  if (meant.size === 0) return false
  outbox.deleteWhere((text) => {
    const message = fromDeliveryText(text)
    return message?.kind === 'deliver' && meant.has(message.event.id)
  })
  return true
}

const HeldRow = z.object({ event_id: z.string(), run: z.string(), message: z.string() })
const UnsentRow = z.object({ seq: z.number(), message: z.string() })
const ReportRow = z.object({ seq: z.number(), attempts: jsonText(z.array(StoredAttempt)) })

/** The next page behind a position, of events that were published until a time; null: from the start on, and at the end. */
export function contentsBehind(
  from: ContentPosition | null,
  until: number,
  stores: ReadStores,
): { readonly items: readonly Content[]; readonly next: ContentPosition | null } {
  const { kind, behind } = from ?? START
  const below = firstIdAt(until + 1)
  const rows = READ[kind](behind, below, stores)
  const items = rows
    .flatMap((row) => row.events)
    .filter(({ eventId }) => eventId < below)
    .map((event) => ({ ...event, kind }))
  const last = rows.at(-1)
  if (rows.length === ROWS && last) return { items, next: { kind, behind: last.position } }
  const later = KINDS[KINDS.indexOf(kind) + 1]
  return { items, next: later === undefined ? null : { kind: later, behind: '' } }
}

type ReadStores = Pick<
  MonitorStores,
  'sql' | 'diverted' | 'deliveries' | 'reports' | 'joint' | 'places'
>

interface ReadRow {
  readonly position: string
  readonly events: readonly Omit<Content, 'kind'>[]
}

type Read = (behind: string, below: string, stores: ReadStores) => readonly ReadRow[]

const READ: Readonly<Record<Content['kind'], Read>> = {
  diverted: (behind, _, { diverted }) =>
    [...diverted.scopesBehind(behind, ROWS)].map(({ eventId, scope }) => ({
      position: eventId,
      events: [{ eventId, scope }],
    })),
  held(behind, _, { sql }) {
    const query =
      'SELECT event_id, run, message FROM held WHERE (event_id, run) > (?, ?) ORDER BY event_id, run LIMIT ?'
    const [eventId = '', run = ''] = behind.split('/')
    return [...rowsOf(sql, HeldRow, query, eventId, run, ROWS)].map((row) => ({
      position: `${row.event_id}/${row.run}`,
      events: carriedBy(row.message),
    }))
  },
  joined: (behind, _, { joint }) =>
    joint.behind(behind, ROWS).map(({ id: position, parts }) => ({
      position,
      events: parts.map(({ message: { event } }) => ({ eventId: event.id, scope: event.scope })),
    })),
  placed: (behind, _, { places }) =>
    places.messagesBehind(behind, ROWS).map(({ event_id: position, message }) => ({
      position,
      events: carriedBy(message),
    })),
  unsent(behind, _, { sql }) {
    const query = 'SELECT seq, message FROM outbox WHERE seq > ? ORDER BY seq LIMIT ?'
    return [...rowsOf(sql, UnsentRow, query, Number(behind), ROWS)].map(({ seq, message }) => ({
      position: String(seq),
      events: carriedBy(message),
    }))
  },
  open: (behind, below, { deliveries }) =>
    deliveries.openEvents(ROWS, behind, below).map((eventId) => ({
      position: eventId,
      events: [{ eventId, scope: null }],
    })),
  excerpt(behind, below, { reports }) {
    const where = `first_event < ?4
      AND instr(attempts, '"responseExcerpt":"') + instr(attempts, '"responseFacts":') > 0`
    const asked = { columns: 'seq, attempts', from: Number(behind) + 1, where, limit: ROWS }
    return [...reports.tables.read(ReportRow, asked, below)].map(({ seq, attempts }) => {
      const told = attempts.filter(hasResponseContent)
      const ids = [...new Set(told.map(({ eventId }) => eventId))]
      return { position: String(seq), events: ids.map((eventId) => ({ eventId, scope: null })) }
    })
  },
}

function carriedBy(text: string): readonly Omit<Content, 'kind'>[] {
  const message = fromDeliveryText(text)
  if (message?.kind !== 'deliver' || message.run === JOINT_RUN) return []
  return [{ eventId: message.event.id, scope: message.event.scope }]
}
