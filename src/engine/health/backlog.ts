// What waits because of a hold, as the lines of one report change it one after the other.

import type { DeliveryKey } from '../ports/index.ts'

/** What waits because of a hold, and what was released and has no answer yet. */
export interface HeldCounts {
  readonly waiting: number
  readonly underWay: number
}

/**
 * `released`: its turn had come, its message was sent, and nothing was reported of it yet. `joined`: it goes with others, as their joint
 * delivery does.
 */
export type HeldState = 'waiting' | 'released' | 'joined'

/** What a monitor has. */
export interface KnownBacklog extends HeldCounts {
  /** Null: it does not wait. */
  stateOf(key: DeliveryKey): HeldState | null
}

export class ChangingBacklog implements KnownBacklog {
  private readonly known: KnownBacklog
  private readonly changed = new Map<string, HeldState | null>()
  private counts: Record<HeldState, number>

  constructor(known: KnownBacklog) {
    this.known = known
    this.counts = { waiting: known.waiting, released: known.underWay, joined: 0 }
  }

  get waiting(): number {
    return this.counts.waiting
  }

  get underWay(): number {
    return this.counts.released
  }

  stateOf(key: DeliveryKey): HeldState | null {
    const changed = this.changed.get(nameOf(key))
    return changed === undefined ? this.known.stateOf(key) : changed
  }

  set(key: DeliveryKey, state: HeldState | null): void {
    const before = this.stateOf(key)
    if (before !== null) this.counts[before] -= 1
    if (state !== null) this.counts[state] += 1
    this.changed.set(nameOf(key), state)
  }
}

function nameOf({ eventId, run }: DeliveryKey): string {
  return `${eventId}/${run}`
}
