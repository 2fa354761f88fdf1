// The steps of an erasure that is under way: rows and messages first, then the monitors of the webhooks.

import { isExpunged, publishedAtOf, shardCount, shardOf } from '../../../engine/model/index.ts'
import { ACCEPTED } from '../../../retention.ts'
import { settingsOf } from '../../settings.ts'
import type { JobStore } from '../job-store.ts'
import { noting, type Step, type StoredOutbox } from '../outbox.ts'
import { eventsBefore, eventsExpungedAt, expungeRows, rowsBehind } from './content-rows.ts'
import {
  askForContents,
  type ErasedMonitors,
  type Missed,
  type MonitorSurroundings,
  monitorsOf,
  tellOfErased,
} from './erased-monitors.ts'
import { eventsOfMessage, isWithin, withoutContentOf } from './erased-scope.ts'
import type { Erasure, ErasureStore } from './erasure-store.ts'
import type { EventStore } from './event-store.ts'
import { type EventLogSurroundings, keysOfOtherShards } from './other-shards.ts'
import type { ScheduledEvents } from './scheduled-events.ts'

/** Events whose keys are looked for together: each time all keys are read. */
const FORGOTTEN_TOGETHER = 5_000

/** Calls of others after which the rest is left to the next alarm: an invocation of an object may make 10,000, and has other work. */
const CALLS_A_PASS = 1_000
/** Long enough for the invocation to have ended by then. */
const RESUMES_AFTER_MS = 1_000

export interface ErasureSurroundings {
  readonly events: EventStore
  /** The deduplication keys that stand for events. */
  readonly keys: {
    keysOf(eventIds: ReadonlySet<string>): readonly string[]
    forgetEvents(eventIds: ReadonlySet<string>): void
  }
  readonly jobs: JobStore
  /** Events whose time has not come. */
  readonly scheduled: Pick<ScheduledEvents, 'behind' | 'expunge'>
  /** Messages with events that no queue has taken yet. */
  readonly outbox: Pick<StoredOutbox, 'texts' | 'rewrite'>
  /** Writes in one transaction. */
  readonly transact: (write: () => void) => void
  readonly tenantId: () => string | null
}

/** A job that has everything before it. */
export const NOBODY_TOLD = { told: '', asked: '', missed: [], only: null, reading: {} }

export class ErasureWork {
  private readonly sql: SqlStorage
  private readonly around: ErasureSurroundings
  private readonly monitors: ErasedMonitors
  private readonly keysOfOthers: ReturnType<typeof keysOfOtherShards>
  private readonly store: ErasureStore
  /** Calls that this pass made. */
  private calls = 0

  /** What went wrong last, by job. */
  private readonly failures = new Map<string, unknown>()

  /** Milliseconds in which what was being sent when an erasure was asked for has ended. */
  readonly underWayMs: number

  constructor(
    sql: SqlStorage,
    env: Parameters<typeof settingsOf>[0] & MonitorSurroundings & EventLogSurroundings,
    around: ErasureSurroundings,
    store: ErasureStore,
  ) {
    this.underWayMs = ACCEPTED.underWayMs * settingsOf(env).delayScale
    this.sql = sql
    this.around = around
    this.store = store
    const onCall = () => {
      this.calls += 1
    }
    this.monitors = monitorsOf(env, around.tenantId, onCall)
    this.keysOfOthers = keysOfOtherShards(env, around.tenantId, onCall)
  }

  /** The jobs under way, each on its own, as far as one pass of the object brings them. `lookAt`: has the object look again at a time. */
  steps(lookAt: (at: number) => Promise<void>): readonly Step[] {
    this.calls = 0
    const { jobs } = this.around
    return this.store.underWay().map(({ id }) =>
      noting(
        () => this.step(id, lookAt),
        (error) => jobs.note(id, error),
      ),
    )
  }

  private async step(id: string, lookAt: (at: number) => Promise<void>): Promise<boolean> {
    const erasure = this.store.find(id)
    if (erasure === undefined) return false
    const { position, told, asked } = erasure
    if (this.calls >= CALLS_A_PASS) {
      await lookAt(Date.now() + RESUMES_AFTER_MS)
      return false
    }
    if (position === '' || (position === null && told === '')) await this.expungeWaiting(erasure)
    if (erasure.untold.length > 0) await this.tellOf(erasure)
    else if (position !== null) await this.expungeMore(erasure, position)
    else if (told !== null) await this.tellMore(erasure, told)
    else if (asked !== null) await this.askMore(erasure, asked)
    else if (erasure.missed.length > 0) this.beginAgain(erasure)
    else return this.endInTime(erasure, lookAt)
    return true
  }

  /** Of messages that no queue has taken yet. */
  private async expungeWaiting(erasure: Erasure): Promise<void> {
    const { outbox, transact } = this.around
    const waiting = outbox.texts().flatMap((text) => eventsOfMessage(text))
    const meant = new Map<string, number>()
    const digests = new Map<string, string>()
    for (const event of waiting) {
      const { id, scope } = event
      const isNamed = erasure.eventIds.includes(id)
      const isOlder = publishedAtOf(event) <= erasure.at
      if (isNamed || (isOlder && (await isWithin(scope, erasure, digests)))) {
        meant.set(id, erasure.at)
      }
    }
    if (meant.size === 0) return
    transact(() => outbox.rewrite((text) => withoutContentOf(text, meant)))
  }

  private async tellOf(erasure: Erasure): Promise<void> {
    const events = erasure.untold.flatMap((id) => this.around.events.find(id) ?? [])
    const { failure } = await tellOfErased(events, null, this.monitors)
    if (failure !== null) throw failure
    this.store.move(erasure, { untold: [] })
  }

  /** Of events whose time has not come; returns their ids. What is accepted meanwhile is looked through when it is. */
  private async expungeScheduled(erasure: Erasure): Promise<readonly string[]> {
    const { jobs, scheduled, transact } = this.around
    const meant: string[] = []
    const digests = new Map<string, string>()
    let page = scheduled.behind('')
    while (page.length > 0) {
      for (const event of page) {
        const isOlder = publishedAtOf(event) <= erasure.at && !isExpunged(event)
        if (isOlder && (await isWithin(event.scope, erasure, digests))) meant.push(event.id)
      }
      page = scheduled.behind(page.at(-1)?.id ?? '')
    }
    if (meant.length > 0) {
      transact(() => jobs.advance(erasure.id, scheduled.expunge(meant, erasure.at).length))
    }
    return meant
  }

  /** Looks through the next rows, and before them through what is scheduled. */
  private async expungeMore(erasure: Erasure, position: string): Promise<void> {
    const { events, jobs, keys, transact } = this.around
    const waiting = position === '' ? await this.expungeScheduled(erasure) : []
    const rows = rowsBehind(this.sql, events.tables, position)
    const meant = new Set<string>()
    const digests = new Map<string, string>()
    for (const event of rows.flatMap((row) => eventsBefore(row, erasure.at))) {
      if (await isWithin(event.scope, erasure, digests)) meant.add(event.id)
    }
    const next = rows.at(-1)?.first_event ?? null
    const found = new Set([...erasure.found, ...waiting, ...meant])
    const isTime = next === null || found.size >= FORGOTTEN_TOGETHER
    // First: once it is written how far this got, nobody tells them any more.
    if (isTime) await this.keysOfOthers.forget(found, erasure)
    transact(() => {
      const expunged = expungeRows(this.sql, events.tables, meant, erasure.at)
      jobs.advance(erasure.id, expunged.length)
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
      reading: asked.reading,
      missed: this.withMissed(erasure, asked.missed),
    })
  }

  /** A webhook that cannot be told holds up nothing else: it is told once more. */
  private withMissed({ id, missed }: Erasure, { webhookIds, failure }: Missed): string[] {
    if (failure !== null) this.failures.set(id, failure)
    return [...new Set([...missed, ...webhookIds])]
  }

  private beginAgain(erasure: Erasure): never {
    const { told, asked } = NOBODY_TOLD
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
}
