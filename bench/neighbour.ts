// The expensive neighbour: a tenant without any webhook publishes what takes long to look up, a type of twelve parts and
// sixteen entries of scope in each event. What do the events of another tenant wait?

import { setTimeout as sleep } from 'node:timers/promises'
import { now } from './clock.ts'
import { eventText, idsOf, publishClosed, publishSteadily } from './load.ts'
import type { Receivers } from './receivers.ts'
import type { NeighbourResult } from './results.ts'
import type { Service } from './services.ts'
import { spreadOf } from './statistics.ts'

const PUBLISHES = 40
/** In each publish: 40 × 500 events of 470 bytes are 9.4 MB. */
const EVENTS = 500
const EVENT_BYTES = 470
/** As many as a producer's program has by default (undici and Go open more, most SDKs fewer). */
const CONNECTIONS = 10
const TYPE_PARTS = 12
const SCOPE_ENTRIES = 16

/** Publishes a second of the neighbour. */
const RATE = 20
const CALM_MS = 3_000
/** Milliseconds after the last expensive publish was answered, in which what is left of them is done. */
const AFTER_MS = 3_000
const PATIENCE_MS = 60_000

export async function measureNeighbour(
  service: Service,
  receivers: Receivers,
  say: (line: string) => void,
): Promise<NeighbourResult> {
  const [expensive, tenant] = [await service.createTenant(), await service.createTenant()]
  const paths = receivers.newPaths(1)
  for (const path of paths) await tenant.createWebhook(receivers.urlOf(path))
  const bodies = Array.from({ length: PUBLISHES }, (_, index) => expensiveText(index))

  say('an expensive neighbour: before')
  let isOver = false
  const publish = (index: number) => tenant.publish(eventText(index))
  const publishing = publishSteadily(publish, RATE, () => isOver)
  await sleep(CALM_MS)
  say(`an expensive neighbour: ${PUBLISHES} publishes`)
  const start = now()
  const send = (index: number) => expensive.publish(bodies[index] ?? '')
  await publishClosed(send, CONNECTIONS, (index) => index >= PUBLISHES)
  const seconds = (now() - start) / 1_000
  await sleep(AFTER_MS)
  isOver = true

  const answers = await publishing
  await receivers.received(paths, answers.length, PATIENCE_MS)
  const [receipts] = await receivers.receiptsAt(paths)
  const receivedAt = new Map(receipts?.first ?? [])
  const waits = answers.flatMap((answer) =>
    idsOf(answer).map((id) => ({ at: answer.at, ms: (receivedAt.get(id) ?? 0) - answer.at })),
  )
  const spread = (of: (at: number) => boolean) =>
    spreadOf(waits.filter(({ at }) => of(at)).map(({ ms }) => ms))
  return {
    bytes: bodies.reduce((sum, body) => sum + Buffer.byteLength(body), 0),
    events: PUBLISHES * EVENTS,
    seconds,
    // Whatever was under way when the first one came is beside it.
    before: spread((at) => at < start - 1_000),
    beside: spread((at) => at >= start - 1_000),
  }
}

function expensiveText(publish: number): string {
  return `[${Array.from({ length: EVENTS }, (_, event) => eventOf(publish * EVENTS + event)).join(',')}]`
}

/** No two have a type or a scope in common. */
function eventOf(index: number): string {
  const parts = Array.from({ length: TYPE_PARTS - 1 }, (_, part) => `p${part}`)
  const entries = Array.from({ length: SCOPE_ENTRIES }, (_, entry) => [`name${entry}`, `v${index}`])
  const type = [`t${index}`, ...parts].join('.')
  const event = { type, scope: Object.fromEntries(entries), data: { filler: '' } }
  const missing = EVENT_BYTES - 1 - JSON.stringify(event).length
  event.data.filler = 'x'.repeat(Math.max(0, missing))
  return JSON.stringify(event)
}
