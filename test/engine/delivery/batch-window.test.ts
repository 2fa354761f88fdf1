import { expect, it } from 'vitest'
import type { Delivery } from '../../../src/engine/attempt/attempt.ts'
import { runInWindow } from '../../../src/engine/delivery/batch-window.ts'
import { StepBudget } from '../../../src/engine/expressions/step-budget.ts'
import { FIRST_RUN } from '../../../src/engine/model/index.ts'
import { anEvent, aTarget } from '../../dialects/models.ts'

/** A delivery to a webhook of this name, which says its lane. */
function aDelivery(name: string): Delivery {
  const lane = name.startsWith('slow') ? 'slow' : 'fast'
  const target = aTarget({ id: name, lane })
  return { event: anEvent(), target, run: FIRST_RUN, attempts: 0 }
}

const nameOf = ({ target }: Delivery) => target.webhook.id

/** Time that the test moves, and work that it answers. */
function openSlot(
  items: readonly string[],
  { concurrency = 2, isCrowded = false, inWaves = false } = {},
) {
  const [early, last, end, slow, crowded] = Array.from({ length: 5 }, () =>
    Promise.withResolvers<void>(),
  )
  if (!early || !last || !end || !slow || !crowded) throw new Error('There is no time.')
  const answers = new Map(items.map((item) => [item, Promise.withResolvers<string>()]))
  const begun: string[] = []
  const work = (delivery: Delivery) => {
    const item = nameOf(delivery)
    begun.push(item)
    return answers.get(item)?.promise ?? Promise.reject(new Error(item))
  }
  const waves: (() => void)[] = []
  const urgent: (() => void)[] = []
  const handedOn: string[][] = []
  const window = {
    ...{ early: early.promise, last: last.promise, end: end.promise },
    untilSlowLane: (isCrowded: boolean) => (isCrowded ? crowded : slow).promise,
    untilWave: () => new Promise<void>((resolve) => void waves.push(resolve)),
    untilUrgent: () => new Promise<void>((resolve) => void urgent.push(resolve)),
    steps: new StepBudget(),
    stop: () => {},
  }
  const slot = runInWindow(items.map(aDelivery), work, {
    ...{ concurrency, isCrowded, window },
    ...(inWaves && { wave: (finished) => void handedOn.push([...finished]) }),
    isUrgent: (result) => result.startsWith('!'),
  })
  const turn = () => new Promise<void>((resolve) => setTimeout(resolve, 0))
  return {
    slot,
    begun,
    handedOn,
    /** It is time to hand on what is urgent; whether anything was. */
    passUrgent: async () => {
      const waiting = urgent.splice(0)
      for (const resolve of waiting) resolve()
      await turn()
      return waiting.length
    },
    /** It is time to hand on what has finished. */
    passWave: () => {
      for (const resolve of waves.splice(0)) resolve()
      return turn()
    },
    answer: (item: string) => {
      answers.get(item)?.resolve(`${item} answered`)
      return turn()
    },
    pass: (moment: 'early' | 'last' | 'end' | 'slow' | 'crowded') => {
      ;({ early, last, end, slow, crowded })[moment].resolve()
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
  const window = {
    ...{ early: over, last: over, end: over },
    ...{
      untilSlowLane: () => over,
      untilWave: () => over,
      untilUrgent: () => over,
      stop: () => {},
    },
    steps: new StepBudget(),
  }
  const never = () => new Promise<string>(() => {})
  const slot = await runInWindow(['a', 'b', 'c'].map(aDelivery), never, { concurrency: 2, window })
  expect(slot.unanswered.map(({ item }) => nameOf(item))).toEqual(['a', 'b'])
  expect(slot.unstarted.map(nameOf)).toEqual(['c'])
})

it('waits for the slow lane only a while when the fast one has answered', async () => {
  const open = openSlot(['fast', 'slow'])
  await open.pass('slow')
  await open.answer('fast')
  expect(await seen(open)).toEqual({
    finished: ['fast answered'],
    unanswered: [['slow', true]],
    unstarted: [],
  })
})

it('waits even less for the slow lane when others queue up behind', async () => {
  const open = openSlot(['slow 1', 'slow 2', 'slow 3'], { isCrowded: true })
  await open.pass('crowded')
  expect(await seen(open)).toEqual({
    finished: [],
    unanswered: [
      ['slow 1', true],
      ['slow 2', true],
    ],
    unstarted: ['slow 3'],
  })
})

it('hands on in waves what has finished while more is under way, each once', async () => {
  const open = openSlot(['a', 'b', 'c', 'd'], { inWaves: true })
  await open.passWave()
  expect(open.handedOn).toEqual([])
  await open.answer('a')
  await open.answer('b')
  await open.passWave()
  expect(open.handedOn).toEqual([['a answered', 'b answered']])
  await open.passWave()
  await open.answer('c')
  await open.passWave()
  expect(open.handedOn).toEqual([['a answered', 'b answered'], ['c answered']])
  await open.answer('d')
  expect(await seen(open)).toEqual({ finished: ['d answered'], unanswered: [], unstarted: [] })
})

it('hands on soon what is urgent, once, with what else has finished by then', async () => {
  const open = openSlot(['!a', 'b', '!c', 'd'], { inWaves: true, concurrency: 4 })
  await open.answer('b')
  expect(await open.passUrgent()).toBe(0)
  await open.answer('!a')
  await open.answer('!c')
  expect(open.handedOn).toEqual([])
  expect(await open.passUrgent()).toBe(1)
  expect(open.handedOn).toEqual([['b answered', '!a answered', '!c answered']])
  await open.answer('d')
  expect(await seen(open)).toEqual({ finished: ['d answered'], unanswered: [], unstarted: [] })
})

it('hands on nothing in waves once its time is over', async () => {
  const open = openSlot(['a', 'b', 'c'], { inWaves: true })
  await open.answer('a')
  await open.pass('end')
  await open.passWave()
  expect(open.handedOn).toEqual([])
  expect(await seen(open)).toEqual({
    finished: ['a answered'],
    unanswered: [
      ['b', true],
      ['c', true],
    ],
    unstarted: [],
  })
})
