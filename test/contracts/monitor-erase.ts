// The contract of Monitor: what is left of events whose content was expunged.

import { beforeEach, describe, expect, it } from 'vitest'
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
} from './durable-fixtures.ts'

export function monitorErase(make: () => Promise<MonitorSubject>): void {
  describe('of an event that is erased', () => {
    let subject: MonitorSubject
    beforeEach(async () => {
      subject = await make()
    })
    const [event, other] = [eventAt(0), eventAt(1)]
    const said = {
      responseExcerpt: 'what it answered',
      responseFacts: { headers: { server: 'what it is' } },
    }
    const excerpts = async () => {
      const { items } = await subject.monitor.attempts({ limit: 9 })
      return items.map(({ eventId, responseExcerpt, responseFacts }) => {
        expect(responseFacts).toEqual(responseExcerpt === null ? undefined : said.responseFacts)
        return [eventId, responseExcerpt] as const
      })
    }
    const statusOf = async (eventId: string) =>
      (await subject.monitor.statesOfEvents([eventId]))[0]?.status

    it('keeps neither what was diverted nor what was answered, and of no other', async () => {
      await reportTo(subject, [diverted(event, said), diverted(other, said)])
      await subject.monitor.erase([event.id])
      expect(await subject.monitor.findDiverted(event.id)).toBeNull()
      expect(await subject.monitor.findDiverted(other.id)).toMatchObject({ event: other })
      expect(new Map(await excerpts())).toEqual(
        new Map([
          [event.id, null],
          [other.id, 'what it answered'],
        ]),
      )
      expect(await statusOf(event.id)).toBe('diverted')
    })

    it('ends what had not ended, and nothing else', async () => {
      const third = eventAt(2)
      await reportTo(subject, [failing(event), failing(other), delivered(third)])
      await subject.monitor.erase([event.id, third.id])
      expect(await statusOf(event.id)).toBe('erased')
      expect(await statusOf(other.id)).toBe('failing')
      expect(await statusOf(third.id)).toBe('delivered')
    })

    it('releases nothing that waits because of a hold', async () => {
      await reportTo(subject, [refused(event, 60)])
      await reportTo(subject, [held(event, subject.ref), held(other, subject.ref)])
      await subject.monitor.erase([event.id])
      subject.setTime(61_000)
      const released = deliveriesIn(await subject.flush()).map((one) => one.event.id)
      expect(released).toEqual([other.id])
    })

    it('keeps of later reports what became of it, without its content', async () => {
      await subject.monitor.erase([event.id])
      await reportTo(subject, [failing(event, said)])
      expect(await statusOf(event.id)).toBe('erased')
      await reportTo(subject, [diverted(event, { ...said, attempt: 2 })])
      expect(await subject.monitor.findDiverted(event.id)).toBeNull()
      expect(await excerpts()).toEqual([
        [event.id, null],
        [event.id, null],
      ])
    })

    it('sends nothing again', async () => {
      await subject.monitor.erase([event.id])
      await subject.monitor.resend(subject.ref, event, {
        wasMatched: false,
        isChosen: false,
      })
      expect(deliveriesIn(await subject.flush())).toEqual([])
    })

    it('is told twice as well as once', async () => {
      await reportTo(subject, [failing(event, said)])
      await subject.monitor.erase([event.id])
      await subject.monitor.erase([event.id])
      expect(await statusOf(event.id)).toBe('erased')
      expect(await excerpts()).toEqual([[event.id, null]])
    })
  })

  it('forgets what one attempt was answered, and nothing else', async () => {
    const subject = await make()
    const event = eventAt(0)
    const first = failing(event, { responseExcerpt: 'first' })
    const second = failing(event, { responseExcerpt: 'second', attempt: 2 })
    await reportTo(subject, [first, second])
    if (first.kind !== 'attempt') throw new Error('It is an attempt.')
    await subject.monitor.eraseExcerpt(event.id, first.attempt.id)
    const { items } = await subject.monitor.attempts({ limit: 9 })
    expect(new Map(items.map((one) => [one.attempt, one.responseExcerpt]))).toEqual(
      new Map([
        [1, null],
        [2, 'second'],
      ]),
    )
    const [state] = await subject.monitor.statesOfEvents([event.id])
    expect(state?.status).toBe('failing')
  })
}
