import { describe, expect, it } from 'vitest'
import {
  idCursorOf,
  Limit,
  mapPage,
  offsetCursorOf,
  readIdPage,
  toOffsetPage,
} from '../../src/http/pagination.ts'
import { CURSORS } from '../../src/primitives/cursor.ts'

const ID = '0190a5c3-7b1e-7c3a-9f00-00000000000b'
const rows = ['a', ID, 'c'].map((id) => ({ id }))
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
    expect((await readIdPage(CURSORS.keys, 3, read)).nextCursor).toBeNull()
    const page = await readIdPage(CURSORS.keys, 2, read)
    expect(page.items).toEqual([{ id: 'a' }, { id: ID }])
    expect(page.nextCursor).toBe(`keys.${ID}`)
  })

  it('gives none for an empty list', async () => {
    expect(await readIdPage(CURSORS.keys, 2, async () => [])).toEqual({
      items: [],
      nextCursor: null,
    })
  })
})

describe('a cursor', () => {
  const keys = idCursorOf(CURSORS.keys)
  const templates = offsetCursorOf(CURSORS.templates)

  it('is where the page ended', () => {
    expect(keys.parse(`keys.${ID}`)).toBe(ID)
    expect(templates.parse('templates.2')).toBe(2)
  })

  it.each([
    '',
    'nonsense',
    '%%%',
    'keys',
    'keys.',
    'keys.a',
    `keys.${ID.toUpperCase()}`,
    `keys.${ID}.${ID}`,
    `keys.${ID}\n`,
    'templates.-1',
    'templates.1.5',
    'templates.007',
    'templates.9999999999999999',
    // {"v":1,"after":"b"}, as version 0.1.0 wrote it
    'eyJ2IjoxLCJhZnRlciI6ImIifQ',
  ])('is not %j', (text) => {
    expect(keys.safeParse(text).success).toBe(false)
    expect(templates.safeParse(text).success).toBe(false)
  })

  it('belongs to its list', () => {
    expect(templates.safeParse(`keys.${ID}`).success).toBe(false)
    expect(keys.safeParse('templates.2').success).toBe(false)
    expect(keys.safeParse(`tenants.${ID}`).success).toBe(false)
  })
})

describe('toOffsetPage', () => {
  it('counts what came before', () => {
    expect(toOffsetPage(CURSORS.templates, ['a', 'b'], { offset: 0, count: 3 }).nextCursor).toBe(
      'templates.2',
    )
    expect(toOffsetPage(CURSORS.templates, ['c'], { offset: 2, count: 3 }).nextCursor).toBeNull()
    expect(toOffsetPage(CURSORS.templates, [], { offset: 9, count: 3 }).nextCursor).toBeNull()
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
