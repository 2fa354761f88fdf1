// The isolation scenario: 20 webhooks that want every event, steady traffic, and 4 of them silent until their timeout.
// The healthy 16 must not notice: compared with the same run in which all 20 answer.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from '../demo/client.ts'
import { startDevServer } from '../scripts/dev-server.ts'
import { findFreePort } from '../scripts/free-port.ts'
import { Receivers } from './receivers.ts'
import { percentile } from './statistics.ts'

const ADMIN_TOKEN = 'dev-admin-token'
const WEBHOOKS = 20
const SILENT = 4
/** Events a second, and how many. */
const RATE = 4
const EVENTS = 100
/** Milliseconds from the start after which a silent webhook must not be felt any more. */
const SETTLED_MS = 5_000
/** Milliseconds given to the last events to arrive. */
const PATIENCE_MS = 8_000

export interface IsolationRun {
  readonly silent: number
  readonly publishedEvents: number
  readonly receipts: number
  /** Receipts that a healthy webhook is owed and did not get. */
  readonly missing: number
  /** Milliseconds from the call of publish to the receipt, healthy webhooks only. */
  readonly maxMs: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** The same, of events published after the first five seconds. */
  readonly settledP99Ms: number
}

export interface IsolationResult {
  readonly calm: IsolationRun
  readonly troubled: IsolationRun
  /** p99 after the first five seconds, troubled to calm. */
  readonly ratio: number
}

/** Runs both, one after the other, each with a service of its own. */
export async function measureIsolation(say: (line: string) => void): Promise<IsolationResult> {
  const calm = await run(0, say)
  const troubled = await run(SILENT, say)
  return { calm, troubled, ratio: troubled.settledP99Ms / calm.settledP99Ms }
}

async function run(silent: number, say: (line: string) => void): Promise<IsolationRun> {
  const abort = new AbortController()
  const folder = mkdtempSync(join(tmpdir(), 'hookline-bench-'))
  try {
    say(`starting the service; ${silent} of ${WEBHOOKS} webhooks will be silent`)
    const port = String(await findFreePort())
    const flags = ['--port', port, '--persist-to', join(folder, 'state')]
    const environment = { WRANGLER_REGISTRY_PATH: join(folder, 'registry') }
    const server = await startDevServer(
      { flags: [...flags, '--env-file', '.dev.vars.example'], environment },
      abort.signal,
    )
    const receivers = await Receivers.open(abort.signal)
    const client = await createTenant(server.url, abort.signal)
    const paths = Array.from({ length: WEBHOOKS }, (_, index) =>
      index < silent ? `/silent/${index}` : `/healthy/${index}`,
    )
    for (const path of paths) {
      const url = `${receivers.url}${path}`
      await client.v1('POST', '/webhooks', { url, eventTypes: ['*'] })
    }
    const published = await publishSteadily(client, say)
    await sleep(PATIENCE_MS)
    const result = summarize(silent, published, paths, receivers)
    await server.stop()
    return result
  } finally {
    abort.abort()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function createTenant(url: string, signal: AbortSignal): Promise<Client> {
  const admin = new Client(url, ADMIN_TOKEN, signal)
  const { id } = await admin.v1<{ id: string }>('POST', '/tenants', { name: 'Bench' })
  const { token } = await admin.v1<{ token: string }>('POST', `/tenants/${id}/keys`, {})
  return new Client(url, token, signal)
}

interface Published {
  readonly id: string
  readonly at: number
  readonly sinceStartMs: number
}

async function publishSteadily(client: Client, say: (line: string) => void): Promise<Published[]> {
  const start = performance.now()
  const publishing: Promise<Published>[] = []
  for (let index = 0; index < EVENTS; index += 1) {
    const due = start + (index * 1_000) / RATE
    await sleep(Math.max(0, due - performance.now()))
    publishing.push(publishOne(client, index, start))
    if (index % 25 === 24) say(`published ${index + 1} of ${EVENTS} events`)
  }
  return Promise.all(publishing)
}

async function publishOne(client: Client, index: number, start: number): Promise<Published> {
  const at = performance.now()
  const body = { type: 'bench.event', data: { index } }
  const { events } = await client.v1<{ events: { id: string }[] }>('POST', '/events', body)
  return { id: events[0]?.id ?? '', at, sinceStartMs: at - start }
}

function summarize(
  silent: number,
  published: readonly Published[],
  paths: readonly string[],
  receivers: Receivers,
): IsolationRun {
  const healthy = paths.filter((path) => path.startsWith('/healthy/'))
  const all: number[] = []
  const settled: number[] = []
  let missing = 0
  for (const path of healthy) {
    const receipts = receivers.of(path)
    for (const { id, at, sinceStartMs } of published) {
      const receivedAt = receipts.get(id)
      if (receivedAt === undefined) missing += 1
      else {
        all.push(receivedAt - at)
        if (sinceStartMs >= SETTLED_MS) settled.push(receivedAt - at)
      }
    }
  }
  return {
    silent,
    publishedEvents: published.length,
    receipts: all.length,
    missing,
    maxMs: Math.max(...all),
    p50Ms: percentile(all, 0.5),
    p99Ms: percentile(all, 0.99),
    settledP99Ms: percentile(settled, 0.99),
  }
}
