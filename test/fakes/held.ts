// Deliveries that wait because their webhook is on hold, in memory: the same answers as HeldStore's.

import type { HeldState, KnownBacklog } from '../../src/engine/health/backlog.ts'
import { unheardMs } from '../../src/engine/health/hold.ts'
import type { WaitingParts } from '../../src/engine/health/joint-delivery.ts'
import { toDeliveryText } from '../../src/engine/messages/delivery-message.ts'
import { type Event, JOINT_RUN } from '../../src/engine/model/index.ts'
import type {
  AskedDelivery,
  DeliverMessage,
  DeliveryKey,
  WebhookRef,
} from '../../src/engine/ports/index.ts'
import { AFTER_ALL_IDS } from '../../src/primitives/ids.ts'

export interface Held {
  readonly key: DeliveryKey
  readonly message: DeliverMessage
  /** When it was sent; null while it waits. */
  readonly releasedAt: number | null
  readonly heardAt: number | null
  /** How often it was sent and not heard of since. */
  readonly releases: number
  /** Of the message that came. */
  readonly turn: number | null
  /** It has not asked for a permit; and it has one. */
  readonly isUnasked: boolean
  readonly isPermitted: boolean
}

export class MemoryHeld implements KnownBacklog {
  private readonly all = new Map<string, Held>()
  /** Whether a delivery goes with others. */
  isJoined: (key: DeliveryKey) => boolean = () => false
  joined = () => 0

  get waiting(): number {
    return this.all.size - this.underWay
  }

  get underWay(): number {
    return [...this.all.values()].filter(({ releasedAt }) => releasedAt !== null).length
  }

  stateOf(key: DeliveryKey): HeldState | null {
    if (this.isJoined(key)) return 'joined'
    const held = this.all.get(nameOf(key))
    if (held === undefined) return null
    return held.releasedAt === null ? 'waiting' : 'released'
  }

  put(key: DeliveryKey, message: DeliverMessage): void {
    this.all.set(nameOf(key), {
      key,
      message,
      releasedAt: null,
      heardAt: null,
      releases: 0,
      turn: null,
      isUnasked: false,
      isPermitted: false,
    })
  }

  delete(key: DeliveryKey): void {
    this.all.delete(nameOf(key))
  }

  get webhook(): WebhookRef | null {
    const [held] = this.all.values()
    return held ? { tenantId: held.message.tenantId, id: held.message.webhookId } : null
  }

  events(): readonly Event[] {
    const own = [...this.all.values()].filter(({ key }) => key.run !== JOINT_RUN)
    return own.map(({ message }) => message.event)
  }

  clear(): void {
    this.all.clear()
  }

  private waitingOf(which: 'joint' | 'single' | 'any'): readonly (readonly [string, Held])[] {
    return [...this.all.entries()].filter(([, { key, releasedAt }]) => {
      if (releasedAt !== null) return false
      return which === 'any' || (key.run === JOINT_RUN) === (which === 'joint')
    })
  }

  get jointWaiting(): number {
    return this.waitingOf('joint').length
  }

  get waitingParts(): WaitingParts {
    const parts = this.waitingOf('single').map(([, { key }]) => key.eventId)
    return { count: parts.length, oldest: parts.toSorted()[0] ?? null, joined: this.joined() }
  }

  firstParts(limit: number) {
    return this.waitingOf('single')
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .slice(0, limit)
      .map(([, { message }]) => ({ message, chars: toDeliveryText(message).length }))
  }

  release(
    count: number,
    now: number,
    below = AFTER_ALL_IDS,
    which: 'joint' | 'single' | 'any' = 'any',
  ): readonly Held[] {
    const next = this.waitingOf(which)
      .filter(([, { key }]) => key.eventId < below)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .slice(0, count)
      .map(([, held]) => held)
    for (const held of next) {
      const releases = held.releases + 1
      const sent = { releasedAt: now, heardAt: now, releases, turn: null, isUnasked: true }
      this.change(held.key, { ...held, ...sent, isPermitted: false })
    }
    return next.map(({ message: { part: _, ...message }, ...held }) => ({
      ...held,
      message: { ...message, turn: now },
    }))
  }

  takeBackUncertain(keys: readonly DeliveryKey[]): void {
    this.takeBack(keys.filter((key) => (this.all.get(nameOf(key))?.turn ?? null) === null))
  }

  takeBack(keys: readonly DeliveryKey[]): void {
    for (const key of keys) {
      const held = this.all.get(nameOf(key))
      const back = { releasedAt: null, heardAt: null, turn: null, isPermitted: false }
      if (held) this.change(key, { ...held, ...back })
    }
  }

  takeBackUnheard(now: number): number {
    const unheard = [...this.all.values()].filter(
      ({ heardAt, releases }) => heardAt !== null && now >= heardAt + unheardMs(releases),
    )
    this.takeBack(unheard.map(({ key }) => key))
    return Math.max(0, ...unheard.map(({ releases }) => releases))
  }

  hear({ eventId, run, turn = 0 }: AskedDelivery, now: number): boolean {
    const key = { eventId, run }
    const held = this.all.get(nameOf(key))
    if (held === undefined || held.releasedAt === null) return true
    if (held.turn !== null && held.turn !== turn) return false
    this.change(key, { ...held, heardAt: now, turn })
    return true
  }

  get unpermitted(): number {
    const sent = [...this.all.values()].filter(({ releasedAt }) => releasedAt !== null)
    return sent.filter(({ isPermitted }) => !isPermitted).length
  }

  msSinceRelease(key: DeliveryKey, now: number): number | null {
    const held = this.all.get(nameOf(key))
    if (held === undefined || held.releasedAt === null || !held.isUnasked) return null
    this.change(key, { ...held, isUnasked: false })
    return now - held.releasedAt
  }

  permit(key: DeliveryKey): void {
    const held = this.all.get(nameOf(key))
    if (held && held.releasedAt !== null) this.change(key, { ...held, isPermitted: true })
  }

  /** What a restart forgets: when messages were heard of, and which have permits. */
  restart(): void {
    for (const held of this.all.values())
      this.change(held.key, {
        ...held,
        ...{ heardAt: held.releasedAt, turn: null, isUnasked: false, isPermitted: false },
      })
  }

  private change(key: DeliveryKey, held: Held): void {
    this.all.set(nameOf(key), held)
  }
}

function nameOf({ eventId, run }: DeliveryKey): string {
  return `${eventId}/${run}`
}
