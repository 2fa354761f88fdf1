import { expect, it } from 'vitest'
import { atMostAtOnce } from '../../src/primitives/at-once.ts'

const done = (value: number) => ({ status: 'fulfilled', value })

it('does at most so many at once, and answers in order', async () => {
  let [running, most] = [0, 0]
  const results = await atMostAtOnce([5, 1, 4, 2, 3], 2, async (n) => {
    running += 1
    most = Math.max(most, running)
    for (let turn = 0; turn < n; turn += 1) await Promise.resolve()
    running -= 1
    return n * 10
  })
  expect(results).toEqual([50, 10, 40, 20, 30].map(done))
  expect(most).toBe(2)
})

it('goes on where something failed, and says so in its place', async () => {
  const results = await atMostAtOnce([1, 2, 3], 1, async (n) => {
    if (n === 2) throw new Error('no')
    return n
  })
  expect(results).toEqual([done(1), { status: 'rejected', reason: new Error('no') }, done(3)])
})

it('does nothing for nothing', async () => {
  expect(await atMostAtOnce([], 5, async (n) => n)).toEqual([])
})
