// The contract of EventLog: what nobody took care of is sent on.

import { describe, expect, it } from 'vitest'
import { fromEventMessage } from '../../src/engine/messages/event-message.ts'
import type { Acceptance } from '../../src/engine/ports/index.ts'
import { ACCEPTED } from '../../src/retention.ts'
import { LOG } from '../../src/tuning.ts'
import { type EventLogSubject, eventAt, idAt, NOON } from './durable-fixtures.ts'
import { accept, WEBHOOK } from './event-log-fixtures.ts'
import { aWebhook } from './store-fixtures.ts'

const LATER = ACCEPTED.underWayMs + 1

/** Their events' ids. */
function toSend(acceptance: Acceptance) {
  return acceptance.kind === 'accepted' && acceptance.deliveries.map(({ event }) => event.id)
}

export function eventLogUntended(subject: () => EventLogSubject): void {
  /** What was sent to the queue of accepted events so far: of each event the ids of the webhooks. */
  const sentOn = async () => {
    await subject().flush()
    return subject()
      .accepted.flatMap((text) => {
        const message = fromEventMessage(text)
        expect(message).toMatchObject({ tenantId: subject().tenantId, redelivered: true })
        return message?.remaining ?? []
      })
      .map(({ event, webhookIds }) => [event.id, webhookIds.toSorted()])
  }
  const note = (ms: number, webhookId = WEBHOOK) =>
    subject().log.record([
      ...[{ eventId: idAt(ms), eventType: 'invoice.paid', webhookId, at: NOON, delivered: null }],
    ])
  const second = () =>
    subject().webhooks.insert(aWebhook(1, { id: 'second', tenantId: subject().tenantId }))

  describe('of what it accepted', () => {
    it('a log leaves the caller whole events until they are enough, and sends on the others', async () => {
      await second()
      const events = [0, 1, 2, 3].map((ms) => eventAt(ms))
      const acceptance = await accept(subject(), events, { most: 3 })
      // Which ones, if there are several shards, depends on their ids.
      const taken = toSend(acceptance) || []
      if (subject().shards === 1) expect(taken).toEqual([idAt(0), idAt(1)])
      expect(taken).toHaveLength(2)
      const others = events.filter(({ id }) => !taken.includes(id))
      const sent = (await sentOn()).toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1))
      expect(sent).toEqual(others.map(({ id }) => [id, ['second', WEBHOOK]]))
      expect(await sentOn()).toHaveLength(2)
      // They are on their way.
      expect(toSend(await accept(subject(), others))).toEqual([])
    })

    it('a log leaves the caller one event at least', async () => {
      await second()
      // Of one shard, if there are several.
      const acceptance = await accept(subject(), [eventAt(0), eventAt(2)], { most: 1 })
      expect(toSend(acceptance)).toEqual([idAt(0)])
      expect(await sentOn()).toEqual([[idAt(2), ['second', WEBHOOK]]])
    })

    it('a log sends nothing on while it may be under way', async () => {
      await accept(subject(), [eventAt(0)])
      expect(await sentOn()).toEqual([])
      subject().setTime(ACCEPTED.underWayMs - 1)
      expect(await sentOn()).toEqual([])
    })

    it('a log sends on what was not noted in time, once', async () => {
      await second()
      await accept(subject(), [eventAt(0), eventAt(1), eventAt(2, { type: 'order.sent' })])
      await note(1)
      subject().setTime(LATER + 2)
      expect(await sentOn()).toEqual([
        [idAt(0), ['second', WEBHOOK]],
        [idAt(1), ['second']],
      ])
      subject().setTime(3 * LATER)
      expect(await sentOn()).toHaveLength(2)
      expect(toSend(await accept(subject(), [eventAt(0)]))).toEqual([])
    })

    it('a log sends nothing on that was noted', async () => {
      await accept(subject(), [eventAt(0), eventAt(1)])
      await note(0)
      await note(1)
      subject().setTime(LATER + 1)
      expect(await sentOn()).toEqual([])
    })

    it('a log sends nothing on that was noted for a webhook to which it was sent later', async () => {
      await accept(subject(), [eventAt(0, { type: 'order.sent' })])
      await subject().log.addWebhooks([idAt(0)], ['later'])
      subject().setTime(LATER)
      expect(await sentOn()).toEqual([])
    })

    it('a log looks after what came after it had looked', async () => {
      await accept(subject(), [eventAt(0)])
      subject().setTime(LATER)
      expect(await sentOn()).toHaveLength(1)
      await accept(subject(), [eventAt(LATER)])
      subject().setTime(2 * LATER + 1)
      expect(await sentOn()).toEqual([
        [idAt(0), [WEBHOOK]],
        [idAt(LATER), [WEBHOOK]],
      ])
    })

    it('a log looks after what has an id of long ago', async () => {
      await accept(subject(), [eventAt(0)])
      const hour = 3_600_000
      subject().setTime(hour)
      expect(await sentOn()).toHaveLength(1)
      const old = hour - LOG.clockSkewMs - ACCEPTED.underWayMs - 1
      await accept(subject(), [eventAt(old)])
      expect(await sentOn()).toHaveLength(1)
      subject().setTime(hour + LATER)
      expect((await sentOn()).slice(1)).toEqual([[idAt(old), [WEBHOOK]]])
      subject().setTime(hour + 3 * LATER)
      expect(await sentOn()).toHaveLength(2)
    })

    it('a log sends on more than one step has', async () => {
      const events = Array.from({ length: 120 }, (_, ms) => eventAt(ms))
      await accept(subject(), events)
      subject().setTime(LATER + 200)
      const sent = (await sentOn()).map(([id]) => id).toSorted()
      expect(sent).toEqual(events.map(({ id }) => id))
    })

    it('a log that was purged sends nothing on', async () => {
      await accept(subject(), [eventAt(0), eventAt(1)], { most: 1 })
      await subject().log.purge()
      subject().setTime(LATER)
      expect((await sentOn()).filter(([id]) => id === idAt(0))).toEqual([])
    })
  })
}
