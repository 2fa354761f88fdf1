// Writes that arrive while one is under way share the next one: a busy object pays a fraction of a row for each, and an idle one
// waits for nobody. In: items, one at a time; out: what the write of their group came to, once that is durable.

interface Group<Item, Result> {
  readonly items: Item[]
  size: number
  readonly done: PromiseWithResolvers<readonly Result[]>
}

interface GroupOptions<Item, Result> {
  /** Writes items together and tells what came of each, in order. */
  readonly write: (items: readonly Item[]) => Promise<readonly Result[]>
  /** Resolves when that is durable. */
  readonly sync: () => Promise<void>
  readonly sizeOf: (item: Item) => number
  /** The sum of the sizes in a group, of several items: nobody else has a turn while it is written. */
  readonly most: number
}

export class GroupCommit<Item, Result> {
  private readonly options: GroupOptions<Item, Result>
  private readonly waiting: Group<Item, Result>[] = []
  private isWriting = false

  constructor(options: GroupOptions<Item, Result>) {
    this.options = options
  }

  /** Rejects with all of its group. Whoever is answered to waits for the write to be durable: the runtime sees to that. */
  async join(item: Item): Promise<Result> {
    const { items, done } = this.groupFor(item)
    const place = items.push(item) - 1
    if (!this.isWriting) void this.writeAll()
    const result = (await done.promise)[place]
    if (result === undefined) throw new Error('A group was written without one of its items.')
    return result
  }

  private groupFor(item: Item): Group<Item, Result> {
    const size = this.options.sizeOf(item)
    const last = this.waiting.at(-1)
    if (last !== undefined && last.size + size <= this.options.most) {
      last.size += size
      return last
    }
    const group = { items: [], size, done: Promise.withResolvers<readonly Result[]>() }
    this.waiting.push(group)
    return group
  }

  private async writeAll(): Promise<void> {
    const { write, sync } = this.options
    this.isWriting = true
    // What came in the same turn goes together.
    await undefined
    for (let group = this.waiting.shift(); group !== undefined; group = this.waiting.shift()) {
      try {
        group.done.resolve(await write(group.items))
        await sync()
      } catch (error) {
        group.done.reject(error)
      }
      // The answers leave before the next write begins, or they would wait for it, too.
      await new Promise((go) => setTimeout(go, 0))
    }
    this.isWriting = false
  }
}
