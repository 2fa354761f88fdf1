// A row of events, and what is read from some of them in order.

import { z } from 'zod'
import { EventSchema } from '../../../engine/model/event-schema.ts'
import type { LoggedEvent } from '../../../engine/model/index.ts'
import { byteLength, frame, unframe } from '../../../primitives/framed-json.ts'
import { timeOf } from '../../../primitives/ids.ts'
import { pack } from '../../../primitives/pack.ts'
import { LOG } from '../../../tuning.ts'
import { jsonText } from '../rows.ts'

/** Its texts are read only of rows that may hold what is looked for. */
export const EventRow = z.object({
  first_event: z.string(),
  last_event: z.string(),
  /** Of the last of its events; 0: it was written before events were numbered. */
  number: z.number(),
  webhooks: z.string(),
  events: z.string(),
  accepted: z.number(),
  /** The table that it stands in. */
  source: z.string(),
})
export type EventRow = z.infer<typeof EventRow>
const Events = z.string().transform(unframe).pipe(z.array(EventSchema))
/** Most rows have no event that is pulled. */
const PULLED = '"pullWebhookIds"'
const Pulled = z.object({ pullWebhookIds: z.array(z.string()).optional() })
const PulledEvents = z
  .string()
  .transform(unframe)
  .pipe(z.array(EventSchema.and(Pulled)))
const WebhookIds = jsonText(z.array(z.array(z.string())))

/** An event, and the number under which it was accepted: as a text, or its id where it was accepted before there were numbers. */
export interface PlacedEvent {
  readonly event: LoggedEvent
  readonly position: string
}

/** What is wanted of rows in order of their first event, oldest first; rows may overlap. */
export function* merge(
  rows: Iterable<EventRow>,
  select: (row: EventRow) => readonly LoggedEvent[],
): Generator<LoggedEvent> {
  let waiting: LoggedEvent[] = []
  for (const row of rows) {
    // No row from here on holds an older event than this one's first.
    const ready = waiting.findIndex(({ id }) => id > row.first_event)
    yield* waiting.splice(0, ready === -1 ? waiting.length : ready)
    waiting = [...waiting, ...select(row)].toSorted((a, b) => (a.id < b.id ? -1 : 1))
  }
  yield* waiting
}

export function earlier(id: string, other: string): string {
  return id < other ? id : other
}

/** Stands in a row that has an event of the type. */
export function typeText(type: string | null): string {
  return type === null ? '' : `"type":${JSON.stringify(type)}`
}

export function selectEvents(
  row: EventRow,
  from: string,
  below: string,
  type: string | null,
): LoggedEvent[] {
  return parseRow(row).filter(
    (event) => event.id >= from && event.id < below && (type === null || event.type === type),
  )
}

/** Groups in order of id that span a minute and a megabyte at most. */
export function toGroups(events: readonly LoggedEvent[]): LoggedEvent[][] {
  const ordered = events.toSorted((a, b) => (a.id < b.id ? -1 : 1))
  const packs = pack(ordered, {
    size: LOG.packBytes,
    sizeOf: (event) => byteLength(frame(event)),
    belongs: ({ id }, first) => timeOf(id) - timeOf(first.id) < LOG.packSpanMs,
  })
  return [...packs].map(({ items }) => items)
}

export function parseRow(row: EventRow): LoggedEvent[] {
  const webhookIds = WebhookIds.parse(row.webhooks)
  const schema = row.events.includes(PULLED) ? PulledEvents : Events
  return schema.parse(row.events).map((event, index) => ({
    ...event,
    webhookIds: webhookIds[index] ?? [],
  }))
}

/** The same of a row that has a number. */
export function placedOf(row: EventRow): readonly PlacedEvent[] {
  const events = parseRow(row)
  return events.map((event, index) => {
    return { event, position: String(row.number - events.length + 1 + index) }
  })
}
