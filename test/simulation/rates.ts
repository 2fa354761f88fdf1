// Rates of webhooks (docs/contracts/delivery.md, "Rate"): no window has more requests than its owner wants, whatever goes wrong, nor more
// than its receiver allows, where nothing does.

import type { Rate } from '../../src/engine/model/index.ts'
import { LATE_MS, type Sent } from '../fakes/world.ts'
import { writtenBy } from './pauses.ts'
import type { Fact, Known } from './trace.ts'

/** Rates that owners give in histories; the first is none. */
export const RATES: readonly (Rate | null)[] = [
  null,
  { perSecond: 1, perMinute: null, concurrency: null },
  { perSecond: 2, perMinute: null, concurrency: 1 },
  { perSecond: null, perMinute: 1, concurrency: null },
  { perSecond: null, perMinute: 3, concurrency: 2 },
  { perSecond: null, perMinute: null, concurrency: 1 },
]

const WINDOW_MS = { perSecond: 1_000, perMinute: 60_000 } as const
const DAY_MS = 86_400_000

/** What was in force since when; null: no bound, or nobody knows. */
interface Since {
  readonly at: number
  readonly rate: Rate | null
}

/** Requests above the rates that owners were told to be in force, as sentences. Where a window has several, the highest counts. */
export function aboveRates(trace: readonly Fact[]): readonly string[] {
  const broken: string[] = []
  const rates = new Map<Known, Since[]>()
  const counted = new Map<Known, Sent[]>()
  /** What a publish was sending already when the rate was set goes by what was before. */
  const before = new Map<Known, Set<string>>()
  const accepted = new Map<Known, Set<string>>()
  for (const fact of trace) {
    if (fact.kind === 'rating' || fact.kind === 'rated') {
      const rate = fact.kind === 'rated' ? fact.rate : null
      const known = rates.get(fact.webhook) ?? []
      const told = known.filter(({ rate }) => rate !== null || fact.kind === 'rating')
      if ((told.at(-1)?.rate ?? null) === null)
        before.set(fact.webhook, new Set(accepted.get(fact.webhook)))
      rates.set(fact.webhook, [...known, { at: fact.at, rate }])
    }
    if (fact.kind === 'asked' && fact.how === 'publish')
      accepted.set(fact.webhook, (accepted.get(fact.webhook) ?? new Set()).add(fact.eventId))
    if (fact.kind !== 'request') continue
    const { webhook, sent } = fact.request
    const isOlder = sent.batch === null && before.get(webhook)?.has(sent.eventId) === true
    // One request tells of several.
    if (isOlder || isTold(sent)) continue
    const all = counted.get(webhook) ?? []
    all.push(sent)
    counted.set(webhook, all)
    const say = (many: number, what: string) =>
      broken.push(
        `${webhook.config.url} got ${sent.eventId} as number ${many} ${what}, at ${sent.at}`,
      )
    for (const name of ['perSecond', 'perMinute'] as const) {
      const from = sent.at - WINDOW_MS[name]
      const most = highest(rates.get(webhook), name, from)
      const many = all.filter(({ at }) => at > from).length
      if (many > most) say(many, `of ${most} ${name}`)
    }
    const most = highest(rates.get(webhook), 'concurrency', sent.at - LATE_MS.hanging)
    const many = all.filter((one) => one === sent || one.at + lastsMs(one) > sent.at).length
    if (many > most) say(many, `of ${most} under way`)
  }
  return broken
}

/** Whether another event stands for its request. */
function isTold({ joint, eventId }: Sent): boolean {
  return joint !== undefined && joint.eventIds[0] !== eventId
}

function highest(since: readonly Since[] = [], name: keyof Rate, from: number): number {
  const first = since.findLastIndex(({ at }) => at <= from)
  if (first < 0) return Number.POSITIVE_INFINITY
  return Math.max(...since.slice(first).map(({ rate }) => rate?.[name] ?? Number.POSITIVE_INFINITY))
}

function lastsMs({ behaviour }: Sent): number {
  return behaviour === 'slow' || behaviour === 'hanging' ? LATE_MS[behaviour] : 0
}

/** Requests that came in a minute that began after a receiver had said that it allows less, as sentences. */
export function aboveAllowed(trace: readonly Fact[]): readonly string[] {
  const broken: string[] = []
  const said = new Map<Known, { readonly at: number; readonly perMinute: number }>()
  const counted = new Map<Known, Sent[]>()
  const accepted = new Map<string, number>()
  for (const fact of trace) {
    // Another receiver, or its owner wants it no longer.
    if (fact.kind === 'resumed') said.delete(fact.webhook)
    if (fact.kind === 'asked' && !accepted.has(fact.eventId)) accepted.set(fact.eventId, fact.at)
    if (fact.kind !== 'request') continue
    const { webhook, sent } = fact.request
    const known = said.get(webhook)
    const isOlder =
      sent.batch === null &&
      (accepted.get(sent.eventId) ?? 0) <= (known ? writtenBy(trace, known.at) : 0)
    const counts = !isOlder && !isTold(sent)
    if (known && sent.at > known.at && sent.at < known.at + DAY_MS && counts) {
      const all = [...(counted.get(webhook) ?? []), sent].filter(({ at }) => at > sent.at - 60_000)
      counted.set(webhook, all)
      if (all.length > known.perMinute)
        broken.push(
          `${webhook.config.url} got ${sent.eventId} as number ${all.length} of ${known.perMinute} allowed`,
        )
    }
    if (sent.allowed === undefined || sent.behaviour === 'hanging' || sent.behaviour === 'silent')
      continue
    const at = sent.at + lastsMs(sent)
    if (sent.allowed === null) said.delete(webhook)
    else if (known?.perMinute !== sent.allowed) {
      said.set(webhook, { at, perMinute: sent.allowed })
      counted.delete(webhook)
    }
  }
  return broken
}
