import { describe, expect, it } from 'vitest'
import {
  IdCursor,
  Limit,
  mapPage,
  OffsetCursor,
  readIdPage,
  toOffsetPage,
} from '../../src/http/pagination.ts'

const rows = ['a', 'b', 'c'].map((id) => ({ id }))
const read = async (limit: number) => rows.slice(0, limit)

describe('Limit', () => {
  it.each([
    [undefined, 50],
    ['1', 1],
    ['250', 250],
    ['007', 7],
  ])('reads %j as %j', (text, limit) => {
    expect(Limit.parse(text)).toBe(limit)
  })

  it.each(['0', '251', '', ' 5', '5.0', '1e1', '-1', '9999999999', null])('refuses %j', (text) => {
    expect(Limit.safeParse(text).success).toBe(false)
  })
})

describe('readIdPage', () => {
  it('gives a cursor exactly when more follow', async () => {
    expect((await readIdPage(3, read)).nextCursor).toBeNull()
    const page = await readIdPage(2, read)
    expect(page.items).toEqual([{ id: 'a' }, { id: 'b' }])
    expect(page.nextCursor).toBe('eyJ2IjoxLCJhZnRlciI6ImIifQ')
  })

  it('gives none for an empty list', async () => {
    expect(await readIdPage(2, async () => [])).toEqual({ items: [], nextCursor: null })
  })
})

describe('a cursor', () => {
  it('is where the page ended', () => {
    expect(IdCursor.parse('eyJ2IjoxLCJhZnRlciI6ImIifQ')).toBe('b')
    expect(OffsetCursor.parse('eyJ2IjoxLCJvZmZzZXQiOjJ9')).toBe(2)
  })

  it.each([
    '',
    'nonsense',
    '%%%',
    // {"v":2,"after":"b"}
    'eyJ2IjoyLCJhZnRlciI6ImIifQ',
    // {"v":1,"after":""}
    'eyJ2IjoxLCJhZnRlciI6IiJ9',
    // {"v":1,"offset":-1}
    'eyJ2IjoxLCJvZmZzZXQiOi0xfQ',
    // null
    'bnVsbA',
  ])('is not %j', (text) => {
    expect(IdCursor.safeParse(text).success).toBe(false)
    expect(OffsetCursor.safeParse(text).success).toBe(false)
  })

  it('belongs to its kind of list', () => {
    expect(OffsetCursor.safeParse('eyJ2IjoxLCJhZnRlciI6ImIifQ').success).toBe(false)
    expect(IdCursor.safeParse('eyJ2IjoxLCJvZmZzZXQiOjJ9').success).toBe(false)
  })
})

describe('toOffsetPage', () => {
  it('counts what came before', () => {
    expect(toOffsetPage(['a', 'b'], 0, 3).nextCursor).toBe('eyJ2IjoxLCJvZmZzZXQiOjJ9')
    expect(toOffsetPage(['c'], 2, 3).nextCursor).toBeNull()
    expect(toOffsetPage([], 9, 3).nextCursor).toBeNull()
  })
})

describe('mapPage', () => {
  it('presents each item', () => {
    expect(mapPage({ items: [1, 2], nextCursor: 'x' }, String)).toEqual({
      items: ['1', '2'],
      nextCursor: 'x',
    })
  })
})
