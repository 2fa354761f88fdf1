// Orders of webhooks (docs/contracts/delivery.md, "Order"): of one key nothing overtakes what was accepted before it, whatever goes wrong.

import type { Order } from '../../src/engine/model/index.ts'
import type { World } from '../fakes/world.ts'
import type { Accepted, Fact, Known, Request } from './trace.ts'

/** Orders that owners give in histories; the first is none. The key is the type of the event. */
export const ORDERS: readonly (Order | null)[] = [
  null,
  { key: null, onFailure: 'continue' },
  { key: 'type', onFailure: 'continue' },
  { key: 'type', onFailure: 'block' },
]

interface Arrival {
  readonly id: string
  /** The log that accepted it, and the acceptance: what is accepted together is in no order here. */
  readonly log: number
  readonly row: number
  readonly at: number
}

interface Span {
  readonly order: Order
  readonly from: number
  until: number
}

export interface Inversions {
  readonly broken: readonly string[]
  /** Pairs of events that were looked at: accepted one after the other for one key. */
  readonly pairs: number
}

/** Events that overtook others of their key, as sentences. */
export function overtaken(
  trace: readonly Fact[],
  accepted: readonly Accepted[],
  world: Pick<World, 'arrivals'>,
): Inversions {
  const types = new Map(accepted.map(({ id, type }) => [id, type]))
  const arrivals = world.arrivals().filter(({ id }) => types.has(id))
  const requests = Map.groupBy(
    trace.flatMap((fact) => (fact.kind === 'request' ? [fact.request] : [])),
    ({ webhook }) => webhook,
  )
  const broken: string[] = []
  let pairs = 0
  for (const [webhook, spans] of spansOf(trace)) {
    const made = requests.get(webhook) ?? []
    for (const { order, from, until } of spans) {
      const keyOf = ({ id }: Arrival) => (order.key === null ? '' : types.get(id))
      const within = arrivals.filter(({ at }) => at > from && at < until)
      for (const first of within) {
        if (wasSentAgain(trace, webhook, first.id)) continue
        for (const second of within) {
          const isAfter = second.log === first.log && second.row > first.row
          if (!isAfter || keyOf(first) !== keyOf(second)) continue
          if (wasSentAgain(trace, webhook, second.id)) continue
          pairs += 1
          if (isOvertaken(first.id, second.id, made, until))
            broken.push(`${second.id} overtook ${first.id} at ${webhook.config.url}`)
        }
      }
    }
  }
  return { broken, pairs }
}

/**
 * Whether the second was sent before the first had been received, which was sent all the same after it; not where there was another
 * order by then, or none, which lets go what waits.
 */
function isOvertaken(
  first: string,
  second: string,
  made: readonly Request[],
  until: number,
): boolean {
  const ofSecond = made.findIndex(({ sent }) => sent.eventId === second)
  if (ofSecond < 0 || (made[ofSecond]?.sent.at ?? 0) >= until) return false
  const before = made.slice(0, ofSecond).filter(({ sent }) => sent.eventId === first)
  if (before.some(({ sent }) => ['ok', 'slow'].includes(sent.behaviour))) return false
  return made.slice(ofSecond).some(({ sent }) => sent.eventId === first)
}

/** When which order was in force for certain. */
function spansOf(trace: readonly Fact[]): ReadonlyMap<Known, readonly Span[]> {
  const spans = new Map<Known, Span[]>()
  for (const fact of trace) {
    if (fact.kind !== 'ordering' && fact.kind !== 'ordered') continue
    const known = spans.get(fact.webhook) ?? []
    const last = known.at(-1)
    if (last) last.until = Math.min(last.until, fact.at)
    if (fact.kind === 'ordered' && fact.order !== null)
      known.push({ order: fact.order, from: fact.at, until: Number.POSITIVE_INFINITY })
    spans.set(fact.webhook, known)
  }
  return spans
}

function wasSentAgain(trace: readonly Fact[], webhook: Known, eventId: string): boolean {
  return trace.some(
    (fact) =>
      fact.kind === 'asked' &&
      fact.how !== 'publish' &&
      fact.webhook === webhook &&
      fact.eventId === eventId,
  )
}
