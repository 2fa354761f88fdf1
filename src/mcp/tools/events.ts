// Tools about events: searching them, one with its deliveries, and waiting for one.

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
} from '../shapes.ts'
import { tool } from '../tool.ts'
import { cut, partOf, toShownUrl, type Written } from '../untrusted.ts'

const typeInput = z
  .string()
  .min(1)
  .max(256)
  .describe('Only events of exactly this type, such as invoice.paid.')

const searchEvents = tool({
  name: 'search_events',
  whenCut: 'ask for fewer (`limit`), or for one alone (get_event)',
  title: 'Search events',
  description:
    'Lists events that were published, newest first, with their data, by type and time. `state: "scheduled"` lists those whose time has not come.',
  needs: ['events:read', 'events:list'],
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
  whenCut: 'explain_delivery shows each delivery alone, by its `webhookId`',
  title: 'Get an event',
  description:
    'Shows an event with its data, and how its delivery stands to each webhook that it was for. Long data is shown in pieces: `from` says where the piece begins.',
  needs: ['events:read'],
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
      untrusted: [partOf('event', written), ...pieces, ...shown.map(partOfDelivery)],
    }
  },
})

/** What others wrote of a delivery, or what quotes it. */
function partOfDelivery({ webhookId, url, error, reason }: z.infer<typeof ReadDelivery>): Written {
  return partOf(`delivery to ${webhookId}`, { url: toShownUrl(url), error, reason })
}

const waitForEvent = tool({
  name: 'wait_for_event',
  title: 'Wait for an event',
  description:
    `Waits up to ${MCP.mostWaitSeconds} seconds until an event was accepted after a time, and shows it. Give \`after\` the time before you did what ` +
    'causes it, or one that came quickly is missed. If none came, ask again with the `after` of the answer.',
  needs: ['events:read', 'events:list'],
  input: z.strictObject({
    type: typeInput.optional(),
    after: timeInput('Only an event accepted after this time; now, unless told.').optional(),
    timeoutSeconds: z
      .int()
      .min(1)
      .max(MCP.mostWaitSeconds)
      .default(MCP.waitSeconds)
      .describe('For how long to wait.'),
  }),
  facts: z.object({
    found: z.boolean(),
    event: EventFacts.nullable().describe('The first one that came; null: none did.'),
    others: z.int().describe('How many more came, which search_events lists.'),
    after: z.string().describe('What to give as `after` to go on waiting.'),
  }),
  async run({ input: { type, timeoutSeconds, ...input }, v1, signal }) {
    const after = input.after ?? new Date().toISOString()
    const path = `/events${searchOf({ type, after, limit: MCP.mostItems })}`
    const endsAt = Date.now() + timeoutSeconds * 1_000
    for (;;) {
      const texts = itemTexts(await v1.text(path))
      const first = texts.at(-1)
      if (first !== undefined) {
        const event = readEvent(first)
        const found = { found: true, event: event.facts, others: texts.length - 1, after }
        return { says: 'An event came.', facts: found, untrusted: [partOfEvent(event)] }
      }
      const left = endsAt - Date.now()
      if (left <= 0 || signal.aborted) break
      await pause(Math.min(MCP.lookMs, left), signal)
    }
    return {
      says: `No such event came in ${timeoutSeconds} s. To go on waiting, ask again with after: ${after}.`,
      facts: { found: false, event: null, others: 0, after },
      untrusted: [],
    }
  },
})

/** Ends at once when the caller goes away. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    signal.addEventListener('abort', end)
  })
}

export const eventTools = [searchEvents, getEvent, waitForEvent]
