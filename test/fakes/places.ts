// The places of deliveries that come one after the other, in memory: the same answers as PlaceStore's.

import type { BlockedKey } from '../../src/engine/model/index.ts'
import { FIRST_RUN } from '../../src/engine/model/index.ts'
import type { DeliverMessage } from '../../src/engine/ports/index.ts'
import type { MemoryHeld } from './held.ts'

interface Place {
  readonly eventId: string
  readonly key: string
  /** Null from its turn on. */
  readonly message: DeliverMessage | null
  readonly blockedAt: number | null
}

export class MemoryPlaces {
  private all: readonly Place[] = []
  private readonly held: MemoryHeld
  private readonly numbers = new Map<string, number>()

  constructor(held: MemoryHeld) {
    this.held = held
  }

  get waiting(): number {
    return this.messages.length
  }

  get messages(): readonly DeliverMessage[] {
    return this.all.flatMap(({ message }) => message ?? [])
  }

  upTo(log: string): number {
    return this.numbers.get(log) ?? 0
  }

  noteUpTo(log: string, number: number): void {
    this.numbers.set(log, number)
  }

  standingOf(eventId: string): 'waiting' | 'turn' | 'blocked' | null {
    const place = this.all.find((one) => one.eventId === eventId)
    if (place === undefined) return null
    if (place.blockedAt !== null) return 'blocked'
    return place.message === null ? 'turn' : 'waiting'
  }

  add(eventId: string, key: string, message: DeliverMessage): boolean {
    if (this.standingOf(eventId) !== null) return false
    this.all = [...this.all, { eventId, key, message, blockedAt: null }]
    this.giveTurn(key)
    return true
  }

  end(eventId: string): void {
    const place = this.all.find((one) => one.eventId === eventId)
    this.all = this.all.filter((one) => one !== place)
    if (place !== undefined) this.giveTurn(place.key)
  }

  block(eventId: string, now: number): void {
    this.all = this.all.map((one) => (one.eventId === eventId ? { ...one, blockedAt: now } : one))
  }

  skip(key: string): boolean {
    const blocked = this.all.find((one) => one.key === key && one.blockedAt !== null)
    if (blocked) this.end(blocked.eventId)
    return blocked !== undefined
  }

  blocked(limit: number): readonly BlockedKey[] {
    return this.all
      .flatMap(({ key, eventId, blockedAt: since }) =>
        since === null ? [] : { key, eventId, since },
      )
      .toSorted((a, b) => (a.eventId < b.eventId ? -1 : 1))
      .slice(0, limit)
  }

  waitingBelow(eventId: string): readonly DeliverMessage[] {
    return this.messages.filter(({ event }) => event.id < eventId)
  }

  release(): boolean {
    const isAny = this.all.length > 0
    for (const { message } of this.all) if (message) this.hold(message)
    this.all = []
    return isAny
  }

  unblock(): boolean {
    const blocked = this.blocked(Number.MAX_SAFE_INTEGER)
    for (const { eventId } of blocked) this.end(eventId)
    return blocked.length > 0
  }

  clear(): void {
    this.all = []
    this.numbers.clear()
  }

  /** To the first of a key, unless it has it. */
  private giveTurn(key: string): void {
    const first = this.all.find((one) => one.key === key)
    if (!first?.message) return
    this.hold(first.message)
    this.all = this.all.map((one) => (one === first ? { ...one, message: null } : one))
  }

  private hold(message: DeliverMessage): void {
    this.held.put({ eventId: message.event.id, run: FIRST_RUN }, message)
  }
}
