// The contract of Monitor: what it knows of deliveries and of events.

import { beforeEach, describe, expect, it } from 'vitest'
import type { DeliveryState, Run } from '../../src/engine/model/index.ts'
import type { ReportEntry } from '../../src/engine/ports/index.ts'
import {
  delivered,
  diverted,
  dropped,
  eventAt,
  excluded,
  failing,
  filtered,
  type MonitorSubject,
  NOON,
  OTHER_RUN,
  RUN,
  reportTo,
  skipped,
  unsendable,
  withdrawn,
} from './durable-fixtures.ts'

type Reports = readonly (readonly ReportEntry[])[]

const event = eventAt(0)
const later = NOON + 5_000

function state(
  status: DeliveryState['status'],
  attempts: number,
  lastAttemptAt: number | null,
  nextAttemptAt: number | null = null,
): DeliveryState {
  const reason = REASONS[status]?.[attempts === 0 ? 1 : 0] ?? null
  return { status, attempts, lastAttemptAt, nextAttemptAt, reason, carrier: null }
}

/** Why a delivery ended that was tried, and one that was not. */
const REASONS: Partial<Record<DeliveryState['status'], readonly [string, string]>> = {
  diverted: ['It answered 500.', 'The webhook is suspended.'],
  dropped: ['It answered 500.', 'The webhook is suspended.'],
  filtered: Array(2).fill('The filter of the webhook leaves the event out.') as [string, string],
  unsendable: ['It means nothing.', 'It means nothing.'],
}

/** What was reported of a delivery, one report after the other, and what is known then. */
const told = (run: Run): readonly (readonly [what: string, Reports, DeliveryState])[] => [
  ['nothing', [], state('pending', 0, null)],
  [
    'an attempt that is under way',
    [[{ kind: 'unanswered', eventId: event.id, run }]],
    state('pending', 0, null),
  ],
  ['another event', [[delivered(eventAt(1), { run })]], state('pending', 0, null)],
  ['a success', [[delivered(event, { run })]], state('delivered', 1, NOON)],
  ['a failure', [[failing(event, { run })]], state('failing', 1, NOON, later)],
  [
    'a failure and a success',
    [[failing(event, { run })], [delivered(event, { run, attempt: 2, at: later })]],
    state('delivered', 2, later),
  ],
  [
    'both in one report',
    [[failing(event, { run }), delivered(event, { run, attempt: 2, at: later })]],
    state('delivered', 2, later),
  ],
  ['a failure that is given up and kept', [[diverted(event, { run })]], state('diverted', 1, NOON)],
  [
    'two failures, the second given up',
    [[failing(event, { run })], [dropped(event, { run, attempt: 2, at: later })]],
    state('dropped', 2, later),
  ],
  [
    'a failure that the triggers exclude',
    [[excluded(event, { run })]],
    {
      ...state('dropped', 1, NOON),
      reason:
        'It answered 500. (Not retried, because it is not one of the triggers of the webhook.)',
    },
  ],
  ['that it cannot be expressed', [[unsendable(event, { run })]], state('unsendable', 0, null)],
  [
    'a failure, and that it cannot be expressed any more',
    [[failing(event, { run })], [unsendable(event, { run })]],
    state('unsendable', 1, NOON),
  ],
  [
    'a success, and too late that it cannot be expressed',
    [[delivered(event, { run })], [unsendable(event, { run })]],
    state('delivered', 1, NOON),
  ],
  ['that a filter leaves it out', [[filtered(event, { run })]], state('filtered', 0, null)],
  [
    'a success, and too late that a filter leaves it out',
    [[delivered(event, { run })], [filtered(event, { run })]],
    state('delivered', 1, NOON),
  ],
  ['that it was kept untried', [[skipped(event, { run })]], state('diverted', 0, null)],
  [
    'that it was dropped untried',
    [[skipped(event, { run, kept: false })]],
    state('dropped', 0, null),
  ],
  [
    'a failure, and that it was kept then',
    [[failing(event, { run })], [skipped(event, { run })]],
    { ...state('diverted', 1, NOON), reason: 'The webhook is suspended.' },
  ],
  [
    'a success, and a failure too late',
    [[delivered(event, { run })], [failing(event, { run })]],
    state('delivered', 1, NOON),
  ],
  [
    'a success, and too late that it was kept',
    [[delivered(event, { run })], [skipped(event, { run })]],
    state('delivered', 1, NOON),
  ],
  [
    'the second failure before the first',
    [
      [failing(event, { run, attempt: 2, at: later, nextAttemptAt: null })],
      [failing(event, { run })],
    ],
    state('failing', 2, later),
  ],
]

export function monitorStates(make: () => Promise<MonitorSubject>): void {
  let subject: MonitorSubject
  beforeEach(async () => {
    subject = await make()
  })
  const statesOf = (...keys: (readonly [eventId: string, run: Run])[]) =>
    subject.monitor.states(keys.map(([eventId, run]) => ({ eventId, run })))
  const report = async (reports: Reports) => {
    for (const entries of reports) await reportTo(subject, entries)
  }

  describe('what is known of a delivery in its first run', () => {
    it.each(told(''))('follows from %s', async (_, reports, expected) => {
      await report(reports)
      expect(await statesOf([event.id, ''])).toEqual([{ ...expected, run: '' }])
      expect(await subject.monitor.statesOfEvents([event.id])).toEqual([expected])
    })
  })

  describe('what is known of a delivery in another run', () => {
    it.each(told(RUN))('follows from %s', async (_, reports, expected) => {
      await report(reports)
      expect(await statesOf([event.id, RUN])).toEqual([{ ...expected, run: RUN }])
    })
  })

  describe('what is known of deliveries', () => {
    it('comes in the order it was asked for', async () => {
      await report([[delivered(eventAt(1)), failing(eventAt(2)), diverted(eventAt(3))]])
      const ids = [eventAt(3).id, eventAt(9).id, eventAt(1).id, eventAt(3).id, eventAt(2).id]
      const statuses = ['diverted', 'pending', 'delivered', 'diverted', 'failing']
      const states = await statesOf(...ids.map((id) => [id, ''] as const))
      expect(states.map(({ status }) => status)).toEqual(statuses)
      const ofEvents = await subject.monitor.statesOfEvents(ids)
      expect(ofEvents.map(({ status }) => status)).toEqual(statuses)
    })

    it.each([
      ['that nothing is known of', []],
      ['that waits for its retry', [[failing(event)]]],
    ])('is a delivery for a first run %s when another run delivered it', async (_, reports) => {
      await report([...reports, [delivered(event, { run: RUN, at: later })]])
      expect(await statesOf([event.id, ''])).toMatchObject([{ status: 'delivered' }])
    })

    it('is, of a run that has not begun, the run that is under way', async () => {
      await report([[diverted(event)], [failing(event, { run: RUN, attempt: 2 })]])
      const expected = { status: 'failing', run: RUN, attempts: 2 }
      expect(await statesOf([event.id, OTHER_RUN])).toMatchObject([expected])
    })

    it('is nothing, of a run that has not begun, when the others have ended', async () => {
      await report([[diverted(event)], [dropped(event, { run: RUN })]])
      const expected = { status: 'pending', run: OTHER_RUN, attempts: 0 }
      expect(await statesOf([event.id, OTHER_RUN])).toMatchObject([expected])
    })

    it('is withdrawn, of a run that another took on, though its failure is reported later', async () => {
      await report([[failing(event)], [withdrawn(event, { run: RUN })]])
      await report([[failing(event, { run: RUN })]])
      expect(await statesOf([event.id, RUN])).toMatchObject([{ status: 'withdrawn', run: RUN }])
      expect(await subject.monitor.statesOfEvents([event.id])).toMatchObject([
        { status: 'failing' },
      ])
    })

    it('belongs to their run', async () => {
      await report([[diverted(event)], [failing(event, { run: RUN })]])
      await report([[delivered(event, { run: OTHER_RUN, attempt: 3 })]])
      const states = await statesOf([event.id, ''], [event.id, RUN], [event.id, OTHER_RUN])
      expect(states.map(({ status }) => status)).toEqual(['diverted', 'failing', 'delivered'])
    })
  })

  describe('the oldest undelivered event', () => {
    it.each<readonly [what: string, Reports, expected: number | null]>([
      ['nothing', [], null],
      [
        'what has ended',
        [[delivered(eventAt(1)), diverted(eventAt(2)), dropped(eventAt(3))]],
        null,
      ],
      [
        'what waits for a retry',
        [[delivered(eventAt(1)), failing(eventAt(3)), failing(eventAt(2))]],
        2,
      ],
      [
        'what waited for one, and was delivered',
        [[failing(eventAt(1)), failing(eventAt(2))], [delivered(eventAt(1), { attempt: 2 })]],
        2,
      ],
      [
        'what another run delivered',
        [[failing(eventAt(1)), failing(eventAt(4))], [delivered(eventAt(1), { run: RUN })]],
        4,
      ],
    ])('follows from %s', async (_, reports, expected) => {
      await report(reports)
      const at = await subject.monitor.oldestUndelivered()
      expect(at && at - NOON).toEqual(expected)
    })
  })

  describe('what is known of an event over its runs, with the attempts of all', () => {
    it.each<readonly [what: string, Reports, DeliveryState]>([
      [
        'its only run, a resend',
        [[failing(event, { run: RUN })]],
        state('failing', 1, NOON, later),
      ],
      [
        'the run that delivered it, though a later one fails',
        [
          [diverted(event)],
          [delivered(event, { run: RUN, at: NOON + 1 })],
          [failing(event, { run: OTHER_RUN, at: NOON + 2 })],
        ],
        state('delivered', 3, NOON + 2),
      ],
      [
        'its first run that delivered it at once, though a later one fails',
        [[delivered(event)], [failing(event, { run: RUN, at: NOON + 1 })]],
        state('delivered', 2, NOON + 1),
      ],
      [
        'the run that is under way, though another ended later',
        [
          [diverted(event, { at: NOON + 1 })],
          [failing(event, { run: RUN, at: NOON + 2 })],
          [dropped(event, { run: OTHER_RUN, at: NOON + 3 })],
        ],
        state('failing', 3, NOON + 3, later),
      ],
      [
        'the run with the latest attempt when all have ended',
        [
          [diverted(event, { at: NOON + 1 })],
          [diverted(event, { run: RUN, at: NOON + 3 })],
          [dropped(event, { run: OTHER_RUN, at: NOON + 2 })],
        ],
        state('diverted', 3, NOON + 3),
      ],
      [
        'none that was withdrawn',
        [
          [skipped(event)],
          [withdrawn(event, { run: OTHER_RUN })],
          [failing(event, { run: OTHER_RUN, at: NOON + 2 })],
        ],
        { ...state('diverted', 1, NOON + 2), reason: 'The webhook is suspended.' },
      ],
      [
        'pending when its only run was withdrawn',
        [[withdrawn(event, { run: RUN })]],
        state('pending', 0, null),
      ],
    ])('is %s', async (_, reports, expected) => {
      await report(reports)
      expect(await subject.monitor.statesOfEvents([event.id])).toEqual([expected])
    })
  })
}
