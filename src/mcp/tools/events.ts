// Tools about events: searching them, and one with its deliveries.

import { z } from 'zod'
import { DELIVERY_STATUSES } from '../../engine/model/index.ts'
import { MCP } from '../bounds.ts'
import {
  cursorInput,
  EventFacts,
  idInput,
  itemTexts,
  limitInput,
  NextCursor,
  pageShape,
  partOfEvent,
  ReadDelivery,
  readEvent,
  searchOf,
  timeInput,
  typeInput,
  writtenInDelivery,
} from '../shapes.ts'
import { tool } from '../tool.ts'
import { cut, partOf, type Written } from '../untrusted.ts'

const searchEvents = tool({
  name: 'search_events',
  title: 'Search events',
  description:
    'Lists events that were published, newest first, with their data, by type and time. `state: "scheduled"` lists those whose time has not come.',
  needs: ['events:read', 'events:list'],
  whenCut: 'ask for fewer (`limit`), or for one alone (get_event)',
  input: z.strictObject({
    type: typeInput.optional(),
    after: timeInput('Only events accepted after this time.').optional(),
    before: timeInput('Only events accepted before this time.').optional(),
    state: z.enum(['scheduled']).optional().describe('Only events whose time has not come.'),
    limit: limitInput,
    cursor: cursorInput.optional(),
  }),
  facts: z.object({ events: z.array(EventFacts), nextCursor: NextCursor }),
  async run({ input, v1 }) {
    const page = await v1.text(`/events${searchOf(input)}`)
    const events = itemTexts(page).map(readEvent)
    const { nextCursor } = pageShape(z.unknown()).parse(JSON.parse(page))
    const more = nextCursor === null ? '' : ' There are more: ask again with `cursor`.'
    return {
      says: `${events.length === 1 ? '1 event' : `${events.length} events`}.${more}`,
      facts: { events: events.map(({ facts }) => facts), nextCursor },
      untrusted: events.map(partOfEvent),
    }
  },
})

const DeliveryFacts = z.object({
  webhookId: z.string(),
  status: z.enum(DELIVERY_STATUSES),
  attempts: z.int(),
  lastAttemptAt: z.string().nullable(),
  statusCode: z.int().nullable(),
  nextAttemptAt: z.string().nullable(),
})

const getEvent = tool({
  name: 'get_event',
  title: 'Get an event',
  description:
    'Shows an event with its data, and how its delivery stands to each webhook that it was for. Long data is shown in pieces: `from` says where the piece begins.',
  needs: ['events:read'],
  whenCut: 'explain_delivery shows each delivery alone, by its `webhookId`',
  input: z.strictObject({
    eventId: idInput('event'),
    from: z.int().min(0).default(0).describe('From which character of its data on it is shown.'),
  }),
  facts: z.object({
    event: EventFacts,
    shownTo: z
      .int()
      .describe('Up to which character its data is shown: the next `from`, if there are more.'),
    deliveries: z.array(DeliveryFacts),
    deliveriesLeftOut: z
      .int()
      .describe('How many more there are; explain_delivery shows one by its webhook.'),
  }),
  async run({ input: { eventId, from }, v1 }) {
    const text = await v1.text(`/events/${eventId}`)
    const { facts, written, data } = readEvent(text)
    const all = z.object({ deliveries: z.array(ReadDelivery) }).parse(JSON.parse(text)).deliveries
    const shown = all.slice(0, MCP.mostItems)
    const piece = cut((data ?? '').slice(from), MCP.dataChars)
    const shownTo = from + piece.length
    const isAll = shownTo >= facts.dataChars
    const pieces: readonly Written[] =
      data === null ? [] : [{ of: `data from character ${from}`, text: piece, isWhole: true }]
    const parts = shown.map((one) => partOf(`delivery to ${one.webhookId}`, writtenInDelivery(one)))
    return {
      says:
        `The event is ${facts.state}, with ${all.length} ${all.length === 1 ? 'delivery' : 'deliveries'}.` +
        (isAll ? '' : ` Its data goes on: ask again with from: ${shownTo}.`),
      facts: {
        event: facts,
        shownTo,
        deliveries: shown.map(({ url: _, error: __, reason: ___, ...delivery }) => delivery),
        deliveriesLeftOut: all.length - shown.length,
      },
      untrusted: [partOf('event', written), ...pieces, ...parts],
    }
  },
})

export const eventTools = [searchEvents, getEvent]
