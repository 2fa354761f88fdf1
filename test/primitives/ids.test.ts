import { describe, expect, it } from 'vitest'
import { derivedId, firstIdAt, idNamed, newId, timeOf } from '../../src/primitives/ids.ts'

const T = 1_700_000_000_123
const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
const NAMED = '018bcfe5-687b-7d1e-949d-e255ffa0da92'

describe('a new id', () => {
  it('is a UUIDv7 that tells its time', () => {
    const id = newId(T)
    expect(id).toMatch(UUID_V7)
    expect(timeOf(id)).toBe(T)
  })

  it('ascends within a millisecond', () => {
    const ids = Array.from({ length: 5_000 }, () => newId(T + 1))
    expect(ids).toEqual(ids.toSorted())
    expect(new Set(ids).size).toBe(5_000)
    expect(ids.every((id) => timeOf(id) === T + 1)).toBe(true)
  })

  it('ascends within a millisecond although ids of other ones are made in between', () => {
    const ids = Array.from({ length: 100 }, (_, index) => {
      newId(T + 2 - index)
      return newId(T + 5)
    })
    expect(ids).toEqual(ids.toSorted())
  })

  it('sorts by time', () => {
    const later = newId(T + 10)
    expect(newId(T + 9) < later).toBe(true)
  })
})

describe('a derived id', () => {
  const message = { id: 'message-1', timestamp: T }

  it('is the same each time', async () => {
    const id = await derivedId(message, 0)
    expect(id).toMatch(UUID_V7)
    expect(timeOf(id)).toBe(T)
    expect(await derivedId(message, 0)).toBe(id)
  })

  it('differs by index and by message, in order of the index', async () => {
    const ids = await Promise.all([0, 1, 2, 300].map((index) => derivedId(message, index)))
    expect(ids).toEqual(ids.toSorted())
    expect(new Set([...ids, await derivedId({ ...message, id: 'message-2' }, 0)]).size).toBe(5)
  })
})

describe('the first id of a time', () => {
  it('is not above any id of that millisecond and above all before', () => {
    for (let round = 0; round < 100; round += 1) {
      expect(newId(T) >= firstIdAt(T)).toBe(true)
      expect(newId(T - 1) < firstIdAt(T)).toBe(true)
    }
  })

  it.each([
    [0, '00000000-0000-7000-8000-000000000000'],
    [-5, '00000000-0000-7000-8000-000000000000'],
    [253_402_300_799_999, 'e677d21f-dbff-7000-8000-000000000000'],
  ])('of %d is %s', (ms, id) => {
    expect(firstIdAt(ms)).toBe(id)
  })
})

describe('an id with a name', () => {
  it('is the same each time, a UUIDv7, and tells its time', () => {
    expect(idNamed(T, 'event/webhook')).toBe(NAMED)
    expect(NAMED).toMatch(UUID_V7)
    expect(timeOf(NAMED)).toBe(T)
  })

  it('is another one for each name, and for each time', () => {
    const names = Array.from({ length: 20_000 }, (_, n) => `event-${n % 200}/webhook-${n}`)
    const ids = [...names.map((name) => idNamed(T, name)), idNamed(T + 1, names[0] ?? '')]
    expect(new Set(ids).size).toBe(20_001)
    // Those of one time differ in each part that is not the time.
    for (const [from, length] of [
      [14, 4],
      [19, 4],
      [24, 12],
    ] as const) {
      const parts = ids.slice(0, 2_000).map((id) => id.slice(from, from + length))
      expect(new Set(parts).size).toBeGreaterThan(1_500)
    }
  })
})
