// Deliveries that wait because their webhook is on hold, is paused, or has a rate or a batch: each with the message that carries it on when its turn comes, and
// when that was sent. A delivery leaves it when what came of it is reported.

import type { HeldState, KnownBacklog } from '../../../engine/health/backlog.ts'
import { unheardMs } from '../../../engine/health/hold.ts'
import type { WaitingParts } from '../../../engine/health/joint-delivery.ts'
import { fromDeliveryText, toDeliveryText } from '../../../engine/messages/delivery-message.ts'
import { JOINT_RUN } from '../../../engine/model/index.ts'
import type {
  AskedDelivery,
  DeliverMessage,
  DeliveryKey,
  WebhookRef,
} from '../../../engine/ports/index.ts'
import { AFTER_ALL_IDS } from '../../../primitives/ids.ts'
import { HOLD } from '../../../tuning.ts'
import { rowOf, rowsOf } from '../rows.ts'
import {
  CharsRow,
  IdRow,
  MessageRow,
  NOTHING,
  OF,
  PartRow,
  ReleasedRow,
  RunRow,
  SizeRow,
  TextRow,
} from './held-table.ts'
import type { JointStore } from './joint-store.ts'
import { keyOf } from './report-store.ts'

/** A delivery whose turn has come. */
export interface Released {
  readonly key: DeliveryKey
  readonly text: string
}

/** An event that waits for others, with the message that brings it. */
export interface WaitingPart {
  readonly key: DeliveryKey
  readonly message: DeliverMessage
  readonly text: string
  readonly chars: number
}

/** What was sent: when it was heard of last (Unix milliseconds), how often it was sent by then, and the turn of the message that came. */
interface Sent {
  readonly key: DeliveryKey
  readonly at: number
  readonly releases: number
  readonly turn: number | null
  /** When it was released, until it has asked for a permit; and whether it has one. */
  readonly releasedAt: number | null
  readonly isPermitted: boolean
}

/** Millions may wait: only what was sent, which is bounded, is known in memory. */
export class HeldStore implements KnownBacklog {
  private readonly sql: SqlStorage
  private readonly joints: Pick<JointStore, 'idOf' | 'size'>
  private count = 0
  private totalChars = 0
  private sent = new Map<string, Sent>()
  /** How many of these have had a permit. */
  private permitted = 0
  /** Joint deliveries among all. */
  private joint = 0

  constructor(sql: SqlStorage, joints: Pick<JointStore, 'idOf' | 'size'>) {
    this.sql = sql
    this.joints = joints
    this.reload()
  }

  get waiting(): number {
    return this.count - this.sent.size
  }

  get underWay(): number {
    return this.sent.size
  }

  /** Joint deliveries that wait. */
  get jointWaiting(): number {
    return this.joint - [...this.sent.values()].filter(({ key }) => isJoint(key)).length
  }

  /** Events that wait for others to go with. */
  get parts(): WaitingParts {
    const count = this.waiting - this.jointWaiting
    const { size: joined } = this.joints
    if (count === 0) return { count, oldest: null, joined }
    const query = `SELECT event_id FROM held WHERE released_at IS NULL AND run <> '${JOINT_RUN}'
      ORDER BY event_id LIMIT 1`
    return { count, oldest: rowOf(this.sql, IdRow, query)?.event_id ?? null, joined }
  }

  /** The first of these, with what brings them. */
  firstParts(limit: number): readonly WaitingPart[] {
    const query = `SELECT event_id, run, message FROM held
      WHERE released_at IS NULL AND run <> '${JOINT_RUN}' ORDER BY event_id, run LIMIT ?`
    return [...rowsOf(this.sql, PartRow, query, limit)].flatMap(
      ({ event_id, run, message: text }) => {
        const message = fromDeliveryText(text)
        if (message?.kind !== 'deliver') return []
        return [{ key: { eventId: event_id, run }, message, text, chars: text.length }]
      },
    )
  }

  /** What was sent and has had no permit yet. */
  get unpermitted(): number {
    return this.sent.size - this.permitted
  }

  /** Whether more would be too much. */
  get isFull(): boolean {
    return this.totalChars >= HOLD.chars
  }

  stateOf(key: DeliveryKey): HeldState | null {
    if (this.joints.idOf(key) !== null) return 'joined'
    if (this.sent.has(keyOf(key))) return 'released'
    return this.charsOf(key) === null ? null : 'waiting'
  }

  /** Has it wait, from now on or again. */
  put(key: DeliveryKey, message: string): void {
    this.forget(key)
    const query =
      'INSERT OR REPLACE INTO held (event_id, run, message, released_at) VALUES (?, ?, ?, NULL)'
    this.sql.exec(query, key.eventId, key.run, message)
    this.count += 1
    if (isJoint(key)) this.joint += 1
    this.totalChars += message.length
  }

  delete(key: DeliveryKey): void {
    this.forget(key)
    this.sql.exec('DELETE FROM held WHERE event_id = ? AND run = ?', key.eventId, key.run)
  }

  /** The runs of an event that wait, or were sent. */
  runsOf(eventId: string): readonly string[] {
    if (this.count === 0) return []
    const rows = rowsOf(this.sql, RunRow, 'SELECT run FROM held WHERE event_id = ?', eventId)
    return [...rows].map(({ run }) => run)
  }

  /** The first of those that wait, of events below an id, noted as sent. `which`: joint deliveries alone, or what is none. */
  release(
    count: number,
    now: number,
    below: string = AFTER_ALL_IDS,
    which?: 'joint' | 'single',
  ): readonly Released[] {
    if (count <= 0) return []
    const query = `SELECT event_id, run, message, releases FROM held
      WHERE released_at IS NULL AND event_id < ? ${OF[which ?? 'any']} ORDER BY event_id, run LIMIT ?`
    return [...rowsOf(this.sql, MessageRow, query, below, count)].map(
      ({ event_id: eventId, run, message: text, releases }) => {
        const key = { eventId, run }
        const sent = { key, at: now, releases: releases + 1, turn: null }
        this.setReleased({ ...sent, releasedAt: now, isPermitted: false })
        return { key, text: inTurn(text, now) }
      },
    )
  }

  /** Nobody knows whether they were sent: those of which no message has come wait again. */
  takeBackUncertain(keys: readonly DeliveryKey[]): void {
    const isHeard = (key: DeliveryKey) => (this.sent.get(keyOf(key))?.turn ?? null) !== null
    this.takeBack(keys.filter((key) => !isHeard(key)))
  }

  /** They wait again. */
  takeBack(keys: readonly DeliveryKey[]): void {
    for (const { eventId, run } of keys) {
      if (!this.forgetSent({ eventId, run })) continue
      const query = 'UPDATE held SET released_at = NULL WHERE event_id = ? AND run = ?'
      this.sql.exec(query, eventId, run)
    }
  }

  /**
   * Has wait again what was sent and not heard of for so long that its message must be lost: each time for twice as long, because where
   * the queue does not move, its messages only pile up there. Returns how often at most one of them was sent; 0 where there is none.
   */
  takeBackUnheard(now: number): number {
    const unheard = [...this.sent.values()].filter(
      ({ at, releases }) => now >= at + unheardMs(releases),
    )
    this.takeBack(unheard.map(({ key }) => key))
    return Math.max(0, ...unheard.map(({ releases }) => releases))
  }

  /** Milliseconds since it was released, the first time that it asks for a permit; else null. */
  msSinceRelease(key: DeliveryKey, now: number): number | null {
    const sent = this.sent.get(keyOf(key))
    if (sent === undefined || sent.releasedAt === null) return null
    this.sent.set(keyOf(key), { ...sent, releasedAt: null })
    return now - sent.releasedAt
  }

  /** It has a permit. */
  permit(key: DeliveryKey): void {
    const sent = this.sent.get(keyOf(key))
    if (sent === undefined || sent.isPermitted) return
    this.sent.set(keyOf(key), { ...sent, isPermitted: true })
    this.permitted += 1
  }

  /** The webhook of what waits; null when nothing does. */
  get webhook(): WebhookRef | null {
    const row = rowOf(this.sql, TextRow, 'SELECT message FROM held LIMIT 1')
    const message = row && fromDeliveryText(row.message)
    return message?.kind === 'deliver'
      ? { tenantId: message.tenantId, id: message.webhookId }
      : null
  }

  /**
   * A message of it has come, and asks what to do; false when another one has come before. Where the queue was behind, several were
   * sent: the first to come carries it.
   */
  hear({ eventId, run, turn = 0 }: AskedDelivery, now: number): boolean {
    const name = keyOf({ eventId, run })
    const sent = this.sent.get(name)
    if (sent === undefined) return true
    if (sent.turn !== null && sent.turn !== turn) return false
    this.sent.set(name, { ...sent, at: now, turn })
    return true
  }

  /** Forgets what was not committed. */
  reload(): void {
    const sizes = `SELECT count(*) AS count, total(length(message)) AS chars,
      count(*) FILTER (WHERE run = '${JOINT_RUN}') AS joint FROM held`
    const { count, chars, joint } = rowOf(this.sql, SizeRow, sizes) ?? NOTHING
    this.joint = joint
    this.count = count
    this.totalChars = chars
    this.sent = new Map()
    this.permitted = 0
    if (count === 0) return
    const sent =
      'SELECT event_id, run, released_at, releases FROM held WHERE released_at IS NOT NULL'
    for (const row of rowsOf(this.sql, ReleasedRow, sent)) {
      const { event_id: eventId, run, released_at: at, releases } = row
      const sent = { key: { eventId, run }, at, releases, turn: null }
      this.sent.set(keyOf(sent.key), { ...sent, releasedAt: null, isPermitted: false })
    }
  }

  private setReleased(sent: Sent): void {
    const { key, at, releases } = sent
    const query = 'UPDATE held SET released_at = ?, releases = ? WHERE event_id = ? AND run = ?'
    this.sql.exec(query, at, releases, key.eventId, key.run)
    this.sent.set(keyOf(key), sent)
  }

  private forget(key: DeliveryKey): void {
    const chars = this.charsOf(key)
    if (chars === null) return
    this.count -= 1
    this.totalChars -= chars
    if (isJoint(key)) this.joint -= 1
    this.forgetSent(key)
  }

  /** Whether it was sent. */
  private forgetSent(key: DeliveryKey): boolean {
    const name = keyOf(key)
    if (this.sent.get(name)?.isPermitted) this.permitted -= 1
    return this.sent.delete(name)
  }

  /** Characters of its message; null when it is not kept. */
  private charsOf({ eventId, run }: DeliveryKey): number | null {
    if (this.count === 0) return null
    const query = 'SELECT length(message) AS chars FROM held WHERE event_id = ? AND run = ?'
    return rowOf(this.sql, CharsRow, query, eventId, run)?.chars ?? null
  }
}

function isJoint({ run }: DeliveryKey): boolean {
  return run === JOINT_RUN
}

/** A message that says when it was sent. What its event is among others stays here: both would be longer than a message may be. */
function inTurn(text: string, turn: number): string {
  const message = fromDeliveryText(text)
  if (message?.kind !== 'deliver') return text
  const { part: _, ...alone } = message
  return toDeliveryText({ ...alone, turn })
}
