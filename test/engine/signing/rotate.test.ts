import { describe, expect, it } from 'vitest'
import type { SigningSecret } from '../../../src/engine/model/index.ts'
import { rotate as decide } from '../../../src/engine/signing/index.ts'

const NOW = 1_000_000

/** The secrets after a rotation that there is room for. */
function rotate(...args: Parameters<typeof decide>): readonly SigningSecret[] {
  const rotation = decide(...args)
  if (rotation.kind === 'full') throw new Error(`No room until ${rotation.until}.`)
  return rotation.secrets
}

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

  it('fills up to ten secrets', () => {
    expect(rotate(ten.slice(0, 9), 'new', 600, NOW)).toHaveLength(10)
  })

  it('is refused rather than stop one of ten that are valid, and says when the next one expires', () => {
    expect(decide(ten, 'new', 600, NOW)).toEqual({ kind: 'full', until: 1_010_000 })
  })

  it('finds room among ten when one has expired', () => {
    expect(rotate(ten, 'new', 600, 1_010_000).map(({ secret }) => secret)).toEqual([
      'new',
      's0',
      's2',
      's3',
      's4',
      's5',
      's6',
      's7',
      's8',
      's9',
    ])
  })

  it('finds room among ten when its grace ends them all', () => {
    expect(rotate(ten, 'new', 0, NOW)).toEqual([{ secret: 'new', expiresAt: null }])
  })

  it('to one of ten needs no room', () => {
    expect(rotate(ten, 's5', 600, NOW)).toHaveLength(10)
  })

  it('leaves the list it was given as it is', () => {
    const secrets = [{ secret: 'old', expiresAt: null }]
    rotate(secrets, 'new', 60, NOW)
    expect(secrets).toEqual([{ secret: 'old', expiresAt: null }])
  })
})

/** The current one, `s0`, and nine that go on signing for 10, 20, … 90 s. */
const ten: readonly SigningSecret[] = Array.from({ length: 10 }, (_, index) => ({
  secret: `s${index}`,
  expiresAt: index === 0 ? null : NOW + index * 10_000,
}))
