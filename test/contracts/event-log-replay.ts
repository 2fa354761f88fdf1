// The contract of EventLog: logged events on their way again.

import { beforeEach, describe, expect, it } from 'vitest'
import type { ReplayRequest } from '../../src/engine/ports/index.ts'
import {
  delivered,
  deliveriesIn,
  diverted,
  type EventLogSubject,
  eventAt,
  failing,
  idAt,
  NOON,
  nextJobId,
  RUN,
  reportTo,
} from './durable-fixtures.ts'
import { accept, loggedAt } from './event-log-fixtures.ts'

let runs = 0

export function eventLogReplay(subject: () => EventLogSubject): void {
  describe('replayed', () => {
    runs += 1
    // What its monitor knows no other contract told.
    const webhookId = idAt(0, 50 + runs)
    const everything: ReplayRequest = {
      webhookId,
      eventTypes: ['*'],
      scope: {},
      since: NOON,
      until: NOON + 3_600_000,
      onlyMissing: false,
    }
    const replay = (fields: Partial<ReplayRequest> = {}, id = nextJobId()) =>
      subject().log.replay(subject().tenantId, id, { ...everything, ...fields })
    const append = (...events: Parameters<typeof accept>[1]) => accept(subject(), events)
    const sent = async () => deliveriesIn(await subject().flush())
    const sentIds = async () => (await sent()).map(({ event }) => event.id)

    beforeEach(async () => {
      await append(
        loggedAt(1, { scope: { inbox: 'a', team: 'x' } }),
        loggedAt(40_000, { type: 'order.paid', scope: { inbox: 'b' } }),
      )
      await append(eventAt(20_000, { type: 'order.sent', scope: { inbox: 'a' } }))
      await append(loggedAt(120_000, { type: 'invoice.paid' }))
    })

    it('sends each event once, whomever it was for, in one run of its own', async () => {
      expect(await replay()).toBe('started')
      const messages = await sent()
      expect(messages.map(({ event }) => event.id)).toEqual([
        idAt(1),
        idAt(20_000),
        idAt(40_000),
        idAt(120_000),
      ])
      expect(messages[3]).toEqual({
        kind: 'deliver',
        tenantId: subject().tenantId,
        webhookId,
        run: expect.stringMatching(/^[0-9a-f-]{36}$/),
        event: eventAt(120_000),
        attempts: 0,
        role: 'duplicate',
        ifConcerned: true,
      })
      expect(new Set(messages.map(({ run }) => run)).size).toBe(1)
    })

    it('is shown with the events that it sent', async () => {
      await replay({ scope: { inbox: 'a' } })
      await subject().flush()
      expect(await subject().log.find(idAt(20_000))).toMatchObject({ webhookIds: [webhookId] })
      expect(await subject().log.find(idAt(40_000))).toEqual(
        loggedAt(40_000, { type: 'order.paid', scope: { inbox: 'b' } }),
      )
      expect(await subject().log.find(idAt(1))).toMatchObject({
        webhookIds: ['webhook-1', webhookId],
      })
    })

    it('says in each message when only what is missing is to be sent', async () => {
      await replay({ onlyMissing: true })
      expect((await sent()).map(({ onlyMissing }) => onlyMissing)).toEqual([true, true, true, true])
    })

    it('sends all of it again in another run', async () => {
      expect([await replay(), await replay()]).toEqual(['started', 'started'])
      const messages = await sent()
      expect(messages).toHaveLength(8)
      expect(new Set(messages.map(({ run }) => run)).size).toBe(2)
    })

    it.each<readonly [Partial<ReplayRequest>, readonly number[]]>([
      [{ since: NOON + 20_000 }, [20_000, 40_000, 120_000]],
      [{ since: NOON + 20_001 }, [40_000, 120_000]],
      [{ until: NOON + 40_000 }, [1, 20_000]],
      [{ since: NOON + 20_000, until: NOON + 40_001 }, [20_000, 40_000]],
      [{ since: NOON + 120_001 }, []],
      [{ eventTypes: ['order.*'] }, [20_000, 40_000]],
      [{ eventTypes: ['order.paid', 'invoice.paid'] }, [1, 40_000, 120_000]],
      [{ eventTypes: [] }, []],
      [{ scope: { inbox: 'a' } }, [1, 20_000]],
      [{ scope: { inbox: 'a', team: 'x' } }, [1]],
      [{ onlyTypes: ['order.paid'] }, [40_000]],
      [{ onlyTypes: ['order.*'], eventTypes: ['order.sent', 'invoice.paid'] }, [20_000]],
      [{ onlyTypes: [] }, []],
    ])('sends what %j asks for', async (fields, expected) => {
      await replay(fields)
      expect(await sentIds()).toEqual(expected.map((ms) => idAt(ms)))
    })

    it('leaves out, if asked, what the webhook got in whichever run', async () => {
      const ref = { tenantId: subject().tenantId, id: webhookId }
      const monitor = subject().monitorOf(webhookId)
      await reportTo({ monitor, ref }, [
        delivered(eventAt(1)),
        failing(eventAt(20_000)),
        diverted(eventAt(40_000)),
        delivered(eventAt(120_000), { run: RUN }),
      ])
      await replay({ onlyMissing: true })
      expect(await sentIds()).toEqual([idAt(20_000), idAt(40_000)])
      await replay({ onlyMissing: true, scope: { team: 'x' } })
      expect(await sentIds()).toHaveLength(2)
    })

    it('sends, if asked, what was answered last by a status code of one hundred, or by none', async () => {
      const other = idAt(0, 80 + runs)
      const ref = { tenantId: subject().tenantId, id: other }
      const monitor = subject().monitorOf(other)
      const [first, second, third] = [eventAt(1), eventAt(20_000), eventAt(40_000)]
      const later = { at: NOON + 60_000 }
      await reportTo({ monitor, ref }, [failing(first), diverted(second), failing(third)])
      await reportTo({ monitor, ref }, [
        delivered(first, later),
        diverted(third, { ...later, statusCode: null, error: 'Connection refused.' }),
      ])
      expect(await monitor.lastAnswers([second.id, first.id, idAt(120_000), third.id])).toEqual([
        { at: expect.any(Number), statusCode: 500 },
        { ...later, statusCode: 200 },
        null,
        { ...later, statusCode: null },
      ])
      const { log } = subject()
      const noted = { eventId: idAt(120_000), eventType: 'invoice.paid', webhookId: other }
      const outcome = { ...noted, at: NOON + 120_001 }
      await log.record([{ ...outcome, delivered: { statusCode: 204, durationMs: 1 } }])
      const answered = new Map([
        [200, [first.id, idAt(120_000)]],
        [500, [second.id]],
        [0, [third.id]],
        [400, []],
      ])
      for (const [onlyCodeClass, expected] of answered) {
        const job = nextJobId()
        await replay({ webhookId: other, onlyCodeClass }, job)
        const own = (await sent()).filter(({ run }) => run === job)
        expect(own.map(({ event }) => event.id)).toEqual(expected)
      }
    })

    it('sends every one of many batches', async () => {
      for (let batch = 0; batch < 25; batch += 1) {
        const first = 1_000_000 + batch * 3
        await append(loggedAt(first), loggedAt(first + 1), loggedAt(first + 2))
      }
      await replay({ since: NOON + 1_000_000 })
      expect(await sentIds()).toEqual(Array.from({ length: 75 }, (_, n) => idAt(1_000_000 + n)))
    })

    it('sends nothing once the log is purged', async () => {
      await subject().log.purge()
      await replay()
      expect(await sent()).toEqual([])
    })

    it('is a job of which the log tells how far it is', async () => {
      const id = nextJobId()
      expect(await subject().log.job(id)).toBeNull()
      await replay({}, id)
      await sent()
      const progress = { state: 'done', done: 4, total: 4, error: null, endedAt: NOON }
      const entry = { id, kind: 'replay', webhookId, createdAt: NOON, progress }
      expect(await subject().log.job(id)).toEqual(entry)
    })

    it('is the same when it is asked for twice under one id', async () => {
      const id = nextJobId()
      await replay({}, id)
      await replay({}, id)
      expect(await sent()).toHaveLength(4)
    })

    it('cannot be cancelled once it is done', async () => {
      const id = nextJobId()
      await replay({}, id)
      await sent()
      expect(await subject().log.cancelJob(id)).toBe(false)
      expect(await subject().log.cancelJob(nextJobId())).toBe(false)
    })
  })

  describe('the jobs of a tenant', () => {
    const webhookId = idAt(0, 50)
    const note = (id: string) =>
      subject().log.noteJob(subject().tenantId, {
        ...{ id, kind: 'resend', webhookId, createdAt: NOON, progress: null },
      })

    it('are listed newest first, page by page, each once', async () => {
      const ids = Array.from({ length: 5 }, nextJobId)
      for (const id of ids) await note(id)
      await note(ids[0] ?? '')
      const { log } = subject()
      const first = await log.jobs({ limit: 3, before: null })
      const rest = await log.jobs({ limit: 3, before: first.at(-1)?.id ?? null })
      expect([...first, ...rest].map(({ id }) => id)).toEqual(ids.toReversed())
      expect(first[0]).toEqual({
        ...{ id: ids[4], kind: 'resend', webhookId, createdAt: NOON, progress: null },
      })
    })

    it('are gone with the tenant', async () => {
      const id = nextJobId()
      await note(id)
      await subject().log.purge()
      expect(await subject().log.job(id)).toBeNull()
      await note(id)
      expect(await subject().log.jobs({ limit: 3, before: null })).toEqual([])
    })
  })
}
