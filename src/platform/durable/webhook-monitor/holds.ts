// What waits because of a hold, a pause, a rate or a batch, on its way: how many may go now is decided in engine/health/hold.ts and rate.ts. What is sent is noted as sent
// before, because whoever gets the message asks whether its turn has come.

import { isRated, mayWait, withHold } from '../../../engine/health/health.ts'
import { isOver } from '../../../engine/health/hold.ts'
import { nextRatedRelease } from '../../../engine/health/rate.ts'
import { newId } from '../../../primitives/ids.ts'
import { HOLD } from '../../../tuning.ts'
import type { Bindings } from '../../bindings.ts'
import { settingsOf } from '../../settings.ts'
import type { JobStore } from '../job-store.ts'
import type { Outbox, Step } from '../outbox.ts'
import { isDeletion, toDeletion } from './deletion.ts'
import type { HeldStore, Released } from './held-store.ts'
import type { Joints } from './joints.ts'
import type { Pauses } from './pauses.ts'
import type { Rates } from './rates.ts'
import type { ReportStore } from './report-store.ts'

interface Stores {
  readonly held: HeldStore
  readonly reports: ReportStore
  readonly jobs: JobStore
  readonly rates: Rates
  readonly joints: Joints
}

/** What an object lends: its transactions, and its alarm. */
interface Around {
  readonly transact: <T>(work: () => T) => T
  readonly lookAt: (at: number) => Promise<void>
}

export class Holds {
  private readonly stores: Stores
  private readonly send: Outbox['send']
  private readonly delayScale: number
  private readonly pauses: Pauses

  constructor(stores: Stores, pauses: Pauses, send: Outbox['send'], env: Bindings) {
    this.stores = stores
    this.pauses = pauses
    this.send = send
    this.delayScale = settingsOf(env).delayScale
  }

  /** How many may be sent now, and when to look again; null: when something is reported. */
  next(): { readonly count: number; readonly lookAt: number | null } {
    const { reports, rates, joints } = this.stores
    const about = { now: Date.now(), delayScale: this.delayScale }
    const counts = joints.toGo(about.now)
    const { count, lookAt } = nextRatedRelease(reports.health, counts, rates, about)
    const looks = [lookAt, counts.lookAt].filter((at) => at !== null)
    return { count, lookAt: looks.length > 0 ? Math.min(...looks) : null }
  }

  /** Sends some of what waits, if its turn has come; there is nothing left to do now when it resolves with false. */
  release({ transact, lookAt }: Around): Step {
    return async () => {
      transact(() => this.endHold())
      const news = this.pauses.keepsAny ? await this.pauses.ask(Date.now()) : null
      if (news !== null) transact(news)
      const next = this.next()
      const { held } = this.stores
      const released = transact(() => this.take(next.count))
      if (released.length === 0) {
        if (next.lookAt !== null) await lookAt(next.lookAt)
        return false
      }
      let sent = 0
      try {
        while (sent < released.length) {
          sent += await this.send(released.slice(sent).map(({ text }) => text))
        }
      } finally {
        const left = released.slice(sent).map(({ key }) => key)
        if (left.length > 0) transact(() => held.takeBackUncertain(left))
      }
      return true
    }
  }

  /** Some of those whose turn it is; while there is none, of those that wait no longer. */
  private take(count: number): readonly Released[] {
    const { held, reports } = this.stores
    const now = Date.now()
    if (this.pauses.keepsAny) return this.pauses.releaseOverdue(now)
    // What has waited out is sent to nobody.
    if (count === 0) return isRated(reports.health) ? this.pauses.releaseOverdue(now) : []
    const most = Math.min(count, HOLD.stepDeliveries)
    return this.stores.joints.release(most, now) ?? held.release(most, now)
  }

  /** Ends a hold that is over, and has wait again what was sent and seems to be lost. */
  private endHold(): void {
    const { held, joints, reports } = this.stores
    const { hold } = reports.health
    const now = Date.now()
    if (held.takeBackUnheard(now) >= HOLD.doubtedAfter) this.askForWebhook(now)
    if (hold === null || !isOver(hold, joints.toGo(now), this.about(now))) return
    reports.insert({ id: newId(now), health: withHold(reports.health, null) }, now)
  }

  private about(now: number) {
    const { delayScale } = this
    return { now, delayScale, mayWait: mayWait(this.stores.reports.health) }
  }

  /** Nobody hears of what is sent for a deleted webhook: its monitor may be the one that was never told. */
  private askForWebhook(now: number): void {
    const { held, jobs } = this.stores
    const { webhook } = held
    if (webhook === null || jobs.running().some(isDeletion)) return
    jobs.insert(toDeletion(webhook, now))
  }
}
