// What waits because of a hold, on its way: how many may go now is decided in engine/health/hold.ts. What is sent is noted as sent
// before, because whoever gets the message asks whether its turn has come.

import { withHold } from '../../../engine/health/health.ts'
import { isOver, nextRelease } from '../../../engine/health/hold.ts'
import { newId } from '../../../primitives/ids.ts'
import { HOLD } from '../../../tuning.ts'
import type { Bindings } from '../../bindings.ts'
import { settingsOf } from '../../settings.ts'
import type { JobStore } from '../job-store.ts'
import type { Outbox, Step } from '../outbox.ts'
import { isDeletion, toDeletion } from './deletion.ts'
import type { HeldStore } from './held-store.ts'
import type { ReportStore } from './report-store.ts'

/** What an object lends: its transactions, and its alarm. */
interface Around {
  readonly transact: <T>(work: () => T) => T
  readonly lookAt: (at: number) => Promise<void>
}

export class Holds {
  private readonly stores: {
    readonly held: HeldStore
    readonly reports: ReportStore
    readonly jobs: JobStore
  }
  private readonly send: Outbox['send']
  private readonly delayScale: number

  constructor(stores: Holds['stores'], send: Outbox['send'], env: Bindings) {
    this.stores = stores
    this.send = send
    this.delayScale = settingsOf(env).delayScale
  }

  /** How many may be sent now, and when to look again; null: when something is reported. */
  next(): { readonly count: number; readonly lookAt: number | null } {
    const { held, reports } = this.stores
    const { hold, suspendedAt } = reports.health
    const isSuspended = suspendedAt !== null
    const now = Date.now()
    return nextRelease(hold, held, { now, delayScale: this.delayScale, isSuspended })
  }

  /** Sends some of what waits, if its turn has come; there is nothing left to do now when it resolves with false. */
  release({ transact, lookAt }: Around): Step {
    return async () => {
      transact(() => this.endHold())
      const next = this.next()
      if (next.count === 0) {
        if (next.lookAt !== null) await lookAt(next.lookAt)
        return false
      }
      const count = Math.min(next.count, HOLD.stepDeliveries)
      const { held } = this.stores
      const released = transact(() => held.release(count, Date.now()))
      let sent = 0
      try {
        while (sent < released.length) {
          sent += await this.send(released.slice(sent).map(({ text }) => text))
        }
      } finally {
        const left = released.slice(sent).map(({ key }) => key)
        if (left.length > 0) transact(() => held.takeBack(left))
      }
      return true
    }
  }

  /** Ends a hold that is over, and has wait again what was sent and seems to be lost. */
  private endHold(): void {
    const { held, reports } = this.stores
    const { hold } = reports.health
    const now = Date.now()
    if (held.takeBackUnheard(now) >= HOLD.doubtedAfter) this.askForWebhook(now)
    if (hold === null || !isOver(hold, held, { now, delayScale: this.delayScale })) return
    reports.insert({ id: newId(now), health: withHold(reports.health, null) }, now)
  }

  /** Nobody hears of what is sent for a deleted webhook: its monitor may be the one that was never told. */
  private askForWebhook(now: number): void {
    const { held, jobs } = this.stores
    const { webhook } = held
    if (webhook === null || jobs.running().some(isDeletion)) return
    jobs.insert(toDeletion(webhook, now))
  }
}
