// A tool that waits for an event, and tells of the first that came: who goes on behind that one is told of the next.

import { z } from 'zod'
import type { V1 } from '../../http/v1.ts'
import { timeOf } from '../../primitives/ids.ts'
import { formatTime } from '../../primitives/time.ts'
import { MCP } from '../bounds.ts'
import {
  EventFacts,
  itemTexts,
  pageShape,
  partOfEvent,
  readEvent,
  searchOf,
  typeInput,
} from '../shapes.ts'
import { tool } from '../tool.ts'

/** What an answer gives to go on with: the id of an event, whose time is when it was accepted. */
const EVENT_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

/** Where to look from on: `/v1` is asked for what is after a time, and of that counts what is behind an id. */
interface Start {
  readonly time: string
  readonly id: string
}

/** Several events may be of the millisecond of one: `/v1` is asked for all of those again. Any other text is for `/v1` to read. */
function startOf(after: string): Start {
  const id = after.toLowerCase()
  return EVENT_ID.test(id) ? { time: formatTime(timeOf(id) - 1), id } : { time: after, id: '' }
}

interface Seen {
  /** The event as `/v1` has it; null: none came. */
  readonly first: string | null
  readonly count: number
  /** Whether nothing can have come before `first`. */
  readonly isAll: boolean
}

const Ids = pageShape(z.object({ id: z.string() }))

/** What came, which `/v1` lists newest first: back to the first of them, or as far as is looked. */
async function look(type: string | undefined, start: Start, v1: V1): Promise<Seen> {
  let seen: Seen = { first: null, count: 0, isAll: false }
  let cursor: string | undefined
  for (let pages = 0; pages < MCP.waitPages; pages += 1) {
    const query = searchOf({ type, after: start.time, limit: MCP.mostItems, cursor })
    const page = await v1.text(`/events${query}`)
    const { items, nextCursor } = Ids.parse(JSON.parse(page))
    const count = items.filter(({ id }) => id > start.id).length
    seen = {
      first: itemTexts(page)[count - 1] ?? seen.first,
      count: seen.count + count,
      isAll: nextCursor === null || count < items.length,
    }
    if (seen.isAll || nextCursor === null) return seen
    cursor = nextCursor
  }
  return seen
}

const waitForEvent = tool({
  name: 'wait_for_event',
  title: 'Wait for an event',
  description:
    `Waits up to ${MCP.mostWaitSeconds} seconds until an event was accepted after a time, and shows the first. Give \`after\` the time before you did what ` +
    'causes it, or one that came quickly is missed. Whether or not one came: to go on, ask again with the `after` of the answer.',
  needs: ['events:read', 'events:list'],
  whenCut: 'get_event shows its data in pieces',
  input: z.strictObject({
    type: typeInput.optional(),
    after: z
      .string()
      .max(64)
      .optional()
      .describe(
        'Only an event accepted after this time, RFC 3339, such as 2026-11-22T10:00:00Z; or behind the one with this id, as `after` of an answer has it. ' +
          'Now, unless told.',
      ),
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
    earlierLeftOut: z
      .boolean()
      .describe(
        'Whether so many came that only the newest were looked at: `event` is the first of those, and search_events lists what came before it.',
      ),
    others: z.int().describe('How many more came behind it.'),
    after: z.string().describe('What to give as `after` to go on: the next one is found then.'),
  }),
  async run({ input: { type, timeoutSeconds, ...input }, v1, signal }) {
    const after = input.after ?? new Date().toISOString()
    const start = startOf(after)
    const endsAt = Date.now() + timeoutSeconds * 1_000
    for (;;) {
      const { first, count, isAll } = await look(type, start, v1)
      if (first !== null) {
        const event = readEvent(first)
        const facts = { found: true, event: event.facts, earlierLeftOut: !isAll, others: count - 1 }
        const which = isAll
          ? 'An event came.'
          : `More came than are looked at: this is the first of the newest ${count}, and search_events lists those before it.`
        return {
          says: `${which} To wait for the next one, ask again with after: ${event.facts.id}.`,
          facts: { ...facts, after: event.facts.id },
          untrusted: [partOfEvent(event)],
        }
      }
      const left = endsAt - Date.now()
      if (left <= 0 || signal.aborted) break
      await pause(Math.min(MCP.lookMs, left), signal)
    }
    return {
      says: `No such event came in ${timeoutSeconds} s. To go on waiting, ask again with after: ${after}.`,
      facts: { found: false, event: null, earlierLeftOut: false, others: 0, after },
      untrusted: [],
    }
  },
})

/** Ends at once where the runtime says that the caller went away. */
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

export const waitingTools = [waitForEvent]
