// The isolation scenario: steady traffic to twenty webhooks of one tenant, and to those of another. A fifth of the first
// tenant's webhooks are in trouble, each time in another way: nobody else may notice, neither in first attempts nor in
// retries, once each of the troubled receivers has answered or timed out for the first time.
//
// All runs are on one service, the calm one first, each with tenants of its own. What is in trouble is deleted after its run,
// so that the next one does not have it as well.

import { setTimeout as sleep } from 'node:timers/promises'
import { now } from './clock.ts'
import { eventText, idsOf, publishSteadily } from './load.ts'
import type { Receivers } from './receivers.ts'
import type { IsolationRun, IsolationSide } from './results.ts'
import type { Service, Tenant } from './services.ts'
import { percentile, spreadOf } from './statistics.ts'

const HEALTHY = 14
/** Healthy ones that refuse every fifth event once: theirs are the retries. */
const FLAKY = 2
const TROUBLED = 4
/** The other tenant's. */
const NEIGHBOUR = { healthy: 1, flaky: 1 }

/** Kinds of receivers (receiver.ts), and what they are called. */
const TROUBLES = [
  ['after100', 'answer after 100 ms'],
  ['after300', 'answer after 300 ms'],
  ['after600', 'answer after 600 ms'],
  ['after1200', 'answer after 1,200 ms'],
  ['after2500', 'answer after 2,500 ms'],
  ['closing', 'close every connection'],
  ['silent', 'never answer'],
] as const

/** Publishes a second of each tenant. */
const RATE = 20
/** Milliseconds that are not looked at, however early every troubled receiver has answered. */
const BEGINNING_MS = 2_000
/**
 * Milliseconds that are looked at: receipts of one event are early or late together, so that a 99th percentile that is not the
 * worst event's needs more than a hundred events.
 */
const MEASURED_MS = 7_000
/** Milliseconds after which it is looked at even where a troubled receiver was never asked. */
const LATEST_MS = 25_000
const WARM_UP_MS = 1_500
const POLL_MS = 250
/** Milliseconds that the last events get to arrive. */
const PATIENCE_MS = 15_000
/** Seconds until a retry of a webhook that refuses some events. */
const RETRY_SECONDS = 1

export async function measureIsolation(
  service: Service,
  receivers: Receivers,
  say: (line: string) => void,
): Promise<readonly IsolationRun[]> {
  say('isolation: warming up')
  await run(service, receivers, null, WARM_UP_MS)
  say('isolation: all answer')
  const runs: IsolationRun[] = [
    { trouble: null, ...(await run(service, receivers, null, MEASURED_MS)) },
  ]
  for (const [kind, trouble] of TROUBLES) {
    say(`isolation: ${TROUBLED} ${trouble}`)
    runs.push({ trouble, ...(await run(service, receivers, kind, MEASURED_MS)) })
  }
  return runs
}

async function run(
  service: Service,
  receivers: Receivers,
  trouble: string | null,
  measuredMs: number,
): Promise<Omit<IsolationRun, 'trouble'>> {
  const [tenant, neighbour] = [await service.createTenant(), await service.createTenant()]
  const within = await createWebhooks(tenant, receivers, { healthy: HEALTHY, flaky: FLAKY })
  const between = await createWebhooks(neighbour, receivers, NEIGHBOUR)
  const troubled = await createWebhooks(tenant, receivers, { [trouble ?? 'healthy']: TROUBLED })
  const start = now()
  const period = { from: Number.POSITIVE_INFINITY, to: Number.POSITIVE_INFINITY }
  const isOver = () => now() >= period.to
  const publishing = [tenant, neighbour].map((one) =>
    publishSteadily((index) => one.publish(eventText(index)), RATE, isOver),
  )
  period.from = Math.max(start + BEGINNING_MS, await haveEnded(receivers, troubled.paths, start))
  period.to = period.from + measuredMs
  const [own = [], others = []] = await Promise.all(publishing)
  const toPublished = (answers: typeof own) =>
    answers.flatMap((answer) => idsOf(answer).map((id) => ({ id, at: answer.at })))
  const sides = {
    within: await look(receivers, within.paths, toPublished(own), period.from),
    between: await look(receivers, between.paths, toPublished(others), period.from),
  }
  for (const id of troubled.ids) await tenant.deleteWebhook(id)
  await receivers.forget(troubled.paths)
  return { settledAfterMs: period.from - start, ...sides }
}

async function createWebhooks(
  tenant: Tenant,
  receivers: Receivers,
  kinds: Readonly<Record<string, number>>,
): Promise<{ readonly paths: readonly string[]; readonly ids: readonly string[] }> {
  const retry = { type: 'linear', intervalSeconds: RETRY_SECONDS, attempts: 5 }
  const paths: string[] = []
  const ids: string[] = []
  for (const [kind, count] of Object.entries(kinds)) {
    const fields = kind === 'flaky' ? { failureHandling: { retry } } : {}
    for (const path of receivers.newPaths(count, kind)) {
      const { id } = await tenant.createWebhook(receivers.urlOf(path), fields)
      paths.push(path)
      ids.push(id)
    }
  }
  return { paths, ids }
}

/** When the first request at each of these paths had been answered, or given up. */
async function haveEnded(
  receivers: Receivers,
  paths: readonly string[],
  start: number,
): Promise<number> {
  while (now() < start + LATEST_MS) {
    const ends = (await receivers.receiptsAt(paths)).map(({ firstEndedAt }) => firstEndedAt)
    const known = ends.filter((end) => end !== null)
    if (known.length === paths.length) return Math.max(...known)
    await sleep(POLL_MS)
  }
  return now()
}

interface Published {
  readonly id: string
  readonly at: number
}

async function look(
  receivers: Receivers,
  paths: readonly string[],
  published: readonly Published[],
  from: number,
): Promise<IsolationSide> {
  await receivers.haveCome(paths, published.length, PATIENCE_MS)
  const all = await receivers.receiptsAt(paths)
  const waits = all.flatMap(({ first }) => {
    const receivedAt = new Map(first)
    return published.map(({ id, at }) => ({ at, ms: (receivedAt.get(id) ?? Number.NaN) - at }))
  })
  const received = waits.filter(({ ms }) => !Number.isNaN(ms))
  const settled = received.filter(({ at }) => at >= from)
  const retries = all.flatMap((one) => one.retries).filter(({ refusedAt }) => refusedAt >= from)
  const late = retries.flatMap(({ refusedAt, cameAgainAt }) =>
    cameAgainAt === null ? [] : [cameAgainAt - refusedAt - RETRY_SECONDS * 1_000],
  )
  const [begins, ends] = medianOfThirds(settled)
  return {
    firstAttempts: spreadOf(settled.map(({ ms }) => ms)),
    medianAtFirst: begins,
    medianAtLast: ends,
    missing: waits.length - received.length,
    retriesLate: spreadOf(late),
    retries: retries.length,
    retriesMissing: retries.length - late.length,
  }
}

/** The medians of the first third of what was published and of the last one. */
function medianOfThirds(
  waits: readonly { readonly at: number; readonly ms: number }[],
): readonly [begins: number, ends: number] {
  const times = waits.map(({ at }) => at)
  const [first, last] = [Math.min(...times), Math.max(...times)]
  const third = (last - first) / 3
  const median = (of: (at: number) => boolean) =>
    percentile(
      waits.filter(({ at }) => of(at)).map(({ ms }) => ms),
      0.5,
    )
  return [median((at) => at <= first + third), median((at) => at >= last - third)]
}
