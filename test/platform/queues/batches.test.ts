import { expect, it } from 'vitest'
import { toBatches } from '../../../src/platform/queues/batches.ts'

const sizes = (count: number, bytes: number) => Array.from({ length: count }, () => ({ bytes }))

it.each([
  ['nothing', [], []],
  ['one', sizes(1, 10), [1]],
  ['a hundred small ones', sizes(100, 10), [100]],
  ['one more', sizes(101, 10), [100, 1]],
  ['what fits into 240 KB, 200 bytes each for what goes with it', sizes(3, 79_800), [3]],
  ['one byte more', sizes(3, 79_801), [2, 1]],
  ['one that is larger', [...sizes(1, 10), ...sizes(1, 250_000), ...sizes(1, 10)], [1, 1, 1]],
])('groups %s', (_, messages, expected) => {
  const batches = toBatches(messages)
  expect(batches.map(({ length }) => length)).toEqual(expected)
  expect(batches.flat()).toEqual(messages)
})
