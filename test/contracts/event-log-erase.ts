// The contract of EventLog: events whose content is expunged, on every shard.

import { beforeEach, describe, expect, it } from 'vitest'
import { expunge, type LoggedEvent } from '../../src/engine/model/index.ts'
import { newId } from '../../src/primitives/ids.ts'
import { ACCEPTED } from '../../src/retention.ts'
import {
  diverted,
  type EventLogSubject,
  eventAt,
  held,
  idAt,
  NOON,
  nextJobId,
  refused,
  reportTo,
} from './durable-fixtures.ts'
import { accept, loggedAt, WEBHOOK } from './event-log-fixtures.ts'
import { aWebhook } from './store-fixtures.ts'

/** More than enough to have some on each shard. */
const EVENTS = 16
const SCOPE = { user: 'grace' }

export function eventLogErase(subject: () => EventLogSubject): void {
  describe('erased', () => {
    const all = Array.from({ length: EVENTS }, (_, n) =>
      loggedAt(n, {
        id: idAt(n, n),
        scope: n % 2 === 0 ? { ...SCOPE, n: String(n) } : { user: 'ada' },
        channels: ['c'],
        tags: ['t'],
        uid: `uid-${n}`,
      }),
    )
    const meant = all.filter((_, n) => n % 2 === 0).map(({ id }) => id)
    beforeEach(async () => {
      await accept(subject(), all)
      subject().setTime(1_000)
    })
    const erase = (request: Parameters<EventLogSubject['log']['erase']>[2], id = nextJobId()) =>
      subject().log.erase(subject().tenantId, id, request)
    /** Ids of those that have no content, oldest first. */
    const expunged = async () => {
      const { items } = await subject().log.list({ limit: 100, order: 'oldest' })
      expect(items).toHaveLength(EVENTS)
      const ids = items.filter(({ expungedAt }) => expungedAt !== undefined).map(({ id }) => id)
      return ids.toSorted()
    }

    it('by their ids, are so at once, and nothing else of them is left', async () => {
      await erase({ eventIds: [meant[0] ?? '', idAt(99)] })
      expect(await expunged()).toEqual([meant[0]])
      const { id = '', type, time } = all[0] ?? {}
      expect(await subject().log.find(id)).toEqual({
        ...{ id, type, time, data: 'null', scope: {}, actor: null, requestId: null },
        ...{ expungedAt: NOON + 1_000, webhookIds: [WEBHOOK] },
      })
    })

    it('by their scope, are those that have its entries, in one job', async () => {
      const job = nextJobId()
      await erase({ scope: SCOPE }, job)
      await subject().flush()
      expect(await expunged()).toEqual(meant)
      const under = { id: job, kind: 'erase', webhookId: null }
      const running = { state: 'running', done: meant.length }
      expect(await subject().log.job(job)).toMatchObject({ ...under, progress: running })
      subject().setTime(1_000 + ACCEPTED.underWayMs)
      await subject().flush()
      const done = { state: 'done', done: meant.length, total: meant.length }
      expect(await subject().log.job(job)).toMatchObject({ ...under, progress: done })
      expect(await subject().log.jobs({ limit: 9, before: null })).toHaveLength(1)
    })

    it('by a scope, must have all of its entries', async () => {
      await erase({ scope: { ...SCOPE, n: '4' } })
      await subject().flush()
      expect(await expunged()).toEqual([idAt(4, 4)])
      await erase({ scope: { ...SCOPE, other: 'x' } })
      await subject().flush()
      expect(await expunged()).toEqual([idAt(4, 4)])
    })

    it.each([true, false])(
      'are told to whoever asks of one that a queue brings, by their scope: %s',
      async (byScope) => {
        const forgotten = [90, 91, 92, 93].map((n) => ({ id: idAt(0, n), scope: SCOPE }))
        const other = { id: idAt(0, 94), scope: { user: 'ada' } }
        await erase(byScope ? { scope: SCOPE } : { eventIds: forgotten.map(({ id }) => id) })
        const later = { id: idAt(1_001, 95), scope: SCOPE }
        const told = await subject().log.erasedAmong([...forgotten, other, later])
        expect(told.toSorted()).toEqual(forgotten.map(({ id }) => id))
      },
    )

    it('are for no webhook where they had lost their content before they were accepted', async () => {
      const event = expunge(eventAt(0, { id: idAt(0, 98) }), NOON)
      expect(await accept(subject(), [event])).toMatchObject({ kind: 'accepted', deliveries: [] })
      expect(await subject().log.find(event.id)).toEqual({ ...event, webhookIds: [] })
    })

    it('are erased at the webhooks that they were for, too', async () => {
      const { monitorOf, tenantId } = subject()
      const monitor = monitorOf(WEBHOOK)
      const own = all.map((event) => ({ ...event, id: newId(NOON) }))
      await accept(subject(), own)
      const kept = own.map((event) => diverted(event))
      await reportTo({ monitor, ref: { tenantId, id: WEBHOOK } }, kept)
      await erase({ scope: SCOPE })
      await subject().flush()
      const { items } = await monitor.diverted({ limit: 100 })
      const left = items.map(({ event }) => event.id)
      for (const { id, scope } of own) expect(left.includes(id)).toBe(scope.user === 'ada')
    })

    it('are erased at a webhook that the log never heard of, too', async () => {
      const { monitorOf, tenantId, webhooks } = subject()
      for (const byScope of [true, false]) {
        const id = `webhook-${byScope}`
        await webhooks.insert(aWebhook(1, { id, tenantId }))
        const monitor = monitorOf(id)
        await reportTo(
          { monitor, ref: { tenantId, id } },
          all.map((event) => diverted(event)),
        )
        await erase(byScope ? { scope: SCOPE } : { eventIds: meant })
        await subject().flush()
        const { items } = await monitor.diverted({ limit: 100 })
        const left = items.map(({ event }) => event.id)
        for (const event of all) expect(left.includes(event.id)).toBe(!meant.includes(event.id))
      }
    })

    it('by a scope, are so where the log has forgotten them, as far as anybody knows their scope', async () => {
      const { monitorOf, tenantId, webhooks } = subject()
      const id = `webhook-of-${tenantId}`
      await webhooks.insert(aWebhook(1, { id, tenantId }))
      const monitor = monitorOf(id)
      const forgotten = Array.from({ length: EVENTS }, (_, n) =>
        loggedAt(n, { id: idAt(n, 50 + n), scope: n % 2 === 0 ? SCOPE : { user: 'ada' } }),
      )
      const responseExcerpt = 'planted'
      const kept = [...all, ...forgotten].map((event) => diverted(event, { responseExcerpt }))
      await reportTo({ monitor, ref: { tenantId, id } }, kept)
      await erase({ scope: SCOPE })
      await subject().flush()
      const { items } = await monitor.diverted({ limit: 100 })
      const left = new Set(items.map(({ event }) => event.id))
      const others = (events: readonly LoggedEvent[]) =>
        events.filter(({ scope }) => scope.user === 'ada').map(({ id }) => id)
      expect(left).toEqual(new Set([...others(all), ...others(forgotten)]))
      // Whose answers these were nobody knows any more.
      const attempts = await monitor.attempts({ limit: 100 })
      const told = attempts.items.filter((one) => one.responseExcerpt !== null)
      expect(new Set(told.map(({ eventId }) => eventId))).toEqual(new Set(others(all)))
    })

    it('by a scope, do not wait because of a hold where the log has forgotten them', async () => {
      const { monitorOf, tenantId, webhooks } = subject()
      const id = `holding-of-${tenantId}`
      await webhooks.insert(aWebhook(1, { id, tenantId }))
      const holding = { monitor: monitorOf(id), ref: { tenantId, id } }
      const [meant, other] = [SCOPE, { user: 'ada' }].map((scope, n) => eventAt(n, { scope }))
      if (!meant || !other) throw new Error('There are two.')
      await reportTo(holding, [refused(meant, 60)])
      await reportTo(holding, [held(meant, holding.ref), held(other, holding.ref)])
      expect((await holding.monitor.health()).waiting).toBe(2)
      await erase({ scope: SCOPE })
      await subject().flush()
      expect((await holding.monitor.health()).waiting).toBe(1)
      const [first, second] = await holding.monitor.statesOfEvents([meant.id, other.id])
      expect([first?.status, second?.status]).toEqual(['erased', 'held'])
    })

    it.each([true, false])(
      'are so when they come in later, by their scope: %s',
      async (byScope) => {
        const published = Array.from({ length: 4 }, (_, n) => eventAt(0, { id: newId(NOON + n) }))
        const late = published.map((event) => ({ ...event, ...(byScope && { scope: SCOPE }) }))
        await erase(byScope ? { scope: SCOPE } : { eventIds: late.map(({ id }) => id) })
        const answer = await accept(subject(), late)
        expect(answer).toMatchObject({ deliveries: [] })
        for (const { id } of late) {
          const found = await subject().log.find(id)
          expect(found).toMatchObject({ data: 'null', scope: {}, webhookIds: [WEBHOOK] })
        }
        const newer = eventAt(2_000, { scope: SCOPE })
        expect(await accept(subject(), [newer])).toMatchObject({ deliveries: [{}] })
        expect(await subject().log.find(newer.id)).toMatchObject({ data: newer.data })
      },
    )

    it('are not known by their keys any more', async () => {
      const { log, tenantId } = subject()
      const event = eventAt(0, { id: newId(NOON) })
      const key = { key: 'order-1', contentHash: 'hash' }
      const submit = (id: string) =>
        log.accept(tenantId, {
          ...{ submissions: [{ event: { ...event, id }, key }], requestKey: null, most: 9 },
        })
      expect(await submit(event.id)).toMatchObject({ answers: [{ id: event.id }] })
      expect(await submit(newId(NOON))).toMatchObject({ answers: [{ id: event.id }] })
      await erase({ eventIds: [event.id] })
      subject().setTime(2_000)
      const again = newId(NOON + 2_000)
      expect(await submit(again)).toMatchObject({ answers: [{ id: again, duplicate: false }] })
    })

    it('are known by their keys in a copy that comes in later, whichever shard is to have it', async () => {
      const { log, tenantId } = subject()
      const event = eventAt(0)
      const submit = (key: string, id: string) => {
        const submissions = [{ event: { ...event, id }, key: { key, contentHash: 'hash' } }]
        return log.accept(tenantId, { submissions, requestKey: null, most: 9 })
      }
      const keys = Array.from({ length: 8 }, (_, n) => `order-${n}`)
      const ids = keys.map(() => newId(NOON))
      for (const [n, key] of keys.entries()) await submit(key, ids[n] ?? '')
      await erase({ eventIds: ids })
      for (const key of keys) {
        const copy = newId(NOON + 500)
        expect(await submit(key, copy)).toMatchObject({ answers: [{ id: copy }], deliveries: [] })
        expect(await log.find(copy)).toMatchObject({ data: 'null', expungedAt: NOON + 1_000 })
      }
      subject().setTime(2_000)
      for (const key of keys) {
        const again = newId(NOON + 2_000)
        expect(await submit(key, again)).toMatchObject({
          answers: [{ id: again, duplicate: false }],
        })
        expect(await log.find(again)).toMatchObject({ data: event.data })
      }
    })

    it('by a scope, are not known by the keys of their requests any more, whichever shard has those', async () => {
      const { log, tenantId } = subject()
      const submit = (key: string, contentHash: string, at: number) => {
        const submissions = [{ event: eventAt(0, { id: newId(at), scope: SCOPE }), key: null }]
        return log.accept(tenantId, { submissions, requestKey: { key, contentHash }, most: 9 })
      }
      const keys = Array.from({ length: 8 }, (_, n) => `import-${n}`)
      for (const key of keys) await submit(key, 'hash', NOON)
      for (const key of keys) {
        expect(await submit(key, 'other', NOON)).toEqual({ kind: 'mismatch' })
      }
      await erase({ scope: SCOPE })
      await subject().flush()
      subject().setTime(2_000)
      for (const key of keys) {
        expect(await submit(key, 'other', NOON + 2_000)).toMatchObject({ kind: 'accepted' })
      }
    })

    it('by a scope, are not known by the key of a request that a shard hears of later', async () => {
      const { log, tenantId } = subject()
      const submit = (contentHash: string, ids: readonly string[]) =>
        log.accept(tenantId, {
          submissions: ids.map((id) => ({ event: eventAt(0, { id, scope: SCOPE }), key: null })),
          requestKey: { key: 'under way', contentHash },
          most: 9,
        })
      await erase({ scope: SCOPE })
      await subject().flush()
      await submit(
        'hash',
        Array.from({ length: 8 }, () => newId(NOON)),
      )
      subject().setTime(2_000)
      expect(await submit('other', [newId(NOON + 2_000)])).toMatchObject({ kind: 'accepted' })
    })

    it('are erased once, however often the same job is asked for', async () => {
      const job = nextJobId()
      for (const _ of [1, 2]) await erase({ eventIds: meant }, job)
      await subject().flush()
      expect(await subject().log.job(job)).toMatchObject({ progress: { done: meant.length } })
    })

    it('by a scope without entries, are all that were published by then', async () => {
      const job = nextJobId()
      await erase({ scope: {} }, job)
      const late = loggedAt(99, { id: idAt(2_000) })
      await accept(subject(), [late, loggedAt(98, { id: idAt(500) })])
      await subject().flush()
      const { items } = await subject().log.list({ limit: 100, order: 'oldest' })
      const left = items.filter(({ expungedAt }) => expungedAt === undefined)
      expect(left.map(({ id }) => id)).toEqual([late.id])
      expect(await subject().log.job(job)).toMatchObject({ progress: { done: EVENTS } })
    })
  })
}
