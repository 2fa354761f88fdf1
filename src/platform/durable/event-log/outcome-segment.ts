// What became of first deliveries, sorted by webhook: rows of a size, in which each webhook has one line of the body, and in
// the heads what that line comes to, so that only the lines that are asked for are read.

import { z } from 'zod'
import type { FirstOutcome } from '../../../engine/model/index.ts'
import { Histogram } from '../../../primitives/histogram.ts'
import { pack } from '../../../primitives/pack.ts'
import { OUTCOMES } from '../../tuning.ts'
import { isEnd, Places, parseText, toEnd, toNumbers } from './outcome-row.ts'

/** What a line comes to. */
const Head = z.object({
  id: z.string(),
  /** Attempts that delivered; then Unix milliseconds of the first and the last of them, and `Histogram.toPairs` of their ms. */
  delivered: z.number().default(0),
  first: z.number().default(0),
  last: z.number().default(0),
  latencies: z.array(z.number()).default([]),
})
export type Head = z.infer<typeof Head>

/** The first line of the heads; then there is one for each line of the body, in their order, each JSON of its own. */
const About = z.object({ types: z.array(z.string()).default([]) })

const Line = z.object({
  /** Unix milliseconds that each `at` is counted from. */
  at: z.number(),
  events: z.array(z.string()),
  /** Four numbers for each event: place in the `types` of the segment, milliseconds after `at`, status, ms. */
  outcomes: z.array(z.number()),
})
const NUMBERS = 4

/** Characters that an outcome and a line take, about: ids have 36. */
const OUTCOME_CHARS = 56
const LINE_CHARS = 190

export interface Segment {
  readonly firstWebhook: string
  readonly lastWebhook: string
  readonly firstEvent: string
  readonly lastEvent: string
  readonly firstAt: number
  readonly lastAt: number
  readonly heads: string
  readonly body: string
}

/** In order of webhook; what came twice is in them once. */
export function toSegments(outcomes: readonly FirstOutcome[]): Segment[] {
  const groups = Map.groupBy(outcomes, ({ webhookId }) => webhookId)
  const sized = [...groups.keys()].sort().flatMap((id) =>
    inOrder(groups.get(id) ?? []).map((outcome, index) => ({
      outcome,
      size: OUTCOME_CHARS + (index === 0 ? LINE_CHARS : 0),
    })),
  )
  const packs = pack(sized, { size: OUTCOMES.segmentChars, sizeOf: ({ size }) => size })
  return [...packs].map(({ items }) => toSegment(items.map(({ outcome }) => outcome)))
}

/** By time, each attempt or hand-over once. */
export function inOrder(outcomes: readonly FirstOutcome[]): FirstOutcome[] {
  const sorted = outcomes.toSorted(
    (a, b) => a.at - b.at || order(a.eventId, b.eventId) || rank(a) - rank(b),
  )
  return sorted.filter((outcome, index) => {
    const former = sorted[index - 1]
    return former?.eventId !== outcome.eventId || former.at !== outcome.at
  })
}

function order(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1
}

/** Of two at the same time an end counts. */
function rank(outcome: FirstOutcome): number {
  return isEnd(outcome) ? 0 : 1
}

function toSegment(outcomes: readonly FirstOutcome[]): Segment {
  const types = new Places()
  const groups = [...Map.groupBy(outcomes, ({ webhookId }) => webhookId)]
  const heads = groups.map(([id, group]) => JSON.stringify(toHead(id, group)))
  const lines = groups.map(([, group]) => toLine(group, types))
  const [firstEvent, lastEvent] = boundsOf(outcomes.map(({ eventId }) => eventId)) ?? ['', '']
  const [firstAt, lastAt] = boundsOf(outcomes.map(({ at }) => at)) ?? [0, 0]
  return {
    firstWebhook: groups[0]?.[0] ?? '',
    lastWebhook: groups.at(-1)?.[0] ?? '',
    ...{ firstEvent, lastEvent, firstAt, lastAt },
    // After the lines, which say what types there are.
    heads: [JSON.stringify({ types: types.texts }), ...heads].join('\n'),
    body: lines.join('\n'),
  }
}

function toHead(id: string, group: readonly FirstOutcome[]): Head {
  const latencies = new Histogram()
  const times: number[] = []
  for (const { at, delivered } of group) {
    if (delivered === null) continue
    times.push(at)
    latencies.add(delivered.durationMs)
  }
  const [first, last] = boundsOf(times) ?? [0, 0]
  return { id, delivered: times.length, first, last, latencies: [...latencies.toPairs()] }
}

function toLine(group: readonly FirstOutcome[], types: Places): string {
  const at = group[0]?.at ?? 0
  const line: z.input<typeof Line> = {
    at,
    events: group.map(({ eventId }) => eventId),
    outcomes: group.flatMap((outcome) => [
      types.of(outcome.eventType),
      outcome.at - at,
      ...toNumbers(outcome),
    ]),
  }
  return JSON.stringify(line)
}

/** The lowest and the highest; null of none. */
export function boundsOf<T extends string | number>(all: readonly T[]): [T, T] | null {
  const [first] = all
  if (first === undefined) return null
  let lowest: T = first
  let highest: T = first
  for (const one of all) {
    if (one < lowest) lowest = one
    if (one > highest) highest = one
  }
  return [lowest, highest]
}

/** What a segment has of a webhook in sum; undefined when that is nothing, or nothing that this version can read. */
export function readHead(heads: string, webhookId: string): Head | undefined {
  return headsOf(heads, new Set([webhookId]))[0]?.head
}

/** What a segment has of the webhooks that are wanted, or all (null), each by time; nothing of what cannot be read. */
export function readSegment(
  { heads, body }: Pick<Segment, 'heads' | 'body'>,
  wanted: ReadonlySet<string> | null,
): FirstOutcome[] {
  const found = headsOf(heads, wanted)
  if (found.length === 0) return []
  const types = parseText(About, heads.split('\n', 1)[0] ?? '')?.types ?? []
  const lines = body.split('\n')
  return found.flatMap(({ head, place }) => {
    const line = parseText(Line, lines[place] ?? '')
    return line === null ? [] : outcomesOf(line, types, head.id)
  })
}

/** The heads of the webhooks that are wanted, and their places; where it is one, no other is parsed. */
function headsOf(heads: string, wanted: ReadonlySet<string> | null) {
  const [only] = wanted ?? []
  const text = wanted?.size === 1 && only !== undefined ? JSON.stringify(only) : ''
  return heads
    .split('\n')
    .slice(1)
    .flatMap((line, place) => {
      const head = line.includes(text) ? parseText(Head, line) : null
      return head !== null && (wanted === null || wanted.has(head.id)) ? [{ head, place }] : []
    })
}

function outcomesOf(
  { at, events, outcomes: numbers }: z.infer<typeof Line>,
  types: readonly string[],
  webhookId: string,
): FirstOutcome[] {
  return events.map((eventId, index) => {
    const from = index * NUMBERS
    return {
      eventId,
      eventType: types[numbers[from] ?? -1] ?? '',
      webhookId,
      at: at + (numbers[from + 1] ?? 0),
      ...toEnd(numbers[from + 2], numbers[from + 3]),
    }
  })
}
