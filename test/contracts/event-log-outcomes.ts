// The contract of EventLog: what was noted of first deliveries, and of the webhooks.

import { describe, expect, it } from 'vitest'
import type { FirstOutcome } from '../../src/engine/model/index.ts'
import type { AttemptQuery, MonitorState } from '../../src/engine/ports/index.ts'
import { Histogram } from '../../src/primitives/histogram.ts'
import { type EventLogSubject, eventAt, idAt, NOON } from './durable-fixtures.ts'
import { accept, acceptEach, WEBHOOK } from './event-log-fixtures.ts'
import { BAD_CURSORS } from './monitor-attempts.ts'
import { aWebhook } from './store-fixtures.ts'

/** The event of so many milliseconds after noon, delivered two milliseconds later. */
function deliveredAt(ms: number, fields: Partial<FirstOutcome> = {}): FirstOutcome {
  const about = { eventId: idAt(ms), eventType: 'invoice.paid', webhookId: WEBHOOK }
  return { ...about, at: NOON + ms + 2, delivered: { statusCode: 204, durationMs: 20 }, ...fields }
}

function handedOverAt(ms: number, fields: Partial<FirstOutcome> = {}): FirstOutcome {
  return deliveredAt(ms, { delivered: null, ...fields })
}

export function eventLogOutcomes(subject: () => EventLogSubject): void {
  const keyOf = (ms: number, webhookId = WEBHOOK) => ({ eventId: idAt(ms), webhookId })

  describe('outcomes', () => {
    it('are told in the order of the question, null for what was not noted', async () => {
      const { log } = subject()
      await log.record([deliveredAt(0), handedOverAt(1)])
      await log.record([deliveredAt(2, { webhookId: 'other', eventType: 'order.paid' })])
      const keys = [keyOf(2, 'other'), keyOf(3), keyOf(1), keyOf(0, 'other'), keyOf(0), keyOf(1)]
      expect(await log.firstOutcomes(keys)).toEqual([
        deliveredAt(2, { webhookId: 'other', eventType: 'order.paid' }),
        null,
        handedOverAt(1),
        null,
        deliveredAt(0),
        handedOverAt(1),
      ])
      expect(await log.firstOutcomes([])).toEqual([])
    })

    it.each([
      ['before it', [handedOverAt(0, { at: NOON + 1 }), deliveredAt(0)]],
      ['after it', [deliveredAt(0), handedOverAt(0, { at: NOON + 9 })]],
    ])('are delivered though handed over %s', async (_, [first, second]) => {
      const { log } = subject()
      for (const one of [first, second]) await log.record(one ? [one] : [])
      expect(await log.firstOutcomes([keyOf(0)])).toEqual([deliveredAt(0)])
      expect((await log.firstAttempts(WEBHOOK, { limit: 9 })).items).toHaveLength(1)
    })

    it('are the latest hand-over where nothing was delivered', async () => {
      const { log } = subject()
      await log.record([handedOverAt(0)])
      await log.record([handedOverAt(0, { at: NOON + 5 })])
      expect(await log.firstOutcomes([keyOf(0)])).toEqual([handedOverAt(0, { at: NOON + 5 })])
    })

    it('are told to who watches, by when they ended', async () => {
      const { log } = subject()
      const other = deliveredAt(1, { webhookId: 'other' })
      await log.record([deliveredAt(0), other, handedOverAt(2), deliveredAt(3)])
      const ended = async (after: number, until: number, limit = 9) => {
        const { attempts, isCut } = await log.delivered({
          after: NOON + after,
          until: NOON + until,
          limit,
        })
        return [attempts.map(({ webhookId, attempt }) => [webhookId, attempt.eventId]), isCut]
      }
      expect(await ended(22, 23)).toEqual([[['other', idAt(1)]], false])
      expect(await ended(21, 99, 2)).toEqual([
        [
          ['other', idAt(1)],
          [WEBHOOK, idAt(3)],
        ],
        true,
      ])
    })

    it('of a filter are ends, and count as nothing', async () => {
      const { log } = subject()
      const filtered = handedOverAt(0, { isFiltered: true })
      await log.record([filtered])
      await log.record([{ ...handedOverAt(0), at: filtered.at + 5 }])
      expect(await log.firstOutcomes([keyOf(0)])).toEqual([filtered])
      expect((await log.firstAttempts(WEBHOOK, { limit: 9 })).items).toEqual([])
      expect(await log.successes(WEBHOOK, 0)).toMatchObject({ delivered: 0 })
      const span = { after: NOON - 1, until: NOON + 99, limit: 9 }
      expect((await log.delivered(span)).attempts).toEqual([])
    })

    it('are as they were when they are noted again', async () => {
      const { log } = subject()
      for (let n = 0; n < 3; n += 1) await log.record([deliveredAt(0), handedOverAt(1)])
      expect(await log.firstOutcomes([keyOf(0), keyOf(1)])).toEqual([
        deliveredAt(0),
        handedOverAt(1),
      ])
      expect((await log.firstAttempts(WEBHOOK, { limit: 9 })).items).toHaveLength(1)
      expect(await log.successes(WEBHOOK, NOON)).toMatchObject({ delivered: 1 })
    })

    it('of a webhook to which an event is sent later are those of its monitor', async () => {
      const { log } = subject()
      await accept(subject(), [eventAt(0)])
      await log.addWebhooks([idAt(0), idAt(1)], ['later', WEBHOOK])
      const [added, ...others] = await log.firstOutcomes([
        keyOf(0, 'later'),
        keyOf(0),
        keyOf(1, 'later'),
      ])
      expect(added).toEqual({ ...handedOverAt(0, { webhookId: 'later' }), at: NOON })
      expect(others).toEqual([null, null])
    })

    it('are gone with the log', async () => {
      const { log } = subject()
      await log.record([deliveredAt(0)])
      await log.purge()
      await log.record([deliveredAt(1)])
      await log.revive()
      expect(await log.firstOutcomes([keyOf(0), keyOf(1)])).toEqual([null, null])
      expect(await log.successes(WEBHOOK, 0)).toEqual({
        ...{ delivered: 0, latencies: [], lastSuccessAt: null },
      })
    })
  })

  describe('first attempts', () => {
    const timesOf = async (query: AttemptQuery, webhookId = WEBHOOK) => {
      const seen: number[] = []
      for (let cursor: string | null | undefined; cursor !== null; ) {
        const page = await subject().log.firstAttempts(webhookId, { ...query, cursor })
        expect(page.items.length).toBeLessThanOrEqual(query.limit)
        seen.push(...page.items.map(({ at }) => at - NOON))
        cursor = page.nextCursor
      }
      return seen
    }
    const recordAll = async () => {
      await subject().log.record([5, 1, 9].map((ms) => deliveredAt(ms)))
      await subject().log.record([handedOverAt(2), deliveredAt(3, { webhookId: 'other' })])
      await subject().log.record([7, 4].map((ms) => deliveredAt(ms)))
    }

    it('are attempts of the first run, delivered', async () => {
      await subject().log.record([deliveredAt(0)])
      const { items, nextCursor } = await subject().log.firstAttempts(WEBHOOK, { limit: 5 })
      expect(nextCursor).toBeNull()
      expect(items).toEqual([
        {
          id: expect.stringMatching(/^[0-9a-f-]{36}$/),
          ...{ eventId: idAt(0), eventType: 'invoice.paid', run: '', attempt: 1, at: NOON + 2 },
          ...{ outcome: 'delivered', statusCode: 204, durationMs: 20 },
          ...{ error: null, responseExcerpt: null, nextAttemptAt: null },
        },
      ])
    })

    it.each([1, 2, 4, 5, 50])('are listed newest first, %d a page', async (limit) => {
      await recordAll()
      expect(await timesOf({ limit })).toEqual([11, 9, 7, 6, 3])
      expect(await timesOf({ limit }, 'other')).toEqual([5])
      expect(await timesOf({ limit }, 'nobody')).toEqual([])
    })

    it.each<readonly [Omit<AttemptQuery, 'limit'>, readonly number[]]>([
      [{ eventId: idAt(5) }, [7]],
      [{ eventId: idAt(2) }, []],
      [{ outcome: 'delivered' }, [11, 9, 7, 6, 3]],
      [{ outcome: 'failed' }, []],
      [{ after: NOON + 6 }, [11, 9, 7]],
      [{ before: NOON + 9 }, [7, 6, 3]],
      [{ after: NOON + 3, before: NOON + 9 }, [7, 6]],
    ])('are those that %j asks for', async (query, expected) => {
      await recordAll()
      for (const limit of [1, 50]) expect(await timesOf({ ...query, limit })).toEqual(expected)
    })

    it('of one time come once each', async () => {
      const outcomes = Array.from({ length: 7 }, (_, ms) => deliveredAt(ms, { at: NOON + 50 }))
      await subject().log.record(outcomes)
      expect(await timesOf({ limit: 2 })).toEqual(outcomes.map(() => 50))
    })

    it('go on where a page ended though more was noted', async () => {
      await recordAll()
      const { nextCursor } = await subject().log.firstAttempts(WEBHOOK, { limit: 2 })
      await subject().log.record([deliveredAt(20), deliveredAt(0)])
      const rest = await subject().log.firstAttempts(WEBHOOK, {
        ...{ limit: 9, cursor: nextCursor ?? '' },
      })
      expect(rest.items.map(({ at }) => at - NOON)).toEqual([7, 6, 3, 2])
    })

    it.each(BAD_CURSORS)('refuse a cursor that is none: "%s"', async (cursor) => {
      const asked = subject().log.firstAttempts(WEBHOOK, { limit: 5, cursor })
      await expect(asked).rejects.toMatchObject({ code: 'invalid' })
    })
  })

  describe('successes', () => {
    it('are counted since a time, with how long each took', async () => {
      const { log } = subject()
      const taking = (durationMs: number) => ({ delivered: { statusCode: 200, durationMs } })
      await log.record([deliveredAt(0, taking(10)), deliveredAt(10, taking(200))])
      await log.record([deliveredAt(20, taking(30)), handedOverAt(30)])
      await log.record([deliveredAt(40, { webhookId: 'other' })])
      const latencies = new Histogram()
      for (const ms of [200, 30]) latencies.add(ms)
      expect(await log.successes(WEBHOOK, NOON + 12)).toEqual({
        ...{ delivered: 2, latencies: latencies.toPairs(), lastSuccessAt: NOON + 22 },
      })
      expect(await log.successes(WEBHOOK, NOON)).toMatchObject({ delivered: 3 })
      const none = { delivered: 0, latencies: [], lastSuccessAt: null }
      expect(await log.successes(WEBHOOK, NOON + 23)).toEqual(none)
      expect(await log.successes('nobody', NOON)).toEqual(none)
    })
  })

  describe('how a webhook fares', () => {
    const state = (fields: Partial<MonitorState>): MonitorState => {
      return {
        version: 0,
        suspendedAt: null,
        lane: 'fast',
        isTroubled: false,
        isHeld: false,
        ...fields,
      }
    }
    let accepted = 0
    const shown = async (webhookId = WEBHOOK) => {
      accepted += 1
      const all = (await acceptEach(subject(), accepted)).map((acceptance) => {
        if (acceptance.kind !== 'accepted') return acceptance.kind
        const webhooks = acceptance.deliveries.flatMap((one) => one.webhooks)
        const found = webhooks.find(({ id }) => id === webhookId)
        return found && [found.suspendedAt, found.lane, found.isTroubled]
      })
      // Every shard knows the same.
      for (const one of all) expect(one).toEqual(all[0])
      return all[0]
    }

    it('is what was noted last', async () => {
      const { log } = subject()
      expect(await shown()).toEqual([null, 'fast', true])
      await log.noteState(WEBHOOK, state({}))
      expect(await shown()).toEqual([null, 'fast', false])
      await log.noteState(WEBHOOK, state({ version: 2, suspendedAt: 7, isTroubled: true }))
      expect(await shown()).toEqual([7, 'fast', true])
      await log.noteState(WEBHOOK, state({ version: 2, lane: 'slow', isTroubled: true }))
      expect(await shown()).toEqual([null, 'slow', true])
      await log.noteState(WEBHOOK, state({ version: 1 }))
      expect(await shown()).toEqual([null, 'slow', true])
      await log.noteState(WEBHOOK, state({ version: 3 }))
      expect(await shown()).toEqual([null, 'fast', false])
    })

    it('is summed up, with whichever waits for the longest time', async () => {
      const { log, webhooks, tenantId, setTime } = subject()
      const standing = async () => (await log.activity([])).standing
      const other = 'webhook-other'
      await webhooks.insert(aWebhook(2, { id: other, tenantId, eventTypes: ['*'] }))
      await shown()
      expect(await standing()).toEqual({ failing: 0, held: 0, longest: null })
      setTime(1_000)
      await log.noteState(other, state({ version: 1, isTroubled: true }))
      setTime(2_000)
      await log.noteState(WEBHOOK, state({ version: 1, isTroubled: true, isHeld: true }))
      expect(await standing()).toEqual({ failing: 2, held: 1, longest: other })
      setTime(3_000)
      await log.noteState(other, state({ version: 2 }))
      await log.noteState(other, state({ version: 3, isTroubled: true }))
      expect(await standing()).toEqual({ failing: 2, held: 1, longest: WEBHOOK })
      await log.noteState(WEBHOOK, state({ version: 2, suspendedAt: 7, isTroubled: true }))
      expect(await standing()).toEqual({ failing: 1, held: 0, longest: other })
    })

    it('does not count a webhook as failing that its owner has wait', async () => {
      const { log, webhooks, tenantId } = subject()
      const pause = { since: NOON, isOver: false }
      await webhooks.insert(aWebhook(2, { id: 'paused', tenantId, pause }))
      await shown()
      await log.noteState('paused', state({ version: 1, isTroubled: true, isHeld: true }))
      const { standing } = await log.activity([])
      expect(standing).toEqual({ failing: 0, held: 1, longest: 'paused' })
    })

    it('is kept when it is changed, unless the database knows better', async () => {
      const { log, webhooks, tenantId } = subject()
      const ref = { tenantId, id: WEBHOOK }
      await shown()
      await log.noteState(WEBHOOK, state({ version: 2, lane: 'slow' }))
      await webhooks.setState(ref, { version: 1, suspendedAt: 1, lane: 'fast' })
      await log.announce(tenantId, idAt(0, 1), false)
      await webhooks.update(ref, (current) => ({ ...current, name: 'changed' }))
      await log.confirm(idAt(0, 1))
      expect(await shown()).toEqual([null, 'slow', false])
      await webhooks.setState(ref, { version: 3, suspendedAt: 3, lane: 'fast' })
      await log.announce(tenantId, idAt(0, 2), false)
      await log.confirm(idAt(0, 2))
      expect(await shown()).toEqual([3, 'fast', true])
    })

    it('is well of one that is made later, and unknown of one that is not there', async () => {
      const { log, webhooks, tenantId } = subject()
      await shown()
      await log.announce(tenantId, idAt(0, 1), false)
      await webhooks.insert(aWebhook(1, { id: 'new', tenantId }))
      await log.confirm(idAt(0, 1))
      await log.noteState('nobody', state({ version: 4 }))
      expect(await shown('new')).toEqual([null, 'fast', false])
    })
  })
}
