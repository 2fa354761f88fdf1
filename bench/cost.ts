// What a million events cost, by the meter, under load: the local runtime forms the batches.

import { publishClosed } from './load.ts'
import type { Counts } from './meter/counts.ts'
import { dollarsPerMillion } from './meter/prices.ts'
import type { Receivers } from './receivers.ts'
import type { Cost } from './results.ts'
import type { Service } from './services.ts'
import { hooklineSubject, type Subject } from './subject.ts'

/** Publishes under way at the same time: enough for full batches. */
const CONCURRENCY = 40
const PATIENCE_MS = 120_000
const READING_MS = 200
/** Readings without anything new after which all is over: where nothing fails, and where retries wait for a second. */
const QUIET_READINGS = 3
const QUIET_READINGS_WITH_RETRIES = 8

interface Case {
  readonly what: string
  readonly fanOut: number
  readonly perPublish: number
  readonly publishes: number
  readonly kind?: string
}

const CASES: readonly Case[] = [
  { what: 'single publishes, fan-out 1', fanOut: 1, perPublish: 1, publishes: 400 },
  { what: 'single publishes, fan-out 3', fanOut: 3, perPublish: 1, publishes: 300 },
  { what: 'single publishes, fan-out 10', fanOut: 10, perPublish: 1, publishes: 200 },
  { what: '50 per publish, fan-out 1', fanOut: 1, perPublish: 50, publishes: 40 },
  { what: '50 per publish, fan-out 3', fanOut: 3, perPublish: 50, publishes: 20 },
  {
    what: 'single publishes, fan-out 1, 2 % of first attempts fail',
    fanOut: 1,
    perPublish: 1,
    publishes: 500,
    kind: 'failing',
  },
]

/** Measures every case, the floor Worker first. */
export async function measureCost(
  hookline: Service,
  floor: Subject,
  receivers: Receivers,
  say: (line: string) => void,
): Promise<readonly Cost[]> {
  say('cost: the floor Worker')
  const floorCase = { what: 'the floor Worker', fanOut: 1, perPublish: 1, publishes: 400 }
  const floorCost = await measure(floorCase, floor, receivers, 1)
  const costs = [{ ...floorCost, timesFloor: 1 }]
  for (const one of CASES) {
    say(`cost: ${one.what}`)
    const subject = await hooklineSubject(hookline, receivers, one)
    const floorDollars = floorCost.dollarsPerMillionEvents
    costs.push(await measure(one, subject, receivers, floorDollars))
  }
  return costs
}

async function measure(
  { what, fanOut, perPublish, publishes, kind }: Case,
  subject: Subject,
  receivers: Receivers,
  floorDollars: number,
): Promise<Cost> {
  const publish = perPublish === 1 ? subject.publish() : subject.publishPack(perPublish)
  const events = publishes * perPublish
  // Objects write their schema and set their first alarm once in their life.
  await publish(0)
  await receivers.received(subject.paths, perPublish, PATIENCE_MS)
  await settled(subject.service)
  await publishClosed(publish, CONCURRENCY, (index) => index >= publishes)
  await receivers.received(subject.paths, perPublish + events, PATIENCE_MS)
  const quiet = kind === 'failing' ? QUIET_READINGS_WITH_RETRIES : QUIET_READINGS
  const counts = await settled(subject.service, quiet)
  const dollars = dollarsPerMillion(counts, events)
  return {
    what,
    events,
    deliveriesPerEvent: fanOut,
    dollarsPerMillionEvents: dollars,
    timesFloor: dollars / floorDollars,
    messagesPerBatch: counts.queueReads / counts.invocations,
    counts,
  }
}

/** Takes what was counted once nothing is under way any more: nothing was added for a while. */
export async function settled(service: Service, quietReadings = QUIET_READINGS): Promise<Counts> {
  const taken: Counts[] = []
  let quiet = 0
  while (quiet < quietReadings) {
    await new Promise((resolve) => setTimeout(resolve, READING_MS))
    const counts = await service.takeCounts()
    quiet = Object.values(counts).some((count) => count > 0) ? 0 : quiet + 1
    taken.push(counts)
  }
  return sum(taken)
}

function sum(all: readonly Counts[]): Counts {
  const [first, ...others] = all
  if (first === undefined) throw new Error('Nothing was read.')
  return others.reduce<Counts>(
    (total, counts) => ({
      requests: total.requests + counts.requests,
      invocations: total.invocations + counts.invocations,
      queueWrites: total.queueWrites + counts.queueWrites,
      queueReads: total.queueReads + counts.queueReads,
      queueDeletes: total.queueDeletes + counts.queueDeletes,
      databaseQueries: total.databaseQueries + counts.databaseQueries,
      databaseRowsRead: total.databaseRowsRead + counts.databaseRowsRead,
      databaseRowsWritten: total.databaseRowsWritten + counts.databaseRowsWritten,
      objectRequests: total.objectRequests + counts.objectRequests,
      objectRowsRead: total.objectRowsRead + counts.objectRowsRead,
      objectRowsWritten: total.objectRowsWritten + counts.objectRowsWritten,
    }),
    first,
  )
}
