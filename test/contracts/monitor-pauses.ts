// The contract of Monitor: a webhook whose owner has it wait.

import { beforeEach, describe, expect, it } from 'vitest'
import type { Event } from '../../src/engine/model/index.ts'
import type { ReportEntry } from '../../src/engine/ports/index.ts'
import { PAUSE } from '../../src/limits.ts'
import { HOLD } from '../../src/tuning.ts'
import {
  delivered,
  diverted,
  eventAt,
  failing,
  held,
  type MonitorSubject,
  NOON,
  reportTo,
} from './durable-fixtures.ts'

const begun = { since: NOON, isOver: false }
const ended = { since: NOON, isOver: true }
/** Milliseconds after noon. */
const LATER = 5_000

export function monitorPauses(make: () => Promise<MonitorSubject>): void {
  describe('a pause', () => {
    let subject: MonitorSubject
    let seen = 0
    beforeEach(async () => {
      subject = await make()
      seen = 0
    })
    const report = (...entries: readonly ReportEntry[]) =>
      reportTo(subject, entries, { pause: begun })
    const wait = (...waiting: readonly Event[]) =>
      report(...waiting.map((event) => held(event, subject.ref)))
    /** Ids of the events that were sent since the last look. */
    const released = async () => {
      const all = (await subject.flush()).flatMap((message) =>
        message.kind === 'deliver' ? [message.event.id] : [],
      )
      const fresh = all.slice(seen)
      seen = all.length
      return fresh
    }
    const ids = (...all: readonly Event[]) => all.map(({ id }) => id)
    const statusOf = async ({ id }: Event) =>
      (await subject.monitor.states([{ eventId: id, run: '' }]))[0]?.status
    const waiting = async () => (await subject.monitor.health()).waiting

    it('is told of by whatever is reported', async () => {
      const state = await wait(eventAt(1))
      expect(state).toMatchObject({ isHeld: true, isTroubled: true, isNew: true })
      expect((await subject.monitor.health()).health).toMatchObject({ pause: begun, hold: null })
      expect(await released()).toEqual([])
      expect([await statusOf(eventAt(1)), await waiting()]).toEqual(['held', 1])
    })

    it('is told of by whoever changed the webhook', async () => {
      expect(await subject.monitor.notePause(begun)).toMatchObject({ isHeld: true })
      expect(await statusOf(eventAt(1))).toBe('held')
      expect(await subject.monitor.notePause(ended)).toMatchObject({ isHeld: false })
      expect(await statusOf(eventAt(1))).toBe('pending')
    })

    it('releases what waited in order once it is over, faster with each round', async () => {
      const all = [1, 2, 3, 4, 5].map((ms) => eventAt(ms))
      await wait(...all.toReversed())
      subject.setTime(LATER)
      await subject.monitor.notePause(ended)
      expect(await released()).toEqual(ids(eventAt(1)))
      await report(delivered(eventAt(1), { at: NOON + LATER }))
      expect(await released()).toEqual(ids(eventAt(2), eventAt(3)))
      const rest = [2, 3].map((ms) => delivered(eventAt(ms), { at: NOON + LATER + 10 }))
      await report(...rest)
      expect(await released()).toEqual(ids(eventAt(4), eventAt(5)))
    })

    it('has what comes meanwhile queue up behind what waited', async () => {
      await wait(eventAt(1), eventAt(2))
      subject.setTime(LATER)
      await subject.monitor.notePause(ended)
      expect(await statusOf(eventAt(9))).toBe('held')
      await reportTo(subject, [held(eventAt(9), subject.ref)], { pause: ended })
      expect(await released()).toEqual(ids(eventAt(1)))
    })

    it('does not begin anew with who is late', async () => {
      await wait(eventAt(1))
      await subject.monitor.notePause(ended)
      expect(await released()).toEqual(ids(eventAt(1)))
      await report(delivered(eventAt(1)))
      expect((await subject.monitor.health()).health.pause).toEqual(ended)
      await wait(eventAt(2))
      expect(await released()).toEqual(ids(eventAt(2)))
    })

    it('keeps the attempts of a retry that waits', async () => {
      await report(failing(eventAt(1)))
      await report(held(eventAt(1), subject.ref, { attempts: 1 }))
      const [state] = await subject.monitor.states([{ eventId: eventAt(1).id, run: '' }])
      expect(state).toMatchObject({ status: 'held', attempts: 1 })
      await subject.monitor.notePause(ended)
      const sent = (await subject.flush()).find(({ kind }) => kind === 'deliver')
      expect(sent).toMatchObject({ attempts: 1, run: '' })
    })

    it('has wait again what was sent just before it', async () => {
      await wait(eventAt(1), eventAt(2))
      await subject.monitor.notePause(ended)
      await released()
      const next = { since: NOON + 1, isOver: false }
      await subject.monitor.notePause(next)
      await reportTo(subject, [held(eventAt(1), subject.ref)], { pause: next })
      expect([await statusOf(eventAt(1)), await waiting()]).toEqual(['held', 2])
      expect(await released()).toEqual([])
    })

    it('does not have wait again what was released after a suspension', async () => {
      await wait(eventAt(1), eventAt(2))
      await report(diverted(eventAt(9), { statusCode: 410 }))
      expect(await released()).toEqual(ids(eventAt(1), eventAt(2)))
    })

    it('sends on their way to their end those that have waited for as long as any does', async () => {
      const waitMs = PAUSE.waitSeconds * 1_000
      await wait(eventAt(1), eventAt(60_000))
      subject.setTime(waitMs)
      expect(await released()).toEqual([])
      subject.setTime(waitMs + 1)
      expect(await released()).toEqual(ids(eventAt(1)))
      expect([await statusOf(eventAt(1)), await statusOf(eventAt(60_000))]).toEqual([
        'pending',
        'held',
      ])
      subject.setTime(waitMs + HOLD.answerSeconds * 1_000)
      expect(await released()).toEqual(ids(eventAt(60_000)))
    })

    it('ends with the webhook', async () => {
      await wait(eventAt(1))
      await subject.monitor.purge()
      expect(await subject.monitor.notePause(ended)).toMatchObject({ isHeld: false })
      expect([await released(), await waiting()]).toEqual([[], 0])
    })
  })
}
