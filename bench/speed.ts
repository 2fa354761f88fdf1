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
/** Turns in which the two take the idle measurement: what the machine does meanwhile is shared between them. */
const IDLE_TURNS = 4
/** Milliseconds for which a round publishes. */
const ROUND_MS = 4_000
/** Publishes whose events may be under way at most, so that the end of a round need not be waited for. */
const UNDER_WAY = { single: 1_000, packs: 2 * CONCURRENCY }
export const PACK = 50
/** Idle: one publish at a time, with a pause of so many milliseconds; so many a turn. */
const IDLE = { count: 50, pauseMs: 20 }
/** Under load: so many publishes a turn, at this part of what the slower of the two manages. */
const LOADED = { count: 200, part: 0.5 }
const LOADED_TURNS = 2

export async function measureSpeed(
  { floor, hookline }: { readonly floor: Subject; readonly hookline: Subject },
  say: (line: string) => void,
): Promise<Speed> {
  for (const subject of [floor, hookline]) await warmUp(subject, subject.publish(), 1, 200)
  await warmUp(hookline, hookline.publishPack(PACK), PACK, 40)
  const idle = await compare(floor, hookline, IDLE_TURNS, async (subject, turn) => {
    say(`latency, idle, turn ${turn} of ${IDLE_TURNS}: ${subject.name}`)
    return takeTimes(subject, () => publishOneByOne(subject.publish(), IDLE.pauseMs, IDLE.count))
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
  const loaded = await compare(floor, hookline, LOADED_TURNS, async (subject, turn) => {
    say(
      `latency at ${rate.toFixed(0)} publishes a second, turn ${turn} of ${LOADED_TURNS}: ${subject.name}`,
    )
    return takeTimes(subject, () => publishSteadily(subject.publish(), rate, LOADED.count))
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

async function warmUp(
  { receiver }: Subject,
  publish: Publish,
  perPublish: number,
  publishes: number,
): Promise<void> {
  const before = receiver.first.size
  await publishClosed(publish, CONCURRENCY, (index) => index >= publishes)
  await receiver.received(before + publishes * perPublish, PATIENCE_MS)
}

interface Round {
  readonly events: number
  readonly ms: number
  readonly cpuMs: number | null
}

async function run({ service, receiver, ...subject }: Subject, perPublish: number): Promise<Round> {
  const publishNow = perPublish === 1 ? subject.publish() : subject.publishPack(perPublish)
  const before = receiver.first.size
  const underWay = perPublish === 1 ? UNDER_WAY.single : UNDER_WAY.packs
  const publish: Publish = async (index) => {
    while (index + 1 - (receiver.first.size - before) / perPublish > underWay) await sleep(2)
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
  const cpuAfter = service.cpuMs()
  const cpuMs = cpuBefore === null || cpuAfter === null ? null : cpuAfter - cpuBefore
  return { events, ms, cpuMs }
}

function summarize(rounds: readonly Round[]): Throughput {
  const total = (of: (round: Round) => number) => rounds.reduce((sum, round) => sum + of(round), 0)
  const events = total((round) => round.events)
  return {
    eventsPerSecond: (events * 1_000) / total((round) => round.ms),
    cpuMsPerDelivery: rounds.some(({ cpuMs }) => cpuMs === null)
      ? null
      : total(({ cpuMs }) => cpuMs ?? 0) / events,
  }
}

/** Lets the two take turns, and puts together what each took. */
async function compare(
  floor: Subject,
  hookline: Subject,
  turns: number,
  measure: (subject: Subject, turn: number) => Promise<Times>,
): Promise<Comparison> {
  const base: Times[] = []
  const ours: Times[] = []
  for (let turn = 1; turn <= turns; turn += 1) {
    base.push(await measure(floor, turn))
    ours.push(await measure(hookline, turn))
  }
  const compared = { floor: toLatency(base), hookline: toLatency(ours) }
  const { p50 } = compared.floor.received
  return { ...compared, receivedTimesFloor: compared.hookline.received.p50 / p50 }
}

/** Milliseconds of each publish. */
interface Times {
  readonly answered: readonly number[]
  readonly received: readonly number[]
}

async function takeTimes(
  { receiver }: Subject,
  publish: () => Promise<readonly Answer[]>,
): Promise<Times> {
  const before = receiver.first.size
  const answers = await publish()
  await receiver.received(before + answers.length, PATIENCE_MS)
  const received = answers.map(({ text, at }) => {
    const [event]: { id: string }[] = JSON.parse(text).events
    const receivedAt = receiver.first.get(event?.id ?? '')
    if (receivedAt === undefined) throw new Error('An event was received that nobody published.')
    return receivedAt - at
  })
  return { answered: answers.map(({ durationMs }) => durationMs), received }
}

function toLatency(turns: readonly Times[]): Latency {
  return {
    answered: spreadOf(turns.flatMap(({ answered }) => answered)),
    received: spreadOf(turns.flatMap(({ received }) => received)),
  }
}
