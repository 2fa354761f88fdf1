// A burst: so many publishes, as fast as their answers come, until everything was received.

import { setTimeout as sleep } from 'node:timers/promises'
import { idsOf, publishClosed } from './load.ts'
import type { Answer } from './publisher.ts'
import type { Receivers } from './receivers.ts'
import type { Burst, Contender, Latency } from './results.ts'
import type { Service } from './services.ts'
import { spreadOf } from './statistics.ts'
import type { Subject } from './subject.ts'

const PATIENCE_MS = 120_000
/** What is written down after the last receipt belongs to the burst. */
const SETTLING_MS = 300

export interface BurstShape {
  readonly publishes: number
  readonly perPublish: number
  readonly connections: number
}

/** What one burst, or one turn of single publishes, came to; milliseconds. */
export interface Times {
  readonly answered: readonly number[]
  readonly received: readonly number[]
}

export interface Round extends Times {
  /** From the first publish to the last receipt. */
  readonly ms: number
  readonly cpuMs: number | null
  /** Requests beyond one for each event and webhook. */
  readonly duplicates: number
}

/** What a burst needs of what is measured. */
type Driven = Pick<Subject, 'paths' | 'publish' | 'publishPack'> & {
  readonly service: Pick<Service, 'cpuMs'>
}

export async function runBurst(
  subject: Driven,
  receivers: Receivers,
  { publishes, perPublish, connections }: BurstShape,
): Promise<Round> {
  const { service, paths } = subject
  const publish = perPublish === 1 ? subject.publish() : subject.publishPack(perPublish)
  await receivers.forget(paths)
  const cpuBefore = service.cpuMs()
  const answers = await publishClosed(publish, connections, (index) => index >= publishes)
  await receivers.received(paths, publishes * perPublish, PATIENCE_MS)
  await sleep(SETTLING_MS)
  const cpuAfter = service.cpuMs()
  const times = await takeTimes(receivers, paths, answers)
  const start = Math.min(...answers.map(({ at }) => at))
  const cpuMs = cpuBefore === null || cpuAfter === null ? null : cpuAfter - cpuBefore
  return { ...times, ms: times.lastAt - start, cpuMs }
}

/** What came of these publishes. Throws when an event was not received anywhere that it should have been. */
export async function takeTimes(
  receivers: Receivers,
  paths: readonly string[],
  answers: readonly Answer[],
): Promise<Times & { readonly lastAt: number; readonly duplicates: number }> {
  const events = answers.flatMap((answer) => idsOf(answer).map((id) => ({ id, at: answer.at })))
  const received: number[] = []
  let lastAt = 0
  let duplicates = 0
  for (const { first, requests } of await receivers.receiptsAt(paths)) {
    const receivedAt = new Map(first)
    duplicates += requests - first.length
    for (const { id, at } of events) {
      const came = receivedAt.get(id)
      if (came === undefined) throw new Error(`The event ${id} was published and not received.`)
      received.push(came - at)
      lastAt = Math.max(lastAt, came)
    }
  }
  return { answered: answers.map(({ durationMs }) => durationMs), received, lastAt, duplicates }
}

/** All rounds of one contender put together. */
export function toBurst(who: Contender, rounds: readonly Round[]): Burst {
  const total = (of: (round: Round) => number) => rounds.reduce((sum, one) => sum + of(one), 0)
  const deliveries = total(({ received }) => received.length)
  const isKnown = rounds.every(({ cpuMs }) => cpuMs !== null)
  return {
    ...toLatency(who, rounds),
    deliveriesPerSecond: (deliveries * 1_000) / total(({ ms }) => ms),
    cpuMsPerDelivery: isKnown ? total(({ cpuMs }) => cpuMs ?? 0) / deliveries : null,
    duplicates: total(({ duplicates }) => duplicates),
  }
}

export function toLatency(who: Contender, turns: readonly Times[]): Latency {
  return {
    who,
    answered: spreadOf(turns.flatMap(({ answered }) => answered)),
    received: spreadOf(turns.flatMap(({ received }) => received)),
  }
}
