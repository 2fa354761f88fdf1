import { describe, expect, it } from 'vitest'
import { INITIAL_HEALTH } from '../../../src/engine/health/health.ts'
import { nextOfKey, toldOrdering } from '../../../src/engine/health/order.ts'
import { nextOrdering, type Order, type RunStatus } from '../../../src/engine/model/index.ts'

const WHOLE: Order = { key: null, onFailure: 'continue' }
const BLOCKING: Order = { key: null, onFailure: 'block' }

describe('when a delivery that has its turn stands like this, its key', () => {
  it.each<[RunStatus, string, string]>([
    ['pending', 'same', 'same'],
    ['held', 'same', 'same'],
    ['failing', 'same', 'same'],
    ['delivered', 'next', 'next'],
    ['diverted', 'next', 'blocked'],
    ['dropped', 'next', 'blocked'],
    ['unsendable', 'next', 'next'],
    ['filtered', 'next', 'next'],
    ['erased', 'next', 'next'],
    ['withdrawn', 'next', 'next'],
  ])('%s: %s, or where it blocks %s', (status, continuing, blocking) => {
    expect(nextOfKey(status, WHOLE)).toBe(continuing)
    expect(nextOfKey(status, BLOCKING)).toBe(blocking)
    expect(nextOfKey(status, null)).toBe(continuing)
  })
})

describe('an order', () => {
  it('is told of once, and who is late changes nothing', () => {
    const first = toldOrdering(INITIAL_HEALTH, { since: 5, order: WHOLE })
    expect(first.ordering).toEqual({ since: 5, order: WHOLE })
    expect(toldOrdering(first, { since: 5, order: null })).toBe(first)
    expect(toldOrdering(first, { since: 4, order: null })).toBe(first)
    expect(toldOrdering(first, undefined)).toBe(first)
    expect(toldOrdering(first, { since: 6, order: null }).ordering).toEqual({
      since: 6,
      order: null,
    })
  })

  it.each([
    ['nothing said', null, null, null],
    ['the first', null, WHOLE, { since: 9, order: WHOLE }],
    ['the same', { since: 3, order: WHOLE }, { ...WHOLE }, { since: 3, order: WHOLE }],
    ['another end', { since: 3, order: WHOLE }, BLOCKING, { since: 9, order: BLOCKING }],
    ['none any more', { since: 3, order: WHOLE }, null, { since: 9, order: null }],
    ['a clock that is behind', { since: 20, order: WHOLE }, null, { since: 21, order: null }],
  ])('is known after %s', (_, known, order, expected) => {
    expect(nextOrdering(known, order, 9)).toEqual(expected)
  })
})
