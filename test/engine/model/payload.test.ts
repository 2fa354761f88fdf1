// Which data of an event a webhook gets, and what is remembered of pins.

import { describe, expect, it } from 'vitest'
import {
  asSentTo,
  type DataRange,
  type Event,
  nextPins,
  type Pin,
  publishedVersions,
} from '../../../src/engine/model/index.ts'

/** Accepted at 1,000 ms since 1970. */
const EVENT: Event = {
  id: '00000000-03e8-7000-8000-000000000000',
  type: 'a',
  time: '',
  data: 'new',
  scope: {},
  actor: null,
  requestId: null,
}
const RANGES: readonly DataRange[] = [
  { from: '1', version: '1', data: 'old' },
  { from: '2', version: null, data: null },
  { from: '3', version: '3' },
]
const at = (version: string | null, since = 0): Pin => ({ version, since })

describe('the data for a webhook', () => {
  it.each<[string, readonly Pin[], string | null]>([
    ['is the newest without a pin', [], 'new'],
    ['is the newest under a pin of none', [at(null)], 'new'],
    ['is that of the pin', [at('1')], 'old'],
    ['is that of the newest version before the pin', [at('1.5')], 'old'],
    ['is the newest under a later pin', [at('4')], 'new'],
    ['is the oldest under a pin before all', [at('0')], 'old'],
    ['is none where there is none for the pin', [at('2')], null],
    ['is that of the pin when it was accepted', [at('1'), at('3', 1_001)], 'old'],
    ['is that of a pin of the same moment', [at('1'), at('3', 1_000)], 'new'],
    [
      'is that of the first pin since then that has some',
      [at('2'), at('2.5', 2_000), at('1', 3_000), at('3', 4_000)],
      'old',
    ],
    ['is that of the first pin of a webhook made later', [at('1', 5_000), at('3', 6_000)], 'old'],
  ])('%s', (_, pins, data) => {
    expect(asSentTo({ ...EVENT, versions: RANGES }, { pins })?.data ?? null).toBe(data)
  })

  it('is all there is of an event without versions', () => {
    expect(asSentTo(EVENT, { pins: [at('0')] })).toBe(EVENT)
  })

  it('comes without that of other versions', () => {
    expect(asSentTo({ ...EVENT, versions: RANGES }, { pins: [at('1')] })).toEqual({
      ...EVENT,
      data: 'old',
    })
  })

  it('is shown by version, newest first, as it was published', () => {
    expect(publishedVersions({ ...EVENT, versions: RANGES })).toEqual([
      { version: '3', data: 'new' },
      { version: '1', data: 'old' },
    ])
    expect(publishedVersions(EVENT)).toEqual([])
  })
})

describe('the pins of a webhook', () => {
  const times = { now: 5_000, keptSince: 2_000 }

  it.each<[string, readonly Pin[], string | null, readonly Pin[]]>([
    ['stay where nothing changes', [at('1')], '1', [at('1')]],
    ['stay empty where it is pinned to none', [], null, []],
    ['begin with none', [], '1', [at(null), at('1', 5_000)]],
    ['are remembered', [at('1', 1)], null, [at('1', 1), at(null, 5_000)]],
    [
      'are forgotten when they ended long ago',
      [at('1'), at('2', 1_999), at('3', 2_001)],
      '4',
      [at('2', 1_999), at('3', 2_001), at('4', 5_000)],
    ],
  ])('%s', (_, pins, version, expected) => {
    expect(nextPins(pins, version, times)).toEqual(expected)
  })
})
