// Writes that arrive while one is under way share the next one: a busy object pays a fraction of a row for each, and an idle one
// waits for nobody. In: items, one at a time; out: what the write of their group came to, once that is durable.

interface Group<Item, Result> {
  readonly items: Item[]
  readonly done: PromiseWithResolvers<readonly Result[]>
}

export class GroupCommit<Item, Result> {
  private readonly write: (items: readonly Item[]) => Promise<readonly Result[]>
  private readonly sync: () => Promise<void>
  private next: Group<Item, Result> | null = null
  private isWriting = false

  /** `write` writes items together and tells what came of each, in order; `sync` resolves when that is durable. */
  constructor(
    write: (items: readonly Item[]) => Promise<readonly Result[]>,
    sync: () => Promise<void>,
  ) {
    this.write = write
    this.sync = sync
  }

  /** Rejects with all of its group. Whoever is answered to waits for the write to be durable: the runtime sees to that. */
  async join(item: Item): Promise<Result> {
    this.next ??= { items: [], done: Promise.withResolvers() }
    const { items, done } = this.next
    const place = items.push(item) - 1
    if (!this.isWriting) void this.writeAll()
    const result = (await done.promise)[place]
    if (result === undefined) throw new Error('A group was written without one of its items.')
    return result
  }

  private async writeAll(): Promise<void> {
    this.isWriting = true
    // What came in the same turn goes together.
    await undefined
    for (let group = this.next; group !== null; group = this.next) {
      this.next = null
      try {
        group.done.resolve(await this.write(group.items))
        await this.sync()
      } catch (error) {
        group.done.reject(error)
      }
      // The answers leave before the next write begins, or they would wait for it, too.
      await new Promise((go) => setTimeout(go, 0))
    }
    this.isWriting = false
  }
}
