// Random histories of a tenant, run against the real engine in memory and compared with what
// docs/contracts/delivery.md promises. A failure shows its seed and the shortest history that shows it, ready for
// regressions.test.ts.

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { checkPromises } from './promises.ts'
import { type Step, step, toLine } from './steps.ts'
import { Story } from './story.ts'
import { Tally } from './tally.ts'

/** Histories of one run, whatever the lane says: `VITE_HISTORIES=50000 npm run test:deep`, which Vite hands to the runtime. */
const TOLD = import.meta.env.VITE_HISTORIES

/** Steps of a history at most; `VITE_HISTORY_STEPS=40` finds more in each, and takes twice as long. */
const STEPS = Number(import.meta.env.VITE_HISTORY_STEPS ?? 20)

/** Milliseconds for one history, with time to shrink one that fails. */
const MOST_MS = 400

/** How many shards event logs have, and when that changes, from the midnight on at which a history begins. */
const shardings = fc.constantFrom(
  ...['1', '1', '2', '3', '1, 2 from 2026-11-22T00:00:20Z', '1, 2 from 2026-11-22T00:05Z'],
  ...['1, 3 from 2026-11-22T02:00Z', '3, 2 from 2026-11-22T00:01Z'],
)

/** Another one each time, unless told: `VITE_HISTORY_SEED=1 npm run test:deep`. */
const seed = Number(import.meta.env.VITE_HISTORY_SEED ?? Date.now() % 2 ** 31)

/** Tells a history to its end, and to a second one where owners make up for what was suspended. */
async function tell(shards: string, steps: readonly Step[], tally: Tally): Promise<void> {
  const story = await Story.begin(shards)
  for (const next of steps) await story.take(next)
  await story.end()
  await keepsPromises(story)
  await tally.look(story)
  if (await story.makeUp()) {
    await keepsPromises(story)
    await tally.look(story)
  }
  tally.count(steps, story)
}

async function keepsPromises(story: Story): Promise<void> {
  const broken = await checkPromises(story)
  if (broken.length > 0) throw new Error(broken.slice(0, 3).join('\n'))
}

/** What went wrong, and how to see it again. */
function toReport({ counterexample, ...found }: fc.RunDetails<[string, Step[]]>): string {
  const [shards = '', steps = []] = counterexample ?? []
  const what = found.errorInstance instanceof Error ? found.errorInstance.message : 'It failed.'
  const where = `seed ${seed}, history ${found.numRuns}, path ${found.counterexamplePath}, shards "${shards}"`
  return [what, `${where}:`, ...steps.map((one) => `  ${toLine(one)},`)].join('\n')
}

/** Runs so many random histories, unless the environment says how many. */
export function itKeepsItsPromises(usual: number): void {
  const runs = Number(TOLD ?? usual)
  it(
    `keeps its promises in ${runs} random histories (seed ${seed})`,
    async ({ task }) => {
      const tally = new Tally()
      const histories = fc.array(step, { minLength: 3, maxLength: STEPS, size: 'max' })
      const property = fc.asyncProperty(shardings, histories, (shards, steps) =>
        tell(shards, steps, tally),
      )
      const found = await fc.check(property, { numRuns: runs, seed, unbiased: true })
      if (found.failed) expect.fail(toReport(found))
      // Each step, answer and end is in a hundredth of them at least; few histories are no sample.
      if (runs >= 3_000) expect(tally.rarerThan(runs / 100)).toEqual([])
      const { events, requests, pairs } = tally
      const told = `${runs} histories (seed ${seed})`
      task.meta.counted = `${told}, ${events} events accepted, ${requests} requests sent, 0 lost, ${pairs} pairs in order\n    ${tally.toLines()}`
    },
    runs * MOST_MS,
  )
}
