// The webhooks of a tenant, as its event log knows them: read from the database once, and never older than a change that somebody
// was told of. Whoever changes them announces it first, and confirms it after the write. While a change is announced and not
// confirmed, the webhooks are read afresh whenever they are asked for: a read that began after the question sees what was written
// before it. Who announced may have died; waiting for that one ends by a fence: the tenant's epoch in the database is raised, after
// which nothing that was announced before can be written any more (a lease alone would not do: a write may be carried out at any
// time after its caller saw it fail). Knows neither D1 nor SQLite, so that the simulation runs it.

import { COPY } from '../../tuning.ts'

/** What the database holds of a tenant. */
export interface Snapshot<W> {
  readonly tenantName: string
  /** Days for which its events are kept; absent: nobody has told yet, and it is the default. */
  readonly retentionDays?: number | undefined
  readonly epoch: number
  readonly webhooks: readonly W[]
}

export interface Announcement {
  readonly id: string
  /** Unix milliseconds. */
  readonly at: number
  /** In which the change may be written. */
  readonly epoch: number
}

export interface CopySource<W> {
  /** Null: there is no such tenant. */
  read(): Promise<Snapshot<W> | null>
  /** Sees to it that the tenant's epoch is greater than this one. */
  raiseEpoch(epoch: number): Promise<void>
}

/** Where the copy is kept. What is written is durable before anybody is answered who was given it. */
export interface CopyStorage<W> {
  load(): {
    readonly snapshot: Snapshot<W> | null
    readonly announcements: readonly Announcement[]
  }
  save(snapshot: Snapshot<W> | null): void
  announce(announcement: Announcement): void
  forget(ids: readonly string[]): void
}

export class WebhookCopy<W> {
  private readonly source: CopySource<W>
  private readonly storage: CopyStorage<W>
  private readonly clock: () => number
  private snapshot: Snapshot<W> | null
  private readonly announced: Map<string, Announcement>
  private reading: Promise<unknown> = Promise.resolve()
  /** A read that has not begun: whoever asks before it does shares it. */
  private next: Promise<Snapshot<W> | null> | null = null
  private isClosed = false

  constructor(source: CopySource<W>, storage: CopyStorage<W>, clock: () => number) {
    this.source = source
    this.storage = storage
    this.clock = clock
    const { snapshot, announcements } = storage.load()
    this.snapshot = snapshot
    this.announced = new Map(announcements.map((one) => [one.id, one]))
  }

  /** What is known, if that may be used without reading. */
  get present(): Snapshot<W> | null {
    return this.announced.size === 0 ? this.snapshot : null
  }

  /** The webhooks with every change that was answered before; null when there is no such tenant. */
  async current(): Promise<Snapshot<W> | null> {
    return this.present ?? (await this.refresh())
  }

  /** Resolves with the epoch in which the change may be written; rejects when the webhooks cannot be read. */
  async announce(id: string, isFenced: boolean): Promise<number> {
    const known = isFenced ? await this.refresh() : (this.snapshot ?? (await this.refresh()))
    // Nothing can be written of a tenant that there is not: one that is made later begins above 0.
    if (known === null) return 0
    this.refuseClosed()
    const announcement = { id, at: this.clock(), epoch: known.epoch }
    this.storage.announce(announcement)
    this.announced.set(id, announcement)
    return known.epoch
  }

  /** The change was written, or never will be. Rejects when the webhooks cannot be read: then it stays announced. */
  async confirm(id: string): Promise<void> {
    await this.refresh()
    this.forget([id])
  }

  /** Another one took over: whatever is under way here rejects, and writes nothing any more. */
  close(): void {
    this.isClosed = true
  }

  /** What is known of one of them has changed, and is kept already. */
  replace(change: (webhook: W) => W): void {
    if (this.snapshot === null) return
    this.snapshot = { ...this.snapshot, webhooks: this.snapshot.webhooks.map(change) }
  }

  /** Reads the webhooks, beginning now or later. */
  refresh(): Promise<Snapshot<W> | null> {
    if (this.next !== null) return this.next
    const before = this.reading
    const next = before
      // Whoever asked for that one was told.
      .catch(() => {})
      .then(() => {
        this.next = null
        return this.read()
      })
    this.next = next
    this.reading = next
    return next
  }

  private async read(): Promise<Snapshot<W> | null> {
    const overdue = [...this.announced.values()].filter(
      ({ at }) => at + COPY.announcedMs <= this.clock(),
    )
    const epoch = Math.max(...overdue.map((one) => one.epoch))
    if (overdue.length > 0) await this.source.raiseEpoch(epoch)
    const snapshot = await this.source.read()
    this.refuseClosed()
    this.storage.save(snapshot)
    this.snapshot = snapshot
    const present = snapshot?.epoch ?? Number.POSITIVE_INFINITY
    this.forget(
      [...this.announced.values()].filter((one) => one.epoch < present).map(({ id }) => id),
    )
    return snapshot
  }

  private refuseClosed(): void {
    if (this.isClosed) throw new Error('The webhooks are copied anew.')
  }

  private forget(ids: readonly string[]): void {
    const known = ids.filter((id) => this.announced.has(id))
    if (known.length === 0) return
    this.storage.forget(known)
    for (const id of known) this.announced.delete(id)
  }
}
