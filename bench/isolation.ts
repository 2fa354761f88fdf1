// The isolation scenario: webhooks that want every event, steady traffic, and 4 of them silent until their timeout. The
// 16 healthy ones must not notice, nor must one whose requests fail now and then and are retried.
//
// The calm run comes first, on a service of its own that is stopped then. Each service is warmed up, because whatever is
// done for the first time takes longer.

import { setTimeout as sleep } from 'node:timers/promises'
import { eventText, publishSteadily } from './load.ts'
import type { Receivers } from './receivers.ts'
import type { IsolationResult, IsolationRun } from './results.ts'
import type { Service, Tenant } from './services.ts'
import { percentile, spreadOf } from './statistics.ts'
import { newPath } from './subject.ts'
import { RETRY_SECONDS } from './verdicts.ts'

const HEALTHY = 16
const SILENT = 4
/**
 * Events a second, and how many in a run: receipts of one event are early or late together, so that a 99th percentile that
 * is not the worst event's needs more than a hundred behind the first five seconds.
 */
const RATE = 5
const EVENTS = 130
const WARM_UP_EVENTS = 8
/** Milliseconds from the start after which a silent webhook must not be felt any more. */
const SETTLED_MS = 5_000
/** Milliseconds that the last events get to arrive. */
const PATIENCE_MS = 15_000

export async function measureIsolation(
  open: (name: string) => Promise<Service>,
  receivers: Receivers,
  say: (line: string) => void,
): Promise<IsolationResult> {
  const measure = async (name: string, silent: number): Promise<IsolationRun> => {
    say(`isolation, ${name}: warming up`)
    const service = await open(name)
    await run(service, receivers, 0, WARM_UP_EVENTS)
    say(`isolation, ${name}: ${silent} are silent`)
    const measured = await run(service, receivers, silent, EVENTS)
    await service.stop()
    return measured
  }
  return { calm: await measure('calm', 0), troubled: await measure('troubled', SILENT) }
}

async function run(
  service: Service,
  receivers: Receivers,
  silent: number,
  events: number,
): Promise<IsolationRun> {
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
  const late = retries.flatMap(({ refusedAt, cameAgainAt }) =>
    cameAgainAt === null ? [] : [cameAgainAt - refusedAt - RETRY_SECONDS * 1_000],
  )
  const settled = received.filter(({ at }) => at - start >= SETTLED_MS)
  return {
    received: spreadOf(received.map(({ ms }) => ms)),
    settledP99: percentile(
      settled.map(({ ms }) => ms),
      0.99,
    ),
    missing: waits.length - received.length,
    retryLateMax: Math.max(...late),
    retries: retries.length,
    retriesMissing: retries.length - late.length,
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
