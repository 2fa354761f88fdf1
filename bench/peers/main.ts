// Drives a sender of webhooks that runs already, Hookline or another one, and prints what came of it as a line of JSON: the same
// publisher, receiver and counting for all (docs/benchmarks.md, "Beside others", says how to start them).
//
//   HOOKLINE_TOKEN=dev-admin-token npm run bench:peers -- --sender=hookline --url=http://localhost:8787 --scenario=burst
//     --groups=123,456   process groups whose CPU is counted, with what they started
//     --rounds=3         so many, one after the other

import { parseArgs } from 'node:util'
import { runBurst, takeTimes } from '../burst.ts'
import { cpuOf } from '../cpu.ts'
import { type Publish, publishOneByOne, publishSteadily } from '../load.ts'
import { Publisher } from '../publisher.ts'
import { Receivers } from '../receivers.ts'
import { spreadOf } from '../statistics.ts'
import { SENDERS } from './senders.ts'

interface Scenario {
  readonly publishes: number
  readonly webhooks: number
  /** Of them so many never answer. */
  readonly silent?: number
  readonly perPublish?: number
  /** Publishes under way at a time; else they come by the clock. */
  readonly connections?: number
  readonly perSecond?: number
  readonly pauseMs?: number
}

/** As the peers were measured: docs/benchmarks.md has what each came to. */
const SCENARIOS: Readonly<Record<string, Scenario>> = {
  smoke: { publishes: 100, webhooks: 1, connections: 10 },
  burst: { publishes: 3_000, webhooks: 1, connections: 20 },
  pack50: { publishes: 60, webhooks: 1, connections: 20, perPublish: 50 },
  fan10: { publishes: 500, webhooks: 10, connections: 10 },
  idle: { publishes: 100, webhooks: 1, pauseMs: 50 },
  paced: { publishes: 2_000, webhooks: 1, perSecond: 100 },
  isolation: { publishes: 300, webhooks: 20, silent: 4, perSecond: 20 },
}
const PATIENCE_MS = 120_000

const { values } = parseArgs({
  options: {
    sender: { type: 'string', default: 'hookline' },
    url: { type: 'string', default: 'http://localhost:8787' },
    scenario: { type: 'string', default: 'smoke' },
    groups: { type: 'string', default: '' },
    rounds: { type: 'string', default: '1' },
  },
})
const sender = SENDERS[values.sender] ?? fail('sender', SENDERS)
const scenario = SCENARIOS[values.scenario] ?? fail('scenario', SCENARIOS)
const token = process.env[sender.tokenIn]
if (!token) throw new Error(`${sender.tokenIn} of the environment has no token.`)
const rounds = wholeNumber('rounds', values.rounds)
const groups = (values.groups === '' ? [] : values.groups.split(',')).map((group) =>
  wholeNumber('groups', group),
)
for (const group of groups) {
  if (cpuOf(group) === null) throw new Error(`--groups: no process of ${group} runs here.`)
}

const abort = new AbortController()
process.once('exit', () => abort.abort())
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(name, () => process.exit(1))

const receivers = await Receivers.open(abort.signal)
const publisher = new Publisher(values.url)
try {
  for (let round = 0; round <= rounds; round += 1) {
    // The first one has what runs often compiled, and counts for nothing.
    const isWarmUp = round === 0
    const result = await run(isWarmUp ? (SCENARIOS.smoke ?? scenario) : scenario, token)
    if (!isWarmUp) console.log(JSON.stringify({ ...about(), ...result }))
  }
} finally {
  publisher.close()
  abort.abort()
}

function about() {
  const { sender, scenario } = values
  return { sender, scenario, at: new Date().toISOString() }
}

/** What a scenario came to: milliseconds, and events a second. */
async function run(what: Scenario, token: string) {
  const { webhooks, silent = 0, perPublish = 1 } = what
  const healthy = receivers.newPaths(webhooks - silent)
  const paths = [...healthy, ...receivers.newPaths(silent, 'silent')]
  const urls = paths.map((path) => receivers.urlOf(path))
  const customer = await sender.createCustomer(publisher, token, urls)
  const toText = (index: number) => {
    if (perPublish === 1) return sender.one(index, customer)
    if (sender.several) return sender.several(index, perPublish)
    throw new Error(`${values.sender} takes one event in a publish.`)
  }
  const publish: Publish = (index) =>
    publisher.send('POST', customer.path, customer.token, toText(index))
  const cpuBefore = cpuMs()
  const round = await (what.connections === undefined
    ? paceOut(publish, what, healthy)
    : runBurst(
        {
          service: { cpuMs },
          paths: healthy,
          publish: () => publish,
          publishPack: () => publish,
        },
        receivers,
        { publishes: what.publishes, perPublish, connections: what.connections },
      ))
  const cpuAfter = cpuMs()
  const deliveries = round.received.length
  return {
    deliveries,
    deliveriesPerSecond: Math.round((deliveries * 1_000) / round.ms),
    publishToAnswerMs: spreadOf(round.answered),
    publishToReceiptMs: spreadOf(round.received),
    duplicates: round.duplicates,
    cpuMsPerDelivery:
      cpuBefore === null || cpuAfter === null ? null : (cpuAfter - cpuBefore) / deliveries,
  }
}

/** By the clock, or one after the other. */
async function paceOut(publish: Publish, what: Scenario, healthy: readonly string[]) {
  const { publishes, perSecond = 0, pauseMs = 0 } = what
  const answers =
    perSecond > 0
      ? await publishSteadily(publish, perSecond, (index) => index >= publishes)
      : await publishOneByOne(publish, pauseMs, publishes)
  await receivers.received(healthy, publishes, PATIENCE_MS)
  const times = await takeTimes(receivers, healthy, answers)
  return { ...times, ms: times.lastAt - Math.min(...answers.map(({ at }) => at)) }
}

/** Of all processes of the groups, and of what they started; null where none was named. */
function cpuMs(): number | null {
  return groups.length === 0 ? null : cpuOf(...groups)
}

function wholeNumber(option: string, text: string): number {
  if (!/^[1-9]\d{0,9}$/.test(text)) throw new Error(`--${option}: ${text} is no number from 1 on.`)
  return Number(text)
}

function fail(option: string, known: Readonly<Record<string, unknown>>): never {
  throw new Error(`--${option} is one of ${Object.keys(known).join(', ')}.`)
}
