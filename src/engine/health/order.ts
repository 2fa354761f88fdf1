// A webhook whose events come one after the other, key by key. In: what its monitor knows of its order, and how a delivery stands; out:
// what becomes of its key. Runs inside the webhook's monitor.

import { type Health, hasEnded, type Order, type Ordering, type RunStatus } from '../model/index.ts'

/** Why an event was not sent that never had its turn, as its owner reads it. */
export const NO_TURN =
  'Those before it in the order of the webhook had not ended, and the event waited for as long as any does.'

/** Health after somebody told of an order, who may be late. */
export function toldOrdering(health: Health, told: Ordering | undefined): Health {
  if (told === undefined || told.since <= (health.ordering?.since ?? 0)) return health
  return { ...health, ordering: told }
}

/** What comes of a key when the delivery that has its turn stands like this: the next one has it, nothing until somebody says so, or it goes on. */
export function nextOfKey(
  status: RunStatus,
  order: Pick<Order, 'onFailure'> | null,
): 'next' | 'blocked' | 'same' {
  if (!hasEnded(status)) return 'same'
  const isGivenUp = status === 'diverted' || status === 'dropped'
  return isGivenUp && order?.onFailure === 'block' ? 'blocked' : 'next'
}
