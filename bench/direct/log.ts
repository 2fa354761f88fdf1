// The object of the direct Worker: keeps what was accepted before it says so, and what came of it.

import { DurableObject } from 'cloudflare:workers'

export interface Accepted {
  readonly id: string
  readonly type: string
  /** JSON. */
  readonly data: string
}

export interface Target {
  readonly id: string
  readonly url: string
}

export interface Outcome {
  readonly eventId: string
  readonly targetId: string
  readonly status: number
}

export interface DirectEnv {
  readonly LOGS: DurableObjectNamespace<Log>
  /** Where every event goes: URLs with a space between them. */
  readonly TARGETS: string
}

/** Rows that are written together, and who waits for them. */
interface Group {
  readonly accepted: Accepted[]
  readonly outcomes: Outcome[]
  readonly written: PromiseWithResolvers<void>
}

export class Log extends DurableObject<DirectEnv> {
  private readonly targets: readonly Target[]
  private next: Group | null = null
  private isWriting = false

  constructor(ctx: DurableObjectState, env: DirectEnv) {
    super(ctx, env)
    this.targets = env.TARGETS.split(' ').map((url, index) => ({ id: `w${index + 1}`, url }))
    for (const table of ['accepted', 'outcomes']) {
      ctx.storage.sql.exec(
        `CREATE TABLE IF NOT EXISTS ${table} (id TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID`,
      )
    }
  }

  /** Resolves once they are on the disk; with whom they go to. */
  async accept(events: readonly Accepted[]): Promise<readonly Target[]> {
    const group = this.join()
    group.accepted.push(...events)
    await group.written.promise
    return this.targets
  }

  async settle(outcomes: readonly Outcome[]): Promise<void> {
    const group = this.join()
    group.outcomes.push(...outcomes)
    await group.written.promise
  }

  /** The group that is written next: what arrives while a write is under way shares it. Nobody waits for another group. */
  private join(): Group {
    this.next ??= { accepted: [], outcomes: [], written: Promise.withResolvers() }
    const group = this.next
    if (!this.isWriting) void this.write()
    return group
  }

  private async write(): Promise<void> {
    this.isWriting = true
    // Whoever opened the group has put nothing into it yet.
    await Promise.resolve()
    for (let group = this.next; group !== null; group = this.next) {
      this.next = null
      const { accepted, outcomes, written } = group
      try {
        this.insert('accepted', accepted[0]?.id, accepted)
        this.insert('outcomes', outcomes[0]?.eventId, outcomes)
        await this.ctx.storage.sync()
        written.resolve()
      } catch (error) {
        written.reject(error)
      }
      // The answers leave before the next write begins; they would wait for it as well.
      await new Promise((resolve) => setTimeout(resolve, 0))
    }
    this.isWriting = false
  }

  /** One row for all of them. */
  private insert(
    table: 'accepted' | 'outcomes',
    id: string | undefined,
    items: readonly unknown[],
  ) {
    if (id === undefined) return
    const body = JSON.stringify(items)
    this.ctx.storage.sql.exec(`INSERT INTO ${table} (id, body) VALUES (?, ?)`, id, body)
  }
}
