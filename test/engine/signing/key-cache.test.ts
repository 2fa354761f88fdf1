import { describe, expect, it, vi } from 'vitest'
import { cacheKeys } from '../../../src/engine/signing/key-cache.ts'

describe('the key cache', () => {
  it('imports a key once, even for uses at the same time', async () => {
    const load = vi.fn(async (secret: string) => secret.toUpperCase())
    const keyOf = cacheKeys(2, load)
    expect(await Promise.all([keyOf('a'), keyOf('a')])).toEqual(['A', 'A'])
    expect(await keyOf('a')).toBe('A')
    expect(load.mock.calls).toEqual([['a']])
  })

  it('forgets the key used longest ago when it is full', async () => {
    const load = vi.fn(async (secret: string) => secret.toUpperCase())
    const keyOf = cacheKeys(2, load)
    for (const secret of ['a', 'b', 'a', 'c', 'a', 'b']) await keyOf(secret)
    expect(load.mock.calls).toEqual([['a'], ['b'], ['c'], ['b']])
  })

  it('tries again after an import that failed', async () => {
    const load = vi.fn(async () => 'key')
    load.mockRejectedValueOnce(new Error('no'))
    const keyOf = cacheKeys(2, load)
    await expect(keyOf('a')).rejects.toThrow('no')
    expect(await keyOf('a')).toBe('key')
  })
})
