// What waits at a webhook's monitor leaves as soon as nothing is against it (docs/contracts/delivery.md, "Hold", "Rate", "Batch"):
// none stands still, for all that it would be sent in the end.

import type { HealthReport, Webhook } from '../../src/engine/model/index.ts'
import { isPaused, statusOf } from '../../src/engine/model/index.ts'
import type { Known } from './trace.ts'

/** The longest for which nothing may leave: a window of a rate per minute, and before it a batch that waits for others for as long. */
const MOST_IDLE_MS = 2 * 60_000

/** How a webhook is configured, and what its monitor knows. */
export interface Standing {
  readonly webhook: Webhook
  readonly report: Pick<HealthReport, 'health' | 'waiting' | 'underWay'>
}

export class Lateness {
  readonly broken: string[] = []
  /** Webhooks for which something waits and nothing is under way, though nothing is against it; since when. */
  private readonly idle = new Map<Known, number>()

  look(known: Known, standing: Standing | null, now: number): void {
    if (standing === null || !isIdle(standing, now)) {
      this.idle.delete(known)
      return
    }
    const since = this.idle.get(known) ?? now
    this.idle.set(known, since)
    if (now - since <= MOST_IDLE_MS) return
    const { waiting } = standing.report
    this.broken.push(`${known.config.url} stands still since ${since}, and ${waiting} wait`)
  }
}

function isIdle({ webhook, report: { health, waiting, underWay } }: Standing, now: number) {
  const isFree = statusOf(webhook) === 'active' && !isPaused(webhook)
  const isLeftAlone = health.hold !== null && now < health.hold.until
  return waiting > 0 && underWay === 0 && isFree && !isLeftAlone
}
