import { describe, expect, it } from 'vitest'
import {
  entriesOfParts,
  firstTogether,
  nextJoint,
} from '../../../src/engine/health/joint-delivery.ts'
import { type Attempt, BATCH_LIMITS, JOINT_RUN } from '../../../src/engine/model/index.ts'
import type { DeliverMessage } from '../../../src/engine/ports/index.ts'
import { newId } from '../../../src/primitives/ids.ts'
import { anEvent } from '../../fixtures/bench.ts'

const NOW = 1_700_000_000_000
const TEN = { maxEvents: 10, maxWaitMs: 1_000 }

describe('joint deliveries that may be made', () => {
  it.each([
    ['none of nothing', 0, 0, 0, { count: 0, lookAt: null }],
    ['none of what may wait for others', 9, 0, 0, { count: 0, lookAt: NOW + 1_000 }],
    ['full ones of what may wait', 25, 400, 0, { count: 2, lookAt: NOW + 600 }],
    ['all of it once the first has waited', 25, 1_000, 0, { count: 3, lookAt: null }],
    ['one of one that has waited', 1, 5_000, 0, { count: 1, lookAt: null }],
    [
      'none while too many go already',
      25,
      1_000,
      BATCH_LIMITS.mostJoined,
      { count: 0, lookAt: null },
    ],
    ['some just below that', 25, 1_000, BATCH_LIMITS.mostJoined - 1, { count: 3, lookAt: null }],
  ])('%s', (_, count, waitedMs, joined, expected) => {
    const oldest = count === 0 ? null : newId(NOW - waitedMs)
    expect(nextJoint(TEN, { count, oldest, joined }, NOW)).toEqual(expected)
  })
})

describe('what goes together', () => {
  const event = (n: number) => anEvent({ id: newId(NOW + n) })
  const waiting = (n: number, { chars = 10, run = '', isPart = true, of = event(n) } = {}) => {
    const ref = { tenantId: 't', webhookId: 'w' }
    const how = { run, attempts: 0, role: 'watchdog' } as const
    const message: DeliverMessage = { kind: 'deliver', ...ref, ...how, event: of }
    return { message: isPart ? { ...message, part: { body: null } } : message, chars, n }
  }
  const chosen = (all: readonly ReturnType<typeof waiting>[], maxEvents = 3) =>
    firstTogether(all, { ...TEN, maxEvents }).map(({ n }) => n)
  const half = BATCH_LIMITS.chars / 2

  it('is as many as there is room for, in their order', () => {
    expect(chosen([1, 2, 3, 4].map((n) => waiting(n)))).toEqual([1, 2, 3])
  })

  it('is as much as a row takes, and one however long it is', () => {
    expect(chosen([waiting(1, { chars: half }), waiting(2, { chars: half }), waiting(3)])).toEqual([
      1, 2,
    ])
    expect(chosen([waiting(1, { chars: 3 * half }), waiting(2)])).toEqual([1])
  })

  it('ends before what is not known to go with others', () => {
    expect(chosen([waiting(1), waiting(2, { isPart: false }), waiting(3)])).toEqual([1])
    expect(chosen([waiting(1, { isPart: false }), waiting(2)])).toEqual([])
  })

  it('has each event once', () => {
    const of = event(1)
    const twice = [waiting(1, { of }), waiting(2, { of, run: 'again' }), waiting(3)]
    expect(chosen(twice)).toEqual([1, 3])
  })
})

it('keeps of an answer the share of each event that its request told of, those that have left too', () => {
  const attempt: Attempt = {
    ...{ id: newId(NOW), eventId: newId(NOW), eventType: 'batch', run: JOINT_RUN, attempt: 1 },
    ...{ at: NOW, durationMs: 5, nextAttemptAt: null, error: 'It failed.' },
    ...{ outcome: 'failed', statusCode: 500, responseExcerpt: 'x'.repeat(1_024) },
  }
  const sent = Array.from({ length: 100 }, (_, n) => {
    return { eventId: newId(NOW + n), eventType: 'x.y', run: '', attempts: 0 }
  })
  const disposition = { kind: 'retry', delaySeconds: 5 } as const
  const entry = { kind: 'attempt', attempt, disposition, event: null, sent } as const
  const kept = entriesOfParts(entry, [], () => newId(NOW)).flatMap((one) =>
    one.kind === 'attempt' ? [one.attempt.responseExcerpt?.length ?? 0] : [],
  )
  expect(kept).toHaveLength(100)
  expect(kept.reduce((sum, chars) => sum + chars, 0)).toBeLessThanOrEqual(BATCH_LIMITS.excerptChars)
})
