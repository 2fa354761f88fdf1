// Whose turn it is in a batch. In: deliveries that want one of a few connections; out: one after another, so that who
// floods or hangs holds no more of them than its share while others wait. Next: attempt.

import type { Delivery } from '../attempt/attempt.ts'
import type { Lane } from '../model/index.ts'

const LANES: readonly Lane[] = ['fast', 'slow']

/**
 * Hands out deliveries: fast webhooks before slow ones; then of the tenant with the fewest attempts under way, and of it
 * of the webhook with the fewest; then of whose turn is longest ago.
 */
export class FairQueue<D extends Delivery> {
  /** Those waiting, by lane, tenant and webhook. Empty entries are removed. */
  private readonly lanes: readonly Map<string, Map<string, D[]>>[]
  /** Attempts under way, by the id of a tenant or a webhook. */
  private readonly underWay = new Map<string, number>()

  constructor(deliveries: readonly D[]) {
    this.lanes = LANES.map((lane) => {
      const ofLane = deliveries.filter(({ target }) => target.webhook.lane === lane)
      const byTenant = Map.groupBy(ofLane, ({ target }) => target.webhook.tenantId)
      return new Map(
        [...byTenant].map(([id, its]) => [id, Map.groupBy(its, ({ target }) => target.webhook.id)]),
      )
    })
  }

  /** The next to begin; undefined when none waits. */
  next(): D | undefined {
    for (const tenants of this.lanes) {
      for (const [tenantId, webhooks] of this.idlest(tenants)) {
        for (const [webhookId, waiting] of this.idlest(webhooks)) {
          const delivery = waiting.shift()
          this.count(tenantId, webhookId, 1)
          stepBack(webhooks, webhookId, waiting.length > 0)
          stepBack(tenants, tenantId, webhooks.size > 0)
          return delivery
        }
      }
    }
    return undefined
  }

  /** An attempt is over: its connection is free for the next one. */
  release({ target: { webhook } }: D): void {
    const { tenantId, id } = webhook
    this.count(tenantId, id, -1)
  }

  /** Those that had no turn. */
  rest(): readonly D[] {
    return this.lanes.flatMap((tenants) =>
      [...tenants.values()].flatMap((webhooks) => [...webhooks.values()].flat()),
    )
  }

  /** The first of those with the fewest attempts under way; none when nobody waits. */
  private idlest<Waiting>(
    line: ReadonlyMap<string, Waiting>,
  ): readonly (readonly [string, Waiting])[] {
    let found: readonly [string, Waiting] | null = null
    let fewest = Number.POSITIVE_INFINITY
    for (const entry of line) {
      const running = this.underWay.get(entry[0]) ?? 0
      if (running >= fewest) continue
      found = entry
      fewest = running
      // Few are under way at a time, so that one with none is among the first.
      if (fewest === 0) break
    }
    return found === null ? [] : [found]
  }

  private count(tenantId: string, webhookId: string, change: 1 | -1): void {
    for (const id of [tenantId, webhookId]) {
      this.underWay.set(id, (this.underWay.get(id) ?? 0) + change)
    }
  }
}

/** Whoever had a turn goes to the end of the line, or leaves it when nothing of it waits. */
function stepBack<Waiting>(line: Map<string, Waiting>, id: string, waits: boolean): void {
  const waiting = line.get(id)
  line.delete(id)
  if (waits && waiting !== undefined) line.set(id, waiting)
}
