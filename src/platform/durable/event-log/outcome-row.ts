// What became of first deliveries, as the text of one row: in the order in which they came, each id said once.

import { z } from 'zod'
import type { FirstOutcome } from '../../../engine/model/index.ts'
import { pack } from '../../../primitives/pack.ts'
import { OUTCOMES } from '../../tuning.ts'

/** A later version that has more to say of an outcome says it in a list beside these. */
const Body = z.object({
  /** Unix milliseconds that each `at` is counted from. */
  at: z.number(),
  types: z.array(z.string()).default([]),
  webhooks: z.array(z.string()),
  events: z.array(z.string()),
  /** Six numbers each: places in `events`, `types` and `webhooks`, milliseconds after `at`, status (or `HANDED_OVER`, `FILTERED`), ms. */
  outcomes: z.array(z.number()),
})
const NUMBERS = 6

/** In place of a status code: none is below 100. */
const HANDED_OVER = 0
const FILTERED = 1

/** Texts, each with its place. */
export class Places {
  readonly texts: string[] = []
  private readonly places = new Map<string, number>()

  of(text: string): number {
    const known = this.places.get(text)
    if (known !== undefined) return known
    this.places.set(text, this.texts.length)
    return this.texts.push(text) - 1
  }
}

export interface OutcomeRow {
  readonly count: number
  readonly body: string
}

/** One row, or as many as it takes where that would be larger than a table is to be. */
export function toOutcomeRows(outcomes: readonly FirstOutcome[]): OutcomeRow[] {
  const packs = pack(outcomes, {
    count: OUTCOMES.tableOutcomes,
    size: OUTCOMES.tableChars,
    // At most: two ids, a type in three bytes a character, and six numbers.
    sizeOf: ({ eventId, webhookId, eventType }) =>
      eventId.length + webhookId.length + 3 * eventType.length + 50,
  })
  return [...packs].map(({ items }) => ({ count: items.length, body: toBody(items) }))
}

function toBody(outcomes: readonly FirstOutcome[]): string {
  const [types, webhooks, events] = [new Places(), new Places(), new Places()]
  const at = outcomes[0]?.at ?? 0
  const numbers = outcomes.flatMap((outcome) => [
    events.of(outcome.eventId),
    types.of(outcome.eventType),
    webhooks.of(outcome.webhookId),
    outcome.at - at,
    ...toNumbers(outcome),
  ])
  const body: z.input<typeof Body> = {
    at,
    types: types.texts,
    webhooks: webhooks.texts,
    events: events.texts,
    outcomes: numbers,
  }
  return JSON.stringify(body)
}

/** The outcomes of a row; null when it is none that this version can read. */
export function readOutcomes(text: string): FirstOutcome[] | null {
  const body = parseText(Body, text)
  if (body === null) return null
  const { at, types, webhooks, events, outcomes: numbers } = body
  const found: FirstOutcome[] = []
  for (let from = 0; from + NUMBERS <= numbers.length; from += NUMBERS) {
    const [event = -1, type = -1, webhook = -1, later = 0] = numbers.slice(from, from + 4)
    const [eventId, webhookId] = [events[event], webhooks[webhook]]
    if (eventId === undefined || webhookId === undefined) continue
    found.push({
      eventId,
      eventType: types[type] ?? '',
      webhookId,
      at: at + later,
      ...toEnd(numbers[from + 4], numbers[from + 5]),
    })
  }
  return found
}

/** Status and milliseconds. */
export function toNumbers({
  delivered,
  isFiltered,
}: FirstOutcome): [statusCode: number, durationMs: number] {
  if (delivered !== null) return [delivered.statusCode, delivered.durationMs]
  return [isFiltered ? FILTERED : HANDED_OVER, 0]
}

/** The other way around. */
export function toEnd(
  statusCode: number = HANDED_OVER,
  durationMs = 0,
): Pick<FirstOutcome, 'delivered' | 'isFiltered'> {
  if (statusCode === HANDED_OVER) return { delivered: null }
  return statusCode === FILTERED
    ? { delivered: null, isFiltered: true }
    : { delivered: { statusCode, durationMs } }
}

/** Whether nothing more comes of it: it was not handed over. */
export function isEnd({ delivered, isFiltered }: FirstOutcome): boolean {
  return delivered !== null || isFiltered === true
}

/** What JSON says, read through a schema; null of a text that is not what the schema wants, or no JSON. */
export function parseText<Value>(schema: z.ZodType<Value>, text: string): Value | null {
  try {
    return schema.parse(JSON.parse(text))
  } catch {
    return null
  }
}
