// Random histories of a tenant, run against the real pipeline in memory and compared with what contracts/delivery.md
// promises. A failure prints its seed and shrinks to the shortest history that shows it.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkPromises } from './promises.ts'
import { type Step, Story, step } from './story.ts'

/** Histories of one run; a seed in the output repeats them. */
const RUNS = 10_000

async function tell(steps: readonly Step[]): Promise<Story> {
  const story = await Story.begin()
  for (const next of steps) await story.take(next)
  await story.end()
  return story
}

describe('whatever happens', () => {
  it(`keeps its promises in ${RUNS} random histories`, async ({ task }) => {
    const seed = Date.now() % 2 ** 31
    const told = { events: 0, requests: 0 }
    const property = fc.asyncProperty(
      fc.array(step, { minLength: 3, maxLength: 40 }),
      async (steps) => {
        const story = await tell(steps)
        told.events += story.accepted.length
        told.requests += story.world.sent.length
        expect(await checkPromises(story)).toEqual([])
      },
    )
    await fc.assert(property, { numRuns: RUNS, seed })
    const { events, requests } = told
    task.meta.counted = `${RUNS} histories (seed ${seed}), ${events} events accepted, ${requests} requests sent, 0 lost`
  }, 100_000)
})
