import { expect, it } from 'vitest'
import { RecentIds } from '../../../../src/platform/durable/event-log/recent-ids.ts'
import { newId } from '../../../../src/primitives/ids.ts'

const at = (ms: number) => newId(1_795_000_000_000 + ms)

it('knows what was added, and says that it would', () => {
  const recent = new RecentIds(10)
  const [one, two, never] = [at(0), at(1), at(2)]
  recent.add([one, two])
  expect([one, two, never].map((id) => recent.has(id))).toEqual([true, true, false])
  expect(recent.reachesBackTo(one)).toBe(true)
})

it('forgets what was added first, and says how far back it knows', () => {
  const recent = new RecentIds(2)
  const [first, second, third] = [at(50), at(0), at(60)]
  recent.add([first, second])
  recent.add([third])
  expect([first, second, third].map((id) => recent.has(id))).toEqual([false, true, true])
  expect([at(49), at(50), at(51)].map((id) => recent.reachesBackTo(id))).toEqual([
    false,
    false,
    true,
  ])
})
