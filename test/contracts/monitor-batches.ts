// The contract of Monitor: webhooks whose events go together in one request.

import { beforeEach, describe, expect, it } from 'vitest'
import type { Attempt, Batch, Batching, Event } from '../../src/engine/model/index.ts'
import { FIRST_RUN, JOINT_RUN } from '../../src/engine/model/index.ts'
import type { ReportEntry } from '../../src/engine/ports/index.ts'
import { PAUSE } from '../../src/limits.ts'
import { timeOf } from '../../src/primitives/ids.ts'
import {
  delivered,
  deliveriesIn,
  diverted,
  eventAt,
  failing,
  held,
  type MonitorSubject,
  NOON,
  refused,
  reportTo,
  skipped,
} from './durable-fixtures.ts'

const told = (batch: Batch | null, since = NOON): Batching => ({ since, batch })
/** Two at a time, or what there is after ten seconds. */
const TWO = told({ maxEvents: 2, maxWaitMs: 10_000 })

export function monitorBatches(make: () => Promise<MonitorSubject>): void {
  describe('a batch', () => {
    let subject: MonitorSubject
    let seen = 0
    beforeEach(async () => {
      subject = await make()
      seen = 0
    })
    /** They wait, each with its part, unless nobody has asked yet whether it has one. */
    const wait = (
      waiting: readonly Event[],
      batching: Batching | undefined = TWO,
      isPart = true,
      carrier: string | null = null,
    ) =>
      reportTo(
        subject,
        waiting.map((event) => {
          const entry = held(event, subject.ref)
          const asked = carrier !== null && { carrier }
          const message = { ...entry.message, part: { body: null }, ...asked }
          return isPart ? { ...entry, message } : entry
        }),
        { batching },
      )
    /** Somebody wants it sent again; what carries it from now on. */
    const askFor = async (event: Event) => {
      const asked = { wasMatched: true, isChosen: true }
      expect(await subject.monitor.resend(subject.ref, event, asked)).toBe(true)
      const sent = deliveriesIn(await subject.flush()).filter(({ run }) => run === FIRST_RUN)
      return sent.find((one) => one.event.id === event.id)?.carrier ?? ''
    }
    const report = (...entries: readonly ReportEntry[]) => reportTo(subject, entries)
    /** What was sent since the last look: of joint deliveries their ids, of others those of their events. */
    const released = async () => {
      const all = (await subject.flush()).flatMap((one) => (one.kind === 'deliver' ? [one] : []))
      const fresh = all.slice(seen)
      seen = all.length
      return fresh.map(({ event, run }) => ({ id: event.id, isJoint: run === JOINT_RUN }))
    }
    const partsOf = async (id: string) =>
      (await subject.monitor.partsOf(id)).map(({ event }) => event.id)
    const ids = (...all: readonly Event[]) => all.map(({ id }) => id)
    const joint = (id: string): Event => eventAt(0, { id, type: 'batch' })
    const stateOf = async ({ id }: Event) => (await subject.monitor.statesOfEvents([id]))[0]
    /** Those of the joint delivery that is sent next. */
    const next = async (): Promise<string> => {
      const [one, ...others] = await released()
      expect([one?.isJoint, others]).toEqual([true, []])
      return one?.id ?? ''
    }
    const asJoint = { run: JOINT_RUN } satisfies Partial<Attempt>
    const [a, b, c] = [eventAt(1), eventAt(2), eventAt(3)]

    it('sends so many together, under an id of their own', async () => {
      await wait([b, a, c])
      const id = await next()
      expect(ids(a, b, c)).not.toContain(id)
      expect(await partsOf(id)).toEqual(ids(a, b))
      expect(await subject.monitor.health()).toMatchObject({
        ...{ waiting: 3, underWay: 2, forOthers: 1 },
        health: { hold: null, batching: TWO },
      })
      expect(await stateOf(a)).toMatchObject({ status: 'held', attempts: 0 })
    })

    it('tells what waits for others from what waits for its turn', async () => {
      const rate = { perSecond: null, perMinute: 1, concurrency: null }
      const parts = [a, b, c, eventAt(4), eventAt(5)].map((event) => {
        const entry = held(event, subject.ref)
        return { ...entry, message: { ...entry.message, part: { body: null } } }
      })
      await reportTo(subject, parts, { batching: TWO, throttle: { since: NOON, rate } })
      await next()
      const counts = { waiting: 5, underWay: 2 }
      expect(await subject.monitor.health()).toMatchObject({ ...counts, forOthers: 1 })
      // It has waited for others for as long as it may.
      subject.setTime(10_005)
      expect(await subject.monitor.health()).toMatchObject({ ...counts, forOthers: 0 })
    })

    it('sends fewer once the first of them has waited for so long', async () => {
      await wait([a])
      expect(await released()).toEqual([])
      subject.setTime(10_000)
      expect(await released()).toEqual([])
      subject.setTime(10_001)
      expect(await partsOf(await next())).toEqual(ids(a))
    })

    it('says of each what came of all', async () => {
      await wait([a, b])
      const id = await next()
      await report(failing(joint(id), asJoint))
      const retried = { status: 'failing', attempts: 1, nextAttemptAt: NOON + 5_000 }
      expect(await stateOf(a)).toMatchObject(retried)
      expect(await stateOf(b)).toMatchObject(retried)
      expect(await partsOf(id)).toEqual(ids(a, b))
      // Their request failed, once.
      const { health, totals } = await subject.monitor.health()
      expect([health.consecutiveFailures, health.failedEvents]).toEqual([1, 1])
      expect(totals).toMatchObject({ delivered: 0, failed: 2 })
      await report(delivered(joint(id), { ...asJoint, attempt: 2 }))
      expect(await stateOf(b)).toMatchObject({ status: 'delivered', attempts: 2 })
      expect(await partsOf(id)).toEqual([])
      const { items } = await subject.monitor.attempts({ limit: 10 })
      const shown = items.map((one) => `${one.eventId} ${one.attempt} ${one.batchId}`)
      const all = ids(a, b).flatMap((one) => [`${one} 1 ${id}`, `${one} 2 ${id}`])
      expect(shown.toSorted()).toEqual(all)
      expect(new Set(items.map((one) => one.id)).size).toBe(4)
      expect(await subject.monitor.oldestUndelivered()).toBeNull()
    })

    it('keeps together what the receiver did not take', async () => {
      await wait([a, b])
      const id = await next()
      const failed = { outcome: 'failed', statusCode: 503, error: 'It has no time.' } as const
      const disposition = { kind: 'retry', delaySeconds: 5 } as const
      await report({
        ...failing(joint(id), { ...asJoint, outcome: 'delivered', statusCode: 207, error: null }),
        parts: [{ eventId: b.id, ...failed, disposition }],
      } as ReportEntry)
      expect(await stateOf(a)).toMatchObject({ status: 'delivered', attempts: 1 })
      expect(await stateOf(b)).toMatchObject({ status: 'failing', attempts: 1 })
      expect(await partsOf(id)).toEqual(ids(b))
      const { health, totals } = await subject.monitor.health()
      expect(health.consecutiveFailures).toBe(0)
      expect(totals).toMatchObject({ delivered: 1, failed: 1 })
    })

    it('keeps each when they are given up, and tells of each', async () => {
      await wait([a, b])
      const id = await next()
      await report({ ...diverted(joint(id), asJoint), event: joint(id) } as ReportEntry)
      const kept = await subject.monitor.diverted({ limit: 10 })
      expect(kept.items.map(({ event }) => event.id)).toEqual(ids(b, a))
      expect(await subject.monitor.findDiverted(id)).toBeNull()
      const notices = (await subject.flush()).flatMap((message) =>
        message.kind === 'notice' ? [message.notice.exhausted?.eventId] : [],
      )
      expect(notices.toSorted()).toEqual(ids(a, b))
      expect(await partsOf(id)).toEqual([])
    })

    it('keeps each when its webhook takes nothing', async () => {
      await wait([a, b])
      const id = await next()
      await report(skipped(joint(id), asJoint))
      expect(await stateOf(a)).toMatchObject({ status: 'diverted' })
      expect((await subject.monitor.findDiverted(b.id))?.event).toMatchObject({ id: b.id })
    })

    it('has all wait when they were not sent, and go together again', async () => {
      await wait([a, b])
      const id = await next()
      await report(refused(joint(id), 60, asJoint))
      await report({
        ...held(joint(id), subject.ref, { run: JOINT_RUN, attempts: 1 }),
      })
      expect(await subject.monitor.health()).toMatchObject({ waiting: 2, underWay: 0 })
      subject.setTime(60_021)
      expect(await next()).toBe(id)
      expect(await partsOf(id)).toEqual(ids(a, b))
    })

    it('keeps no webhook on hold because some wait for others', async () => {
      await wait([a, b])
      await report(refused(joint(await next()), 60, asJoint))
      expect((await subject.monitor.health()).health.hold).not.toBeNull()
      subject.setTime(1_000_000)
      await wait([eventAt(999_999)])
      await subject.flush()
      expect((await subject.monitor.health()).health.hold).toBeNull()
    })

    it('keeps those that have waited for as long as any does, and has the others wait on', async () => {
      const young = eventAt(60_000)
      await wait([a])
      subject.setTime(60_000)
      await wait([young])
      const id = await next()
      expect(timeOf(id)).toBe(timeOf(a.id))
      const at = timeOf(a.id) + PAUSE.waitSeconds * 1_000
      const paused = { ...skipped(joint(id), asJoint), trigger: 'paused', at } as ReportEntry
      await report(paused)
      expect(await stateOf(a)).toMatchObject({ status: 'diverted' })
      expect(await stateOf(young)).toMatchObject({ status: 'held' })
      expect(await partsOf(id)).toEqual([])
      expect((await subject.monitor.health()).waiting).toBe(1)
    })

    it('lets nobody go with others twice', async () => {
      await wait([a, b])
      const id = await next()
      // Another message brings one of them.
      await wait([a])
      await wait([c])
      expect(await partsOf(id)).toEqual(ids(a, b))
      expect(await released()).toEqual([])
    })

    it('has one leave that somebody wants sent now', async () => {
      await wait([a, b])
      const id = await next()
      await report(failing(joint(id), asJoint))
      const carrier = await askFor(b)
      const entry = held(b, subject.ref, { attempts: 1 })
      const message = { ...entry.message, part: { body: null }, carrier }
      await report({ ...entry, message })
      expect(await partsOf(id)).toEqual(ids(a))
      expect(await stateOf(b)).toMatchObject({ status: 'held', attempts: 1 })
    })

    it('has what was answered count for one that has left since', async () => {
      await wait([a, b, c])
      const id = await next()
      const carrier = await askFor(a)
      expect(await released()).toEqual([{ id: a.id, isJoint: false }])
      await wait([a], TWO, true, carrier)
      const other = await next()
      expect(await partsOf(other)).toEqual(ids(a, c))
      const sent = [a, b].map((event) => {
        return { eventId: event.id, eventType: event.type, run: FIRST_RUN, attempts: 0 }
      })
      await report({ ...failing(joint(id), asJoint), sent } as ReportEntry)
      const failed = await subject.monitor.attempts({ limit: 10 })
      const shown = failed.items.map((one) => `${one.eventId} ${one.attempt} ${one.batchId}`)
      expect(shown.toSorted()).toEqual(ids(a, b).map((one) => `${one} 1 ${id}`))
      // Its retry has nothing of it, which goes with the other one.
      const whenNext = failed.items.map((one) => one.nextAttemptAt)
      expect(whenNext.filter((at) => at === null)).toHaveLength(1)
      expect([await partsOf(id), await partsOf(other)]).toEqual([ids(b), ids(a, c)])
      const done = { ...delivered(joint(id), { ...asJoint, attempt: 2 }), sent } as ReportEntry
      await report(done)
      expect(await stateOf(a)).toMatchObject({ status: 'delivered', attempts: 2 })
    })

    it('keeps nothing that was answered of one that was erased meanwhile', async () => {
      await wait([a, b])
      const id = await next()
      await subject.monitor.erase([a.id])
      const sent = [a, b].map((event) => {
        return { eventId: event.id, eventType: event.type, run: FIRST_RUN, attempts: 0 }
      })
      const about = { ...asJoint, responseExcerpt: 'Thank you.' }
      await report({ ...delivered(joint(id), about), sent } as ReportEntry)
      const { items } = await subject.monitor.attempts({ limit: 10 })
      const excerpts = items.map((one) => [one.eventId, one.responseExcerpt])
      expect(excerpts.toSorted()).toEqual([
        [a.id, null],
        [b.id, 'Thank you.'],
      ])
      expect(await stateOf(a)).toMatchObject({ status: 'delivered' })
    })

    it('leaves out what is cancelled, and what is erased', async () => {
      await wait([a, b])
      const id = await next()
      const done = await subject.monitor.cancel({ eventTypes: [a.type], eventIds: [a.id] }, null)
      expect(done).toEqual({ cancelled: 1, next: null })
      expect(await partsOf(id)).toEqual(ids(b))
      await subject.monitor.erase([b.id])
      expect(await partsOf(id)).toEqual([])
      expect(await stateOf(b)).toMatchObject({ status: 'erased' })
      await report({ kind: 'withdrawn', eventId: id, run: JOINT_RUN, carrier: null })
      expect(await subject.monitor.health()).toMatchObject({ waiting: 0, underWay: 0 })
    })

    it('has them wait for others when nobody has the joint delivery any more', async () => {
      await wait([a, b])
      const id = await next()
      await report({ kind: 'withdrawn', eventId: id, run: JOINT_RUN, carrier: null })
      const other = await next()
      expect(other).not.toBe(id)
      expect(await partsOf(other)).toEqual(ids(a, b))
    })

    it('has looked at by itself what may not go with others', async () => {
      await wait([a, b], TWO, false)
      subject.setTime(10_010)
      expect(await released()).toEqual([a, b].map(({ id }) => ({ id, isJoint: false })))
      await wait([a, b])
      expect(await partsOf(await next())).toEqual(ids(a, b))
    })

    it('is over when its owner says so: what waits goes by itself', async () => {
      await wait([a])
      await subject.monitor.noteBatching(told(null, NOON + 1))
      const [sent] = deliveriesIn(await subject.flush())
      // It would not fit into a message beside the event.
      expect(sent).not.toHaveProperty('part')
      expect(await released()).toEqual([{ id: a.id, isJoint: false }])
      // Whoever is late changes nothing.
      await subject.monitor.noteBatching(TWO)
      expect((await subject.monitor.health()).health.batching?.batch).toBeNull()
    })
  })
}
