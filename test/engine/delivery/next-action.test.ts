import { describe, expect, it } from 'vitest'
import { nativeRuntime } from '../../../src/api/native-wire.ts'
import { DEFAULT_FAILURE_HANDLING } from '../../../src/engine/attempt/failure-handling.ts'
import type { DeliveryTask } from '../../../src/engine/delivery/delivery-task.ts'
import { type KnownState, nextAction } from '../../../src/engine/delivery/next-action.ts'
import { UNTRIED } from '../../../src/engine/health/runs.ts'
import type { RunState } from '../../../src/engine/model/index.ts'
import type { Role } from '../../../src/engine/ports/index.ts'
import { PAUSE } from '../../../src/limits.ts'
import { newId } from '../../../src/primitives/ids.ts'
import { anEvent, aTarget } from '../../dialects/models.ts'

const NOW = 1_700_000_000_000
const failureHandling = {
  ...DEFAULT_FAILURE_HANDLING,
  retry: { type: 'linear', intervalSeconds: 1, attempts: 5 },
} as const
const active = aTarget({ failureHandling })
const suspended = aTarget({ failureHandling, suspendedAt: NOW - 5 })
const disabled = aTarget({ failureHandling, enabled: false })
const slow = aTarget({ failureHandling, lane: 'slow' })
const onHold = { ...active, isHeld: true }
const pause = { since: NOW - 5, isOver: false }
const paused = aTarget({ failureHandling, pause })
const resumed = aTarget({ failureHandling, pause: { ...pause, isOver: true } })
const throttle = { since: NOW - 5, rate: { perSecond: 1, perMinute: null, concurrency: null } }
const rated = aTarget({ failureHandling, throttle })
const undeployed = aTarget({ failureHandling }, () => null)
/** Its dialect says of every event that it is not the webhook's. */
const choosy = aTarget({ failureHandling }, () => ({
  ...nativeRuntime,
  wire: { ...nativeRuntime.wire, accepts: () => false },
}))

function known(
  status: RunState['status'],
  attempts = 0,
  dueInSeconds?: number,
  fields: Partial<RunState> = {},
): RunState {
  const nextAttemptAt = dueInSeconds === undefined ? null : NOW + dueInSeconds * 1_000
  return { ...UNTRIED, run: '', status, attempts, nextAttemptAt, ...fields }
}

type Carried = Pick<DeliveryTask, 'attempts' | 'role' | 'carrier' | 'isQueued'>

/** A message of the deliveries queue. */
const carrying = (
  attempts: number,
  role: Role = 'primary',
  carrier: string | null = null,
): Carried => ({ attempts, role, carrier, isQueued: true })

/** An event that comes from the events queue, for the first time or again. */
const first: Carried = { attempts: 0, role: 'primary', carrier: null, isQueued: false }
const again: Carried = { ...first, role: 'watchdog' }

const skipped = (trigger: string) => ({ kind: 'skip', trigger })
const nothing = { kind: 'done' }
const holding = { kind: 'hold', attempts: 0 }
const attempt = (attempts: number, retryIndex = attempts) => ({
  kind: 'attempt',
  attempts,
  retryIndex,
})
const wait = (delaySeconds: number, role: Role = 'watchdog') =>
  expect.objectContaining({ kind: 'defer', delaySeconds, role })

type Row = [string, DeliveryTask, KnownState, unknown]

function row(
  name: string,
  target: DeliveryTask['target'],
  state: KnownState | null,
  carried: Carried,
  arrivals: number,
  expected: unknown,
): Row {
  const { event, run } = { event: anEvent(), run: '' }
  const flags = {
    mayBeErased: false,
    isUnmatched: false,
    mayHaveBegun: false,
    onlyMissing: false,
    isChosen: false,
    lane: carried.isQueued ? ('slow' as const) : null,
  }
  const task = { event, target, run, arrivals, ...carried, ...flags }
  return [name, task, state ?? 'unknown', expected]
}

const deciding = (_: string, task: DeliveryTask, state: KnownState, expected: unknown) => {
  expect(nextAction(task, state, NOW)).toEqual(expected)
}

describe('a delivery to a paused webhook', () => {
  const acceptedBefore = (seconds: number) => {
    const [, task] = row('', paused, null, carrying(0), 1, null)
    const event = anEvent({ id: newId(NOW - seconds * 1_000) })
    return nextAction({ ...task, event }, 'unknown', NOW)
  }

  it('waits for no longer than any does', () => {
    expect(acceptedBefore(PAUSE.waitSeconds - 1)).toEqual(holding)
    expect(acceptedBefore(PAUSE.waitSeconds)).toEqual(skipped('paused'))
  })
})

describe('a delivery to a webhook with a rate', () => {
  const permitted = (attempts: number) => ({ ...attempt(attempts), isRated: true })

  it.each([
    row('waits for its turn', rated, null, first, 1, holding),
    row('takes a permit when it has come', rated, null, carrying(0), 1, permitted(0)),
    row('takes one for a retry', rated, known('failing', 1, 0), carrying(1), 1, permitted(1)),
    row('waits while it is held', rated, known('held'), carrying(0), 1, holding),
    row(
      'takes one where only its receiver allows less',
      active,
      known('pending', 0, undefined, { isRated: true }),
      carrying(0),
      1,
      permitted(0),
    ),
  ])('%s', deciding)

  it('waits for no longer than any does', () => {
    const [, task] = row('', rated, null, carrying(0), 1, null)
    const event = anEvent({ id: newId(NOW - PAUSE.waitSeconds * 1_000) })
    expect(nextAction({ ...task, event }, 'unknown', NOW)).toEqual(skipped('rate'))
  })
})

describe('a delivery', () => {
  it.each([
    row('is tried', active, null, carrying(0), 1, attempt(0)),
    row('is retried', active, null, carrying(1), 1, attempt(1)),
    row('is paced by its arrivals without a log', active, null, carrying(1), 4, attempt(1, 4)),
    row('is not given up for its arrivals alone', active, null, carrying(1), 40, attempt(1, 4)),
    row('is given up when its message says so', active, null, carrying(5), 2, attempt(5)),
    row('is counted by its log', active, known('failing', 3), carrying(1), 9, attempt(3)),
    row('is never counted below its message', active, known('pending'), carrying(2), 2, attempt(2)),
    row('waits until it is due', active, known('failing', 1, 90), carrying(0), 2, wait(90)),
    row('goes when it is due', active, known('failing', 1, 0), carrying(0), 2, attempt(1)),
    row('goes when it is overdue', active, known('failing', 1, -60), carrying(0), 2, attempt(1)),
    row('ends when delivered', active, known('delivered', 1), carrying(0), 2, nothing),
    row('ends when diverted', active, known('diverted', 1), carrying(0), 2, nothing),
    row('ends when dropped', active, known('dropped', 1), carrying(0), 2, nothing),
    row('ends when unsendable', active, known('unsendable'), carrying(0), 2, nothing),
    row('waits in a hold', active, known('held', 2), carrying(1), 2, { kind: 'hold', attempts: 2 }),
    row('waits in a hold before its first attempt', onHold, null, first, 1, holding),
    row('waits while paused, before its first attempt', paused, null, first, 1, holding),
    row('waits while paused, though nobody told its log', paused, null, carrying(2), 1, {
      kind: 'hold',
      attempts: 2,
    }),
    row(
      'comes first when it is due, if paused',
      paused,
      known('failing', 1, 9),
      carrying(1),
      2,
      wait(9),
    ),
    row('waits though it was released before', paused, known('pending'), carrying(0), 2, holding),
    row('is tried when it is paused no more', resumed, null, carrying(1), 1, attempt(1)),
    row(
      'is kept when paused and suspended',
      aTarget({ failureHandling, pause, suspendedAt: NOW - 5 }),
      known('held'),
      carrying(0),
      2,
      skipped('suspended'),
    ),
    row(
      'waits in a hold rather than for secrets',
      undeployed,
      known('held'),
      carrying(0),
      2,
      holding,
    ),
    row('is disabled while it waits', disabled, known('held'), carrying(0), 2, skipped('disabled')),
    row('is tried when it was released', active, known('pending', 0), carrying(0), 1, attempt(0)),
    row(
      'that its monitor keeps is withdrawn when it has ended',
      active,
      known('delivered', 1, undefined, { isKept: true }),
      carrying(0),
      2,
      { kind: 'withdraw', isKept: true },
    ),
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
      aTarget({ enabled: false, suspendedAt: 1 }),
      null,
      carrying(0),
      1,
      skipped('disabled'),
    ),
  ])('%s', deciding)
})

describe('a watchdog', () => {
  it.each([
    row(
      'carries on what was lost',
      active,
      known('pending'),
      carrying(0, 'watchdog'),
      1,
      attempt(0),
    ),
    row(
      'carries on what failed',
      active,
      known('failing', 1, 0),
      carrying(0, 'watchdog'),
      1,
      attempt(1),
    ),
    row(
      'waits for what failed',
      active,
      known('failing', 1, 7),
      carrying(0, 'watchdog'),
      1,
      wait(7),
    ),
    row(
      'ends with what was delivered',
      active,
      known('delivered', 1),
      carrying(0, 'watchdog'),
      1,
      nothing,
    ),
    row('goes without a log', active, null, carrying(0, 'watchdog'), 1, attempt(0)),
  ])('%s', deciding)
})

describe('a duplicate', () => {
  it.each([
    row(
      'gives way to progress',
      active,
      known('failing', 1, 0),
      carrying(0, 'duplicate'),
      1,
      nothing,
    ),
    row(
      'gives way whatever became of the webhook',
      suspended,
      known('failing', 2, 0),
      carrying(1, 'duplicate'),
      1,
      nothing,
    ),
    row(
      'goes when there was none',
      active,
      known('pending'),
      carrying(0, 'duplicate'),
      1,
      attempt(0),
    ),
    row(
      'goes when the other was lost',
      active,
      known('failing', 1, 0),
      carrying(1, 'duplicate'),
      1,
      attempt(1),
    ),
    row('goes without a log', active, null, carrying(0, 'duplicate'), 1, attempt(0)),
    row(
      'carries its own retries',
      active,
      known('failing', 1, 0),
      carrying(0, 'duplicate'),
      2,
      attempt(1),
    ),
  ])('%s', deciding)
})

describe('a resend of a delivery that is under way', () => {
  const asked = newId(NOW)
  const later = newId(NOW + 1)
  const failing = (attempts: number, dueInSeconds: number, carrier: string | null = asked) =>
    known('failing', attempts, dueInSeconds, { carrier })
  const resent = (attempts: number, carrier = asked) => carrying(attempts, 'duplicate', carrier)

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
  ])('%s', deciding)
})

describe('a run whose event does not concern its webhook', () => {
  const withdraw = { kind: 'withdraw', isKept: false }
  const other = known('failing', 2, 90, { run: 'another' })

  it.each([
    row('is withdrawn', choosy, null, carrying(0, 'duplicate'), 1, withdraw),
    row('is withdrawn while another is under way', choosy, other, carrying(0), 2, withdraw),
    row('is withdrawn when it was never tried', choosy, known('pending'), carrying(0), 2, withdraw),
    row('waits for the log when it may have been tried', choosy, null, carrying(0), 2, wait(20)),
    row('goes on when it was tried', choosy, known('failing', 1, 0), carrying(0), 2, attempt(1)),
    row('goes on when its message says so', choosy, null, carrying(1), 1, attempt(1)),
    row('ends with its webhook', null, null, carrying(0), 1, nothing),
  ])('%s', (_, task, state, expected) => {
    expect(nextAction({ ...task, isUnmatched: true }, state, NOW)).toEqual(expected)
  })

  it('is not looked into when that was asked before', () => {
    const [, task, state] = row('', choosy, null, carrying(0), 1, null)
    expect(nextAction(task, state, NOW)).toEqual(attempt(0))
  })
})

describe('a run that has not begun', () => {
  const other = (status: RunState['status']) => known(status, 2, 90, { run: 'another' })

  it.each([
    row('joins the one that is under way', active, other('failing'), carrying(0, 'duplicate'), 1, {
      kind: 'join',
      isKept: false,
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
  ])('%s', deciding)
})

describe('a delivery that nobody can make', () => {
  it.each([
    row('waits for its dialect', undeployed, null, carrying(1), 1, wait(10)),
    row('waits longer each time', undeployed, null, carrying(1), 3, wait(40)),
    row('gets a message of its own', undeployed, null, first, 1, wait(10)),
    row('ends when its webhook is disabled', disabled, null, carrying(1), 1, skipped('disabled')),
    row(
      'waits for its secrets',
      { ...active, unavailableReason: 'The secrets of the webhook cannot be decrypted.' },
      null,
      carrying(0),
      1,
      wait(10),
    ),
  ])('%s', deciding)
})

describe('an event at one of its webhooks', () => {
  it.each([
    row('is tried', active, null, first, 1, attempt(0)),
    row('is handed over to the slow lane', slow, null, first, 1, wait(0)),
    row('is tried from there', slow, null, carrying(0), 1, attempt(0)),
    row('is kept when suspended', suspended, null, first, 1, skipped('suspended')),
    row('is done when it was delivered', active, known('delivered', 1), again, 2, nothing),
    row('is tried when it was not', active, known('pending'), again, 2, attempt(0)),
    row('is tried without a log', active, null, again, 9, attempt(0)),
    row('follows its retry', active, known('failing', 1, 90), again, 2, wait(100, 'duplicate')),
    row('follows a late one', active, known('failing', 1, -9), again, 2, wait(10, 'duplicate')),
    row('leaves a resend alone', active, known('failing', 1, 0), again, 2, wait(10, 'duplicate')),
    row('repeats its hand-over', slow, known('pending'), again, 2, wait(0, 'duplicate')),
    row('may not repeat it without a log', slow, null, again, 2, wait(0, 'watchdog')),
    row('is handed over when the log hangs', active, 'unanswered', again, 2, wait(0)),
  ])('%s', deciding)
})

describe('a delivery of which the log does not say in time how it stands', () => {
  const unanswered = 'unanswered'

  it.each([
    row('comes again', active, unanswered, carrying(1), 2, wait(20, 'primary')),
    row('comes again, however slow', slow, unanswered, carrying(1), 2, wait(20, 'primary')),
    row('gives way no more', active, unanswered, carrying(0, 'duplicate'), 2, wait(20)),
    row('gives way still', active, unanswered, carrying(0, 'duplicate'), 1, wait(10, 'duplicate')),
    row('is tried before its message is too old', active, unanswered, carrying(5), 90, attempt(5)),
    row('ends with its webhook', null, unanswered, carrying(0), 2, nothing),
  ])('%s', deciding)
})
