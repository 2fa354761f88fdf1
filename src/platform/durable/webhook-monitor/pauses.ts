// What waits because its webhook's owner wants it so: whether it still does, and which of it has waited for as long as any does.

import { oldestWaiting, toldPause } from '../../../engine/health/pause.ts'
import { isPaused, type Pause } from '../../../engine/model/index.ts'
import { PAUSE } from '../../../limits.ts'
import { newId } from '../../../primitives/ids.ts'
import { HOLD } from '../../../tuning.ts'
import { PauseColumn } from '../../d1/json-columns.ts'
import { inTime } from '../in-time.ts'
import type { HeldStore, Released } from './held-store.ts'
import type { ReportStore } from './report-store.ts'

export class Pauses {
  private readonly held: HeldStore
  private readonly reports: ReportStore
  private readonly db: D1Database
  /** When the database was last asked; 0: not in this life of the object. */
  private askedAt = 0

  constructor(held: HeldStore, reports: ReportStore, db: D1Database) {
    this.held = held
    this.reports = reports
    this.db = db
  }

  /** Whether something waits because of a pause. A suspended webhook's deliveries end instead. */
  get keepsAny(): boolean {
    const { health } = this.reports
    return isPaused(health) && health.suspendedAt === null && this.held.waiting > 0
  }

  /** That the webhook is paused, or is no more; null when that is nothing new. To be written within a transaction. */
  toNote(pause: Pause, now: number): (() => void) | null {
    const { held, reports } = this
    const health = toldPause(reports.health, pause, held, now)
    return health === reports.health ? null : () => reports.insert({ id: newId(now), health }, now)
  }

  /** Some of those that wait no longer, noted as sent. */
  releaseOverdue(now: number): readonly Released[] {
    const room = Math.max(0, HOLD.mostUnderWay - this.held.underWay)
    return this.held.release(Math.min(room, HOLD.stepDeliveries), now, oldestWaiting(now))
  }

  /**
   * Whoever was to tell that the webhook is paused no more may have died before: now and then the database is asked. What is to be
   * written then, if anything is.
   */
  async ask(now: number): Promise<(() => void) | null> {
    const ref = this.held.webhook
    if (ref === null || now < this.askedAt + PAUSE.lookSeconds * 1_000) return null
    const query = this.db.prepare('SELECT pause FROM webhooks WHERE tenant_id = ? AND id = ?')
    const row = await inTime(query.bind(ref.tenantId, ref.id).first<{ pause: string | null }>())
    this.askedAt = now
    const text = row?.pause ?? null
    return text === null ? null : this.toNote(PauseColumn.parse(JSON.parse(text)), now)
  }
}
