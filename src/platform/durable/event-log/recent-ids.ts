// Ids of the events that this object appended since it started, so that it need not read its log to tell a new event
// from a repeated one.

import { timeOf } from '../../../primitives/ids.ts'
import { Lru } from '../../../primitives/lru.ts'
import { LOG } from '../../../tuning.ts'

export class RecentIds {
  private readonly ids: Lru<string, true>
  /** Ids made before (Unix milliseconds) may have been forgotten. */
  private since = 0

  constructor(capacity: number = LOG.recentIds) {
    this.ids = new Lru({
      max: capacity,
      onEvict: (id) => {
        this.since = Math.max(this.since, timeOf(id) + 1)
      },
    })
  }

  has(id: string): boolean {
    return this.ids.has(id)
  }

  /** Whether `has` knows of every id from this one on. */
  reachesBackTo(id: string): boolean {
    return timeOf(id) >= this.since
  }

  /** To be called once they are written. */
  add(ids: readonly string[]): void {
    for (const id of ids) this.ids.set(id, true)
  }
}
