import { describe, expect, it } from 'vitest'
import { intentOf } from '../../../src/engine/delivery/next-action.ts'
import { UNTRIED } from '../../../src/engine/health/runs.ts'
import type { RunState } from '../../../src/engine/model/index.ts'
import type { Standing } from '../../../src/engine/ports/index.ts'
import { newId } from '../../../src/primitives/ids.ts'

const NOW = 1_700_000_000_000
const active = { enabled: true, suspendedAt: null }
const suspended = { enabled: true, suspendedAt: NOW - 5 }
const disabled = { enabled: false, suspendedAt: null }

function known(
  status: RunState['status'],
  attempts = 0,
  dueInSeconds?: number,
  fields: Partial<RunState> = {},
): RunState {
  const nextAttemptAt = dueInSeconds === undefined ? null : NOW + dueInSeconds * 1_000
  return { ...UNTRIED, run: '', status, attempts, nextAttemptAt, ...fields }
}
const carrying = (attempts: number, standing: Standing = 'sole', carrier?: string) => ({
  ...{ run: '', attempts, standing },
  ...(carrier !== undefined && { carrier }),
})

const skipped = (trigger: string) => ({ kind: 'skip', trigger, message: expect.any(String) })
const nothing = { kind: 'nothing' }
const attempt = (attempts: number, retryIndex = attempts) => ({
  kind: 'attempt',
  attempts,
  retryIndex,
})

type Row = [string, Parameters<typeof intentOf>[0], unknown]

function row(
  name: string,
  webhook: Row[1]['webhook'],
  state: RunState | null,
  message: Row[1]['message'],
  arrivals: number,
  expected: unknown,
): Row {
  const situation = { webhook, state, message, arrivals, isAccepted: true, retries: 5, now: NOW }
  return [name, situation, expected]
}

describe('a delivery', () => {
  it.each([
    row('is tried', active, null, carrying(0), 1, attempt(0)),
    row('is retried', active, null, carrying(1), 1, attempt(1)),
    row('is paced by its arrivals without a log', active, null, carrying(1), 4, attempt(1, 4)),
    row('is not given up for its arrivals alone', active, null, carrying(1), 40, attempt(1, 4)),
    row('is given up when its message says so', active, null, carrying(5), 2, attempt(5)),
    row('is counted by its log', active, known('failing', 3), carrying(1), 9, attempt(3)),
    row('is never counted below its message', active, known('pending'), carrying(2), 2, attempt(2)),
    row('waits until it is due', active, known('failing', 1, 90), carrying(0), 2, {
      kind: 'wait',
      delaySeconds: 90,
    }),
    row('goes when it is due', active, known('failing', 1, 0), carrying(0), 2, attempt(1)),
    row('goes when it is overdue', active, known('failing', 1, -60), carrying(0), 2, attempt(1)),
    row('ends when delivered', active, known('delivered', 1), carrying(0), 2, nothing),
    row('ends when diverted', active, known('diverted', 1), carrying(0), 2, nothing),
    row('ends when dropped', active, known('dropped', 1), carrying(0), 2, nothing),
    row('ends when unsendable', active, known('unsendable'), carrying(0), 2, nothing),
    row('ends with its webhook', null, null, carrying(0), 1, nothing),
    row('ends when disabled', disabled, null, carrying(1), 1, skipped('disabled')),
    row('is kept when suspended', suspended, null, carrying(1), 1, skipped('suspended')),
    row(
      'is kept before it is due',
      suspended,
      known('failing', 1, 9),
      carrying(1),
      2,
      skipped('suspended'),
    ),
    row(
      'of a disabled one that was delivered is done',
      disabled,
      known('delivered', 1),
      carrying(0),
      2,
      nothing,
    ),
    row(
      'is disabled before it is suspended',
      { enabled: false, suspendedAt: 1 },
      null,
      carrying(0),
      1,
      skipped('disabled'),
    ),
  ])('%s', (_, situation, expected) => {
    expect(intentOf(situation)).toEqual(expected)
  })
})

describe('an insurance', () => {
  it.each([
    row(
      'carries on what was lost',
      active,
      known('pending'),
      carrying(0, 'insurance'),
      1,
      attempt(0),
    ),
    row(
      'carries on what failed',
      active,
      known('failing', 1, 0),
      carrying(0, 'insurance'),
      1,
      attempt(1),
    ),
    row('waits for what failed', active, known('failing', 1, 7), carrying(0, 'insurance'), 1, {
      kind: 'wait',
      delaySeconds: 7,
    }),
    row(
      'ends with what was delivered',
      active,
      known('delivered', 1),
      carrying(0, 'insurance'),
      1,
      nothing,
    ),
    row('goes without a log', active, null, carrying(0, 'insurance'), 1, attempt(0)),
  ])('%s', (_, situation, expected) => {
    expect(intentOf(situation)).toEqual(expected)
  })
})

describe('a repetition', () => {
  it.each([
    row(
      'gives way to progress',
      active,
      known('failing', 1, 0),
      carrying(0, 'repetition'),
      1,
      nothing,
    ),
    row(
      'gives way whatever became of the webhook',
      suspended,
      known('failing', 2, 0),
      carrying(1, 'repetition'),
      1,
      nothing,
    ),
    row(
      'goes when there was none',
      active,
      known('pending'),
      carrying(0, 'repetition'),
      1,
      attempt(0),
    ),
    row(
      'goes when the other was lost',
      active,
      known('failing', 1, 0),
      carrying(1, 'repetition'),
      1,
      attempt(1),
    ),
    row('goes without a log', active, null, carrying(0, 'repetition'), 1, attempt(0)),
    row(
      'carries its own retries',
      active,
      known('failing', 1, 0),
      carrying(0, 'repetition'),
      2,
      attempt(1),
    ),
  ])('%s', (_, situation, expected) => {
    expect(intentOf(situation)).toEqual(expected)
  })
})

describe('a resend of a delivery that is under way', () => {
  const asked = newId(NOW)
  const later = newId(NOW + 1)
  const failing = (attempts: number, dueInSeconds: number, carrier: string | null = asked) =>
    known('failing', attempts, dueInSeconds, { carrier })
  const resent = (attempts: number, carrier = asked) => carrying(attempts, 'repetition', carrier)
  const wait = (delaySeconds: number) => ({ kind: 'wait', delaySeconds })

  it.each([
    row('makes the next attempt now', active, failing(2, 90), resent(2), 1, attempt(2)),
    row('gives way to one made since', active, failing(3, 90), resent(2), 1, nothing),
    row('waits for the next one after its own', active, failing(3, 90), resent(2), 2, wait(90)),
    row('goes on with that when it is due', active, failing(3, 0), resent(2), 2, attempt(3)),
    row('begins a run that has not begun', active, known('pending'), resent(0), 1, attempt(0)),
    row('ends when its run has ended', active, known('diverted', 4), resent(3), 1, nothing),
    row('leaves the former message behind it', active, failing(2, 90), carrying(1), 2, wait(100)),
    row('is followed when it never came', active, failing(2, -10), carrying(1), 2, attempt(2)),
    row('is followed by a former resend', active, failing(2, 90, later), resent(2), 2, wait(100)),
    row(
      'is followed where no attempt was made yet',
      active,
      known('pending', 0, undefined, { carrier: asked }),
      carrying(0),
      1,
      wait(10),
    ),
    row(
      'does nothing for a suspended one',
      suspended,
      failing(2, 90),
      resent(2),
      1,
      skipped('suspended'),
    ),
    row(
      'does nothing for a disabled one',
      disabled,
      failing(2, 90),
      resent(2),
      1,
      skipped('disabled'),
    ),
  ])('%s', (_, situation, expected) => {
    expect(intentOf(situation)).toEqual(expected)
  })
})

describe('a run whose event does not concern its webhook', () => {
  const withdraw = { kind: 'withdraw' }
  const other = known('failing', 2, 90, { run: 'another' })

  it.each([
    row('is withdrawn', active, null, carrying(0, 'repetition'), 1, withdraw),
    row('is withdrawn while another is under way', active, other, carrying(0), 2, withdraw),
    row('is withdrawn when it was never tried', active, known('pending'), carrying(0), 2, withdraw),
    row('waits for the log when it may have been tried', active, null, carrying(0), 2, {
      kind: 'wait',
      delaySeconds: 20,
    }),
    row('goes on when it was tried', active, known('failing', 1, 0), carrying(0), 2, attempt(1)),
    row('goes on when its message says so', active, null, carrying(1), 1, attempt(1)),
    row('ends with its webhook', null, null, carrying(0), 1, nothing),
  ])('%s', (_, situation, expected) => {
    expect(intentOf({ ...situation, isAccepted: false })).toEqual(expected)
  })
})

describe('a run that has not begun', () => {
  const other = (status: RunState['status']) => known(status, 2, 90, { run: 'another' })

  it.each([
    row('joins the one that is under way', active, other('failing'), carrying(0, 'repetition'), 1, {
      kind: 'join',
    }),
    row('ends with one that delivered it', active, other('delivered'), carrying(0), 1, nothing),
    row(
      'joins nothing when suspended',
      suspended,
      other('failing'),
      carrying(0),
      1,
      skipped('suspended'),
    ),
  ])('%s', (_, situation, expected) => {
    expect(intentOf(situation)).toEqual(expected)
  })
})
