// The contract of Monitor: a webhook whose receiver asked for a pause.

import { beforeEach, describe, expect, it } from 'vitest'
import type { Attempt, Event } from '../../src/engine/model/index.ts'
import type { ReportEntry } from '../../src/engine/ports/index.ts'
import { HOLD } from '../../src/tuning.ts'
import {
  delivered,
  deliveriesIn,
  diverted,
  eventAt,
  failing,
  held,
  type MonitorSubject,
  refused,
  reportTo,
  skipped,
} from './durable-fixtures.ts'

/** Seconds that the receiver asks for, and milliseconds after noon when that is over. */
const PAUSE = 60
const OVER = 60_020

const events = (count: number, from = 1): readonly Event[] =>
  Array.from({ length: count }, (_, index) => eventAt(from + index))

export function monitorHolds(make: () => Promise<MonitorSubject>): void {
  describe('a hold', () => {
    let subject: MonitorSubject
    let seen = 0
    beforeEach(async () => {
      subject = await make()
      seen = 0
    })
    const report = (...entries: readonly ReportEntry[]) => reportTo(subject, entries)
    const wait = (waiting: readonly Event[]) =>
      report(...waiting.map((event) => held(event, subject.ref)))
    /** Ids of the events that were sent since the last look. */
    const released = async () => {
      const all = deliveriesInOrder(await subject.flush())
      const fresh = all.slice(seen)
      seen = all.length
      return fresh
    }
    const deliveriesInOrder = (messages: Awaited<ReturnType<MonitorSubject['flush']>>) =>
      messages.flatMap((message) => (message.kind === 'deliver' ? [message.event.id] : []))
    const ids = (all: readonly Event[]) => all.map(({ id }) => id)
    const statusOf = async ({ id }: Event) =>
      (await subject.monitor.states([{ eventId: id, run: '' }]))[0]?.status
    const shownOf = async ({ id }: Event) => (await subject.monitor.statesOfEvents([id]))[0]?.status
    const health = () => subject.monitor.health()
    /** Answers of what was released, at a time. */
    const take = (all: readonly Event[], at: number) =>
      report(...all.map((event) => delivered(event, { at: noonPlus(at) })))

    it('begins with what a receiver asks for, and tells so', async () => {
      const state = await report(refused(eventAt(0), PAUSE))
      expect(state).toMatchObject({ isHeld: true, isTroubled: true, isNew: true })
      expect((await health()).health.hold).toEqual({
        reason: 'asked',
        since: noonPlus(20),
        askedAt: noonPlus(20),
        until: noonPlus(OVER),
        pace: 1,
        isAnswering: false,
      })
    })

    it('does not begin with a failure that asks for nothing', async () => {
      const state = await report(failing(eventAt(0), { statusCode: 429 }), failing(eventAt(1)))
      expect(state.isHeld).toBe(false)
      expect((await health()).health.hold).toBeNull()
    })

    /** Attempts one after the other that nobody answers, so many milliseconds apart. */
    const unanswered = (count: number, apart: number, fields: Partial<Attempt> = {}) =>
      report(
        ...events(count, 100).map((event, index) =>
          failing(event, { statusCode: null, at: noonPlus(index * apart), ...fields }),
        ),
      )

    it('begins with as many attempts in a row that nobody answers, and tells why', async () => {
      const state = await unanswered(HOLD.silentAttempts, 100)
      expect(state).toMatchObject({ isHeld: true, isNew: true })
      const endedAt = noonPlus((HOLD.silentAttempts - 1) * 100 + 20)
      expect((await health()).health.hold).toEqual({
        ...{ reason: 'no_answer', since: endedAt, askedAt: endedAt, pace: 1, isAnswering: false },
        until: endedAt + HOLD.pauseSeconds * 1_000,
      })
    })

    it('does not begin, nor go on, with requests that were not made', async () => {
      const unsent = (at: number) => ({
        ...failing(eventAt(at), { statusCode: null, at: noonPlus(at) }),
        isUnsent: true as const,
      })
      const state = await report(
        ...Array.from({ length: HOLD.silentAttempts }, (_, at) => unsent(at)),
      )
      expect(state.isHeld).toBe(false)
      await unanswered(HOLD.silentAttempts, 100)
      const { hold } = (await health()).health
      await report(unsent(5_000))
      expect((await health()).health.hold).toEqual(hold)
    })

    it.each<[string, () => Promise<unknown>]>([
      ['fewer of them', () => unanswered(HOLD.silentAttempts - 1, 100)],
      ['as many in a longer time', () => unanswered(HOLD.silentAttempts, 60_000 / 9)],
      [
        'as many that are answered',
        () => unanswered(HOLD.silentAttempts, 100, { statusCode: 500 }),
      ],
      [
        'an answer among them',
        async () => {
          await unanswered(HOLD.silentAttempts - 1, 100)
          await report(failing(eventAt(50), { statusCode: 500, at: noonPlus(1_000) }))
          await unanswered(HOLD.silentAttempts - 1, 100)
        },
      ],
    ])('does not begin with %s', async (_, happens) => {
      await happens()
      expect((await health()).health.hold).toBeNull()
    })

    it('sends one at a time to whom nobody answers, and soon all when somebody does', async () => {
      await unanswered(HOLD.silentAttempts, 0)
      const all = events(9)
      await wait(all)
      let now = 20 + HOLD.pauseSeconds * 1_000
      for (const event of all.slice(0, 3)) {
        subject.setTime(now)
        expect(await released()).toEqual([event.id])
        await report(diverted(event, { statusCode: null, at: noonPlus(now) }))
        expect(await released()).toEqual([])
        now += 20 + HOLD.pauseSeconds * 1_000
      }
      subject.setTime(now)
      for (const round of [[3], [4, 5], [6, 7, 8]]) {
        const sent = round.flatMap((place) => all[place] ?? [])
        expect(await released()).toEqual(ids(sent))
        await take(sent, now)
      }
      subject.setTime(now + 1)
      await subject.flush()
      expect((await health()).health.hold).toBeNull()
    })

    it('has what comes wait until its pause is over, then sends the oldest', async () => {
      const [first, second] = [eventAt(1), eventAt(2)]
      await report(refused(eventAt(0), PAUSE))
      await wait([second, first])
      expect(await released()).toEqual([])
      expect([await statusOf(first), await shownOf(first)]).toEqual(['held', 'held'])
      expect((await health()).waiting).toBe(2)
      subject.setTime(OVER - 1)
      expect(await released()).toEqual([])
      subject.setTime(OVER)
      expect(await released()).toEqual([first.id])
      expect([await statusOf(first), await statusOf(second)]).toEqual(['pending', 'held'])
    })

    it('sends the message that carried the delivery', async () => {
      const event = eventAt(1)
      await report(refused(eventAt(0), PAUSE))
      const entry = held(event, subject.ref, { attempts: 2 })
      const message = { ...entry.message, onlyMissing: true, carrier: 'c' }
      await report({ ...entry, message })
      subject.setTime(OVER)
      expect(deliveriesIn(await subject.flush())).toEqual([{ ...message, turn: noonPlus(OVER) }])
    })

    it('doubles its pace with each round that is taken', async () => {
      const all = events(20)
      await report(refused(eventAt(0), PAUSE))
      await wait(all)
      subject.setTime(OVER)
      let left = all
      for (const [round, count] of [1, 2, 4, 8, 5].entries()) {
        const sent = left.slice(0, count)
        expect(await released()).toEqual(ids(sent))
        await take(sent, OVER + 100 * round)
        left = left.slice(count)
      }
      expect((await health()).health.hold).toBeNull()
      expect((await health()).waiting).toBe(0)
    })

    it('is halved by a refusal, once for all that were under way', async () => {
      const all = events(40)
      await report(refused(eventAt(0), PAUSE))
      await wait(all)
      subject.setTime(OVER)
      await released()
      await take(all.slice(0, 1), OVER)
      await released()
      await take(all.slice(1, 3), OVER)
      expect(await released()).toHaveLength(4)
      const again = { at: noonPlus(OVER + 50) }
      const refusals = all.slice(3, 7).map((event) => refused(event, PAUSE, again))
      await report(...refusals)
      const { hold } = (await health()).health
      expect(hold).toMatchObject({ pace: 2, until: noonPlus(OVER + 50 + OVER) })
      subject.setTime(2 * OVER + 50)
      expect(await released()).toEqual(ids(all.slice(7, 9)))
    })

    it('keeps a pause from what was released before it, and is not tried yet', async () => {
      const all = events(7)
      await report(refused(eventAt(0), PAUSE))
      await wait(all)
      subject.setTime(OVER)
      await released()
      await take(all.slice(0, 1), OVER)
      await released()
      await take(all.slice(1, 3), OVER)
      expect(await released()).toEqual(ids(all.slice(3, 7)))
      await report(refused(eventAt(4), PAUSE, { at: noonPlus(OVER + 50) }))
      const left = all.slice(4, 7)
      // Their messages come while the receiver wants to be left alone: they wait again, which is no attempt.
      expect(await Promise.all(left.map(statusOf))).toEqual(['held', 'held', 'held'])
      await wait(left)
      subject.setTime(2 * OVER + 50)
      expect(await released()).toEqual(ids(left.slice(0, 2)))
      expect(await Promise.all(left.map(statusOf))).toEqual(['pending', 'pending', 'held'])
    })

    it('is over once the receiver keeps up, though events go on coming', async () => {
      await report(refused(eventAt(0), PAUSE))
      subject.setTime(OVER)
      let under: readonly Event[] = []
      // One more comes whenever one is taken, so that something is always under way.
      for (const event of events(8)) {
        await wait([event])
        await released()
        if (under.length > 1) await take(under.slice(0, 1), OVER + 100)
        under = [...under.slice(under.length > 1 ? 1 : 0), event]
      }
      expect((await health()).health.hold).toBeNull()
      // What is under way goes on, and is looked after until its answer is known.
      await take(under, OVER + 200)
      expect((await health()).waiting).toBe(0)
    })

    it('pauses for a few seconds at a refusal that does not say how long', async () => {
      const all = events(3)
      await report(refused(eventAt(0), PAUSE))
      await wait(all)
      subject.setTime(OVER)
      await released()
      await report(failing(eventAt(1), { statusCode: 503, at: noonPlus(OVER) }))
      expect(await released()).toEqual([])
      subject.setTime(OVER + 20 + HOLD.pauseSeconds * 1_000)
      expect(await released()).toEqual([eventAt(2).id])
    })

    it('keeps its pace at any other failure, and goes on with the next', async () => {
      await report(refused(eventAt(0), PAUSE))
      await wait(events(2))
      subject.setTime(OVER)
      await released()
      await report(failing(eventAt(1), { at: noonPlus(OVER) }))
      expect(await released()).toEqual([eventAt(2).id])
      // Its retry waits its turn like everything else.
      expect(await statusOf(eventAt(1))).toBe('held')
    })

    it('is over when nothing comes of it', async () => {
      await report(refused(eventAt(0), PAUSE))
      const grace = PAUSE * 100 + HOLD.graceSeconds * 1_000
      subject.setTime(OVER + grace - 1)
      await subject.flush()
      expect((await health()).health.hold).not.toBeNull()
      subject.setTime(OVER + grace)
      await subject.flush()
      expect((await health()).health.hold).toBeNull()
    })

    it('sends at once what comes when it is over by then', async () => {
      await report(delivered(eventAt(0)))
      const state = await wait([eventAt(1)])
      expect(state.isHeld).toBe(true)
      expect(await released()).toEqual([eventAt(1).id])
      expect(await take([eventAt(1)], 40)).toMatchObject({ isHeld: false })
    })

    it('keeps a delivery once, however often it is told', async () => {
      await report(refused(eventAt(0), PAUSE))
      await wait([eventAt(1)])
      await wait([eventAt(1)])
      subject.setTime(OVER)
      expect(await released()).toEqual([eventAt(1).id])
      await take([eventAt(1)], OVER)
      await wait([eventAt(1)])
      expect((await health()).waiting).toBe(0)
    })

    it('has wait again what was sent and not tried', async () => {
      await report(refused(eventAt(0), PAUSE))
      await wait(events(1))
      subject.setTime(OVER)
      expect(await released()).toEqual([eventAt(1).id])
      await report(refused(eventAt(9), PAUSE, { at: noonPlus(OVER) }))
      await wait(events(1))
      expect(await statusOf(eventAt(1))).toBe('held')
      subject.setTime(2 * OVER)
      expect(await released()).toEqual([eventAt(1).id])
    })

    it('sends again what was sent and is never heard of', async () => {
      await report(refused(eventAt(0), PAUSE))
      await wait(events(2))
      subject.setTime(OVER)
      expect(await released()).toEqual([eventAt(1).id])
      subject.setTime(OVER + HOLD.answerSeconds * 1_000 - 1)
      // Its message has come, and waits for something.
      expect(await statusOf(eventAt(1))).toBe('pending')
      subject.setTime(OVER + HOLD.answerSeconds * 1_000)
      expect(await released()).toEqual([])
      subject.setTime(OVER + 2 * HOLD.answerSeconds * 1_000)
      expect(await released()).toEqual([eventAt(1).id])
    })

    it('is carried by one message of several that were sent while the queue was behind', async () => {
      await report(refused(eventAt(0), PAUSE))
      await wait(events(1))
      subject.setTime(OVER)
      await subject.flush()
      const later = OVER + HOLD.answerSeconds * 1_000
      subject.setTime(later)
      expect(await released()).toHaveLength(2)
      const ask = async (turn: number) =>
        (await subject.monitor.states([{ eventId: eventAt(1).id, run: '', turn }]))[0]
      const [first, second] = [noonPlus(OVER), noonPlus(later)]
      expect(await ask(first)).toMatchObject({ status: 'pending', isKept: true })
      expect((await ask(second))?.status).toBe('withdrawn')
      expect((await ask(second))?.isKept).toBeUndefined()
      expect(await ask(first)).toMatchObject({ status: 'pending' })
    })

    it('waits twice as long each time before it sends again what is never heard of', async () => {
      await report(refused(eventAt(0), PAUSE))
      await wait(events(1))
      const sent: number[] = []
      // An hour and a half in which nobody takes messages out of the queue.
      for (let minute = 0; minute < 90; minute += 1) {
        subject.setTime(OVER + minute * 60_000)
        if ((await released()).length > 0) sent.push(minute)
      }
      expect(sent).toEqual([0, 16, 48])
    })

    it('lets go of what another message delivers meanwhile', async () => {
      await report(refused(eventAt(0), PAUSE))
      await wait(events(1))
      await report(delivered(eventAt(1)))
      expect((await health()).waiting).toBe(0)
      subject.setTime(OVER)
      expect(await released()).toEqual([])
    })

    it('keeps what waits though a failure of it is reported late', async () => {
      await report(refused(eventAt(0), PAUSE))
      await wait(events(1))
      await report(failing(eventAt(1)))
      expect((await health()).waiting).toBe(1)
      subject.setTime(OVER)
      expect(await released()).toEqual([eventAt(1).id])
    })

    it('sends all that waits on their way to their ends once the webhook is suspended', async () => {
      const all = events(3)
      await report(refused(eventAt(0), PAUSE))
      await wait(all)
      await report(diverted(eventAt(9), { statusCode: 410 }))
      expect(await released()).toEqual(ids(all))
      await report(...all.map((event) => skipped(event)))
      expect((await health()).waiting).toBe(0)
    })

    it('is shortened when its owner resumes the webhook', async () => {
      await report(refused(eventAt(0), PAUSE))
      await wait(events(2))
      const { tenantId, id } = subject.ref
      subject.setTime(1_000)
      expect(await subject.monitor.resume(tenantId, id)).toMatchObject({ resumed: false })
      expect(await released()).toEqual([eventAt(1).id])
    })

    it('does not begin anew with what waits because its end is not known everywhere yet', async () => {
      await report(refused(eventAt(0), PAUSE))
      await wait(events(3))
      subject.setTime(OVER)
      await released()
      await take([eventAt(1)], OVER)
      await released()
      await take([eventAt(2)], OVER + 100)
      expect(await statusOf(eventAt(3))).toBe('pending')
      expect(await wait([eventAt(4)])).toMatchObject({ isHeld: false })
      expect(await released()).toEqual([eventAt(4).id])
      expect(await statusOf(eventAt(4))).toBe('pending')
      await take([eventAt(3), eventAt(4)], OVER + 200)
      expect((await health()).waiting).toBe(0)
    })

    it('looks after what it released though it is over', async () => {
      await report(refused(eventAt(0), PAUSE))
      await wait(events(3))
      subject.setTime(OVER)
      await released()
      await take([eventAt(1)], OVER)
      await released()
      await take([eventAt(2)], OVER + 100)
      expect((await health()).health.hold).toBeNull()
      subject.setTime(OVER + 2 * HOLD.answerSeconds * 1_000)
      expect(await released()).toEqual([eventAt(3).id])
    })

    it('ends with a webhook that is gone, though nobody says so, when what is sent is never heard of', async () => {
      await report(refused(eventAt(0), PAUSE))
      await wait(events(1))
      const sent: number[] = []
      for (let minute = 0; minute < 600; minute += 16) {
        subject.setTime(OVER + minute * 60_000)
        if ((await released()).length > 0) sent.push(minute)
      }
      // Where it is there, it would go on after four and eight hours.
      expect(sent.slice(0, 3)).toEqual([0, 16, 48])
      expect(sent.length).toBeLessThan(5)
      expect((await health()).waiting).toBe(0)
    })

    it('ends with the webhook', async () => {
      await report(refused(eventAt(0), PAUSE))
      await wait(events(2))
      await subject.monitor.purge()
      subject.setTime(OVER)
      expect(await released()).toEqual([])
    })
  })
}

function noonPlus(ms: number): number {
  return Date.UTC(2096, 0, 1, 12) + ms
}
