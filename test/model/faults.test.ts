// Every port, failing at every call, in every way: publish → deliver → fail → retry → succeed → suspend → resume →
// resend must end with every event delivered, diverted, or dropped by policy.

import { describe, expect, it } from 'vitest'
import { type Fault, type FaultMode, InjectedFault } from '../memory/world.ts'
import { checkPromises } from './promises.ts'
import { type Step, Story } from './story.ts'

const MODES: readonly FaultMode[] = ['before', 'after', 'hang', 'die']

/** Webhook 0 wants everything, with the platform's default; webhook 1 suspends on its first exhausted event. */
const SCENARIO: readonly (readonly Step[])[] = [
  [{ kind: 'publish', type: 0, count: 2 }],
  [
    { kind: 'behave', webhook: 0, behaviour: 'error' },
    { kind: 'behave', webhook: 1, behaviour: 'slow' },
    { kind: 'publish', type: 1, count: 2 },
  ],
  [{ kind: 'advance', ms: 10_000 }],
  [
    { kind: 'behave', webhook: 0, behaviour: 'ok' },
    { kind: 'behave', webhook: 1, behaviour: 'error' },
    { kind: 'publish', type: 0, count: 2 },
  ],
  [{ kind: 'advance', ms: 10_000 }],
  [{ kind: 'advance', ms: 70_000 }],
  [{ kind: 'publish', type: 0, count: 1 }],
  [
    { kind: 'behave', webhook: 1, behaviour: 'ok' },
    { kind: 'resume', webhook: 1 },
    { kind: 'resendDiverted', webhook: 1 },
  ],
  [{ kind: 'advance', ms: 20_000 }],
]

/** Plays the scenario; one call of a port goes wrong, in a batch or in what owners and producers ask for. */
async function play(fault: Fault): Promise<{ story: Story; calls: number }> {
  const story = await Story.begin()
  const { world } = story
  story.repeatable = true
  let left = fault.call
  let calls = 0
  const suffer = async (work: () => Promise<unknown>) => {
    world.inject({ ...fault, call: left })
    await world.whileAlive(() => work().catch(refused))
    calls += world.calls
    left -= world.calls
    world.inject(null)
  }
  for (const part of SCENARIO) {
    for (const step of part) await suffer(() => story.take(step))
    for (const queue of ['events', 'deliveries', 'events', 'deliveries'] as const) {
      await suffer(() => world.runBatch(queue, 3))
    }
  }
  await story.end()
  return { story, calls }
}

/** Whoever asked is told that it failed; nothing was promised. */
function refused(error: unknown): void {
  if (!(error instanceof InjectedFault)) throw error
}

describe('whichever call of a port goes wrong', () => {
  it('reaches the end that policy gives, for every call and every way', async ({ task }) => {
    const { story: calm, calls } = await play({ call: 10_000, mode: 'before', port: '' })
    expect(await checkPromises(calm)).toEqual([])
    let points = 0
    const broken: string[] = []
    for (const mode of MODES) {
      for (let call = 1; call <= calls + 5; call += 1) {
        const { story } = await play({ call, mode, port: '' })
        points += 1
        const found = await checkPromises(story)
        broken.push(...found.map((what) => `${mode} call ${call}: ${what}`))
      }
    }
    expect(broken).toEqual([])
    expect(calls).toBeGreaterThan(60)
    task.meta.counted = `${points} fault points (${calls} calls of ports, ${MODES.length} ways), 0 lost`
  }, 120_000)
})
