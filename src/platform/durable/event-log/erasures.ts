// The content of events on its way out: a job for each request. The log goes first, row by row, so that nothing hands a content on that
// is being erased; then the monitors are told of what was found. What is still in a queue is known when it comes in.

import {
  type ErasureRequest,
  type Event,
  isExpunged,
  type LoggedEvent,
  shardCount,
  shardOf,
} from '../../../engine/model/index.ts'
import { timeOf } from '../../../primitives/ids.ts'
import { ACCEPTED } from '../../../tuning.ts'
import { settingsOf } from '../../settings.ts'
import { ErasedEvents } from '../erased-events.ts'
import type { JobStore } from '../job-store.ts'
import { noting, type Step } from '../outbox.ts'
import { eventsBefore, eventsExpungedAt, expungeRows, rowsBehind } from './content-rows.ts'
import {
  askForContents,
  type ErasedMonitors,
  type Missed,
  type MonitorSurroundings,
  monitorsOf,
  tellOfErased,
} from './erased-monitors.ts'
import { digestsOf, digestsOfKeys, type ErasedAmong, isWithin, logErased } from './erased-scope.ts'
import {
  type ErasedScope,
  type Erasure,
  ErasureStore,
  type ShardPlace,
  toNobody,
} from './erasure-store.ts'
import type { EventStore } from './event-store.ts'

/** Events whose keys are looked for together: each time all keys are read. */
const FORGOTTEN_TOGETHER = 5_000

interface Surroundings {
  readonly events: EventStore
  /** The deduplication keys that stand for events. */
  readonly keys: {
    keysOf(eventIds: ReadonlySet<string>): readonly string[]
    forgetEvents(eventIds: ReadonlySet<string>): void
  }
  readonly jobs: JobStore
  /** Writes in one transaction. */
  readonly transact: (write: () => void) => void
  readonly tenantId: () => string | null
}

/** A job that has everything before it. */
const FROM_THE_START = { told: '', asked: '', missed: [], only: null }

const NONE: ErasedAmong = new Map()

export class Erasures {
  private readonly sql: SqlStorage
  private readonly around: Surroundings
  private readonly monitors: ErasedMonitors
  private readonly store: ErasureStore
  private readonly erased: ErasedEvents
  private scopes: readonly ErasedScope[]

  /** How many were asked for since the object started: what is known of events on their way in is of so many. */
  asked = 0

  /** What went wrong last, by job. */
  private readonly failures = new Map<string, unknown>()

  /** Milliseconds in which what was being sent when an erasure was asked for has ended. */
  private readonly underWayMs: number

  constructor(
    sql: SqlStorage,
    env: Parameters<typeof settingsOf>[0] & MonitorSurroundings,
    around: Surroundings,
  ) {
    this.underWayMs = ACCEPTED.underWayMs * settingsOf(env).delayScale
    this.sql = sql
    this.around = around
    this.monitors = monitorsOf(env, around.tenantId)
    this.store = new ErasureStore(sql)
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
      const { events, jobs } = this.around
      const progress = {
        state: 'running',
        done: 0,
        total: null,
        error: null,
        endedAt: null,
      } as const
      jobs.insert({ id, kind: 'erase', subject: '', request: '', createdAt: at, progress })
      const found = new Set(expungeRows(this.sql, events.tables, eventIds, at))
      for (const eventId of eventIds) if (!found.has(eventId)) this.erased.add(eventId, at)
      this.around.keys.forgetEvents(eventIds)
      jobs.advance(id, found.size)
      const position = scope.length === 0 ? null : ''
      const about = { id, at, salt, scope, eventIds: [...eventIds], keys, place, days: null }
      this.store.insert({ ...about, ...FROM_THE_START, position, untold: [], found: [] })
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

  /** Whether there is anything to do. */
  get isUnderWay(): boolean {
    return this.store.underWay().length > 0
  }

  /** Which of these events, on their way in, were published before they were to be erased. */
  async among(
    submissions: readonly {
      readonly event: Pick<Event, 'id' | 'scope'>
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

  /** The same, at once, where that is surely none. */
  noneAmong(events: readonly { readonly event: Event }[]): ErasedAmong | null {
    const isNone = events.every(
      ({ event: { id } }) =>
        !this.erased.has(id) && !this.scopes.some(({ at }) => timeOf(id) <= at),
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
    const { position, told, asked } = erasure
    if (erasure.untold.length > 0) await this.tellOf(erasure)
    else if (position !== null) await this.expungeMore(erasure, position)
    else if (told !== null) await this.tellMore(erasure, told)
    else if (asked !== null) await this.askMore(erasure, asked)
    else if (erasure.missed.length > 0) this.beginAgain(erasure)
    else return this.endInTime(erasure, lookAt)
    return true
  }

  private async tellOf(erasure: Erasure): Promise<void> {
    const events = erasure.untold.flatMap((id) => this.around.events.find(id) ?? [])
    const { failure } = await tellOfErased(events, null, this.monitors)
    if (failure !== null) throw failure
    this.store.move(erasure, { untold: [] })
  }

  /** Looks through the next rows. */
  private async expungeMore(erasure: Erasure, position: string): Promise<void> {
    const { events, jobs, keys, transact } = this.around
    const rows = rowsBehind(this.sql, events.tables, position)
    const meant = new Set<string>()
    const digests = new Map<string, string>()
    for (const event of rows.flatMap((row) => eventsBefore(row, erasure.at))) {
      if (await isWithin(event.scope, erasure, digests)) meant.add(event.id)
    }
    const next = rows.at(-1)?.first_event ?? null
    transact(() => {
      const expunged = expungeRows(this.sql, events.tables, meant, erasure.at)
      jobs.advance(erasure.id, expunged.length)
      const found = new Set([...erasure.found, ...expunged])
      const isTime = next === null || found.size >= FORGOTTEN_TOGETHER
      if (isTime) keys.forgetEvents(found)
      this.store.move(erasure, { position: next, found: isTime ? [] : [...found] })
    })
  }

  /** Tells the monitors of the webhooks that the next expunged events were for. */
  private async tellMore(erasure: Erasure, behind: string): Promise<void> {
    const { events } = this.around
    const isByScope = erasure.scope.length > 0
    const rows = isByScope ? rowsBehind(this.sql, events.tables, behind) : []
    const expunged = isByScope
      ? rows.flatMap((row) => eventsExpungedAt(row, erasure.at))
      : erasure.eventIds.flatMap((id) => events.find(id) ?? [])
    const missed = await tellOfErased(expunged, erasure.only, this.monitors)
    this.store.move(erasure, {
      told: rows.at(-1)?.first_event ?? null,
      missed: this.withMissed(erasure, missed),
    })
  }

  /** Has the next webhooks look for what they still have. */
  private async askMore(erasure: Erasure, behind: string): Promise<void> {
    const { events } = this.around
    const { shard, schedule } = erasure.place
    const last = shardCount(schedule) - 1
    const log = {
      find: (id: string) => events.find(id),
      isOwn: (id: string) => Math.min(shardOf(id, schedule), last) === shard,
    }
    const asked = await askForContents(erasure, behind, log, this.monitors)
    this.store.move(erasure, {
      asked: asked.last,
      missed: this.withMissed(erasure, asked.missed),
    })
  }

  /** A webhook that cannot be told holds up nothing else: it is told once more. */
  private withMissed({ id, missed }: Erasure, { webhookIds, failure }: Missed): string[] {
    if (failure !== null) this.failures.set(id, failure)
    return [...new Set([...missed, ...webhookIds])]
  }

  private beginAgain(erasure: Erasure): never {
    const { told, asked } = FROM_THE_START
    const again = { asked, missed: [], only: erasure.missed }
    this.store.move(erasure, { ...again, told: erasure.days === null ? told : null })
    throw this.failures.get(erasure.id) ?? new Error('A webhook could not be told.')
  }

  private async endInTime(
    { id, at }: Erasure,
    lookAt: (at: number) => Promise<void>,
  ): Promise<boolean> {
    const endsAt = at + this.underWayMs
    const now = Date.now()
    if (now < endsAt) await lookAt(endsAt)
    else {
      this.around.transact(() => {
        this.store.end(id)
        this.around.jobs.end(id, 'done', now)
      })
      this.failures.delete(id)
    }
    return false
  }

  private async erasedBefore(
    event: Pick<Event, 'id' | 'scope'>,
    key: string | null,
  ): Promise<number | null> {
    for (const erased of this.scopes) {
      if (timeOf(event.id) > erased.at) continue
      const [digest = ''] = key === null ? [] : await digestsOfKeys([key], erased.salt)
      if (erased.keys.includes(digest)) return erased.at
      if (await isWithin(event.scope, erased, new Map())) return erased.at
    }
    return null
  }
}
