// What both Durable Objects have in common: they keep things for a while, send messages they owe, and can be purged.

import { DurableObject } from 'cloudflare:workers'
import { RETENTION } from '../../config.ts'
import { describeError } from '../../engine/errors.ts'
import type { Env } from '../env.ts'
import { log } from '../log.ts'
import { endPurge, isPurged, purge } from './purged.ts'

export abstract class KeptObject extends DurableObject<Env> {
  /** Its owner was deleted: nothing is kept any more. */
  protected purged: boolean
  /** When the alarm will ring; null when none is set, undefined when not asked yet. */
  private alarmAt: number | null | undefined
  private sending: Promise<void> | null = null

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    this.purged = isPurged(ctx.storage.sql)
  }

  /** Opens the stores anew on storage that was emptied. */
  protected abstract reopen(): void
  /** Sends everything that is owed; rejects when a queue does. */
  protected abstract sendOwed(): Promise<void>
  /** Removes what was kept long enough. */
  protected abstract prune(now: number): void

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
    await this.send()
    if (this.purged) return
    this.prune(Date.now())
    await this.pruneLater()
  }

  /** Makes sure that `prune` runs within a day. */
  protected pruneLater(): Promise<void> {
    return this.ringAt(Date.now() + RETENTION.sweepSeconds * 1_000)
  }

  /** Sends what is owed without holding the caller; the alarm is there in case this object dies first. */
  protected async sendSoon(): Promise<void> {
    await this.ringAgain()
    this.ctx.waitUntil(this.send())
  }

  private send(): Promise<void> {
    this.sending ??= this.sendOrRing().finally(() => {
      this.sending = null
    })
    return this.sending
  }

  private async sendOrRing(): Promise<void> {
    try {
      await this.sendOwed()
    } catch (error) {
      log({ event: 'outbox.waiting', error: describeError(error) })
      await this.ringAgain()
    }
  }

  private ringAgain(): Promise<void> {
    return this.ringAt(Date.now() + RETENTION.outboxSeconds * 1_000)
  }

  /** A purged object's alarm is the purge's: what was under way when it came must not bring that forward. */
  private async ringAt(at: number): Promise<void> {
    if (this.purged) return
    if (this.alarmAt === undefined) this.alarmAt = await this.ctx.storage.getAlarm()
    if (this.alarmAt !== null && this.alarmAt <= at) return
    this.alarmAt = at
    await this.ctx.storage.setAlarm(at)
  }
}
