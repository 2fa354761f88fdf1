// What follows from a batch, as values: no port is asked.

import { describe, expect, it } from 'vitest'
import type { Tried } from '../../../src/engine/attempt/attempt.ts'
import { DEFAULT_FAILURE_HANDLING } from '../../../src/engine/attempt/failure-handling.ts'
import { type Due, planBatch, settle } from '../../../src/engine/delivery/batch.ts'
import { type DeliveryTask, toFirstTask } from '../../../src/engine/delivery/delivery-task.ts'
import type { NextAction } from '../../../src/engine/delivery/next-action.ts'
import type { Disposition } from '../../../src/engine/model/index.ts'
import { anEvent, aTarget } from '../../dialects/models.ts'

const NOW = 1_700_000_000_000
const target = aTarget({ failureHandling: { ...DEFAULT_FAILURE_HANDLING, timeoutMs: 10_500 } })
const event = anEvent()
const first = toFirstTask(event, target, false)
const nothingRan = { finished: [], unanswered: [], unstarted: [] }

function queued(run: string, fields: Partial<DeliveryTask> = {}): DeliveryTask {
  return { ...first, run, isQueued: true, ...fields }
}

function due(task: DeliveryTask = first): Due<DeliveryTask> {
  return { event, target, run: task.run, attempts: 0, task }
}

function tried(disposition: Disposition): Tried<Due<DeliveryTask>> {
  const attempt = {
    ...{ id: 'a', eventId: event.id, eventType: event.type, run: '', attempt: 1, at: NOW },
    ...({ outcome: 'failed', statusCode: 500, durationMs: 5, error: null } as const),
    ...{ responseExcerpt: null, nextAttemptAt: null },
  }
  return { kind: 'attempted', delivery: due(), attempt, disposition, pauseSeconds: 0 }
}

const planned = (action: NextAction, task: DeliveryTask = first) => [{ task, action }]
const entries = ({ reportLines }: ReturnType<typeof settle<DeliveryTask>>) =>
  reportLines.map(({ line }) => line.entry)

describe('what was planned', () => {
  it('is decided by nextAction, which nobody asked the monitor for', () => {
    expect(planBatch([first], new Map(), NOW)).toEqual([
      { task: first, action: { kind: 'attempt', attempts: 0, retryIndex: 0 } },
    ])
  })

  it.each([
    ['begins beside another run of its event', queued('run-2'), 'defer'],
    [
      'only completes what is missing',
      queued('run-2', { attempts: 3, onlyMissing: true }),
      'defer',
    ],
    ['was begun before', queued('run-2', { attempts: 3 }), 'attempt'],
    ['is of another event', queued('run-2', { event: anEvent({ id: 'other' }) }), 'attempt'],
  ])('is held back, or not, when it %s', (_, second, kind) => {
    const [one, two] = planBatch([second, queued('run-1', { attempts: 1 })], new Map(), NOW)
    expect([one?.action.kind, two?.action.kind]).toEqual([kind, 'attempt'])
  })
})

describe('a batch', () => {
  const deferral = { kind: 'defer', delaySeconds: 7, attempts: 2, role: 'duplicate' } as const

  it('has what was deferred come again as it was decided', () => {
    const settled = settle(planned({ ...deferral, unavailable: null }), nothingRan, NOW)
    const followUp = { task: first, delaySeconds: 7, attempts: 2, role: 'duplicate' }
    expect(settled).toEqual({ reportLines: [], followUps: [followUp], unstarted: [] })
  })

  it.each([
    ['what was skipped, with its reason', { kind: 'skip', trigger: 'disabled' }, first, 'skipped'],
    [
      'what was withdrawn, if it may have begun',
      { kind: 'withdraw', isKept: false },
      queued('r'),
      null,
    ],
    [
      'what was withdrawn after it may have begun',
      { kind: 'withdraw', isKept: false },
      queued('r', { mayHaveBegun: true }),
      'withdrawn',
    ],
    ['nothing of what is done', { kind: 'done' }, first, null],
    ['nothing of what joins another run', { kind: 'join', isKept: false }, queued('r'), null],
    [
      'nothing of a webhook that is gone',
      { kind: 'skip', trigger: 'disabled' },
      queued('r', { target: null }),
      null,
    ],
  ] as const)('reports %s', (_, action, task, kind) => {
    const settled = settle(planned(action, task), nothingRan, NOW)
    expect(entries(settled).map((entry) => entry.kind)).toEqual(kind === null ? [] : [kind])
    expect(settled.followUps).toEqual([])
  })

  it.each([
    [{ kind: 'retry', delaySeconds: 5 }, [{ delaySeconds: 5, attempts: 1, role: 'primary' }]],
    [{ kind: 'done' }, []],
    [{ kind: 'divert', trigger: 500 }, []],
    [{ kind: 'drop', trigger: 500 }, []],
  ] as const)('reports an attempt that led to %j, and its retry', (disposition, followUps) => {
    const ran = { ...nothingRan, finished: [tried(disposition)] }
    const settled = settle([], ran, NOW)
    expect(entries(settled)).toMatchObject([{ kind: 'attempt', disposition }])
    expect(settled.followUps).toEqual(followUps.map((one) => ({ task: first, ...one })))
  })

  it.each([
    ['that was slow', true, target, ['unanswered']],
    ['that had just begun', false, target, []],
    ['in the slow lane', true, aTarget({ lane: 'slow' }), []],
  ])('sends a watchdog after an attempt %s', (_, isSlow, at, reported) => {
    const item = { ...due(), target: at }
    const ran = {
      ...nothingRan,
      unanswered: [{ item, isSlow, result: new Promise<never>(() => {}) }],
    }
    const settled = settle([], ran, NOW)
    expect(entries(settled).map(({ kind }) => kind)).toEqual(reported)
    const delaySeconds = at === target ? 14 : 18
    expect(settled.followUps).toEqual([
      { task: first, delaySeconds, attempts: 0, role: 'watchdog' },
    ])
  })

  it('leaves what was not begun to its consumer', () => {
    const unstarted = [due()]
    expect(settle([], { ...nothingRan, unstarted }, NOW)).toMatchObject({
      unstarted,
      followUps: [],
    })
  })
})
