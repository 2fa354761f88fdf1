// What the objects in memory have in common with the Durable Objects: they work by the same steps, and an alarm repeats what failed
// or died half-way.

import type { KeptDelivery, Pause } from '../../src/engine/model/index.ts'
import type { WebhookRef } from '../../src/engine/ports/index.ts'
import { Passes, type Step, takeTurns } from '../../src/platform/durable/outbox.ts'
import { RETENTION } from '../../src/retention.ts'

/** What surrounds an object: the clock, its queue and its alarm. */
export interface Surroundings {
  readonly clock: () => number
  readonly delayScale: number
  /** Sends the first of the texts of delivery messages and tells how many; all or none of those. */
  readonly send: (texts: readonly string[]) => Promise<number>
  /** Has the alarm fire at a time, unless it does so earlier anyway. */
  readonly scheduleAlarm: (at: number) => void
  /** Whether a webhook is (still) configured. */
  readonly isConfigured: (ref: WebhookRef) => Promise<boolean>
  /** The pause of a webhook, as it is configured; null where it was never paused, or is gone. */
  readonly pauseOf: (ref: WebhookRef) => Promise<Pause | null>
  /** What the tenant's event log keeps of a deleted webhook, whose monitor forgets it. */
  readonly keepDeliveries?: (
    tenantId: string,
    webhookId: string,
    deliveries: readonly KeptDelivery[],
  ) => Promise<void>
  /** Goes on without holding the caller. */
  readonly goOn: (work: Promise<void>) => void
}

export class FakeObject {
  private readonly steps: () => readonly Step[]
  private readonly around: Pick<Surroundings, 'clock' | 'scheduleAlarm' | 'goOn'>
  private readonly hooks: { readonly onAlarm?: () => void; readonly onRestart?: () => void }
  private passes: Passes

  constructor(
    steps: () => readonly Step[],
    around: Pick<Surroundings, 'clock' | 'scheduleAlarm' | 'goOn'>,
    hooks: FakeObject['hooks'] = {},
  ) {
    this.steps = steps
    this.around = around
    this.hooks = hooks
    this.passes = this.open()
  }

  workSoon(): void {
    this.scheduleAgain()
    const { passes } = this
    // In a turn of its own: whoever dies while it runs is whoever was there when it was begun.
    this.around.goOn(Promise.resolve().then(() => passes.run()))
  }

  alarm(): Promise<void> {
    this.hooks.onAlarm?.()
    return this.passes.run()
  }

  /** Begins anew with what is written; what was under way is never heard of again. */
  restart(): void {
    this.hooks.onRestart?.()
    this.passes = this.open()
  }

  private open(): Passes {
    return new Passes(
      () => takeTurns(this.steps()),
      async () => this.scheduleAgain(),
    )
  }

  private scheduleAgain(): void {
    this.around.scheduleAlarm(this.around.clock() + RETENTION.outboxSeconds * 1_000)
  }
}
