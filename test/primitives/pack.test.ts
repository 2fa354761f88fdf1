import { describe, expect, it } from 'vitest'
import { pack, packFirst } from '../../src/primitives/pack.ts'

describe('pack', () => {
  it.each([
    ['nothing', [], { count: 2 }, []],
    ['as many as go', [1, 2, 3], { count: 2 }, [[1, 2], [3]]],
    ['as much as goes', [1, 2, 3], { size: 3, sizeOf: Number }, [[1, 2], [3]]],
    ['what is larger alone', [1, 9, 1], { size: 3, sizeOf: Number }, [[1], [9], [1]]],
    [
      'what has no size with anything',
      [0, 9, 1, 0],
      { size: 3, sizeOf: Number },
      [
        [0, 9],
        [1, 0],
      ],
    ],
    ['all when there is no bound', [1, 2, 3], {}, [[1, 2, 3]]],
    [
      'what belongs together',
      [1, 2, 5, 6],
      { belongs: near },
      [
        [1, 2],
        [5, 6],
      ],
    ],
  ])('packs %s', (_, items: number[], room, expected) => {
    const packs = [...pack(items, room)]
    expect(packs.map((one) => one.items)).toEqual(expected)
    expect(packs.map(({ more }) => more)).toEqual(expected.map((_, n) => n < expected.length - 1))
  })
})

function near(item: number, first: number): boolean {
  return item - first < 3
}

describe('packFirst', () => {
  it('reads one thing more than it packs', () => {
    let read = 0
    const endless = function* () {
      for (;;) yield ++read
    }
    expect(packFirst(endless(), { count: 3 })).toEqual({ items: [1, 2, 3], more: true })
    expect(read).toBe(4)
  })

  it.each([
    [[], { items: [], more: false }],
    [[1, 2], { items: [1, 2], more: false }],
  ])('says when nothing follows: %j', (items, expected) => {
    expect(packFirst(items, { count: 2 })).toEqual(expected)
  })
})
