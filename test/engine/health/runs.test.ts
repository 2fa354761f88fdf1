import { describe, expect, it } from 'vitest'
import { runToJoin, stateOfEvent, UNTRIED, withFirst } from '../../../src/engine/health/runs.ts'
import type { RunState } from '../../../src/engine/model/index.ts'

const delivered = { ...UNTRIED, status: 'delivered', attempts: 1, lastAttemptAt: 5 } as const
const at = (run: string, status: RunState['status'], lastAttemptAt = 1): RunState => ({
  ...UNTRIED,
  run,
  status,
  lastAttemptAt,
})

describe('how an event stands', () => {
  it.each<[string, readonly RunState[], typeof delivered | typeof UNTRIED, string]>([
    ['without a row, as its first attempts say', [], UNTRIED, 'pending'],
    ['without a row, delivered at once', [], delivered, 'delivered'],
    ['as its first run', [at('', 'diverted')], UNTRIED, 'diverted'],
    ['as a resend that is under way', [at('', 'diverted'), at('a', 'pending')], UNTRIED, 'pending'],
    ['delivered once any run was', [at('', 'dropped'), at('a', 'delivered')], UNTRIED, 'delivered'],
    ['delivered at once, whatever a resend came to', [at('a', 'diverted')], delivered, 'delivered'],
    ['as a resend, where the first run has told nothing', [at('a', 'failing')], UNTRIED, 'failing'],
    ['as if a run that was withdrawn had not been', [at('a', 'withdrawn')], UNTRIED, 'pending'],
  ])('%s', (_, runs, first, status) => {
    expect(stateOfEvent(runs, first).status).toBe(status)
  })

  it('tells the attempts of all its runs, and when the last was', () => {
    const runs = [
      { ...at('', 'diverted', 3), attempts: 3 },
      { ...at('a', 'withdrawn', 9), attempts: 2 },
      { ...at('b', 'delivered', 7), attempts: 1 },
    ]
    expect(stateOfEvent(runs, UNTRIED)).toMatchObject({ attempts: 6, lastAttemptAt: 9 })
    const resent = [{ ...at('a', 'delivered', 9), attempts: 2 }]
    expect(stateOfEvent(resent, delivered)).toMatchObject({ attempts: 3, lastAttemptAt: 9 })
    expect(stateOfEvent([at('a', 'pending', 0)], delivered)).toMatchObject({ attempts: 1 })
  })
})

describe('a first run that was delivered at once', () => {
  it('is among the runs', () => {
    const resend = at('a', 'failing')
    expect(withFirst([resend], delivered)).toEqual([resend, { ...delivered, run: '' }])
  })

  it('is there once', () => {
    const runs = [at('', 'failing')]
    expect(withFirst(runs, delivered)).toBe(runs)
    expect(withFirst([], UNTRIED)).toEqual([])
  })
})

describe('a resend', () => {
  it.each<[string, readonly RunState[], string | null, string | undefined]>([
    ['none when nothing is under way', [at('', 'diverted')], null, undefined],
    ['the run that is under way', [at('', 'failing')], 'job', ''],
    ['the one that was tried last', [at('', 'failing', 1), at('a', 'failing', 2)], null, 'a'],
    ['the one that a job has claimed', [at('', 'diverted')], 'job', 'job'],
  ])('joins %s', (_, runs, claimed, run) => {
    expect(runToJoin(runs, claimed)?.run).toBe(run)
  })
})
