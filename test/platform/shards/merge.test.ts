// What several shards tell, put together.

import { expect, it } from 'vitest'
import { mergeUsage } from '../../../src/platform/shards/merge.ts'

const totals = { events: 1, deliveries: 2, bytes: 30, invalid: 0 }

it('sums up the days that shards counted, newest first', () => {
  const parts = [
    {
      since: 0,
      days: [
        { day: 9, ...totals },
        { day: 3, ...totals },
      ],
    },
    { since: 0, days: [{ day: 5, ...totals }] },
    { since: 0, days: [{ day: 3, events: 10, deliveries: 0, bytes: 7, invalid: 0 }] },
  ]
  expect(mergeUsage(parts)).toEqual({
    since: 0,
    days: [
      { day: 9, ...totals },
      { day: 5, ...totals },
      { day: 3, events: 11, deliveries: 2, bytes: 37, invalid: 0 },
    ],
  })
})

it('leaves out days that one of the shards did not count', () => {
  const counted = {
    since: 0,
    days: [
      { day: 5, ...totals },
      { day: 4, ...totals },
    ],
  }
  expect(mergeUsage([counted, { since: 5, days: [] }])).toEqual({
    since: 5,
    days: [{ day: 5, ...totals }],
  })
})
