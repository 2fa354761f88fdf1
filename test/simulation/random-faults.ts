// Random plays, each with one call of a port going wrong, anywhere and in any way (faults.deep.test.ts has them all, in plays
// that are written down).

import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Behaviour, Fault, FaultMode } from '../fakes/world.ts'
import { type Play, Rehearsal, type Scene } from './rehearsal.ts'
import { checkRehearsal } from './rehearsal-promises.ts'

/** Plays of one run, whatever the lane says: `VITE_FAULTS=50000 npm run test:deep`. */
const TOLD = import.meta.env.VITE_FAULTS

/** Another one each time, unless told. */
const seed = Number(import.meta.env.VITE_FAULTS_SEED ?? Date.now() % 2 ** 31)

/** Milliseconds for one play, with time to shrink one that fails. */
const MOST_MS = 120

const RECEIVERS = [
  {},
  {
    retry: { type: 'schedule', delaysSeconds: [5, 60] },
    suspend: { afterSeconds: 0, afterFailures: 1 },
  },
] as const

const index = fc.nat({ max: RECEIVERS.length - 1 })
const behaviour = fc.constantFrom<Behaviour>('ok', 'ok', 'error', 'slow', 'moved', 'odd', 'gone')
const ms = fc.constantFrom(1_000, 10_000, 70_000)

/** What owners and producers do, as a line of the report and as they do it. */
const SCENES = {
  publish: fc.record({ count: fc.integer({ min: 1, max: 4 }) }),
  schedule: fc.record({ count: fc.integer({ min: 1, max: 3 }), ms }),
  cancel: fc.record({ event: fc.nat({ max: 3 }) }),
  behave: fc.record({ index, behaviour }),
  pass: fc.record({ ms }),
  resume: fc.record({ index }),
  pause: fc.record({ index, paused: fc.boolean() }),
  resendDiverted: fc.record({ index }),
  resend: fc.record({ index, event: fc.nat({ max: 9 }) }),
  replay: fc.record({ index, onlyMissing: fc.boolean() }),
} as const

type Lines = { [K in keyof typeof SCENES]: Line<K> }
type Line<K extends keyof typeof SCENES> = {
  readonly kind: K
} & ((typeof SCENES)[K] extends fc.Arbitrary<infer T> ? T : never)

const ACTS: { readonly [K in keyof Lines]: (stage: Rehearsal, line: Lines[K]) => Promise<void> } = {
  publish: (stage, { count }) => stage.publish(count),
  schedule: (stage, { count, ms }) => stage.schedule(count, ms),
  cancel: (stage, { event }) => stage.cancel([...stage.due.keys()][event]),
  behave: (stage, { index, behaviour }) => stage.behave(index, behaviour),
  pass: (stage, { ms }) => stage.pass(ms),
  resume: (stage, { index }) => stage.resume(index),
  pause: (stage, { index, paused }) => stage.pause(index, paused),
  resendDiverted: (stage, { index }) => stage.resendDiverted(index),
  resend: (stage, { index, event }) => stage.resend(index, stage.accepted[event]),
  async replay(stage, { index, onlyMissing }) {
    // What was published in the millisecond of a replay is after it.
    await stage.pass(1)
    await stage.replay(index, onlyMissing)
  },
}

const toScene = (line: Lines[keyof Lines]): Scene => {
  const act = ACTS[line.kind] as (stage: Rehearsal, line: Lines[keyof Lines]) => Promise<void>
  return (stage) => act(stage, line)
}

const line = fc.oneof(
  ...Object.entries(SCENES).map(([kind, fields]) => ({
    weight: kind === 'publish' || kind === 'behave' || kind === 'pass' ? 3 : 1,
    arbitrary: (fields as fc.Arbitrary<object>).map((one) => ({ kind, ...one })),
  })),
) as unknown as fc.Arbitrary<Lines[keyof Lines]>

const fault = fc.record<Fault>({
  call: fc.integer({ min: 1, max: 25 }),
  mode: fc.constantFrom<FaultMode>('before', 'after', 'stall', 'mute', 'hang', 'die'),
  port: fc.constantFrom('', '', 'monitor', 'eventLog', 'deliveries', 'objects', 'webhooks'),
})

/** What was once found, in a lane that had room for it. */
const EXAMPLES: [Lines[keyof Lines][], Fault][] = [
  // A scheduled event whose log does not hear that it is on its way, to a receiver that takes its time.
  [
    [
      { kind: 'schedule', count: 1, ms: 1_000 },
      { kind: 'behave', index: 0, behaviour: 'slow' },
      { kind: 'pass', ms: 10_000 },
      { kind: 'publish', count: 1 },
      { kind: 'behave', index: 0, behaviour: 'ok' },
    ],
    { call: 3, mode: 'mute', port: '' },
  ],
]

/** Plays so many random plays, unless the environment says how many. */
export function itKeepsEveryPromise(usual: number): void {
  const runs = Number(TOLD ?? usual)
  it(`keeps every promise in ${runs} random plays with a fault (seed ${seed})`, {
    timeout: runs * MOST_MS + 60_000,
  }, async ({ task }) => {
    let fired = 0
    const lines = fc.array(line, { minLength: 3, maxLength: 12, size: 'max' })
    const property = fc.asyncProperty(lines, fault, async (told, wrong) => {
      const play: Play = { through: [], receivers: RECEIVERS, scenes: told.map(toScene) }
      const stage = await Rehearsal.play(play, wrong)
      if (stage.world.fired !== null) fired += 1
      const broken = await checkRehearsal(stage)
      if (broken.length > 0) throw new Error(broken.join('\n'))
    })
    const found = await fc.check(property, { numRuns: runs, seed, examples: EXAMPLES })
    if (found.failed) {
      const [told = [], wrong] = found.counterexample ?? []
      const what = found.errorInstance instanceof Error ? found.errorInstance.message : ''
      const where = `seed ${seed}, fault ${JSON.stringify(wrong)}:`
      expect.fail([what, where, ...told.map((one) => JSON.stringify(one))].join('\n'))
    }
    expect(fired).toBeGreaterThan(runs / 10)
    task.meta.counted = `${runs} plays (seed ${seed}), ${fired} faults came about, 0 lost`
  })
}
