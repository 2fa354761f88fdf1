// The content of events on its way out: a job for each request. The log goes first, row by row, so that nothing hands a content on that
// is being erased; then the monitors are told of what was found. What is still in a queue is known when it comes in.

import {
  type ErasureRequest,
  type Event,
  isExpunged,
  type LoggedEvent,
} from '../../../engine/model/index.ts'
import { newId, timeOf } from '../../../primitives/ids.ts'
import { ACCEPTED } from '../../../tuning.ts'
import { settingsOf } from '../../settings.ts'
import { ErasedEvents } from '../erased-events.ts'
import type { JobStore } from '../job-store.ts'
import { noting, type Step } from '../outbox.ts'
import { eventsBefore, expungeRows, rowsBehind } from './content-rows.ts'
import { digestsOf, type ErasedAmong, isWithin, logErased } from './erased-scope.ts'
import { type ErasedScope, type Erasure, ErasureStore } from './erasure-store.ts'
import type { EventStore } from './event-store.ts'

/** Monitors that are told at the same time. */
const TOLD_AT_ONCE = 20

interface Surroundings {
  readonly events: EventStore
  /** Forgets the deduplication keys that stand for events. */
  readonly forgetKeys: (eventIds: ReadonlySet<string>) => void
  readonly jobs: JobStore
  /** Writes in one transaction. */
  readonly transact: (write: () => void) => void
  readonly tellMonitor: (webhookId: string, eventIds: readonly string[]) => Promise<void>
}

const NONE: ErasedAmong = new Map()

export class Erasures {
  private readonly sql: SqlStorage
  private readonly around: Surroundings
  private readonly store: ErasureStore
  private readonly erased: ErasedEvents
  private scopes: readonly ErasedScope[]

  /** Milliseconds in which what was being sent when an erasure was asked for has ended. */
  private readonly underWayMs: number

  constructor(sql: SqlStorage, env: Parameters<typeof settingsOf>[0], around: Surroundings) {
    this.underWayMs = ACCEPTED.underWayMs * settingsOf(env).delayScale
    this.sql = sql
    this.around = around
    this.store = new ErasureStore(sql)
    this.erased = new ErasedEvents(sql)
    this.scopes = this.store.scopes()
  }

  /** What is to be written, in a transaction, to begin a job. Of events by their ids the log has no content from then on. */
  async toStart(id: string, request: ErasureRequest): Promise<(now: number) => void> {
    const salt = crypto.randomUUID()
    const scope = 'scope' in request ? await digestsOf(request.scope, salt) : []
    const eventIds = new Set('scope' in request ? [] : request.eventIds)
    return (at) => {
      const { events, jobs, forgetKeys } = this.around
      const progress = {
        state: 'running',
        done: 0,
        total: null,
        error: null,
        endedAt: null,
      } as const
      jobs.insert({ id, kind: 'erase', subject: '', request: '', createdAt: at, progress })
      const untold = expungeRows(this.sql, events.tables, eventIds, at)
      const found = new Set(untold)
      for (const eventId of eventIds) if (!found.has(eventId)) this.erased.add(eventId, at)
      forgetKeys(eventIds)
      jobs.advance(id, untold.length)
      const position = scope.length === 0 ? null : ''
      this.store.insert({ id, at, salt, scope, position, untold: [...untold] })
      this.scopes = this.store.scopes()
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
    this.store.insert({ id: newId(now), at: now, salt: '', scope: [], position: null, untold })
  }

  /** Which of these events, on their way in, were published before they were to be erased. */
  async among(events: readonly Event[]): Promise<ErasedAmong> {
    const found = new Map<string, number>()
    for (const event of events) {
      const at = this.erased.find(event.id) ?? (await this.erasedByScope(event))
      if (at !== null) found.set(event.id, at)
    }
    return found
  }

  /** The same, at once, where that is surely none. */
  noneAmong(events: readonly Event[]): ErasedAmong | null {
    const isNone = events.every(
      ({ id }) => !this.erased.has(id) && !this.scopes.some(({ at }) => timeOf(id) <= at),
    )
    return isNone ? NONE : null
  }

  /** The jobs under way, each on its own. `lookAt`: has the object look again at a time. */
  underWay(lookAt: (at: number) => Promise<void>): readonly Step[] {
    const { jobs } = this.around
    return this.store.underWay().map(({ id }) =>
      noting(
        () => this.step(id, lookAt),
        (error) => jobs.note(id, error),
      ),
    )
  }

  /** Whether any are left. */
  prune(now: number): boolean {
    const left = [this.store.prune(now), this.erased.prune(now)]
    this.scopes = this.store.scopes()
    return left.includes(true)
  }

  private async step(id: string, lookAt: (at: number) => Promise<void>): Promise<boolean> {
    const erasure = this.store.find(id)
    if (erasure === undefined) return false
    const { position, untold, at } = erasure
    if (untold.length > 0) {
      await this.tell(untold)
      this.store.move(id, { position, untold: [] })
      return true
    }
    if (position !== null) {
      await this.expungeMore(erasure, position)
      return true
    }
    const endsAt = at + this.underWayMs
    const now = Date.now()
    if (now < endsAt) {
      await lookAt(endsAt)
      return false
    }
    this.around.transact(() => {
      this.store.end(id)
      this.around.jobs.end(id, 'done', now)
    })
    return false
  }

  /** Looks through the next rows. */
  private async expungeMore({ id, at, ...about }: Erasure, position: string): Promise<void> {
    const { events, jobs, forgetKeys, transact } = this.around
    const rows = rowsBehind(this.sql, events.tables, position)
    const found = new Set<string>()
    const digests = new Map<string, string>()
    for (const event of rows.flatMap((row) => eventsBefore(row, at))) {
      if (await isWithin(event.scope, about, digests)) found.add(event.id)
    }
    transact(() => {
      const untold = expungeRows(this.sql, events.tables, found, at)
      forgetKeys(found)
      jobs.advance(id, untold.length)
      this.store.move(id, { position: rows.at(-1)?.first_event ?? null, untold: [...untold] })
    })
  }

  private async tell(eventIds: readonly string[]): Promise<void> {
    const byWebhook = new Map<string, string[]>()
    for (const eventId of eventIds) {
      for (const webhookId of this.around.events.find(eventId)?.webhookIds ?? []) {
        const ids = byWebhook.get(webhookId)
        if (ids) ids.push(eventId)
        else byWebhook.set(webhookId, [eventId])
      }
    }
    const all = [...byWebhook]
    for (let from = 0; from < all.length; from += TOLD_AT_ONCE) {
      const some = all.slice(from, from + TOLD_AT_ONCE)
      await Promise.all(some.map(([webhookId, ids]) => this.around.tellMonitor(webhookId, ids)))
    }
  }

  private async erasedByScope(event: Event): Promise<number | null> {
    for (const erased of this.scopes) {
      if (timeOf(event.id) > erased.at) continue
      if (await isWithin(event.scope, erased, new Map())) return erased.at
    }
    return null
  }
}
