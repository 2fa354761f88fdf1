import { expect, it } from 'vitest'
import { Bench } from '../../fixtures/bench.ts'

const T = 1_795_341_600_000
const DAY_MS = 86_400_000

it('sweeps expired keys to the last, and dead letters of 30 days', async () => {
  const bench = await Bench.open()
  const asked: number[] = []
  const left = [100_000, 100_000, 12]
  const sweeping = bench.with({
    clock: () => T,
    deduplication: {
      ...bench.ports.deduplication,
      async prune(now, limit) {
        asked.push(now, limit)
        return left.shift() ?? 0
      },
    },
    deadLetters: {
      ...bench.ports.deadLetters,
      async prune(before) {
        asked.push(before)
        return 3
      },
    },
  })
  await sweeping.engine.consumers.sweep()
  expect(asked).toEqual([T, 100_000, T, 100_000, T, 100_000, T - 30 * DAY_MS])
  expect(sweeping.lines).toEqual([
    { event: 'swept', deduplicationKeys: 200_012, deadLetters: 3, eventLogs: expect.any(Number) },
  ])
})
