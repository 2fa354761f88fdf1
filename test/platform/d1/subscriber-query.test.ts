import { describe, expect, it } from 'vitest'
import { toParameterGroups } from '../../../src/platform/d1/subscriber-query.ts'

describe('toParameterGroups', () => {
  it.each([
    ['nothing', [], 10, []],
    ['what fits together', ['a', 'b'], 8, [['a', 'b']]],
    ['what does not', ['a', 'b', 'c'], 8, [['a', 'b'], ['c']]],
    ['one that is too large by itself', ['a', 'long text', 'b'], 8, [['a'], ['long text'], ['b']]],
  ])('groups %s', (_, values, maxChars, expected) => {
    expect(toParameterGroups(values, maxChars)).toEqual(expected)
  })
})
