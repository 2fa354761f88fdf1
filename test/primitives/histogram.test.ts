import { expect, it } from 'vitest'
import { Histogram } from '../../src/primitives/histogram.ts'
import { percentile } from '../../src/primitives/percentile.ts'

function histogramOf(values: readonly number[]): Histogram {
  const histogram = new Histogram()
  for (const value of values) histogram.add(value)
  return histogram
}

it('knows each size to 5 %, rounded', () => {
  for (let value = 0; value <= 60_000; value += value < 500 ? 1 : 37) {
    const middle = histogramOf([value]).percentile(0.5) ?? Number.NaN
    expect(Math.abs(middle - value)).toBeLessThanOrEqual(0.5 + value * 0.05)
  }
})

it('has the percentiles of its numbers, to 5 %', () => {
  const values = Array.from({ length: 1_000 }, (_, n) => Math.round(20 + (n * n) / 50)).toSorted(
    (a, b) => a - b,
  )
  const histogram = histogramOf(values)
  for (const fraction of [0.01, 0.5, 0.95, 0.99, 1]) {
    const exact = percentile(values, fraction) ?? Number.NaN
    expect(Math.abs((histogram.percentile(fraction) ?? 0) / exact - 1)).toBeLessThanOrEqual(0.05)
  }
})

it('adds up from what is stored of its parts', () => {
  const whole = histogramOf([0, 3, 20, 20, 900])
  const sum = histogramOf([0, 20])
  sum.merge(histogramOf([3, 20, 900]).toPairs())
  expect(sum.toPairs()).toEqual(whole.toPairs())
  expect(whole.toPairs()).toEqual([0, 1, 13, 1, 32, 2, 72, 1])
})

it('has no percentile of nothing', () => {
  expect(new Histogram().percentile(0.5)).toBeNull()
})
