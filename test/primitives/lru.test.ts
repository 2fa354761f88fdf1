import { expect, it } from 'vitest'
import { Lru } from '../../src/primitives/lru.ts'

it('forgets what was used longest ago, and says so', () => {
  const evicted: string[] = []
  const lru = new Lru<string, number>({ max: 2, onEvict: (key) => evicted.push(key) })
  lru.set('a', 1)
  lru.set('b', 2)
  expect(lru.get('a')).toBe(1)
  lru.set('c', 3)
  expect([lru.has('a'), lru.has('b'), lru.has('c')]).toEqual([true, false, true])
  expect(evicted).toEqual(['b'])
})

it('is not used by being looked at', () => {
  const lru = new Lru<string, number>({ max: 2 })
  lru.set('a', 1)
  lru.set('b', 2)
  lru.has('a')
  lru.set('c', 3)
  expect(lru.has('a')).toBe(false)
})

it('has room by size, of which a changed value takes its own, and none for what is larger', () => {
  const lru = new Lru<string, string>({ max: 10, sizeOf: (key, text) => key.length + text.length })
  lru.set('a', '1234')
  lru.set('b', '1234')
  lru.set('a', '1')
  lru.set('c', '12')
  expect(['a', 'b', 'c'].map((key) => lru.get(key))).toEqual(['1', '1234', '12'])
  lru.set('d', '1234567890')
  expect(['a', 'b', 'c', 'd'].map((key) => lru.has(key))).toEqual([false, false, false, false])
})

it('forgets what it is told to', () => {
  const lru = new Lru<string, number>({ max: 2 })
  lru.set('a', 1)
  lru.delete('a')
  lru.delete('b')
  expect(lru.get('a')).toBeUndefined()
})
