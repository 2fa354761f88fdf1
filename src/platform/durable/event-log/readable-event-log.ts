// What an event log answers of what it keeps: whatever is asked of it that changes nothing.

import {
  type Attempt,
  type DayActivity,
  type Event,
  type FirstOutcome,
  type HourActivity,
  isExpunged,
  type KeptDelivery,
  LOG_SOURCE,
  type LoggedEvent,
  type Standing,
  type UnmatchedWebhook,
} from '../../../engine/model/index.ts'
import type {
  AttemptQuery,
  DeliveredSince,
  DeliveredSpan,
  DialectRuntimes,
  EventQuery,
  JobEntry,
  LogPage,
  PullPage,
  PullQuery,
  Successes,
  UnmatchedQuery,
  Usage,
} from '../../../engine/ports/index.ts'
import type { Cut } from '../../../primitives/pack.ts'
import { BaseObject } from '../base-object.ts'
import { toJobEntry } from '../job-store.ts'
import { eventPage, isKept, requestPage, scheduledPage } from './event-page.ts'
import { Intake } from './intake.ts'
import { pullPage } from './pull-page.ts'
import { type EventLogStores, openEventLogStores, type Surroundings } from './stores.ts'
import { activityOn } from './told-activity.ts'

export abstract class ReadableEventLog extends BaseObject<Surroundings> {
  protected stores: EventLogStores
  protected intake: Intake

  constructor(ctx: DurableObjectState, env: Surroundings) {
    super(ctx, env)
    this.stores = this.open()
    this.intake = this.openIntake()
  }

  /** What the deployment's dialects say of an event and a webhook. */
  protected abstract dialectRuntimes(): DialectRuntimes

  async firstOutcomes(
    keys: readonly { readonly eventId: string; readonly webhookId: string }[],
  ): Promise<readonly (FirstOutcome | null)[]> {
    const found = this.stores.outcomes.find(keys)
    return keys.map(({ eventId, webhookId }) => found.get(`${eventId}/${webhookId}`) ?? null)
  }

  async keptDeliveries(
    eventId: string,
    webhookIds: readonly string[],
  ): Promise<readonly (KeptDelivery | null)[]> {
    return webhookIds.map((webhookId) => this.stores.kept.find(eventId, webhookId))
  }

  async firstAttempts(
    webhookId: string,
    query: AttemptQuery,
    from: string | null,
  ): Promise<{ readonly items: readonly Attempt[]; readonly next: string | null }> {
    return this.stores.outcomes.list(webhookId, query, from)
  }

  async successes(webhookId: string, since: number): Promise<Successes> {
    const { latencies, ...rest } = this.stores.outcomes.summarize(webhookId, since)
    return { ...rest, latencies: latencies.toPairs() }
  }

  async deliveredByHour(webhookId: string, since: number): Promise<readonly HourActivity[]> {
    return this.stores.outcomes.deliveredTo(webhookId, since)
  }

  async delivered(span: DeliveredSpan): Promise<DeliveredSince> {
    return {
      ...this.stores.outcomes.ended(span),
      troubled: this.stores.copy.troubledSince(span.after),
    }
  }

  async find(id: string): Promise<LoggedEvent | null> {
    const event = this.stores.events.find(id)
    if (event !== null) return isKept(event, this.days) ? event : null
    const waiting = this.stores.scheduled.find(id)
    return waiting && { ...waiting, webhookIds: [], isWaiting: true }
  }

  async unmatched(
    tenantId: string,
    query: UnmatchedQuery,
    after: string | null,
  ): Promise<Cut<UnmatchedWebhook>> {
    const isThere = !this.purged && (await this.find(query.eventId)) !== null
    return isThere ? this.intake.unmatched(tenantId, query, after) : { items: [], more: false }
  }

  async list(query: EventQuery, position: string | null): Promise<Omit<LogPage, 'nextCursor'>> {
    const { events, scheduled } = this.stores
    if (query.isScheduled) return scheduledPage(scheduled, query, position)
    return eventPage(events, this.days, query, position)
  }

  async pull(query: PullQuery): Promise<PullPage> {
    return pullPage(this.stores.events, this.days, query)
  }

  async listByRequest(
    requestId: string,
    after: string | null,
    share = 1,
  ): Promise<Cut<LoggedEvent>> {
    return requestPage(this.stores.events, this.days, requestId, after, share)
  }

  async usage(since: number): Promise<Usage> {
    return this.stores.events.numbers.usage(since, Date.now())
  }

  async erasedAmong(events: readonly Pick<Event, 'id' | 'scope'>[]): Promise<readonly string[]> {
    const { erasures, events: kept } = this.stores
    const erased = await erasures.among(events.map((event) => ({ event })))
    const isGone = (id: string) => isExpunged(kept.find(id) ?? {})
    return events.flatMap(({ id }) => (erased.has(id) || isGone(id) ? [id] : []))
  }

  /** What was accepted and delivered on these days (their beginnings), by hour, and how webhooks stand. */
  async activity(
    days: readonly number[],
  ): Promise<{ readonly days: readonly DayActivity[]; readonly standing: Standing }> {
    const now = Date.now()
    return {
      days: days.map((day) => this.activityOn(day, now)),
      standing: this.stores.copy.standing,
    }
  }

  protected activityOn(day: number, now: number): DayActivity {
    return activityOn(day, `${LOG_SOURCE}${this.ctx.id}`, this.stores, now)
  }

  async jobs(page: { limit: number; before: string | null }): Promise<readonly JobEntry[]> {
    return this.stores.jobs.list(page).map(toJobEntry)
  }

  async job(id: string): Promise<JobEntry | null> {
    const job = this.stores.jobs.find(id)
    return job && toJobEntry(job)
  }

  protected override reopen(): void {
    this.intake.close()
    this.stores = this.open()
    this.intake = this.openIntake()
  }

  /** Days for which events are kept that do not say so themselves. */
  protected get days(): number {
    return this.stores.copy.retentionDays
  }

  private open(): EventLogStores {
    return openEventLogStores(this.ctx.storage, this.env, (write) => this.transact(write))
  }

  private openIntake(): Intake {
    return new Intake(this.stores, this.env, () => this.dialectRuntimes())
  }

  protected transact<Result>(write: () => Result): Result {
    try {
      return this.ctx.storage.transactionSync(write)
    } catch (error) {
      // The stores remember what they wrote, and that is undone.
      this.reopen()
      throw error
    }
  }
}
