// Throughput, latency and CPU: Hookline, the floor Worker and the bare one in turn, so that all see the same machine.

import { setTimeout as sleep } from 'node:timers/promises'
import { type Publish, publishClosed, publishOneByOne, publishSteadily } from './load.ts'
import type { Answer } from './publisher.ts'
import type { Comparison, Contender, Latency, Paces, Speed, Throughput } from './results.ts'
import { spreadOf } from './statistics.ts'
import type { Subject } from './subject.ts'

const CONCURRENCY = 40
const PATIENCE_MS = 120_000
/** Short rounds and turns: a machine that is shared is now faster and now slower, for seconds at a time. */
const ROUNDS = 5
/** Milliseconds for which a round publishes. */
const ROUND_MS = 1_000
/** Publishes whose events may be under way at most: what is published has to be delivered at the same time. */
const UNDER_WAY = { single: 100, packs: 20 }
export const PACK = 50
/** Idle: one publish at a time, with a pause of so many milliseconds; so many a turn. */
const IDLE = { turns: 20, count: 10, pauseMs: 20 }
/** Under load: so many publishes a turn, at this part of what the slower of the floor and Hookline manages. */
const LOADED = { turns: 8, count: 50, part: 0.5 }

type Subjects = Readonly<Record<Contender, Subject>>
type Say = (line: string) => void

export async function measureSpeed(subjects: Subjects, say: Say): Promise<Speed> {
  const { floor, bare, hookline } = subjects
  for (const subject of [floor, bare, hookline]) await warmUp(subject, 1, 200)
  for (const subject of [bare, hookline]) await warmUp(subject, PACK, 40)
  say('latency when idle')
  const idle = await compare(subjects, IDLE.turns, async (subject) =>
    takeTimes(subject, () => publishOneByOne(subject.publish(), IDLE.pauseMs, IDLE.count)),
  )
  const throughput = await measureThroughput(subjects, say)
  const { floor: base, hookline: ours } = throughput
  const rate = LOADED.part * Math.min(base.eventsPerSecond, ours.single.eventsPerSecond)
  say(`latency at ${rate.toFixed(0)} publishes a second`)
  const loaded = await compare(subjects, LOADED.turns, async (subject) =>
    takeTimes(subject, () => publishSteadily(subject.publish(), rate, LOADED.count)),
  )
  return { throughput, idle, loaded: { ...loaded, publishesPerSecond: rate } }
}

/** Each of them in every round. */
async function measureThroughput(
  { floor, bare, hookline }: Subjects,
  say: Say,
): Promise<Speed['throughput']> {
  const runs = {
    floor: [floor, 1],
    bareSingle: [bare, 1],
    barePacks: [bare, PACK],
    single: [hookline, 1],
    packs: [hookline, PACK],
  } as const
  const rounds = new Map<string, Round[]>()
  for (let round = 1; round <= ROUNDS; round += 1) {
    say(`throughput, round ${round} of ${ROUNDS}`)
    for (const [name, [subject, size]] of inTurn(Object.entries(runs), round)) {
      rounds.set(name, [...(rounds.get(name) ?? []), await run(subject, size)])
    }
  }
  const took = (name: keyof typeof runs) => summarize(rounds.get(name) ?? [])
  const base = took('floor')
  const timesFloor = ({ eventsPerSecond }: Throughput) => eventsPerSecond / base.eventsPerSecond
  const paces = (single: Throughput, packs: Throughput): Paces => ({
    single,
    packs,
    singleTimesFloor: timesFloor(single),
    packsTimesFloor: timesFloor(packs),
  })
  return {
    floor: base,
    bare: paces(took('bareSingle'), took('barePacks')),
    hookline: paces(took('single'), took('packs')),
  }
}

async function warmUp(subject: Subject, perPublish: number, publishes: number): Promise<void> {
  const { receiver } = subject
  const before = receiver.first.size
  await publishClosed(publisherOf(subject, perPublish), CONCURRENCY, (index) => index >= publishes)
  await receiver.received(before + publishes * perPublish, PATIENCE_MS)
}

function publisherOf(subject: Pick<Subject, 'publish' | 'publishPack'>, perPublish: number) {
  return perPublish === 1 ? subject.publish() : subject.publishPack(perPublish)
}

interface Round {
  readonly events: number
  readonly ms: number
  readonly cpuMs: number | null
}

async function run({ service, receiver, ...subject }: Subject, perPublish: number): Promise<Round> {
  const publishNow = publisherOf(subject, perPublish)
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

/** Every second turn in reverse: who comes after whom should favour nobody. */
function inTurn<T>(all: readonly T[], turn: number): readonly T[] {
  return turn % 2 === 0 ? all.toReversed() : all
}

const CONTENDERS: readonly Contender[] = ['floor', 'bare', 'hookline']

/** Lets them take turns, and puts together what each took. */
async function compare(
  subjects: Subjects,
  turns: number,
  measure: (subject: Subject) => Promise<Times>,
): Promise<Comparison> {
  const times: Record<Contender, Times[]> = { floor: [], bare: [], hookline: [] }
  for (let turn = 1; turn <= turns; turn += 1) {
    for (const one of inTurn(CONTENDERS, turn)) times[one].push(await measure(subjects[one]))
  }
  const [floor, bare, hookline] = [times.floor, times.bare, times.hookline].map(toLatency)
  if (floor === undefined || bare === undefined || hookline === undefined)
    throw new Error('No times.')
  const { p50 } = floor.received
  const receivedTimesFloor = {
    bare: bare.received.p50 / p50,
    hookline: hookline.received.p50 / p50,
  }
  return { floor, bare, hookline, receivedTimesFloor }
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
