// Throughput, latency and CPU: Hookline and the Workers beside it in turn, so that all see the same machine.

import { setTimeout as sleep } from 'node:timers/promises'
import { type BurstShape, runBurst, takeTimes, toBurst, toLatency } from './burst.ts'
import { publishOneByOne } from './load.ts'
import type { Receivers } from './receivers.ts'
import type { Burst, Contender, Speed } from './results.ts'
import type { Subject } from './subject.ts'

const ROUNDS = 3
/** Milliseconds between two who take turns, in which the former ends whatever it still does. */
const PAUSE_MS = 500
/** Enough that what runs often is compiled. */
const WARM_UP_EVENTS = 200
const PATIENCE_MS = 60_000

const SINGLE: BurstShape = { publishes: 3_000, perPublish: 1, connections: 20 }
const FAN_OUT: BurstShape = { publishes: 500, perPublish: 1, connections: 10 }
const PACKS: BurstShape = { publishes: 60, perPublish: 50, connections: 20 }
/** One publish at a time, with a pause between. */
const IDLE = { turns: 10, publishes: 10, pauseMs: 50 }

type Say = (line: string) => void
type Party = readonly [who: Contender, subject: Subject]

export interface Parties {
  /** To one webhook each, by single publishes. */
  readonly single: readonly Party[]
  /** To ten webhooks each. */
  readonly fanOut: readonly Party[]
  /** To one webhook each, by those who take several events in a publish. */
  readonly packs: readonly Party[]
}

export async function measureSpeed(
  { single, fanOut, packs }: Parties,
  receivers: Receivers,
  say: Say,
): Promise<Speed> {
  const bursts = (what: string, parties: readonly Party[], shape: BurstShape) =>
    measureBursts(parties, receivers, shape, (line) => say(`${what}: ${line}`))
  return {
    idle: await measureIdle(single, receivers, say),
    single: await bursts('single publishes', single, SINGLE),
    fanOut: await bursts('to ten webhooks', fanOut, FAN_OUT),
    packs: await bursts('fifty a publish', packs, PACKS),
  }
}

async function measureBursts(
  parties: readonly Party[],
  receivers: Receivers,
  shape: BurstShape,
  say: Say,
): Promise<readonly Burst[]> {
  const publishes = Math.ceil(WARM_UP_EVENTS / shape.perPublish)
  say('warming up')
  for (const [, subject] of parties) await runBurst(subject, receivers, { ...shape, publishes })
  const rounds = await takeTurns(parties, ROUNDS, async (subject, who, round) => {
    await sleep(PAUSE_MS)
    const one = await runBurst(subject, receivers, shape)
    const rate = (one.received.length * 1_000) / one.ms
    say(`round ${round} of ${ROUNDS}, ${who}: ${rate.toFixed(0)} deliveries a second`)
    return one
  })
  return rounds.map(([who, all]) => toBurst(who, all))
}

async function measureIdle(
  parties: readonly Party[],
  receivers: Receivers,
  say: Say,
): Promise<Speed['idle']> {
  const turn = async ({ paths, publish }: Subject) => {
    await receivers.forget(paths)
    const answers = await publishOneByOne(publish(), IDLE.pauseMs, IDLE.publishes)
    await receivers.received(paths, answers.length, PATIENCE_MS)
    return takeTimes(receivers, paths, answers)
  }
  say('idle: warming up')
  for (const [, subject] of parties) await turn(subject)
  const turns = await takeTurns(parties, IDLE.turns, async (subject, who, round) => {
    if (who === 'hookline') say(`idle: turn ${round} of ${IDLE.turns}`)
    return turn(subject)
  })
  return turns.map(([who, all]) => toLatency(who, all))
}

/** Lets all take turns, every second time in reverse: who comes after whom should favour nobody. */
async function takeTurns<T>(
  parties: readonly Party[],
  turns: number,
  take: (subject: Subject, who: Contender, turn: number) => Promise<T>,
): Promise<readonly (readonly [who: Contender, taken: readonly T[]])[]> {
  const taken = new Map<Contender, T[]>(parties.map(([who]) => [who, []]))
  for (let turn = 1; turn <= turns; turn += 1) {
    for (const [who, subject] of turn % 2 === 0 ? parties.toReversed() : parties) {
      taken.get(who)?.push(await take(subject, who, turn))
    }
  }
  return [...taken]
}
