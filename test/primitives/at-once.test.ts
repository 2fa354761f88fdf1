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

it('begins nothing more once something failed, and waits for what is under way', async () => {
  const begun: number[] = []
  const results = await atMostAtOnce([1, 2, 3, 4], 2, async (n) => {
    begun.push(n)
    await Promise.resolve()
    if (n === 1) throw new Error('no')
    await Promise.resolve()
    return n
  })
  expect(begun).toEqual([1, 2])
  expect(results).toEqual([{ status: 'rejected', reason: new Error('no') }, done(2), null, null])
})

it('does nothing for nothing', async () => {
  expect(await atMostAtOnce([], 5, async (n) => n)).toEqual([])
})
