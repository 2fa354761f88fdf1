// The isolation scenario: webhooks that want every event, steady traffic, and 4 of them silent until their timeout. The
// 16 healthy ones must not notice, nor must one whose requests fail now and then and are retried.
//
// Two services run side by side and take turns, calm and troubled, so that both see the same machine; a first round of
// each, which pays for whatever is done for the first time, does not count.

import { setTimeout as sleep } from 'node:timers/promises'
import { eventText, publishSteadily } from './load.ts'
import type { Receivers } from './receivers.ts'
import type { IsolationResult, IsolationRun, Verdict } from './results.ts'
import type { Service, Tenant } from './services.ts'
import { percentile, spreadOf } from './statistics.ts'
import { newPath } from './subject.ts'

const HEALTHY = 16
const SILENT = 4
/** Events a second, and how many in a round that counts. */
const RATE = 4
const EVENTS = 48
const WARM_UP_EVENTS = 8
const ROUNDS = 2
/** Milliseconds from the start after which a silent webhook must not be felt any more (issue 4). */
const SETTLED_MS = 5_000
/** Milliseconds that the last events get to arrive. */
const PATIENCE_MS = 15_000
/** Seconds until a retry of the webhook that fails now and then. */
const RETRY_SECONDS = 1

/** What the scenario demands. */
const BARS = { maxMs: 3_000, settledRatio: 2, retryRatio: 2 } as const

interface Round {
  readonly all: readonly number[]
  readonly settled: readonly number[]
  readonly late: readonly number[]
  readonly missing: number
}

export async function measureIsolation(
  services: { readonly calm: Service; readonly troubled: Service },
  receivers: Receivers,
  say: (line: string) => void,
): Promise<IsolationResult> {
  say('isolation: warming up')
  await run(services.calm, receivers, 0, WARM_UP_EVENTS)
  await run(services.troubled, receivers, 0, WARM_UP_EVENTS)
  const calm: Round[] = []
  const troubled: Round[] = []
  for (let round = 1; round <= ROUNDS; round += 1) {
    say(`isolation, round ${round} of ${ROUNDS}: all answer`)
    calm.push(await run(services.calm, receivers, 0, EVENTS))
    say(`isolation, round ${round} of ${ROUNDS}: ${SILENT} are silent`)
    troubled.push(await run(services.troubled, receivers, SILENT, EVENTS))
  }
  return judge(summarize(calm), summarize(troubled))
}

async function run(
  service: Service,
  receivers: Receivers,
  silent: number,
  events: number,
): Promise<Round> {
  const tenant = await service.createTenant()
  const others = silent > 0 ? 'silent' : 'healthy'
  const healthy = await createWebhooks(tenant, receivers, 'healthy', HEALTHY)
  await createWebhooks(tenant, receivers, others, SILENT)
  const [flaky = ''] = await createWebhooks(tenant, receivers, 'flaky', 1)
  const answers = await publishSteadily((index) => tenant.publish(eventText(index)), RATE, events)
  const published = answers.map(({ text, at }) => {
    const [event]: { id: string }[] = JSON.parse(text).events
    return { id: event?.id ?? '', at }
  })
  await allArrived([...healthy, flaky], receivers, events)
  const start = published[0]?.at ?? 0
  const waits = healthy.flatMap((path) => {
    const { first } = receivers.at(path)
    return published.map(({ id, at }) => ({ at, receivedAt: first.get(id) }))
  })
  const received = waits.flatMap(({ at, receivedAt }) =>
    receivedAt === undefined ? [] : [{ at, ms: receivedAt - at }],
  )
  const retries = [...receivers.at(flaky).retries.values()]
  return {
    all: received.map(({ ms }) => ms),
    settled: received.filter(({ at }) => at - start >= SETTLED_MS).map(({ ms }) => ms),
    late: retries.map(({ refusedAt, cameAgainAt }) =>
      cameAgainAt === null ? PATIENCE_MS : cameAgainAt - refusedAt - RETRY_SECONDS * 1_000,
    ),
    missing: waits.length - received.length,
  }
}

async function createWebhooks(tenant: Tenant, receivers: Receivers, kind: string, count: number) {
  const paths = Array.from({ length: count }, () => newPath(kind))
  const retry = { type: 'linear', intervalSeconds: RETRY_SECONDS, attempts: 5 }
  const fields = kind === 'flaky' ? { failureHandling: { retry } } : {}
  for (const path of paths) await tenant.createWebhook(`${receivers.url}${path}`, fields)
  return paths
}

/** Waits until every path has everything, retries included, or patience ends. */
async function allArrived(paths: readonly string[], receivers: Receivers, events: number) {
  const end = performance.now() + PATIENCE_MS
  const isComplete = (path: string) => {
    const { first, retries } = receivers.at(path)
    const open = [...retries.values()].some(({ cameAgainAt }) => cameAgainAt === null)
    return first.size >= events && !open
  }
  while (performance.now() < end && !paths.every(isComplete)) await sleep(50)
}

function summarize(rounds: readonly Round[]): IsolationRun {
  const late = rounds.flatMap((round) => round.late)
  return {
    received: spreadOf(rounds.flatMap(({ all }) => all)),
    settledP99: percentile(
      rounds.flatMap(({ settled }) => settled),
      0.99,
    ),
    missing: rounds.reduce((sum, { missing }) => sum + missing, 0),
    retryLate: spreadOf(late),
    retries: late.length,
  }
}

function judge(calm: IsolationRun, troubled: IsolationRun): IsolationResult {
  const verdict = (what: string, measured: number, most: number): Verdict => ({
    what,
    measured,
    most,
    passed: measured <= most,
  })
  // A retry comes at whole seconds of a queue: its lateness is measured from the refusal, the interval included.
  const retryTime = ({ retryLate }: IsolationRun) => RETRY_SECONDS * 1_000 + retryLate.p95
  return {
    calm,
    troubled,
    verdicts: [
      verdict('events that healthy webhooks did not get', troubled.missing + calm.missing, 0),
      verdict(
        'milliseconds from publish to receipt at most, beside silent webhooks',
        troubled.received.max,
        BARS.maxMs,
      ),
      verdict(
        '99th percentile after five seconds, times the calm run',
        troubled.settledP99 / calm.settledP99,
        BARS.settledRatio,
      ),
      verdict(
        'time to a retry (95th percentile), times the calm run',
        retryTime(troubled) / retryTime(calm),
        BARS.retryRatio,
      ),
    ],
  }
}
