// The colour of a customer's product: as it was named where it can be read, else as near as can be.

import { describe, expect, it } from 'vitest'
import { brandIcon, brandStyle, contrastOf, readableIn } from '../../src/console/brand.ts'

describe('the contrast of two colours', () => {
  it.each([
    ['#000000', '#ffffff', 21],
    ['#ffffff', '#ffffff', 1],
    // WebAIM's contrast checker.
    ['#777777', '#ffffff', 4.48],
    ['#0000ff', '#ffffff', 8.59],
  ])('of %s and %s is %d', (one, other, contrast) => {
    expect(contrastOf(one, other)).toBeCloseTo(contrast, 1)
    expect(contrastOf(other, one)).toBe(contrastOf(one, other))
  })
})

describe('a colour', () => {
  it('that can be read stays as it is', () => {
    expect(readableIn('light', '#2448c9')).toBe('#2448c9')
    expect(readableIn('dark', '#8ea6ff')).toBe('#8ea6ff')
  })

  const colours = [
    '#000000',
    '#ffffff',
    '#ffcc00',
    '#ff0000',
    '#00ff00',
    '#0000ff',
    '#777777',
    '#2448c9',
  ]
  it.each(colours)('%s can be read in light and in dark', (color) => {
    for (const ground of ['#ffffff', '#f6f7f9']) {
      expect(contrastOf(readableIn('light', color), ground)).toBeGreaterThanOrEqual(4.5)
    }
    for (const ground of ['#171c26', '#0f131a', '#10162b']) {
      expect(contrastOf(readableIn('dark', color), ground)).toBeGreaterThanOrEqual(4.5)
    }
  })

  it('is laid over the style, and in the mark', () => {
    expect(brandStyle('#2448c9')).toContain('--accent: light-dark(#2448c9, ')
    expect(brandStyle(null)).toBe('')
    expect(brandIcon('#ffcc00')).toContain('fill="#ffcc00"')
  })
})
