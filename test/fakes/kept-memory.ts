// What the memories in memory have in common with the Durable Objects: what they owe the deliveries queue they note
// first and send after, by the same steps, and an alarm repeats what failed or died half-way.

import type { WebhookRef } from '../../src/engine/ports/index.ts'
import { type Payable, payAll } from '../../src/platform/durable/debts.ts'
import { Dispatch } from '../../src/platform/durable/dispatch.ts'
import { RETENTION } from '../../src/tuning.ts'

/** What surrounds a memory: the clock, its queue and its alarm. */
export interface Surroundings {
  readonly clock: () => number
  readonly delayScale: number
  /** Sends the first of the texts of delivery messages and tells how many; all or none of those. */
  readonly send: (texts: readonly string[]) => Promise<number>
  /** Rings at a time, unless it rings earlier anyway. */
  readonly scheduleAlarm: (at: number) => void
  /** Whether a webhook is (still) configured. */
  readonly isConfigured: (ref: WebhookRef) => Promise<boolean>
  /** Goes on without holding the caller. */
  readonly goOn: (work: Promise<void>) => void
}

export class KeptMemory {
  private readonly owed: () => readonly Payable[]
  private readonly around: Surroundings
  private dispatch: Dispatch

  constructor(owed: () => readonly Payable[], around: Surroundings) {
    this.owed = owed
    this.around = around
    this.dispatch = this.open()
  }

  sendSoon(): void {
    this.ringAgain()
    const { dispatch } = this
    // In a turn of its own: whoever dies while it runs is whoever was there when it was begun.
    this.around.goOn(Promise.resolve().then(() => dispatch.run()))
  }

  alarm(): Promise<void> {
    return this.dispatch.run()
  }

  /** Begins anew with what is noted; what was under way is never heard of again. */
  restart(): void {
    this.dispatch = this.open()
  }

  private open(): Dispatch {
    return new Dispatch(
      () => payAll(this.owed()),
      async () => this.ringAgain(),
    )
  }

  private ringAgain(): void {
    this.around.scheduleAlarm(this.around.clock() + RETENTION.outboxSeconds * 1_000)
  }
}
