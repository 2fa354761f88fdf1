import { describe, expect, it } from 'vitest'
import { readDelays, spanOf, writeDelay } from '../../src/console/parts/delays.ts'

describe('delays', () => {
  it.each([
    ['', []],
    ['5s 5m 30m 2h', [5, 300, 1_800, 7_200]],
    ['5, 10min,1d', [5, 600, 86_400]],
    [' 0s\n90 ', [0, 90]],
  ])('are read from %j', (text, delays) => expect(readDelays(text)).toEqual(delays))

  it.each(['x', '5y', '-5s', '1.5h', '5s soon', '12345678s'])('are not read from %j', (text) => {
    expect(readDelays(text)).toHaveProperty('unreadable')
  })

  it('are written so that they are read as the same', () => {
    for (const seconds of [0, 1, 59, 60, 61, 90, 3_600, 5_400, 86_400, 90_000]) {
      expect(readDelays(writeDelay(seconds))).toEqual([seconds])
    }
  })

  it.each([
    [0, '0 s'],
    [90, '1 min 30 s'],
    [93_784, '1 d 2 h 3 min 4 s'],
  ])('of %i s read %j', (seconds, text) => expect(spanOf(seconds)).toBe(text))
})
