// What a webhook monitor knows of deliveries: their rows, and of those without one what the attempts tell. Most are delivered
// at once, and have no row.

import { isRated, waits } from '../../../engine/health/health.ts'
import { isDue } from '../../../engine/health/hold.ts'
import {
  erasedState,
  hasFirst,
  heldState,
  runThatTells,
  stateOfEvent,
  UNTRIED,
  withFirst,
} from '../../../engine/health/runs.ts'
import type { DeliveryState, RunState } from '../../../engine/model/index.ts'
import { FIRST_RUN, hasEnded } from '../../../engine/model/index.ts'
import type { AskedDelivery, DeliveryKey, LastAnswer } from '../../../engine/ports/index.ts'
import { timeOf } from '../../../primitives/ids.ts'
import { keyOf } from './report-store.ts'
import type { MonitorStores } from './stores.ts'

/** Events that are looked at for the oldest: those that are delivered and sent again are passed over. */
const LOOKED_AT = 100

export class KnownDeliveries {
  private readonly deliveries: MonitorStores['deliveries']
  private readonly reports: MonitorStores['reports']
  private readonly held: MonitorStores['held']
  private readonly erased: MonitorStores['erased']
  private readonly places: MonitorStores['places']
  private readonly unseen: DeliveryState

  /** `isPurged`: whatever it knew is over. */
  constructor({ deliveries, reports, held, erased, places }: MonitorStores, isPurged: boolean) {
    this.erased = erased
    this.places = places
    this.deliveries = deliveries
    this.held = held
    this.reports = reports
    this.unseen = { ...UNTRIED, status: isPurged ? 'dropped' : 'pending' }
  }

  /** How these deliveries stand for messages that bring them, in order. */
  states(keys: readonly AskedDelivery[], now: number): RunState[] {
    const known = keys.map((key) => runThatTells(this.deliveries.ofEvent(key.eventId), key.run))
    const stateOf = this.withoutRow(keys.filter((_, index) => known[index] === undefined))
    const { health } = this.reports
    const isOnHold = waits(health)
    const rated = isRated(health) ? ({ isRated: true } as const) : {}
    return keys.map(({ eventId, run, turn }, index) => {
      const state = known[index] ?? { ...stateOf({ eventId, run }), run }
      // Its own message comes when it has its turn.
      if (run === FIRST_RUN && this.places.standingOf(eventId) === 'waiting')
        return this.asErased(eventId, { ...state, status: 'withdrawn' })
      const isReleased = isDue(health.hold, this.held.stateOf({ eventId, run: state.run }), now)
      const isCarried = !this.held.hear({ eventId, run, turn }, now)
      const told = heldState(state, { isOnHold, isReleased, isCarried })
      const isKept = !isCarried && this.held.stateOf({ eventId, run }) !== null
      return this.asErased(eventId, { ...told, ...(isKept && { isKept }), ...rated })
    })
  }

  /** How these events stand over all their runs, in order. */
  statesOfEvents(eventIds: readonly string[]): DeliveryState[] {
    const known = eventIds.map((eventId) => this.deliveries.ofEvent(eventId))
    const open = eventIds.filter((_, index) => !hasFirst(known[index] ?? []))
    const firstOf = this.withoutRow(open.map(firstKey))
    return eventIds.map((id, index) =>
      this.asErased(id, stateOfEvent(known[index] ?? [], firstOf(firstKey(id)))),
    )
  }

  /** When the oldest event was accepted that has not ended, Unix milliseconds; null: none. */
  oldestUndelivered(): number | null {
    const ids = this.deliveries.openEvents(LOOKED_AT)
    const index = this.statesOfEvents(ids).findIndex(({ status }) => !hasEnded(status))
    const id = ids[index]
    return id === undefined ? null : timeOf(id)
  }

  /** What these events were answered with last, in order. */
  lastAnswers(eventIds: readonly string[]): (LastAnswer | null)[] {
    return this.reports.lastAnswers(eventIds)
  }

  /** What has not ended of an event whose content was expunged never will in any other way. */
  private asErased<State extends RunState | DeliveryState>(eventId: string, state: State): State {
    if (hasEnded(state.status) || !this.erased.has(eventId)) return state
    return { ...state, ...erasedState(state) }
  }

  /** The runs of each of these events, with what was delivered at once and has no row. */
  runsOf(eventIds: readonly string[]): (eventId: string) => readonly RunState[] {
    const { deliveries } = this
    const open = eventIds.filter((eventId) => !hasFirst(deliveries.ofEvent(eventId)))
    const firstOf = this.withoutRow(open.map(firstKey))
    return (eventId) => withFirst(deliveries.ofEvent(eventId), firstOf(firstKey(eventId)))
  }

  /** Whether nothing was written of an event at all. */
  isUnseen(eventId: string): boolean {
    if (this.deliveries.ofEvent(eventId).length > 0) return false
    const key = firstKey(eventId)
    return this.withoutRow([key])(key).status === 'pending'
  }

  /** What the attempts alone tell of each of the deliveries: delivered at once, or nothing yet. */
  private withoutRow(keys: readonly DeliveryKey[]): (key: DeliveryKey) => DeliveryState {
    const delivered = this.reports.findDelivered(keys)
    return (key) => {
      const made = delivered.get(keyOf(key))
      if (made === undefined) return this.unseen
      return { ...UNTRIED, status: 'delivered', attempts: made.attempt, lastAttemptAt: made.at }
    }
  }
}

function firstKey(eventId: string): DeliveryKey {
  return { eventId, run: FIRST_RUN }
}
