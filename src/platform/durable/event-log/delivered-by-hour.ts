// What was delivered to a webhook, by hour: of what waits and of what is in segments.

import {
  deliveredIn,
  type FirstOutcome,
  type HourActivity,
  HourlySums,
} from '../../../engine/model/index.ts'
import { Histogram } from '../../../primitives/histogram.ts'
import { AFTER_ALL_IDS } from '../../../primitives/ids.ts'
import { startOfHour } from '../../../primitives/time.ts'
import type { OutcomeRuns } from './outcome-runs.ts'
import { seqAt, type WaitingOutcomes } from './waiting-outcomes.ts'

interface Sources {
  readonly waiting: WaitingOutcomes
  readonly runs: OutcomeRuns
}

/** Since a time, Unix milliseconds. A segment within one hour tells it by its head, of which durations are good to 5 %. */
export function deliveredByHour(
  { waiting, runs }: Sources,
  webhookId: string,
  since: number,
): readonly HourActivity[] {
  const sums = new HourlySums()
  const count = (outcomes: readonly FirstOutcome[]) => {
    for (const { at, delivered, webhookId: to } of outcomes) {
      if (to === webhookId && delivered !== null && at >= since) {
        sums.add(at, deliveredIn(delivered.durationMs))
      }
    }
  }
  count([...waiting.since(seqAt(since), webhookId)])
  const reach = { events: ['', AFTER_ALL_IDS], times: [since, Number.MAX_SAFE_INTEGER] } as const
  for (const { run } of runs.select(seqAt(since), reach, 'ASC')) {
    for (const row of runs.ofWebhook(run, webhookId, reach)) {
      const head = runs.headOf(row, webhookId)
      if (head === undefined || head.delivered === 0 || head.last < since) continue
      if (head.first < since || startOfHour(head.first) !== startOfHour(head.last)) {
        count(runs.outcomesOf(row, webhookId))
      } else {
        const latencies = new Histogram()
        latencies.merge(head.latencies)
        for (const [ms, times] of latencies.values()) sums.add(head.first, deliveredIn(ms, times))
      }
    }
  }
  return sums.hours
}
