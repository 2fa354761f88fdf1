import { expect, it } from 'vitest'
import { FIRST_RUN } from '../../../src/engine/model.ts'
import type { Delivery } from '../../../src/engine/pipeline/attempt.ts'
import { runInSlot } from '../../../src/engine/pipeline/slot.ts'
import { anEvent, aWebhook } from '../../dialects/models.ts'

/** A delivery to a webhook of this name. */
function aDelivery(name: string): Delivery {
  const webhook = { ...aWebhook({ id: name }), tenantName: 'Acme' }
  return { event: anEvent(), webhook, run: FIRST_RUN, attempts: 0 }
}

const nameOf = ({ webhook }: Delivery) => webhook.id

/** Time that the test moves, and work that it answers. */
function openSlot(items: readonly string[], concurrency = 2) {
  const [early, last, end] = [0, 1, 2].map(() => Promise.withResolvers<void>())
  if (!early || !last || !end) throw new Error('There is no time.')
  const answers = new Map(items.map((item) => [item, Promise.withResolvers<string>()]))
  const begun: string[] = []
  const work = (delivery: Delivery) => {
    const item = nameOf(delivery)
    begun.push(item)
    return answers.get(item)?.promise ?? Promise.reject(new Error(item))
  }
  const time = { early: early.promise, last: last.promise, end: end.promise, stop: () => {} }
  const slot = runInSlot(items.map(aDelivery), work, { concurrency, time })
  const turn = () => new Promise<void>((resolve) => setTimeout(resolve, 0))
  return {
    slot,
    begun,
    answer: (item: string) => {
      answers.get(item)?.resolve(`${item} answered`)
      return turn()
    },
    pass: (moment: 'early' | 'last' | 'end') => {
      ;({ early, last, end })[moment].resolve()
      return turn()
    },
  }
}

const seen = async ({ slot }: ReturnType<typeof openSlot>) => {
  const { finished, unanswered, unstarted } = await slot
  return {
    finished,
    unanswered: unanswered.map(({ item, isSlow }) => [nameOf(item), isSlow]),
    unstarted: unstarted.map(nameOf),
  }
}

it('ends when everything is answered', async () => {
  const open = openSlot(['a', 'b', 'c'])
  for (const item of ['b', 'a', 'c']) await open.answer(item)
  expect(await seen(open)).toEqual({
    finished: ['b answered', 'a answered', 'c answered'],
    unanswered: [],
    unstarted: [],
  })
})

it('calls slow what had most of the time, and not what was only just begun', async () => {
  const open = openSlot(['hanging', 'quick', 'recent'])
  await open.pass('early')
  await open.answer('quick')
  await open.pass('end')
  expect(await seen(open)).toEqual({
    finished: ['quick answered'],
    unanswered: [
      ['hanging', true],
      ['recent', false],
    ],
    unstarted: [],
  })
})

it('begins nothing when it is late, but waits for what is under way', async () => {
  const open = openSlot(['a', 'b', 'c', 'd'])
  await open.pass('early')
  await open.pass('last')
  await open.answer('a')
  expect(open.begun).toEqual(['a', 'b'])
  await open.answer('b')
  expect(await seen(open)).toEqual({
    finished: ['a answered', 'b answered'],
    unanswered: [],
    unstarted: ['c', 'd'],
  })
})

it('begins a few even when its time is over before it starts', async () => {
  const over = Promise.resolve()
  const time = { early: over, last: over, end: over, stop: () => {} }
  const never = () => new Promise<string>(() => {})
  const slot = await runInSlot(['a', 'b', 'c'].map(aDelivery), never, { concurrency: 2, time })
  expect(slot.unanswered.map(({ item }) => nameOf(item))).toEqual(['a', 'b'])
  expect(slot.unstarted.map(nameOf)).toEqual(['c'])
})
