// Plays in which a tenant's webhooks are changed while its event log copies them: `announcing()` of the engine on the one
// side, `WebhookCopy` on the other, a database in memory between them. Whatever happens next is chosen: who goes on, which call
// is lost before or after it did its work, or does it long after its caller gave up, when the object dies and how the
// clock moves. In: choices; out: what was promised and not kept.

import { announcing } from '../../src/engine/configuration/announced-changes.ts'
import type { EventLog, WebhookStore } from '../../src/engine/ports/index.ts'
import { EngineError } from '../../src/errors.ts'
import {
  type Announcement,
  type CopySource,
  type CopyStorage,
  type Snapshot,
  WebhookCopy,
} from '../../src/platform/durable/event-log/webhook-copy.ts'
import { COPY } from '../../src/platform/tuning.ts'
import { aTenant, aWebhook, uuid } from '../contracts/store-fixtures.ts'
import { createMemoryStores, raiseEpoch, readWebhooks, Tables } from '../fakes/stores.ts'

const TENANT = uuid(1)
const WRITERS = 3
const PRODUCERS = 3

/** What the database had: how many changes were written before. Two states with the same number are the same. */
type State = number

export type Source = CopySource<State>
export type Storage = CopyStorage<State>
export type Copy = WebhookCopy<State>
export type Store = Pick<WebhookStore, 'insert' | 'update' | 'delete'>
export type Announcements = Pick<EventLog, 'announce' | 'confirm'>

/** What stands between the parts of a play; a fault is planted by putting another one there. */
export interface Parts {
  readonly source: (source: Source) => Source
  readonly storage: (storage: Storage) => Storage
  readonly copy: (source: Source, storage: Storage, clock: () => number) => Copy
  readonly store: (store: Store) => Store
  readonly announcements: (
    announcements: Announcements,
    presentEpoch: () => number,
  ) => Announcements
}

export const SOUND: Parts = {
  source: (source) => source,
  storage: (storage) => storage,
  copy: (source, storage, clock) => new WebhookCopy(source, storage, clock),
  store: (store) => store,
  announcements: (announcements) => announcements,
}

interface Written {
  readonly snapshot: Snapshot<State> | null
  readonly announcements: ReadonlyMap<string, Announcement>
}

/** An object between two deaths. */
interface Life {
  readonly copy: Copy
  readonly death: PromiseWithResolvers<never>
}

export class CopyPlay {
  /** Events that were matched by a configuration older than a change that was answered before. */
  readonly broken: string[] = []
  readonly counts = { accepted: 0, answered: 0, fenced: 0, deaths: 0 }
  private readonly choices: readonly number[]
  private readonly parts: Parts
  private readonly tables = new Tables()
  private readonly stores = createMemoryStores(this.tables)
  private readonly parked: (() => void)[] = []
  private next = 0
  private now = 1_800_000_000_000
  /** Changes that were written. */
  private state: State = 0
  /** The state that somebody was told of. */
  private answered: State = 0
  private written: Written = { snapshot: null, announcements: new Map() }
  private durable: Written = this.written
  private life: Life

  constructor(choices: readonly number[], parts: Parts = SOUND) {
    this.choices = choices
    this.parts = parts
    this.life = this.begin()
  }

  /** Plays until nobody has anything left to do. */
  async run(): Promise<void> {
    await this.stores.tenants.insert(aTenant(1))
    await this.stores.webhooks.insert(aWebhook(1))
    for (let n = 0; n < WRITERS; n += 1) void this.write(n)
    for (let n = 0; n < PRODUCERS; n += 1) void this.produce()
    for (let turns = 0; turns < 5_000; turns += 1) {
      await settled()
      if (this.parked.length === 0) return
      this.happen()
      const [resume] = this.parked.splice(this.choose(this.parked.length), 1)
      resume?.()
    }
    throw new Error('The play does not end.')
  }

  /** A number below `count`; 0, for the plainest, once there are no more choices. */
  private choose(count: number): number {
    const choice = this.choices[this.next] ?? 0
    this.next += 1
    return choice % count
  }

  private happen(): void {
    const what = this.choose(24)
    if (what === 1) this.die()
    if (what === 2) this.now += COPY.announcedMs
    if (what === 3) this.now += COPY.announcedMs / 3
    if (what === 4) this.now -= COPY.announcedMs / 2
    // What was written gets to the disk by itself.
    if (what === 5) this.durable = this.written
  }

  /** Goes on when it is chosen. */
  private turn(): Promise<void> {
    return new Promise((resume) => this.parked.push(resume))
  }

  /** A call: on its way, then done, then answered; or lost on either way; or done whenever, though its caller was told of a failure. */
  private async call<Result>(work: () => Promise<Result>): Promise<Result> {
    const lost = () => new EngineError('unavailable', 'The call was lost.')
    await this.turn()
    const fate = this.choose(12)
    if (fate === 1) throw lost()
    if (fate === 2 || fate === 3) {
      const late = async () => {
        for (let turns = this.choose(20); turns >= 0; turns -= 1) await this.turn()
        await work()
      }
      late().catch(() => {})
      throw lost()
    }
    const result = await work()
    await this.turn()
    if (fate === 4) throw lost()
    return result
  }

  private async write(n: number): Promise<void> {
    const id = uuid(10 + n)
    let change = Promise.withResolvers<State>()
    const store = this.parts.store({
      insert: (webhook, most, epoch) => this.stores.webhooks.insert(webhook, most, epoch),
      update: (ref, decide, epoch) => this.stores.webhooks.update(ref, decide, epoch),
      delete: (ref, epoch) => this.stores.webhooks.delete(ref, epoch),
    })
    const counted = async <Result>(work: () => Promise<Result>): Promise<Result> => {
      const result = await work()
      // Of a webhook that is not there, nothing was written.
      if (result !== null) this.state += 1
      change.resolve(result === null ? 0 : this.state)
      return result
    }
    const announcements = this.parts.announcements(
      {
        announce: (_, changeId, isFenced) => {
          if (isFenced) this.counts.fenced += 1
          return this.call(() => this.ask((copy) => copy.announce(changeId, isFenced)))
        },
        confirm: (changeId) => this.call(() => this.ask((copy) => copy.confirm(changeId))),
      },
      () => this.tables.epochs.get(TENANT) ?? 0,
    )
    const webhooks = announcing({
      webhooks: {
        ...this.stores.webhooks,
        insert: (...told) => this.call(() => counted(() => store.insert(...told))),
        update: (...told) => this.call(() => counted(() => store.update(...told))),
        delete: (...told) => this.call(() => counted(() => store.delete(...told))),
      },
      // Nothing else of it is asked for.
      eventLog: () => announcements as EventLog,
      clock: () => this.now,
      log: () => {},
    })
    const ref = { tenantId: TENANT, id }
    const changes = [
      () => webhooks.insert(aWebhook(10 + n)),
      () => webhooks.update(ref, (current) => ({ ...current, enabled: !current.enabled })),
      () => webhooks.delete(ref),
    ]
    for (const make of changes) {
      change = Promise.withResolvers()
      try {
        await make()
        this.answered = Math.max(this.answered, await change.promise)
        this.counts.answered += 1
      } catch {
        // It may have been written or not: nobody was told.
      }
    }
  }

  /** Hands in some events, one after the other. */
  private async produce(): Promise<void> {
    for (let n = 0; n < 4; n += 1) {
      await this.turn()
      const answered = this.answered
      try {
        const matched = await this.call(() => this.ask((copy) => this.accept(copy)))
        this.counts.accepted += 1
        if (matched < answered) {
          this.broken.push(`Of ${answered} changes that were answered, it knew ${matched}.`)
        }
      } catch {
        // It was not accepted, or nobody knows.
      }
    }
  }

  /** As the intake does it. */
  private async accept(copy: Copy): Promise<State> {
    const snapshot = copy.present ?? (await copy.current())
    const [state] = snapshot?.webhooks ?? []
    if (state === undefined) throw new Error('There is no such tenant.')
    return state
  }

  /** Asks the object; what it answers leaves it once all that it wrote is durable. */
  private async ask<Result>(question: (copy: Copy) => Promise<Result>): Promise<Result> {
    const { life } = this
    const answer = (async () => {
      const result = await question(life.copy)
      await this.sync()
      return result
    })()
    return Promise.race([answer, life.death.promise])
  }

  private async sync(): Promise<void> {
    const { written, life } = this
    if (this.durable === written) return
    await this.turn()
    if (life === this.life) this.durable = this.written
  }

  private begin(): Life {
    const death = Promise.withResolvers<never>()
    death.promise.catch(() => {})
    const isAlive = () => this.life.death === death
    /** What an object asks for leaves it once what it wrote is durable, and gets no answer once it died. */
    const outside = async <Result>(work: () => Promise<Result>): Promise<Result> => {
      await this.sync()
      try {
        return await this.call(work)
      } finally {
        if (!isAlive()) await new Promise(() => {})
      }
    }
    const source = this.parts.source({
      read: () => outside(async () => this.read()),
      raiseEpoch: (epoch) => outside(async () => raiseEpoch(this.tables, TENANT, epoch)),
    })
    const storage = this.parts.storage({
      load: () => ({
        snapshot: this.written.snapshot,
        announcements: [...this.written.announcements.values()],
      }),
      save: (snapshot) => {
        this.written = { ...this.written, snapshot }
      },
      announce: (one) => {
        const announcements = new Map([...this.written.announcements, [one.id, one]])
        this.written = { ...this.written, announcements }
      },
      forget: (ids) => {
        const left = [...this.written.announcements].filter(([id]) => !ids.includes(id))
        this.written = { ...this.written, announcements: new Map(left) }
      },
    })
    return { copy: this.parts.copy(source, storage, () => this.now), death }
  }

  private read(): Snapshot<State> | null {
    const found = readWebhooks(this.tables, TENANT)
    return found && { ...found, webhooks: [this.state] }
  }

  /** The object dies: what it has not written down is lost, and whoever waits for it learns that it is gone. */
  private die(): void {
    this.counts.deaths += 1
    const { death } = this.life
    this.written = this.durable
    this.life = this.begin()
    death.reject(new EngineError('unavailable', 'The object died.'))
  }
}

/** Lets go on whatever waits for no turn. */
async function settled(): Promise<void> {
  for (let n = 0; n < 40; n += 1) await undefined
}
