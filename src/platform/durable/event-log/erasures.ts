// The content of events on its way out: a job for each request. The log goes first, row by row, so that nothing hands a content on that
// is being erased; then the monitors are told of what was found. What is still in a queue is known when it comes in.

import {
  type ErasureRequest,
  type Event,
  isExpunged,
  type LoggedEvent,
  publishedAtOf,
} from '../../../engine/model/index.ts'
import { timeOf } from '../../../primitives/ids.ts'
import { ErasedEvents } from '../erased-events.ts'
import type { Step } from '../outbox.ts'
import { expungeRows } from './content-rows.ts'
import {
  digestsOf,
  digestsOfKeys,
  type ErasedAmong,
  eventsOfMessage,
  isWithin,
  logErased,
  withoutContentOf,
} from './erased-scope.ts'
import { type ErasedScope, ErasureStore, type ShardPlace, toNobody } from './erasure-store.ts'
import { type ErasureSurroundings, ErasureWork, NOBODY_TOLD } from './erasure-work.ts'

/** What an event log finds those by who must hear of an erasure. */
export type ErasureEnv = ConstructorParameters<typeof ErasureWork>[1]

const NONE: ErasedAmong = new Map()

export class Erasures {
  private readonly sql: SqlStorage
  private readonly around: ErasureSurroundings
  private readonly store: ErasureStore
  private readonly erased: ErasedEvents
  private scopes: readonly ErasedScope[]

  /** How many were asked for since the object started: what is known of events on their way in is of so many. */
  asked = 0

  private readonly work: ErasureWork

  constructor(sql: SqlStorage, env: ErasureEnv, around: ErasureSurroundings) {
    this.sql = sql
    this.around = around
    this.store = new ErasureStore(sql)
    this.work = new ErasureWork(sql, env, around, this.store)
    this.erased = new ErasedEvents(sql)
    this.scopes = this.store.scopes()
  }

  /** What is to be written, in a transaction, to begin a job. Of events by their ids the log has no content from then on. */
  async toStart(
    id: string,
    request: ErasureRequest,
    place: ShardPlace,
  ): Promise<(now: number) => void> {
    const salt = crypto.randomUUID()
    const scope = 'scope' in request ? await digestsOf(request.scope, salt) : []
    const eventIds = new Set('scope' in request ? [] : request.eventIds)
    const keys = await digestsOfKeys(this.around.keys.keysOf(eventIds), salt)
    return (at) => {
      const { events, jobs, scheduled } = this.around
      const progress = {
        state: 'running',
        done: 0,
        total: null,
        error: null,
        endedAt: null,
      } as const
      jobs.insert({ id, kind: 'erase', subject: '', request: '', createdAt: at, progress })
      const found = new Set([
        ...expungeRows(this.sql, events.tables, eventIds, at),
        ...scheduled.expunge(eventIds, at),
      ])
      for (const eventId of eventIds) if (!found.has(eventId)) this.erased.add(eventId, at)
      this.around.keys.forgetEvents(eventIds)
      jobs.advance(id, found.size)
      const position = scope.length === 0 ? null : ''
      const about = { id, at, salt, scope, eventIds: [...eventIds], keys, place, days: null }
      this.store.insert({ ...about, ...NOBODY_TOLD, position, untold: [], found: [] })
      this.scopes = this.store.scopes()
      this.asked += 1
    }
  }

  /** Tells the operator what of some events, which have just been accepted, was erased before. */
  logAccepted(events: readonly Event[], tenantId: string | null): void {
    logErased(events, tenantId)
  }

  /** Events that were expunged went to further webhooks meanwhile: their monitors are told, too. Within a transaction. */
  tellAgain(events: readonly LoggedEvent[], now: number): void {
    const untold = events.filter(isExpunged).map(({ id }) => id)
    if (untold.length === 0) return
    this.store.insert({ ...toNobody(now), untold })
  }

  /** The tenant's events are kept for another number of days: what its webhooks keep of them, too, and by no former number. Within a transaction. */
  retain(days: number): void {
    this.store.deleteRetention()
    this.store.insert({ ...toNobody(Date.now()), asked: '', days })
  }

  /** Forgets the keys that stand for events which another shard erases, and lets no key stand for them that comes later. Within a transaction. */
  forgetKeysOf(eventIds: ReadonlySet<string>, at: number): void {
    this.around.keys.forgetEvents(eventIds)
    // Whoever published before that may still be about to say so.
    const since = at - this.work.underWayMs
    for (const id of eventIds) if (timeOf(id) >= since) this.erased.add(id, at)
  }

  /** Whether this shard was told, by its id, that an event has no content. */
  isErased(eventId: string): boolean {
    return this.erased.has(eventId)
  }

  /** Whether there is anything to do. */
  get isUnderWay(): boolean {
    return this.store.underWay().length > 0
  }

  /** Which of these events, on their way in, were published before they were to be erased. */
  async among(
    submissions: readonly {
      readonly event: Pick<Event, 'id' | 'scope' | 'publishedAt'>
      readonly key?: string | null
    }[],
  ): Promise<ErasedAmong> {
    const found = new Map<string, number>()
    for (const { event, key = null } of submissions) {
      const at = this.erased.find(event.id) ?? (await this.erasedBefore(event, key))
      if (at !== null) found.set(event.id, at)
    }
    return found
  }

  /** Messages with events, of which those have no content that were published before they were to be erased. */
  async withoutErased(texts: readonly string[]): Promise<readonly string[]> {
    const events = texts.flatMap(eventsOfMessage).map((event) => ({ event }))
    if (this.noneAmong(events) !== null) return texts
    const erased = await this.among(events)
    return texts.map((text) => withoutContentOf(text, erased))
  }

  /** Keys by their names under which a copy of what was erased came, and since when. */
  async amongKeys(
    claims: readonly { readonly name: string; readonly answer: string }[],
  ): Promise<ReadonlyMap<string, number>> {
    const found = new Map<string, number>()
    for (const { at, keys, salt } of this.scopes) {
      // What a request's key is claimed for is no id.
      const older = claims.filter(({ answer }) => keys.length > 0 && timeOf(answer) <= at)
      const names = older.map(({ name }) => name)
      const digests = await digestsOfKeys(names, salt)
      for (const [index, name] of names.entries()) {
        if (keys.includes(digests[index] ?? '')) found.set(name, at)
      }
    }
    return found
  }

  /** What `among` finds, at once, where that is surely none. */
  noneAmong(events: readonly { readonly event: Event }[]): ErasedAmong | null {
    const isNone = events.every(
      ({ event }) =>
        !this.erased.has(event.id) && !this.scopes.some(({ at }) => publishedAtOf(event) <= at),
    )
    return isNone ? NONE : null
  }

  /** The jobs under way, as far as one pass of the object brings them. `lookAt`: has the object look again at a time. */
  underWay(lookAt: (at: number) => Promise<void>): readonly Step[] {
    return this.work.steps(lookAt)
  }

  /** Whether any are left. */
  prune(now: number): boolean {
    const left = [this.store.prune(now), this.erased.prune(now)]
    this.scopes = this.store.scopes()
    return left.includes(true)
  }

  private async erasedBefore(
    event: Pick<Event, 'id' | 'scope' | 'publishedAt'>,
    key: string | null,
  ): Promise<number | null> {
    for (const erased of this.scopes) {
      if (publishedAtOf(event) > erased.at) continue
      const [digest = ''] = key === null ? [] : await digestsOfKeys([key], erased.salt)
      if (erased.keys.includes(digest)) return erased.at
      if (await isWithin(event.scope, erased, new Map())) return erased.at
    }
    return null
  }
}
