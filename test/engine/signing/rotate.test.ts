import { describe, expect, it } from 'vitest'
import { rotate } from '../../../src/engine/signing/index.ts'

const NOW = 1_000_000

describe('a rotation', () => {
  it('puts the new secret first and lets the former one sign until the grace ends', () => {
    expect(rotate([{ secret: 'old', expiresAt: null }], 'new', 60, NOW)).toEqual([
      { secret: 'new', expiresAt: null },
      { secret: 'old', expiresAt: 1_060_000 },
    ])
  })

  it('keeps only the new secret without a grace', () => {
    expect(rotate([{ secret: 'old', expiresAt: null }], 'new', 0, NOW)).toEqual([
      { secret: 'new', expiresAt: null },
    ])
  })

  it('gives a webhook without a secret its first one', () => {
    expect(rotate([], 'new', 60, NOW)).toEqual([{ secret: 'new', expiresAt: null }])
  })

  it('shortens and never lengthens what earlier rotations promised', () => {
    const secrets = [
      { secret: 'b', expiresAt: null },
      { secret: 'a', expiresAt: 1_030_000 },
      { secret: 'z', expiresAt: 1_090_000 },
    ]
    expect(rotate(secrets, 'c', 60, NOW)).toEqual([
      { secret: 'c', expiresAt: null },
      { secret: 'b', expiresAt: 1_060_000 },
      { secret: 'a', expiresAt: 1_030_000 },
      { secret: 'z', expiresAt: 1_060_000 },
    ])
  })

  it('drops secrets that have expired', () => {
    const secrets = [
      { secret: 'b', expiresAt: null },
      { secret: 'a', expiresAt: NOW },
    ]
    expect(rotate(secrets, 'c', 60, NOW).map(({ secret }) => secret)).toEqual(['c', 'b'])
  })

  it('makes a former secret the current one again without listing it twice', () => {
    const secrets = [
      { secret: 'b', expiresAt: null },
      { secret: 'a', expiresAt: 1_030_000 },
    ]
    expect(rotate(secrets, 'a', 60, NOW)).toEqual([
      { secret: 'a', expiresAt: null },
      { secret: 'b', expiresAt: 1_060_000 },
    ])
  })

  it('keeps ten secrets, the newest', () => {
    const secrets = Array.from({ length: 10 }, (_, index) => ({
      secret: `s${index}`,
      expiresAt: null,
    }))
    expect(rotate(secrets, 'new', 60, NOW).map(({ secret }) => secret)).toEqual([
      'new',
      's0',
      's1',
      's2',
      's3',
      's4',
      's5',
      's6',
      's7',
      's8',
    ])
  })

  it('leaves the list it was given as it is', () => {
    const secrets = [{ secret: 'old', expiresAt: null }]
    rotate(secrets, 'new', 60, NOW)
    expect(secrets).toEqual([{ secret: 'old', expiresAt: null }])
  })
})
