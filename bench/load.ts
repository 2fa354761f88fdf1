// Ways to publish: so many at once, so many a second, or one by one.

import { setTimeout as sleep } from 'node:timers/promises'
import { now } from './clock.ts'
import type { Answer } from './publisher.ts'

/** A payload as many have it. */
const DATA_BYTES = 300

/** Publishes once; the argument counts the calls. */
export type Publish = (index: number) => Promise<Answer>

/** Keeps `concurrency` publishes under way until `isOver`; resolves with all answers. */
export async function publishClosed(
  publish: Publish,
  concurrency: number,
  isOver: (index: number) => boolean,
): Promise<readonly Answer[]> {
  const answers: Answer[] = []
  let next = 0
  const lane = async () => {
    for (let index = next; !isOver(index); index = next) {
      next += 1
      answers.push(await publish(index))
    }
  }
  await Promise.all(Array.from({ length: concurrency }, lane))
  return answers
}

/** Starts `rate` publishes a second until `isOver`, whether or not earlier ones were answered. */
export async function publishSteadily(
  publish: Publish,
  rate: number,
  isOver: (index: number) => boolean,
): Promise<readonly Answer[]> {
  const start = now()
  const publishing: Promise<Answer>[] = []
  for (let index = 0; !isOver(index); index += 1) {
    const due = start + (index * 1_000) / rate
    await sleep(Math.max(0, due - now()))
    publishing.push(publish(index))
  }
  return Promise.all(publishing)
}

/** One at a time, with a pause between. */
export async function publishOneByOne(
  publish: Publish,
  pauseMs: number,
  count: number,
): Promise<readonly Answer[]> {
  const answers: Answer[] = []
  for (let index = 0; index < count; index += 1) {
    answers.push(await publish(index))
    await sleep(pauseMs)
  }
  return answers
}

/** Text of an event whose `data` has about so many bytes. */
export function eventText(index: number, dataBytes = DATA_BYTES): string {
  const filler = 'x'.repeat(Math.max(0, dataBytes - 30))
  return `{"type":"bench.event","data":{"index":${index},"filler":"${filler}"}}`
}

/** Text of a publish of several events. */
export function eventsText(index: number, count: number): string {
  const texts = Array.from({ length: count }, (_, offset) => eventText(index * count + offset))
  return `[${texts.join(',')}]`
}

/** Whether the keyed receiver is to refuse what has this key. */
export function isBadKey(key: string): boolean {
  return key.startsWith('bad-')
}

/** Text of a publish of several events with keys, of which so many of so many are bad; each key comes as often as any other. */
export function keyedText(
  index: number,
  count: number,
  { keys, bad }: { readonly keys: number; readonly bad: number },
): string {
  const events = Array.from({ length: count }, (_, offset) => {
    const number = index * count + offset
    const key = number % keys
    const data = { index: number, key: `${key < bad ? 'bad' : 'key'}-${key}` }
    return { type: 'bench.event', data: { ...data, filler: 'x'.repeat(DATA_BYTES - 50) } }
  })
  return JSON.stringify(events)
}

/** Makes so many, sixteen at a time; in the order in which they were done. */
export async function inParallel<T>(count: number, make: () => Promise<T>): Promise<readonly T[]> {
  const made: T[] = []
  let next = 0
  const lane = async () => {
    while (next < count) {
      next += 1
      made.push(await make())
    }
  }
  await Promise.all(Array.from({ length: 16 }, lane))
  return made
}

/** The ids of the events that a publish was answered with; other senders answer with one (peers/senders.ts). */
export function idsOf({ text }: Answer): readonly string[] {
  const answer: { readonly id?: string; readonly events?: readonly { readonly id: string }[] } =
    JSON.parse(text)
  return answer.events?.map(({ id }) => id) ?? [answer.id ?? '']
}
