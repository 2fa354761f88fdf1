// Suspension by time and count, from the first failure to the resend, on the clock of the test.

import { expect, it } from 'vitest'
import { Story } from './story.ts'

it('suspends after enough time and enough events, says so beforehand, and gives back what it kept', async () => {
  const story = await Story.begin()
  const { world } = story
  const { webhooks } = world.engine
  // The third webhook: two retries 10 s apart; suspended after 60 s of failures on two events.
  await story.take({ kind: 'create', pattern: 0, policy: 3, mute: false, shape: 0 })
  const known = story.webhooks[2]
  if (!known) throw new Error('There is no third webhook.')
  const start = world.now
  const publish = async () => {
    await story.take({ kind: 'publish', type: 0, count: 1 })
    await world.runBatch('events')
    // A webhook that failed twice is served from the slow lane.
    await world.runBatch('deliveries')
  }
  const health = async () => {
    const { health: now, suspendsAt } = await webhooks.health(story.ref(known))
    return { failingSince: now.failingSince, suspendedAt: now.suspendedAt, suspendsAt }
  }

  await story.take({ kind: 'behave', webhook: 2, behaviour: 'error' })
  await publish()
  expect(await health()).toEqual({ failingSince: start, suspendedAt: null, suspendsAt: null })
  await publish()
  const due = { failingSince: start, suspendedAt: null, suspendsAt: start + 60_000 }
  expect(await health()).toEqual(due)

  await world.advance(59_000)
  await publish()
  expect(await health()).toEqual(due)
  await world.advance(1_000)
  await publish()
  const { suspendedAt } = await health()
  expect(suspendedAt).toBe(start + 60_020)

  const before = world.sent.length
  await world.settle()
  expect(world.sent.slice(before).filter(({ url }) => url === known.config.url)).toEqual([])
  await story.take({ kind: 'behave', webhook: 2, behaviour: 'ok' })
  await webhooks.resume(story.ref(known))
  expect(await webhooks.resendDiverted(story.ref(known), {})).toMatchObject({ queued: 4 })
  await world.settle()
  const received = world.sent.filter(
    ({ url, behaviour }) => url === known.config.url && behaviour === 'ok',
  )
  expect(received.map(({ eventId }) => eventId).toSorted()).toEqual(
    story.accepted.map(({ id }) => id).toSorted(),
  )
})
