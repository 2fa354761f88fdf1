// What keys of an order have to do with each other: `npm run bench -- --keys` publishes events of a hundred keys at a pace that an ordered
// webhook keeps up with, first with a receiver that takes all of them, then with one that refuses those of ten keys for good, attempt
// after attempt. What do events of the other ninety wait?

import { idsOf, keyedText, publishSteadily } from './load.ts'
import { startHookline, type World } from './parts.ts'
import type { Service } from './services.ts'
import { type Spread, spreadOf } from './statistics.ts'
import { table } from './tables.ts'

const KEYS = 100
const BAD_KEYS = 10
/** Publishes a second, and events of each. */
const RATE = 10
const PACK = 5
const WARM_UP_EVENTS = 250
/** What the other keys' 99th percentile may be of that of the calm run. */
const MOST_TIMES = 1.5
/** Milliseconds that the last events get to arrive. */
const PATIENCE_MS = 120_000
/** A refused event keeps its key for half a minute. */
const FAILURE_HANDLING = { retry: { type: 'exponential', intervalSeconds: 1, attempts: 5 } }

interface Run {
  /** Events of the keys that are looked at, and milliseconds from the publish to the receipt of each. */
  readonly events: number
  readonly waits: Spread
  /** Requests that were refused. */
  readonly refused: number
}

/** Prints a table of what events waited, with and without keys that fail. `events`: of each run. */
export async function printKeys(world: World, events: number): Promise<void> {
  const { say } = world
  say('starting Hookline')
  const service = await startHookline(world, 'hookline')
  say('keys: warming up')
  await run(world, service, WARM_UP_EVENTS, 0)
  say(`keys: ${events} events, all keys succeed`)
  const calm = await run(world, service, events, 0)
  say(`keys: ${events} events, ${BAD_KEYS} of ${KEYS} keys fail`)
  const failing = await run(world, service, events, BAD_KEYS)
  await service.stop()
  const good = KEYS - BAD_KEYS
  const head = [
    'keys that fail',
    `events of the ${good} others`,
    'median',
    '99th',
    'longest',
    'refused',
  ]
  const rows = [toRow('none', calm), toRow(`${BAD_KEYS} of ${KEYS}`, failing)]
  const ratio = failing.waits.p99 / calm.waits.p99
  const verdict = `The 99th percentile is ${ratio.toFixed(2)} times that of the calm run; at most ${MOST_TIMES} are wanted.`
  process.stdout.write(`\n${table(head, rows)}\n\n${verdict}\n`)
}

function toRow(name: string, { events, waits, refused }: Run): readonly string[] {
  const times = [waits.p50, waits.p99, waits.max].map((ms) => `${ms.toFixed(0)} ms`)
  return [name, events.toLocaleString('en'), ...times, refused.toLocaleString('en')]
}

/** One tenant, one webhook. Looks at the same keys, whether or not the others fail. */
async function run(
  { receivers }: World,
  service: Service,
  events: number,
  bad: number,
): Promise<Run> {
  const tenant = await service.createTenant()
  const [path = ''] = receivers.newPaths(1, 'keyed')
  const { id } = await tenant.createWebhook(receivers.urlOf(path), {
    ...{ order: { key: 'data.key' }, failureHandling: FAILURE_HANDLING },
  })
  const publish = (index: number) => tenant.publish(keyedText(index, PACK, { keys: KEYS, bad }))
  const publishes = Math.ceil(events / PACK)
  const answers = await publishSteadily(publish, RATE, (index) => index >= publishes)
  const published = answers.flatMap((answer, index) =>
    idsOf(answer).map((eventId, offset) => {
      return { eventId, at: answer.at, key: (index * PACK + offset) % KEYS }
    }),
  )
  // What is refused comes to another path.
  const expected = published.filter(({ key }) => key >= bad).length
  await receivers.received([path], expected, PATIENCE_MS)
  const [receipts, refused] = await receivers.receiptsAt([path, `${path}/bad`])
  const receivedAt = new Map(receipts?.first ?? [])
  const waits = published
    .filter(({ key }) => key >= BAD_KEYS)
    .map(({ eventId, at }) => (receivedAt.get(eventId) ?? Number.NaN) - at)
  await tenant.deleteWebhook(id)
  return { events: waits.length, waits: spreadOf(waits), refused: refused?.requests ?? 0 }
}
