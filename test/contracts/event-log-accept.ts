// The contract of EventLog: what is accepted, for whom, and that accepting it again changes nothing.

import { describe, expect, it } from 'vitest'
import type { Event } from '../../src/engine/model/index.ts'
import type { Acceptance, AcceptRequest, Submission } from '../../src/engine/ports/index.ts'
import { PUBLISH } from '../../src/limits.ts'
import { type EventLogSubject, eventAt, idAt } from './durable-fixtures.ts'
import { accept, loggedAt, WEBHOOK } from './event-log-fixtures.ts'
import { aWebhook, fullWebhook } from './store-fixtures.ts'

const DEDUPLICATION_MS = PUBLISH.deduplicationSeconds * 1_000

/** What was to be sent: of each event the ids of the webhooks, and whether it may have begun. */
function toSend(acceptance: Acceptance) {
  if (acceptance.kind !== 'accepted') return acceptance.kind
  return acceptance.deliveries.map(({ event, webhooks, mayHaveBegun }) => [
    event.id,
    webhooks.map(({ id }) => id).toSorted(),
    mayHaveBegun,
  ])
}

/** How each was answered: its id, with a plus sign behind that of a duplicate. */
function answersOf(acceptance: Acceptance) {
  if (acceptance.kind !== 'accepted') return acceptance
  return acceptance.answers.map(({ id, duplicate }) => (duplicate ? `${id}+` : id))
}

export function eventLogAccept(subject: () => EventLogSubject): void {
  const all = async () => (await subject().log.list({ limit: 100 })).items
  const configure = (id: string, fields: Parameters<typeof aWebhook>[1] = {}) =>
    subject().webhooks.insert(aWebhook(1, { id, tenantId: subject().tenantId, ...fields }))
  const send = (fields: Partial<AcceptRequest>) =>
    subject().log.accept(subject().tenantId, {
      ...{ submissions: [], requestKey: null, most: 1_000 },
      ...fields,
    })
  /** Some events, each under a key; what the key stands for follows from the event's data. */
  const keyed = (...submissions: readonly (readonly [key: string | null, event: Event])[]) =>
    submissions.map(
      ([key, event]): Submission => ({
        event,
        key: key === null ? null : { key, contentHash: `hash of ${event.data}` },
      }),
    )

  describe('accepting', () => {
    it('answers with each event, in order, and whom it is for, as they are configured', async () => {
      const { tenantId } = subject()
      const webhook = { ...fullWebhook, tenantId, dialect: 'native', enabled: true }
      await subject().webhooks.insert({ ...webhook, suspendedAt: null, lane: 'fast' })
      const [wanted, unwanted] = [
        eventAt(1, { type: 'user.created', scope: webhook.scope }),
        eventAt(0, { type: 'order.sent' }),
      ]
      const acceptance = await accept(subject(), [wanted, unwanted])
      expect(acceptance).toEqual({
        kind: 'accepted',
        answers: [
          { id: wanted.id, duplicate: false },
          { id: unwanted.id, duplicate: false },
        ],
        deliveries: [
          {
            event: wanted,
            webhooks: [
              {
                ...webhook,
                ...{ suspendedAt: null, lane: 'fast', tenantName: 'Acme', tenantRetentionDays: 30 },
                // Only its monitor knows, and has not told.
                isTroubled: true,
                isHeld: false,
              },
            ],
            mayHaveBegun: false,
          },
        ],
      })
    })

    it('has stored them when it answers, with whom they were for', async () => {
      await accept(subject(), [eventAt(0), eventAt(1, { type: 'order.sent' })])
      expect(await subject().log.find(idAt(0))).toEqual(loggedAt(0))
      expect(await subject().log.find(idAt(1))).toMatchObject({ webhookIds: [] })
    })

    it.each([
      ['of another type', { eventTypes: ['order.paid', 'invoice'] }],
      ['of another scope', { scope: { inbox: 'b' } }],
      ['of a further scope', { scope: { inbox: 'a', team: 'x' } }],
      ['that is disabled', { enabled: false }],
      ['in whose dialect it means nothing', { dialect: 'everypoint', eventTypes: ['*'] }],
    ])('passes over a webhook %s', async (_, fields) => {
      await configure('other', fields)
      await configure('fitting', { eventTypes: ['anno*', 'annotation'], scope: { inbox: 'a' } })
      const event = eventAt(0, { type: 'annotation', data: '{}', scope: { inbox: 'a' } })
      expect(toSend(await accept(subject(), [event]))).toEqual([[event.id, ['fitting'], false]])
    })

    it('matches by prefix, by everything, and by each entry of a scope', async () => {
      await configure('prefix', { eventTypes: ['invoice.*'] })
      await configure('everything', { eventTypes: ['*'] })
      await configure('scoped', { scope: { inbox: 'a' } })
      const events = [
        eventAt(0, { scope: { inbox: 'a', team: 'x' } }),
        eventAt(1, { type: 'order.sent' }),
      ]
      expect(toSend(await accept(subject(), events))).toEqual([
        [idAt(0), ['everything', 'prefix', 'scoped', WEBHOOK], false],
        [idAt(1), ['everything'], false],
      ])
    })

    it('knows nothing of another tenant’s webhooks', async () => {
      const { tenants, webhooks } = subject()
      await tenants.insert({
        id: idAt(9, 9),
        name: 'Other',
        createdAt: 1_700_000_000_000,
        uid: null,
        metadata: {},
        retentionDays: 30,
      })
      await webhooks.insert(aWebhook(1, { tenantId: idAt(9, 9), eventTypes: ['*'] }))
      expect(toSend(await accept(subject(), [eventAt(0)]))).toEqual([[idAt(0), [WEBHOOK], false]])
    })

    it('tells of webhooks that it told of before as well as of new ones', async () => {
      const first = await accept(subject(), [eventAt(0)])
      const second = await accept(subject(), [eventAt(1)])
      const webhooksOf = (acceptance: Acceptance) =>
        acceptance.kind === 'accepted' && acceptance.deliveries.map(({ webhooks }) => webhooks)
      expect(webhooksOf(second)).toEqual(webhooksOf(first))
    })

    it('accepts what comes at once, each for itself', async () => {
      const events = Array.from({ length: 60 }, (_, ms) => eventAt(ms))
      const acceptances = await Promise.all(events.map((event) => accept(subject(), [event])))
      expect(acceptances.map(toSend)).toEqual(events.map(({ id }) => [[id, [WEBHOOK], false]]))
      expect((await all()).map(({ id }) => id)).toEqual(events.map(({ id }) => id).toReversed())
    })

    it('takes a tenant that is not there for none', async () => {
      await subject().tenants.delete(subject().tenantId, 0)
      expect(await accept(subject(), [eventAt(0)])).toEqual({ kind: 'no_tenant' })
      expect(await all()).toEqual([])
    })
  })

  describe('accepting an event again', () => {
    it('stores it once, and sends what nobody has noted, which may have begun', async () => {
      await configure('second')
      const about = { eventId: idAt(0), eventType: 'invoice.paid' }
      await accept(subject(), [eventAt(0)])
      const again = await accept(subject(), [eventAt(0, { data: '"other"' }), eventAt(1)])
      expect(answersOf(again)).toEqual([idAt(0), idAt(1)])
      expect(toSend(again)).toEqual([
        [idAt(0), ['second', WEBHOOK], true],
        [idAt(1), ['second', WEBHOOK], false],
      ])
      const delivered = { statusCode: 200, durationMs: 20 }
      await subject().log.record([{ ...about, webhookId: 'second', at: 1, delivered: null }])
      const left = await accept(subject(), [eventAt(0)])
      expect(toSend(left)).toEqual([[idAt(0), [WEBHOOK], true]])
      await subject().log.record([{ ...about, webhookId: WEBHOOK, at: 1, delivered }])
      expect(toSend(await accept(subject(), [eventAt(0)]))).toEqual([])
      expect((await all()).map(({ data }) => data)).toEqual([eventAt(1).data, eventAt(0).data])
    })

    it('is for those it was for, as far as they are still there', async () => {
      await configure('second')
      await accept(subject(), [eventAt(0)])
      const { log, tenantId, webhooks } = subject()
      await log.announce(tenantId, idAt(0, 3), false)
      await webhooks.delete({ tenantId, id: 'second' })
      await configure('third')
      await log.confirm(idAt(0, 3))
      expect(toSend(await accept(subject(), [eventAt(0)]))).toEqual([[idAt(0), [WEBHOOK], true]])
    })

    it('sends it once of a request that has it twice', async () => {
      const acceptance = await accept(subject(), [eventAt(0), eventAt(0), eventAt(1)])
      expect(answersOf(acceptance)).toEqual([idAt(0), idAt(0), idAt(1)])
      expect(await all()).toEqual([loggedAt(1), loggedAt(0)])
    })
  })

  describe('accepting under a key', () => {
    it('takes an event of the same key for the former, and does not send it', async () => {
      await send({ submissions: keyed(['a', eventAt(0)]) })
      const again = await send({ submissions: keyed(['b', eventAt(1)], ['a', eventAt(2)]) })
      expect(answersOf(again)).toEqual([idAt(1), `${idAt(0)}+`])
      expect(toSend(again)).toEqual([[idAt(1), [WEBHOOK], false]])
      expect(await all()).toEqual([loggedAt(1), loggedAt(0)])
    })

    it('takes two events of one key in a request for one', async () => {
      const acceptance = await send({ submissions: keyed(['a', eventAt(0)], ['a', eventAt(1)]) })
      expect(answersOf(acceptance)).toEqual([idAt(0), `${idAt(0)}+`])
      expect(await all()).toEqual([loggedAt(0)])
    })

    it('gives two that come at once the same event', async () => {
      const both = await Promise.all(
        [0, 1].map((ms) => send({ submissions: keyed(['a', eventAt(ms)]) })),
      )
      const ids = both.map((one) => (one.kind === 'accepted' ? one.answers[0]?.id : null))
      expect(new Set(ids).size).toBe(1)
      expect(await all()).toHaveLength(1)
    })

    it('sends an event of the same key and id again, as one that may have begun', async () => {
      await send({ submissions: keyed(['a', eventAt(0)]) })
      const again = await send({ submissions: keyed(['a', eventAt(0)]) })
      expect(answersOf(again)).toEqual([idAt(0)])
      expect(toSend(again)).toEqual([[idAt(0), [WEBHOOK], true]])
    })

    it('refuses other content, with all else that came with it', async () => {
      await send({ submissions: keyed(['a', eventAt(0)]) })
      const other = eventAt(2, { data: '"other"' })
      const refused = await send({
        submissions: keyed([null, eventAt(1)], ['a', other], ['b', eventAt(3)]),
        requestKey: { key: 'request', contentHash: 'hash' },
      })
      expect(refused).toEqual({ kind: 'conflict', index: 1 })
      expect(await all()).toEqual([loggedAt(0)])
      // Its keys stand for nothing.
      const requestKey = { key: 'request', contentHash: 'another' }
      const later = await send({ submissions: keyed(['b', eventAt(4, { data: '4' })]), requestKey })
      expect(answersOf(later)).toEqual([idAt(4)])
    })

    it('refuses other content under one key in a request', async () => {
      const other = eventAt(1, { data: '"other"' })
      const refused = await send({ submissions: keyed(['a', eventAt(0)], ['a', other]) })
      expect(refused).toEqual({ kind: 'conflict', index: 1 })
      expect(await all()).toEqual([])
    })

    it('answers a repeated request as the first time, and sends nothing of it', async () => {
      const requestKey = { key: 'request', contentHash: 'hash' }
      await send({ submissions: keyed(['a', eventAt(0)]) })
      const first = await send({
        submissions: keyed([null, eventAt(1)], ['a', eventAt(2)], ['b', eventAt(3)]),
        requestKey,
      })
      expect(answersOf(first)).toEqual([idAt(1), `${idAt(0)}+`, idAt(3)])
      const again = await send({
        submissions: keyed([null, eventAt(4)], ['a', eventAt(5)], ['b', eventAt(6)]),
        requestKey,
      })
      expect(answersOf(again)).toEqual(answersOf(first))
      expect(toSend(again)).toEqual([])
      expect(await all()).toHaveLength(3)
    })

    it('refuses another request under its key', async () => {
      const submissions = keyed([null, eventAt(0)])
      await send({ submissions, requestKey: { key: 'request', contentHash: 'hash' } })
      const requestKey = { key: 'request', contentHash: 'another' }
      expect(await send({ submissions: keyed([null, eventAt(1)]), requestKey })).toEqual({
        kind: 'mismatch',
      })
      expect(await all()).toEqual([loggedAt(0)])
    })

    it('tells keys of requests from those of events', async () => {
      await send({
        submissions: keyed(['a', eventAt(0)]),
        requestKey: { key: 'b', contentHash: 'hash' },
      })
      const second = await send({
        submissions: keyed(['b', eventAt(1)]),
        requestKey: { key: 'a', contentHash: 'hash' },
      })
      expect(answersOf(second)).toEqual([idAt(1)])
    })

    it('remembers it for 24 hours', async () => {
      const requestKey = { key: 'request', contentHash: 'hash' }
      await send({ submissions: keyed(['a', eventAt(0)]), requestKey })
      subject().setTime(DEDUPLICATION_MS - 1)
      const within = await send({ submissions: keyed(['a', eventAt(DEDUPLICATION_MS - 1)]) })
      expect(answersOf(within)).toEqual([`${idAt(0)}+`])
      subject().setTime(DEDUPLICATION_MS)
      const later = eventAt(DEDUPLICATION_MS, { data: '"other"' })
      const after = await send({ submissions: keyed(['a', later]), requestKey })
      expect(answersOf(after)).toEqual([later.id])
      subject().setTime(DEDUPLICATION_MS * 2 - 1)
      const again = eventAt(DEDUPLICATION_MS * 2 - 1, { data: '"other"' })
      expect(answersOf(await send({ submissions: keyed(['a', again]) }))).toEqual([`${later.id}+`])
    })

    it('has forgotten it when the log was purged and begins anew', async () => {
      await send({ submissions: keyed(['a', eventAt(0)]) })
      await subject().log.purge()
      expect(await send({ submissions: keyed(['a', eventAt(1)]) })).toEqual({ kind: 'no_tenant' })
      await subject().log.revive()
      const acceptance = await send({ submissions: keyed(['a', eventAt(2, { data: '2' })]) })
      expect(answersOf(acceptance)).toEqual([idAt(2)])
      expect(toSend(acceptance)).toEqual([[idAt(2), [WEBHOOK], false]])
    })
  })
}
