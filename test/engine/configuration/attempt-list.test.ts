// The attempts of a webhook, of which its monitor knows some and the event log the others.

import { describe, expect, it } from 'vitest'
import { listAttempts } from '../../../src/engine/configuration/attempt-list.ts'
import type { Attempt } from '../../../src/engine/model/index.ts'
import type { AttemptQuery, Ports } from '../../../src/engine/ports/index.ts'
import { CURSORS } from '../../../src/primitives/cursor.ts'
import { idNamed } from '../../../src/primitives/ids.ts'
import { Bench } from '../../fixtures/bench.ts'

const T = 1_795_000_000_000
const REF = { tenantId: 'tenant', id: 'webhook' }

function anAttempt(name: string, at: number): Attempt {
  return {
    id: idNamed(T + at, name),
    eventId: name,
    eventType: 'a',
    run: '',
    attempt: 1,
    at: T + at,
    outcome: 'delivered',
    statusCode: 200,
    durationMs: 1,
    error: null,
    responseExcerpt: null,
    nextAttemptAt: null,
  }
}

/** `m30` is an attempt at 30 that the monitor knows, `l30` one that the event log noted. */
const parse = (names: string) =>
  names.split(' ').flatMap((name) => (name === '' ? [] : [anAttempt(name, Number(name.slice(1)))]))

interface Sources {
  /** In the order in which the monitor shows them: newest report first, each a row. */
  readonly told: string
  readonly noted: string
  /** As much as the event log gives at most, however much it is asked for. */
  readonly short?: number
  /** Reported between two calls of a page. */
  readonly late?: string
}

async function open({ told, noted, short = Number.POSITIVE_INFINITY, late = '' }: Sources) {
  const bench = await Bench.open()
  // Oldest first, so that a row keeps its number.
  const rows = parse(told).toReversed()
  const fromLog = parse(noted).toSorted((a, b) => (a.id < b.id ? 1 : -1))
  const calls: string[] = []
  const ports: Pick<Ports, 'monitor' | 'eventLog'> = {
    monitor: (id) => ({
      ...bench.ports.monitor(id),
      attempts: async ({ limit, cursor }) => {
        calls.push('monitor')
        const from = cursor === undefined ? [] : (CURSORS.attempts.read(cursor) ?? [])
        const end = Math.min(rows.length, Number(from[0] ?? rows.length))
        const items = rows.slice(0, end).toReversed().slice(0, limit)
        const left = end - items.length
        if (calls.length <= 2) rows.push(...parse(late))
        return { items, nextCursor: left > 0 ? CURSORS.attempts.write(left, 0) : null }
      },
    }),
    eventLog: (id) => ({
      ...bench.ports.eventLog(id),
      firstAttempts: async (_, { limit, cursor }) => {
        calls.push('event log')
        const [below = 'g'] = cursor === undefined ? [] : (CURSORS.firstAttempts.read(cursor) ?? [])
        const rest = fromLog.filter((one) => one.id < below)
        const items = rest.slice(0, Math.min(limit, short))
        const goesOn = rest.length > items.length
        const last = items.at(-1)?.id ?? below
        return { items, nextCursor: goesOn ? CURSORS.firstAttempts.write(last) : null }
      },
    }),
  }
  const page = (query: AttemptQuery) => listAttempts(REF, query, ports)
  /** All pages; each must have no more than its limit. */
  const pages = async (limit: number) => {
    const all: string[][] = []
    let cursor: string | undefined
    do {
      const { items, nextCursor } = await page({ limit, cursor })
      expect(items.length).toBeLessThanOrEqual(limit)
      all.push(items.map(({ eventId }) => eventId))
      cursor = nextCursor ?? undefined
      if (cursor !== undefined) expect(cursor).toMatch(CURSORS.webhookAttempts.pattern)
    } while (cursor !== undefined && all.length < 99)
    return all
  }
  return { page, pages, calls }
}

const newestFirst = (names: string) =>
  parse(names)
    .toSorted((a, b) => b.at - a.at)
    .map(({ eventId }) => eventId)

describe('the attempts of a webhook', () => {
  it.each<[string, Sources]>([
    ['none', { told: '', noted: '' }],
    ['of the monitor alone', { told: 'm50 m40 m30 m20 m10', noted: '' }],
    ['of the event log alone', { told: '', noted: 'l50 l40 l30 l20 l10' }],
    ['in turns', { told: 'm60 m40 m20', noted: 'l50 l30 l10' }],
    ['one behind the other', { told: 'm60 m50 m40', noted: 'l30 l20 l10' }],
    ['the other behind the one', { told: 'm30 m20 m10', noted: 'l60 l50 l40' }],
    ['many of one between', { told: 'm90 m10', noted: 'l80 l70 l60 l50 l40 l30 l20' }],
    ['from short pages', { told: 'm60 m40 m20', noted: 'l50 l30 l10', short: 1 }],
    ['from empty pages of what goes on', { told: 'm60 m40', noted: 'l50 l30', short: 1 }],
  ])('come newest first, each once, whatever the limit: %s', async (_, sources) => {
    const expected = newestFirst(`${sources.told} ${sources.noted}`.trim())
    for (const limit of [1, 2, 3, 4, 5, 50]) {
      const { pages } = await open(sources)
      expect((await pages(limit)).flat()).toEqual(expected)
    }
  })

  it('of one time come each once, the monitor’s first', async () => {
    for (const limit of [1, 2, 3, 50]) {
      const { pages } = await open({ told: 'm20 m10 m10 m10', noted: 'l20 l10' })
      const all = (await pages(limit)).flat()
      expect(all).toEqual(['m20', 'l20', 'm10', 'm10', 'm10', 'l10'])
    }
  })

  it.each([
    ['an old one reported last', 'm10 m50 m40', 'l45 l20'],
    ['an old one reported last, before all others', 'm10 m50 m40', 'l5'],
    ['several', 'm15 m60 m10 m50', 'l55 l20 l12'],
  ])(
    'come each once though a monitor has them in the order of reports: %s',
    async (_, told, noted) => {
      for (const limit of [1, 2, 3, 4, 50]) {
        const { pages } = await open({ told, noted })
        const all = (await pages(limit)).flat()
        expect(all.toSorted()).toEqual(`${told} ${noted}`.split(' ').toSorted())
      }
    },
  )

  it('come each once though others are reported between the calls of a page', async () => {
    const { pages } = await open({ told: 'm50 m30 m20', noted: 'l45 l40 l10', late: 'm60 m61' })
    expect((await pages(3)).flat()).toEqual(['m50', 'l45', 'l40', 'm30', 'm20', 'l10'])
  })

  it('are asked of nobody who has none left', async () => {
    const { page, calls } = await open({ told: 'm50 m40', noted: 'l30 l20' })
    const first = await page({ limit: 2 })
    expect(first.items.map(({ eventId }) => eventId)).toEqual(['m50', 'm40'])
    calls.length = 0
    await page({ limit: 2, cursor: first.nextCursor ?? undefined })
    expect(calls).toEqual(['event log'])
  })

  it('go on from a cursor that an earlier version gave', async () => {
    const { page } = await open({ told: 'm50 m40 m30', noted: 'l20 l10' })
    const { items } = await page({ limit: 9, cursor: 'attempts.2.0' })
    expect(items.map(({ eventId }) => eventId)).toEqual(['m40', 'm30', 'l20', 'l10'])
  })

  it.each([
    'x',
    '',
    'attempts',
    'attempts.1',
    'attempts.1.2.3',
    'attempts.1.2.',
    'attempts.-1.0',
    'attempts.01.0',
    `first-attempts.${idNamed(T, 'x')}`,
    `events.${idNamed(T, 'x')}`,
    `attempts.1.0.${idNamed(T, 'x')}.1`,
  ])('are not listed from %j, which is no cursor of theirs', async (cursor) => {
    const { page, calls } = await open({ told: 'm50', noted: 'l40' })
    await expect(page({ limit: 9, cursor })).rejects.toMatchObject({
      code: 'invalid',
      issues: [{ path: ['cursor'] }],
    })
    expect(calls).toEqual([])
  })
})
