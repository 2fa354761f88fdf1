import { describe, expect, it } from 'vitest'
import {
  isToldByRows,
  runToJoin,
  stateOfEvent,
  UNTRIED,
  withFirst,
} from '../../../src/engine/health/runs.ts'
import type { RunState } from '../../../src/engine/model/index.ts'

const delivered = { ...UNTRIED, status: 'delivered', attempts: 1, lastAttemptAt: 5 } as const
const at = (run: string, status: RunState['status'], lastAttemptAt = 1): RunState => ({
  ...UNTRIED,
  run,
  status,
  lastAttemptAt,
})

describe('how an event stands', () => {
  it.each<[string, readonly RunState[], typeof delivered | typeof UNTRIED, string, boolean]>([
    ['without a row, as its first attempts say', [], UNTRIED, 'pending', false],
    ['without a row, delivered at once', [], delivered, 'delivered', false],
    ['as its first run', [at('', 'diverted')], UNTRIED, 'diverted', true],
    [
      'as a resend that is under way',
      [at('', 'diverted'), at('a', 'pending')],
      UNTRIED,
      'pending',
      true,
    ],
    [
      'delivered once any run was',
      [at('', 'dropped'), at('a', 'delivered')],
      UNTRIED,
      'delivered',
      true,
    ],
    [
      'delivered at once, whatever a resend came to',
      [at('a', 'diverted')],
      delivered,
      'delivered',
      false,
    ],
    [
      'as a resend, where the first run has told nothing',
      [at('a', 'failing')],
      UNTRIED,
      'failing',
      false,
    ],
    [
      'as if a run that was withdrawn had not been',
      [at('a', 'withdrawn')],
      UNTRIED,
      'pending',
      false,
    ],
  ])('%s', (_, runs, first, status, isTold) => {
    expect(stateOfEvent(runs, first).status).toBe(status)
    expect(isToldByRows(runs)).toBe(isTold)
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
