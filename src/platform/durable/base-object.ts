// What the Durable Objects have in common: they keep things for a while, send messages, and can be purged.

import { DurableObject } from 'cloudflare:workers'
import { describeError } from '../../errors.ts'
import { RETENTION } from '../../retention.ts'
import type { Bindings } from '../bindings.ts'
import { log } from '../logger.ts'
import { Passes, type Step, takeTurns } from './outbox.ts'
import { endPurge, isPurged, purge } from './tombstone.ts'

export abstract class BaseObject<E extends Bindings = Bindings> extends DurableObject<E> {
  /** Its owner was deleted: nothing is kept any more. */
  protected purged: boolean
  /** When the alarm will fire; null when none is set, undefined when not asked yet. */
  private alarmAt: number | null | undefined
  private readonly passes = new Passes(
    () => takeTurns(this.steps()),
    async (error) => {
      log({ event: 'outbox.waiting', error: describeError(error) })
      await this.rescheduleAlarm()
    },
  )

  constructor(ctx: DurableObjectState, env: E) {
    super(ctx, env)
    this.purged = isPurged(ctx.storage.sql)
  }

  /** Opens the stores anew on storage that was emptied. */
  protected abstract reopen(): void
  /** What there is to do: messages to send, jobs to go on with. */
  protected abstract steps(): readonly Step[]
  /** Removes what was kept long enough; false when nothing is left that will ever be. */
  protected abstract prune(now: number): boolean

  /** Forgets everything and refuses what comes later. */
  async purge(): Promise<void> {
    await purge(this.ctx.storage, Date.now())
    this.purged = true
    this.alarmAt = undefined
    this.reopen()
  }

  /** Answers, if it can be reached and its storage can be read. */
  async ping(): Promise<void> {
    this.ctx.storage.sql.exec('SELECT 1')
  }

  /** Undoes a purge: begins anew, with nothing. */
  async revive(): Promise<void> {
    if (!this.purged) return
    await this.ctx.storage.deleteAll()
    this.purged = false
    this.alarmAt = undefined
    this.reopen()
  }

  override async alarm(): Promise<void> {
    this.alarmAt = null
    if (this.purged) return endPurge(this.ctx.storage, Date.now())
    await this.passes.run()
    if (this.purged) return
    // An object without anything to remove need not be woken every day, for as long as there are webhooks and tenants.
    if (this.prune(Date.now())) await this.pruneLater()
  }

  /** Makes sure that `prune` runs within a day. */
  protected pruneLater(): Promise<void> {
    return this.scheduleAlarm(Date.now() + RETENTION.sweepSeconds * 1_000)
  }

  /**
   * Does what there is to do without holding the caller; the alarm is there in case this object dies first. After `loadAlarm`
   * and with nothing awaited between, it is set in the same transaction as what was written before.
   */
  protected async workSoon(): Promise<void> {
    await this.rescheduleAlarm()
    this.ctx.waitUntil(this.passes.run())
  }

  /** Finds out when the alarm will fire, so that setting it takes no waiting. */
  protected async loadAlarm(): Promise<void> {
    if (this.alarmAt === undefined) this.alarmAt = await this.ctx.storage.getAlarm()
  }

  /** Has the alarm fire soon, to look again at what there is to do. */
  protected wakeLater(): Promise<void> {
    return this.rescheduleAlarm()
  }

  private rescheduleAlarm(): Promise<void> {
    return this.scheduleAlarm(Date.now() + RETENTION.outboxSeconds * 1_000)
  }

  /** A purged object's alarm is the purge's: what was under way when it came must not bring that forward. */
  protected async scheduleAlarm(at: number): Promise<void> {
    if (this.purged) return
    if (this.alarmAt === undefined) await this.loadAlarm()
    if (typeof this.alarmAt === 'number' && this.alarmAt <= at) return
    this.alarmAt = at
    try {
      await this.ctx.storage.setAlarm(at)
    } catch (error) {
      this.alarmAt = undefined
      throw error
    }
  }
}
