// What is wrong with one webhook is no other webhook's trouble: time moves as a queue sees it that hands out one batch
// after another, as the local one does.

import { expect, it } from 'vitest'
import { HOLD } from '../../src/tuning.ts'
import { Story } from './story.ts'

/** Webhooks that never answer, and events that wait for each of them. */
const SILENT = 20
const WAITING = 4
/** Milliseconds until a retry is due by the default schedule, and how late it may be. */
const DUE_MS = 5_000
const LATE_MS = 2_000

it('retries a healthy webhook in time while many that are silent wait in the same queue', async () => {
  const story = await Story.begin()
  const { world } = story
  const publish = () => story.take({ kind: 'publish', type: 0, count: 1 })
  for (let webhook = 2; webhook < 2 + SILENT; webhook += 1) {
    await story.take({ kind: 'create', pattern: 0, policy: 0, mute: false, shape: 0 })
    await story.take({ kind: 'behave', webhook, behaviour: 'hanging' })
  }
  // Their first silence brings them into the slow lane.
  await publish()
  while (await world.runBatch('events', 10));
  await world.advance(60_000)

  for (let event = 0; event < WAITING; event += 1) await publish()
  await world.runBatch('events', 10)
  await story.take({ kind: 'behave', webhook: 0, behaviour: 'error' })
  await publish()
  await world.runBatch('events', 10)
  await story.take({ kind: 'behave', webhook: 0, behaviour: 'ok' })
  const failed = world.sent.findLast(({ behaviour }) => behaviour === 'error')
  const isRetry = (sent: (typeof world.sent)[number]) =>
    sent.url === failed?.url && sent.eventId === failed.eventId && sent !== failed
  while (!world.sent.some(isRetry)) {
    if (!(await world.runBatch('deliveries', 10))) await world.advance(100)
  }

  const waitedMs = (world.sent.find(isRetry)?.at ?? 0) - (failed?.at ?? 0)
  expect(waitedMs).toBeGreaterThanOrEqual(DUE_MS)
  expect(waitedMs).toBeLessThanOrEqual(DUE_MS + LATE_MS)
})

it('sends one event at a time to a receiver that answers nothing, and all of them once it does', async () => {
  const story = await Story.begin()
  const { world } = story
  await story.take({ kind: 'create', pattern: 0, policy: 0, mute: false, shape: 0 })
  const known = story.webhooks[2]
  if (known === undefined) throw new Error('There is no such webhook.')
  const behave = (behaviour: 'silent' | 'ok') =>
    story.take({ kind: 'behave', webhook: 2, behaviour })
  const requests = () => world.sent.filter(({ url }) => url === known.config.url)
  /** Five events a second, while the queues are served. */
  const live = async (seconds: number, eventsASecond = 5) => {
    for (let second = 0; second < seconds; second += 1) {
      await story.take({ kind: 'publish', type: 0, count: eventsASecond })
      while (await world.runBatch('events', 10));
      while (await world.runBatch('deliveries', 10));
      await world.advance(1_000)
    }
  }
  await behave('silent')
  await live(5)
  const first = requests().length
  expect(first).toBeLessThan(HOLD.silentAttempts + 5)
  await live(60)
  expect(requests().length - first).toBeLessThanOrEqual(60 / HOLD.pauseSeconds)
  await behave('ok')
  await live(30)
  const { health, waiting } = await world.engine.webhooks.health(story.ref(known))
  expect([health.hold, waiting]).toEqual([null, 0])
  await world.settle()
  const taken = requests().filter(({ behaviour }) => behaviour === 'ok')
  const ids = (all: readonly { readonly eventId: string }[]) => all.map(({ eventId }) => eventId)
  expect(ids(taken).toSorted()).toEqual(story.accepted.map(({ id }) => id).toSorted())
})
