import { describe, expect, it } from 'vitest'
import { GroupCommit } from '../../../../src/platform/durable/event-log/group-commit.ts'

/** A group that is being written. */
interface Write {
  readonly items: readonly string[]
  readonly done: PromiseWithResolvers<readonly string[]>
}

/** Groups that are written when a test says so. */
function openGroups(sync: () => Promise<void> = async () => {}) {
  const writes: Write[] = []
  const write = (items: readonly string[]) => {
    const done = Promise.withResolvers<readonly string[]>()
    writes.push({ items: [...items], done })
    return done.promise
  }
  const groups = new GroupCommit<string, string>({
    ...{ write, sync },
    sizeOf: ({ length }) => length,
    most: 8,
  })
  return { groups, writes, join: (item: string) => groups.join(item) }
}

const later = () => new Promise((go) => setTimeout(go, 5))
const upper = ({ items }: Write) => items.map((item) => item.toUpperCase())

/** Has a write end well. */
async function end(write: Write | undefined): Promise<void> {
  write?.done.resolve(upper(write))
  await later()
}

describe('writes that come together', () => {
  it('are one, and each is told what came of its own', async () => {
    const { writes, join } = openGroups()
    const answers = Promise.all([join('a'), join('b'), join('c')])
    await later()
    expect(writes.map(({ items }) => items)).toEqual([['a', 'b', 'c']])
    await end(writes[0])
    expect(await answers).toEqual(['A', 'B', 'C'])
  })

  it('are several where they are too large for one, each by itself where it is too large alone', async () => {
    const { writes, join } = openGroups()
    const answers = Promise.all(['aaaaa', 'bbb', 'c', 'dddddddddd', 'e'].map(join))
    for (let turn = 0; turn < 4; turn += 1) {
      await later()
      await end(writes[turn])
    }
    expect(writes.map(({ items }) => items)).toEqual([
      ['aaaaa', 'bbb'],
      ['c'],
      ['dddddddddd'],
      ['e'],
    ])
    expect(await answers).toEqual(['AAAAA', 'BBB', 'C', 'DDDDDDDDDD', 'E'])
  })

  it('while another one is under way are the next one', async () => {
    const { writes, join } = openGroups()
    const first = join('a')
    await later()
    const others = [join('b'), join('c')]
    await later()
    expect(writes).toHaveLength(1)
    await end(writes[0])
    // It is not held up by what comes after it.
    expect(await first).toBe('A')
    expect(writes.map(({ items }) => items)).toEqual([['a'], ['b', 'c']])
    await end(writes[1])
    expect(await Promise.all(others)).toEqual(['B', 'C'])
  })

  it('are none any more when all are written, and begin again', async () => {
    const { writes, join } = openGroups()
    for (const item of ['a', 'b', 'c']) {
      const answer = join(item)
      await later()
      await end(writes.at(-1))
      expect(await answer).toBe(item.toUpperCase())
    }
    expect(writes).toHaveLength(3)
  })
})

describe('a write that fails', () => {
  it('fails all of its group, and no other one', async () => {
    const { writes, join } = openGroups()
    const first = Promise.allSettled([join('a'), join('b')])
    await later()
    const second = join('c')
    writes[0]?.done.reject(new Error('The disk is full.'))
    const failed = { status: 'rejected', reason: new Error('The disk is full.') }
    expect(await first).toEqual([failed, failed])
    await later()
    await end(writes[1])
    expect(await second).toBe('C')
  })

  it('is one that does not tell of each', async () => {
    const { writes, join } = openGroups()
    const answers = Promise.allSettled([join('a'), join('b')])
    await later()
    writes[0]?.done.resolve(['A'])
    expect(await answers).toMatchObject([
      { status: 'fulfilled', value: 'A' },
      { status: 'rejected' },
    ])
  })
})

it('the next write begins once the former one is durable', async () => {
  const durable = Promise.withResolvers<void>()
  const { writes, join } = openGroups(() => durable.promise)
  const first = join('a')
  await later()
  const second = join('b')
  await end(writes[0])
  expect(await first).toBe('A')
  expect(writes).toHaveLength(1)
  durable.resolve()
  await later()
  await end(writes[1])
  expect(await second).toBe('B')
})
