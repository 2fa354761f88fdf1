// Throughput, latency and CPU: Hookline and the floor Worker in turn, so that both see the same machine.

import { setTimeout as sleep } from 'node:timers/promises'
import { type Publish, publishClosed, publishOneByOne, publishSteadily } from './load.ts'
import type { Answer } from './publisher.ts'
import type { Comparison, Latency, Speed, Throughput } from './results.ts'
import { spreadOf } from './statistics.ts'
import type { Subject } from './subject.ts'

const CONCURRENCY = 40
const PATIENCE_MS = 120_000
const ROUNDS = 2
/** Milliseconds for which a round publishes. */
const ROUND_MS = 4_000
/** Events that may be under way at most, so that the end of a round need not be waited for. */
const UNDER_WAY = 1_000
export const PACK = 50
/** Idle: one publish at a time, with a pause of so many milliseconds. */
const IDLE = { count: 100, pauseMs: 20 }
/** Under load: so many publishes, at this part of what the slower of the two manages. */
const LOADED = { count: 400, part: 0.5 }

export async function measureSpeed(
  { floor, hookline }: { readonly floor: Subject; readonly hookline: Subject },
  say: (line: string) => void,
): Promise<Speed> {
  for (const subject of [floor, hookline]) await warmUp(subject)
  const idle = await compare(floor, hookline, async (subject) => {
    say(`latency, idle: ${subject.name}`)
    return latencyOf(subject, () => publishOneByOne(subject.publish(), IDLE.pauseMs, IDLE.count))
  })
  const rounds: Record<'floor' | 'single' | 'packs', Round[]> = { floor: [], single: [], packs: [] }
  for (let round = 1; round <= ROUNDS; round += 1) {
    say(`throughput, round ${round} of ${ROUNDS}`)
    rounds.floor.push(await run(floor, 1))
    rounds.single.push(await run(hookline, 1))
    rounds.packs.push(await run(hookline, PACK))
  }
  const [base, single, packs] = [rounds.floor, rounds.single, rounds.packs].map(summarize)
  if (base === undefined || single === undefined || packs === undefined) throw new Error('No runs.')
  const rate = LOADED.part * Math.min(base.eventsPerSecond, single.eventsPerSecond)
  const loaded = await compare(floor, hookline, async (subject) => {
    say(`latency at ${rate.toFixed(0)} publishes a second: ${subject.name}`)
    return latencyOf(subject, () => publishSteadily(subject.publish(), rate, LOADED.count))
  })
  return {
    throughput: {
      floor: base,
      single,
      packs,
      singleTimesFloor: single.eventsPerSecond / base.eventsPerSecond,
      packsTimesFloor: packs.eventsPerSecond / base.eventsPerSecond,
    },
    idle,
    loaded: { ...loaded, publishesPerSecond: rate },
  }
}

async function warmUp(subject: Subject): Promise<void> {
  const before = subject.receiver.first.size
  await publishClosed(subject.publish(), CONCURRENCY, (index) => index >= 200)
  await subject.receiver.received(before + 200, PATIENCE_MS)
}

interface Round {
  readonly events: number
  readonly ms: number
  readonly cpuMs: number
}

async function run({ service, receiver, ...subject }: Subject, perPublish: number): Promise<Round> {
  const publishNow = perPublish === 1 ? subject.publish() : subject.publishPack(perPublish)
  const before = receiver.first.size
  const publish: Publish = async (index) => {
    while ((index + 1) * perPublish - (receiver.first.size - before) > UNDER_WAY) await sleep(2)
    return publishNow(index)
  }
  const cpuBefore = service.cpuMs()
  const start = performance.now()
  const isOver = () => performance.now() - start >= ROUND_MS
  const answers = await publishClosed(publish, CONCURRENCY, isOver)
  const events = answers.length * perPublish
  await receiver.received(before + events, PATIENCE_MS)
  const ms = performance.now() - start
  // What is written down after the last receipt belongs to it.
  await sleep(300)
  return { events, ms, cpuMs: service.cpuMs() - cpuBefore }
}

function summarize(rounds: readonly Round[]): Throughput {
  const total = (of: (round: Round) => number) => rounds.reduce((sum, round) => sum + of(round), 0)
  const events = total((round) => round.events)
  return {
    eventsPerSecond: (events * 1_000) / total((round) => round.ms),
    cpuMsPerDelivery: total((round) => round.cpuMs) / events,
  }
}

async function compare(
  floor: Subject,
  hookline: Subject,
  measure: (subject: Subject) => Promise<Latency>,
): Promise<Comparison> {
  const [base, ours] = [await measure(floor), await measure(hookline)]
  return {
    floor: base,
    hookline: ours,
    receivedTimesFloor: ours.received.p50 / base.received.p50,
  }
}

async function latencyOf(
  { receiver }: Subject,
  publish: () => Promise<readonly Answer[]>,
): Promise<Latency> {
  const before = receiver.first.size
  const answers = await publish()
  await receiver.received(before + answers.length, PATIENCE_MS)
  const received = answers.map(({ text, at }) => {
    const [event]: { id: string }[] = JSON.parse(text).events
    return (receiver.first.get(event?.id ?? '') ?? Number.NaN) - at
  })
  return {
    answered: spreadOf(answers.map(({ durationMs }) => durationMs)),
    received: spreadOf(received),
  }
}
