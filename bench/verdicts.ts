// What a run of the benchmark was to reach, and whether it did.

import type { IsolationRun, Results, Verdict } from './results.ts'

/** The scenario's bounds, which no machine excuses: `npm run bench` fails with them. */
export function isolationVerdicts({ calm, troubled }: Results['isolation']): readonly Verdict[] {
  const missing = (of: 'missing' | 'retriesMissing') => calm[of] + troubled[of]
  return [
    atMost(0, 'events that healthy webhooks did not get', missing('missing')),
    atMost(0, 'retries that did not come', missing('retriesMissing')),
    atMost(
      3_000,
      'milliseconds from publish to receipt, beside silent webhooks',
      troubled.received.max,
    ),
    atMost(
      2,
      '99th percentile after five seconds, times the calm run',
      troubled.settledP99 / calm.settledP99,
    ),
    atMost(2, 'time to the latest retry, times the calm run', toRetry(troubled) / toRetry(calm)),
  ]
}

/** The ratios to the floor Worker, which are the machine's as well as ours: told, and no more. */
export function speedVerdicts({ throughput, idle }: Results['speed']): readonly Verdict[] {
  const { bare, hookline } = throughput
  const received = idle.receivedTimesFloor
  const single = atLeast(
    0.7,
    'single publishes a second, times the floor',
    hookline.singleTimesFloor,
  )
  const packs = atLeast(
    5,
    'events a second, 50 per publish, times the floor',
    hookline.packsTimesFloor,
  )
  const quick = atMost(1.3, 'publish to receipt when idle, times the floor', received.hookline)
  return [
    { ...single, bare: bare.singleTimesFloor },
    { ...packs, bare: bare.packsTimesFloor },
    { ...quick, bare: received.bare },
  ]
}

/** Seconds until a retry of the webhook that fails now and then. */
export const RETRY_SECONDS = 1

/** A retry comes at whole seconds of a queue: its time is measured from the refusal, the interval included. */
function toRetry({ retryLateMax }: IsolationRun): number {
  return RETRY_SECONDS * 1_000 + retryLateMax
}

function atMost(limit: number, what: string, measured: number): Verdict {
  return { what, measured, bound: 'at most', limit, passed: measured <= limit }
}

function atLeast(limit: number, what: string, measured: number): Verdict {
  return { what, measured, bound: 'at least', limit, passed: measured >= limit }
}
