// How a webhook fares, as its owner sees it: what its monitor counts, and what the event log noted as delivered at once.

import { Histogram } from '../../primitives/histogram.ts'
import type { HealthReport } from '../model/index.ts'
import type { Monitor, Successes } from '../ports/index.ts'

/** Both over the same time. Latencies are good to 5 %. */
export function toHealthReport(
  {
    health,
    waiting,
    underWay,
    forOthers,
    order,
    totals,
    latencies,
  }: Awaited<ReturnType<Monitor['health']>>,
  noted: Successes,
): HealthReport {
  const all = new Histogram()
  all.merge(latencies)
  all.merge(noted.latencies)
  const times = [health.lastSuccessAt, noted.lastSuccessAt].flatMap((at) => at ?? [])
  return {
    health: { ...health, lastSuccessAt: times.length > 0 ? Math.max(...times) : null },
    waiting,
    underWay,
    forOthers,
    order,
    totals: { ...totals, delivered: totals.delivered + noted.delivered },
    latencyMs: { p50: all.percentile(0.5), p95: all.percentile(0.95) },
  }
}
