import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Attempt, FirstOutcome } from '../../../../src/engine/model/index.ts'
import type { AttemptQuery } from '../../../../src/engine/ports/index.ts'
import { OUTCOMES } from '../../../../src/platform/tuning.ts'
import { newId } from '../../../../src/primitives/ids.ts'
import { percentile } from '../../../../src/primitives/percentile.ts'
import {
  anOutcome,
  DAY,
  type Opened,
  T,
  webhookIds,
  withOutcomes,
} from '../../../fixtures/outcomes.ts'

const [w1 = '', w2 = '', w3 = ''] = webhookIds(3)
const former = { ...OUTCOMES }

/** Numbers of src/tuning.ts as small as these tests are. */
function tune(numbers: Partial<Record<keyof typeof OUTCOMES, number>>) {
  beforeAll(() => void Object.assign(OUTCOMES, numbers))
  afterAll(() => void Object.assign(OUTCOMES, former))
}

/** Every page of a list, with what is done between two. */
function listAll(
  opened: Opened,
  webhookId: string,
  query: Partial<AttemptQuery> = {},
  between: () => void = () => {},
): { attempts: Attempt[]; pages: number } {
  const attempts: Attempt[] = []
  let [from, pages]: [string | null, number] = [null, 0]
  do {
    const page = opened.store.list(webhookId, { limit: 50, ...query }, from)
    attempts.push(...page.items)
    if (page.next !== null && from !== null) expect(page.next < from).toBe(true)
    from = page.next
    pages += 1
    between()
  } while (from !== null)
  return { attempts, pages }
}

const tables = ({ storage }: Opened) =>
  storage.sql
    .exec("SELECT name FROM sqlite_master WHERE name GLOB 'outcomes_*'")
    .toArray()
    .map(({ name }) => String(name))

const keyOf = ({ eventId, webhookId }: FirstOutcome) => `${eventId}/${webhookId}`

describe('outcomes', () => {
  it('are one small row, however they are read', () =>
    withOutcomes((opened) => {
      const { store, storage, rows } = opened
      const one = anOutcome(0, w1)
      store.add([one], String(T), T + 20)
      // Two for the table.
      expect(rows().written).toBe(3)
      store.add([anOutcome(1, w1), anOutcome(1, w2)], String(T), T + 20)
      expect(rows().written).toBe(1)
      const { body } = storage.sql.exec('SELECT body FROM outcomes_1 ORDER BY seq LIMIT 1').one()
      expect(String(body).length).toBeLessThanOrEqual(200)
    }))

  it('of many webhooks say each id once', () =>
    withOutcomes(({ store, storage }) => {
      const event = anOutcome(0, '')
      const ids = webhookIds(100)
      store.add(
        ids.map((id) => ({ ...event, webhookId: id })),
        '',
        T,
      )
      const { body } = storage.sql.exec('SELECT body FROM outcomes_1').one()
      expect(String(body).length).toBeLessThan(100 * 60)
      expect(store.find([{ eventId: event.eventId, webhookId: ids[77] ?? '' }]).size).toBe(1)
    }))

  it('have an attempt each, with an id that stays', () =>
    withOutcomes((opened) => {
      const one = anOutcome(0, w1, { delivered: { statusCode: 204, durationMs: 7 } })
      opened.store.add([one, anOutcome(1, w1, { delivered: null })], '', T)
      const [attempt, ...others] = listAll(opened, w1).attempts
      expect(others).toEqual([])
      expect(attempt).toEqual({
        ...{ id: attempt?.id, eventId: one.eventId, eventType: 'order.created', run: '' },
        ...{ attempt: 1, at: one.at, outcome: 'delivered', statusCode: 204, durationMs: 7 },
        ...{ error: null, responseExcerpt: null, nextAttemptAt: null },
      })
      opened.restart()
      expect(listAll(opened, w1).attempts).toEqual([attempt])
      expect(opened.store.list(w1, { limit: 9, outcome: 'failed' }, null).items).toEqual([])
    }))

  it('made later than any clock can say are taken for those of now', () =>
    withOutcomes((opened) => {
      opened.store.add([anOutcome(9 * DAY, w1)], '', T)
      expect(listAll(opened, w1).attempts).toMatchObject([{ at: T }])
    }))
})

describe('a delivered outcome', () => {
  it('wins over a hand-over, and the later hand-over over the former', () =>
    withOutcomes(({ store }) => {
      const [one, two] = [anOutcome(0, w1), anOutcome(1, w1)]
      const handed = (of: FirstOutcome, ms: number) => ({ ...of, at: of.at + ms, delivered: null })
      store.add([handed(one, 5), one, handed(one, 9), handed(two, 3), handed(two, 8)], '', T)
      store.add([handed(two, 6)], '', T)
      const found = store.find([one, two, { eventId: one.eventId, webhookId: w2 }])
      expect([...found.values()]).toEqual([one, handed(two, 8)])
    }))
})

describe('a watermark', () => {
  tune({ tableRows: 3 })

  it('is that of the newest row, moved or not', () =>
    withOutcomes((opened) => {
      expect(opened.store.watermark).toBe('')
      for (const n of [1, 2, 3]) opened.store.add([anOutcome(n, w1)], `mark ${n}`, T + n)
      expect(opened.restart().watermark).toBe('mark 3')
      opened.settle(T + 3)
      expect(tables(opened)).toEqual([])
      expect(opened.restart().watermark).toBe('mark 3')
      opened.store.add([anOutcome(4, w1)], 'mark 4', T)
      expect(opened.restart().watermark).toBe('mark 4')
    }))
})

describe('whatever is moved meanwhile', () => {
  tune({ tableRows: 5, tableOutcomes: 40, segmentChars: 2_000, pageRows: 4, worthMoving: 3 })

  /** Some that come late, twice, at one time, or are handed over; the same for a seed. */
  function* recorded(seed: number, calls: number) {
    let state = seed
    const random = (below: number) => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
      return (state >>> 8) % below
    }
    const ids = webhookIds(12)
    let last: FirstOutcome[] = []
    for (let n = 0; n < calls; n += 1) {
      const ms = n * 1_000
      const outcomes = Array.from({ length: 1 + random(12) }, () => {
        const late = random(10) === 0 ? random(40_000) : random(3)
        const webhookId = ids[Math.min(random(12), random(12))] ?? ''
        const one = anOutcome(Math.max(0, ms - late), webhookId, { eventType: `t${random(3)}` })
        const left = random(6)
        if (left === 0) return { ...one, delivered: null }
        return left === 1 ? { ...one, delivered: null, isFiltered: true as const } : one
      })
      const repeated = random(8) === 0 ? last : []
      last = outcomes
      yield { outcomes: [...outcomes, ...repeated], now: T + ms + 100, moves: random(3) === 0 }
    }
  }

  it.each([1, 2, 3])('reads say what was recorded: seed %i', (seed) =>
    withOutcomes((opened) => {
      const all = new Map<string, FirstOutcome>()
      for (const { outcomes, now, moves } of recorded(seed, 80)) {
        opened.store.add(outcomes, '', now)
        for (const one of outcomes) all.set(`${keyOf(one)}/${one.at}`, one)
        if (moves) opened.settle(now)
        if (moves && seed % 2 === 0) opened.restart()
      }
      const known = [...all.values()]
      const delivered = known.filter((one) => one.delivered !== null)
      const [first, last] = [known[20], known[300]]
      expect(
        opened.storage.sql.exec('SELECT * FROM outcome_runs').toArray().length,
      ).toBeGreaterThan(3)
      for (const webhookId of webhookIds(12).filter((_, n) => n % 5 === 0)) {
        const mine = delivered.filter((one) => one.webhookId === webhookId)
        const bounds = { after: T + 20_000, before: T + 55_000 }
        const inBounds = mine.filter(({ at }) => at > bounds.after && at < bounds.before)
        for (const limit of [5, 500]) {
          expectAttempts(listAll(opened, webhookId, { limit }).attempts, mine)
          expectAttempts(listAll(opened, webhookId, { limit, ...bounds }).attempts, inBounds)
        }
        for (const since of [0, T + 33_333]) {
          const counted = mine.filter(({ at }) => at >= since)
          const summary = opened.store.summarize(webhookId, since)
          const latest = Math.max(0, ...counted.map(({ at }) => at)) || null
          // What was recorded twice counts twice where it was moved at two times.
          expect(summary.delivered).toBeGreaterThanOrEqual(counted.length)
          expect(summary.lastSuccessAt).toBe(latest)
        }
      }
      const found = opened.store.find(known)
      expect([...found.values()].toSorted(byKey)).toEqual(known.toSorted(byKey))
      for (const one of [first, last]) {
        if (!one) throw new Error('There are fewer.')
        expect([...opened.store.find([one]).values()]).toEqual([one])
        const query = { eventId: one.eventId }
        const attempts = listAll(opened, one.webhookId, query).attempts
        expectAttempts(attempts, one.delivered ? [one] : [])
        const since = [...opened.store.since(one.eventId)].map(keyOf)
        const later = known.filter(({ eventId }) => eventId >= one.eventId).map(keyOf)
        expect([...new Set(since)].toSorted()).toEqual(later.toSorted())
      }
    }),
  )

  it.each([7, 8, 9])('no page misses or repeats an attempt: seed %i', (seed) =>
    withOutcomes((opened) => {
      const calls = [...recorded(seed, 120)]
      const before = calls.slice(0, 80)
      const mine: FirstOutcome[] = []
      const [webhookId = ''] = webhookIds(1)
      for (const { outcomes, now } of before) {
        opened.store.add(outcomes, '', now)
        mine.push(...outcomes.filter((one) => one.webhookId === webhookId && one.delivered))
      }
      // Tables are moved, one at a time, and others are added to while the list is read.
      const later = calls.slice(80)
      const { attempts, pages } = listAll(opened, webhookId, { limit: 3 }, () => {
        const call = later.shift()
        if (!call) return
        // Those of other events, which come before what is read.
        const added = call.outcomes.filter(({ at }) => at > T + 79_500)
        opened.store.add(added, '', call.now)
        opened.store.compact(call.now)
      })
      expect(pages).toBeGreaterThan(10)
      expectAttempts(attempts, [...new Map(mine.map((one) => [keyOf(one), one])).values()])
    }),
  )

  it('a page that read enough is short, and says where it goes on', () =>
    withOutcomes((opened) => {
      const [rare = '', ...others] = webhookIds(4)
      opened.store.add([anOutcome(0, rare)], '', T)
      for (let n = 1; n < 200; n += 1) {
        const around = n % 2 ? [others[0] ?? ''] : [w1, others[2] ?? '']
        const batch = around.filter((id) => id !== rare).map((id) => anOutcome(n * 1_000, id))
        opened.store.add(batch, '', T + n * 1_000)
        opened.settle(T + n * 1_000)
      }
      const first = opened.store.list(rare, { limit: 50 }, null)
      expect(first.items).toEqual([])
      expect(first.next).not.toBeNull()
      expect(listAll(opened, rare).attempts).toHaveLength(1)
    }))
})

function expectAttempts(attempts: readonly Attempt[], outcomes: readonly FirstOutcome[]) {
  const shown = attempts.map(({ eventId, eventType, at }) => `${at} ${eventId} ${eventType}`)
  const made = outcomes.map(({ eventId, eventType, at }) => `${at} ${eventId} ${eventType}`)
  expect(shown.toSorted()).toEqual(made.toSorted())
  const ids = attempts.map(({ id }) => id)
  expect(ids).toEqual(ids.toSorted().toReversed())
  expect(attempts.map(({ at }) => at)).toEqual(
    attempts.map(({ at }) => at).toSorted((a, b) => b - a),
  )
}

function byKey(a: FirstOutcome, b: FirstOutcome): number {
  return keyOf(a) < keyOf(b) ? -1 : 1
}

describe('a summary', () => {
  tune({ tableRows: 5, worthMoving: 3 })

  it('counts exactly from a time on, and has percentiles to 5 %', () =>
    withOutcomes((opened) => {
      const mine: FirstOutcome[] = []
      for (let n = 0; n < 23; n += 1) {
        const batch = Array.from({ length: 40 }, (_, k) =>
          anOutcome(n * 1_000 + k, k % 2 ? w1 : w2, {
            delivered: k % 7 ? { statusCode: 200, durationMs: 30 + n * k } : null,
          }),
        )
        mine.push(...batch.filter((one) => one.webhookId === w1 && one.delivered))
        opened.store.add(batch, '', T + n * 1_000 + 50)
        opened.settle(T + n * 1_000 + 50)
      }
      for (const since of [0, T + 8_027, T + 21_000, T + 40_000]) {
        const counted = mine.filter(({ at }) => at >= since)
        const sorted = counted.map((one) => one.delivered?.durationMs ?? 0).sort((a, b) => a - b)
        const { delivered, latencies, lastSuccessAt } = opened.store.summarize(w1, since)
        expect(delivered).toBe(counted.length)
        expect(lastSuccessAt).toBe(counted.at(-1)?.at ?? null)
        for (const fraction of [0.5, 0.95]) {
          const exact = percentile(sorted, fraction) ?? 0
          const error = Math.abs((latencies.percentile(fraction) ?? 0) - exact)
          expect(error).toBeLessThanOrEqual(0.5 + exact * 0.05)
        }
      }
    }))
})

describe('what no version has written', () => {
  tune({ tableRows: 4 })

  it('is passed over, and counted when the rest is moved', () =>
    withOutcomes((opened) => {
      const good = [0, 1].map((n) => anOutcome(n, w1))
      for (const one of [...good, anOutcome(2, w1), anOutcome(3, w1)]) {
        opened.store.add([one], '', T)
      }
      const { sql } = opened.storage
      const bad = [`not JSON ${w1}`, `{"at":"never","webhooks":["${w1}"]}`]
      const seqs = sql.exec('SELECT seq FROM outcomes_1 ORDER BY seq DESC LIMIT 2').toArray()
      for (const [n, { seq }] of seqs.entries()) {
        sql.exec('UPDATE outcomes_1 SET body = ? WHERE seq = ?', bad[n], seq)
      }
      const ids = () => listAll(opened, w1).attempts.map(({ eventId }) => eventId)
      const expected = good.map(({ eventId }) => eventId).toReversed()
      expect(ids()).toEqual(expected)
      expect(opened.store.compact(T)).toBe(2)
      expect(ids()).toEqual(expected)
      sql.exec("UPDATE outcome_segments SET body = 'x'")
      expect(ids()).toEqual([])
      sql.exec("UPDATE outcome_segments SET heads = replace(heads, '{', '')")
      expect(ids()).toEqual([])
      expect(opened.store.summarize(w1, 0).delivered).toBe(0)
      expect(opened.store.find(good).size).toBe(0)
    }))

  it('is left alone where it is a whole table', () =>
    withOutcomes((opened) => {
      opened.storage.sql.exec('CREATE TABLE outcomes_7 (something TEXT)')
      opened.restart().add([anOutcome(0, w1)], 'mark', T)
      expect(tables(opened)).toEqual(['outcomes_7', 'outcomes_8'])
      expect(listAll(opened, w1).attempts).toHaveLength(1)
      opened.store.prune(T + DAY)
      expect(tables(opened)).toEqual(['outcomes_7'])
    }))
})

describe('a move', () => {
  tune({ tableRows: 3 })

  const fill = ({ store }: Opened, from: number) => {
    for (const n of [0, 1, 2]) store.add([anOutcome(from + n, w1)], '', T + from + n)
  }

  it('that cannot drop its table, because a row is half read, counts nothing twice', () =>
    withOutcomes((opened) => {
      const { sql } = opened.storage
      fill(opened, 0)
      const open = sql.exec('SELECT * FROM sqlite_master')
      open.next()
      opened.store.compact(T + 3)
      expect(tables(opened)).toEqual(['outcomes_1'])
      expect(listAll(opened, w1).attempts).toHaveLength(3)
      expect(opened.restart().summarize(w1, 0).delivered).toBe(3)
      expect(opened.store.isDue(T + 3)).toBe(false)
      fill(opened, 10)
      open.toArray()
      opened.settle(T + 20)
      expect(tables(opened)).toEqual([])
      expect(listAll(opened, w1).attempts).toHaveLength(6)
    }))

  it('is done whole or not at all', () =>
    withOutcomes((opened) => {
      fill(opened, 0)
      opened.storage.sql.exec('ALTER TABLE outcome_segments RENAME TO away')
      expect(() => opened.store.compact(T + 3)).toThrow()
      opened.storage.sql.exec('ALTER TABLE away RENAME TO outcome_segments')
      expect(opened.storage.sql.exec('SELECT * FROM outcome_runs').toArray()).toEqual([])
      opened.store.compact(T + 3)
      expect(listAll(opened, w1).attempts).toHaveLength(3)
    }))
})

describe('a tenant with an outcome now and then', () => {
  it('has forgotten each a few days after a month, without moving or deleting a row', () =>
    withOutcomes((opened) => {
      const hour = DAY / 24
      for (let n = 0; n < 70 * 6; n += 1) {
        const now = T + n * 4 * hour
        opened.store.add([anOutcome(n * 4 * hour, w3)], String(n), now + 20)
        if (n % 6 > 0) continue
        expect(opened.store.isDue(now)).toBe(false)
        opened.store.prune(now - 30 * DAY)
        if (n % 60 > 0) continue
        const oldest = listAll(opened, w3, { limit: 500 }).attempts.at(-1)?.at ?? 0
        expect(oldest).toBeGreaterThanOrEqual(now - 33 * DAY)
        expect(tables(opened).length).toBeLessThanOrEqual(12)
      }
      expect(opened.rows().written).toBeLessThanOrEqual(70 * 6 + (2 * 70) / 3 + 2)
      const end = T + 110 * DAY
      expect(opened.store.prune(end - 30 * DAY)).toBe(false)
      expect([tables(opened), opened.restart().watermark]).toEqual([[], ''])
    }))

  it('has a table moved once it is old, if it is worth it', () =>
    withOutcomes((opened) => {
      for (let n = 0; n < 3; n += 1) {
        const batch = Array.from({ length: 100 }, (_, k) => anOutcome(n * 10 + k, newId(T + k)))
        opened.store.add(batch, '', T)
      }
      expect(opened.store.isDue(T + 2 * DAY)).toBe(false)
      expect(opened.store.isDue(T + 4 * DAY)).toBe(true)
      opened.settle(T + 4 * DAY)
      expect(opened.store.prune(T - DAY)).toBe(true)
      expect(opened.store.prune(T + DAY)).toBe(false)
    }))
})
