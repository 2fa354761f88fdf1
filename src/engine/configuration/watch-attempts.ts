// Attempts to all webhooks of a tenant as they happen, for whoever looks: nothing is told to anybody, so that an event costs the same
// whether or not somebody does. The event log knows what was delivered at once, the monitors of webhooks in trouble the rest.

import { TAIL } from '../../tuning.ts'
import type { Watch } from '../api.ts'
import type { AttemptTo, Ports } from '../ports/index.ts'

type WatchPorts = Pick<Ports, 'clock' | 'eventLog' | 'monitor'>

interface Span {
  readonly after: number
  readonly until: number
}

/** One that remembers of which webhooks it heard that they were in trouble. */
export function watchAttempts(tenantId: string, ports: WatchPorts): Watch {
  /** Until when their monitors are asked. */
  const asked = new Map<string, number>()
  let turn = 0

  /** Those whose turn it is. */
  const nextMonitors = (troubled: readonly string[], now: number): readonly string[] => {
    for (const id of troubled) asked.set(id, now + TAIL.calmMs)
    for (const [id, until] of asked) if (until < now) asked.delete(id)
    const ids = [...asked.keys()]
    const from = ids.length > TAIL.monitors ? turn % ids.length : 0
    turn = from + TAIL.monitors
    return [...ids.slice(from), ...ids.slice(0, from)].slice(0, TAIL.monitors)
  }

  return {
    async next(since) {
      const now = ports.clock()
      const until = now - TAIL.lagMs
      // Each was seen by then, by whoever has a cursor of a clock that is ahead.
      if (since === null || since >= until) {
        return { attempts: [], until: since ?? until, isBehind: false }
      }
      const after = Math.max(since, until - TAIL.reachMs)
      const span = { after, until }
      const log = await ports.eventLog(tenantId).delivered({ ...span, limit: TAIL.attempts })
      const ids = nextMonitors(log.troubled, now)
      const told = await Promise.all(ids.map((id) => endedAt(id, span, ports)))
      const attempts = [...log.attempts, ...told.flatMap((one) => one.attempts)]
      return {
        attempts: attempts.toSorted((one, other) => endOf(one) - endOf(other)),
        until,
        isBehind:
          after > since || log.isCut || asked.size > ids.length || told.some(({ isCut }) => isCut),
      }
    },
  }
}

/** What a monitor knows that ended in a span. */
async function endedAt(
  webhookId: string,
  { after, until }: Span,
  { monitor }: WatchPorts,
): Promise<{ readonly attempts: readonly AttemptTo[]; readonly isCut: boolean }> {
  const query = { after: after - TAIL.reachMs, limit: TAIL.attempts }
  const { items, nextCursor } = await monitor(webhookId).attempts(query)
  const attempts = items
    .map((attempt) => ({ webhookId, attempt }))
    .filter((one) => endOf(one) > after && endOf(one) <= until)
  return { attempts, isCut: nextCursor !== null && attempts.length === items.length }
}

function endOf({ attempt: { at, durationMs } }: AttemptTo): number {
  return at + durationMs
}
