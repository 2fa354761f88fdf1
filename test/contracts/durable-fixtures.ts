// What the contracts of the Durable Objects start from: a noon that no clock has reached, and what happens around it.

import type {
  Attempt,
  Disposition,
  Event,
  FailureHandling,
  Run,
} from '../../src/engine/model/index.ts'
import type {
  DeliveryMessage,
  EventLog,
  Monitor,
  Report,
  ReportEntry,
  TenantStore,
  WebhookRef,
  WebhookStore,
} from '../../src/engine/ports/index.ts'

/** Far ahead, so that an alarm for a time after it does not fire during a test. */
export const NOON = Date.UTC(2096, 0, 1, 12)

/** The id that is made so many milliseconds after noon; `n` tells those of one millisecond apart. */
export function idAt(ms: number, n = 0): string {
  const time = (NOON + ms).toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${String(n).padStart(12, '0')}`
}

/** A sending that a resend or replay caused. */
export const RUN: Run = idAt(0, 77)
export const OTHER_RUN: Run = idAt(0, 88)

/** The event accepted so many milliseconds after noon. */
export function eventAt(ms: number, fields: Partial<Event> = {}): Event {
  return {
    id: idAt(ms),
    type: 'invoice.paid',
    time: '2096-01-01T12:00:00.000Z',
    data: '{"total":1.10}',
    scope: {},
    actor: null,
    requestId: null,
    ...fields,
  }
}

/** Five seconds after the first failure the event is tried again; nothing suspends but 410. */
export const HANDLING: FailureHandling = {
  triggers: ['4xx', '5xx', 'timeout'],
  retry: { type: 'schedule', delaysSeconds: [5] },
  divert: true,
  suspend: null,
  alertUrl: null,
  timeoutMs: 15_000,
}

/** An attempt at noon that took 20 ms and was answered 200. */
export function delivered(event: Event, fields: Partial<Attempt> = {}): ReportEntry {
  return tried(event, { kind: 'done' }, { outcome: 'delivered', statusCode: 200, ...fields })
}

/** Answered 500, and to be tried again at five seconds past noon. */
export function failing(event: Event, fields: Partial<Attempt> = {}): ReportEntry {
  const retry = { kind: 'retry', delaySeconds: 5 } as const
  return tried(event, retry, { ...FAILED, nextAttemptAt: NOON + 5_000, ...fields })
}

/** Answered 429, with so many seconds in `Retry-After`; to be tried again then. */
export function refused(event: Event, pauseSeconds: number, fields: Partial<Attempt> = {}) {
  const entry = failing(event, {
    statusCode: 429,
    nextAttemptAt: NOON + pauseSeconds * 1_000,
    ...fields,
  })
  return { ...entry, pauseSeconds }
}

/** Not attempted while the webhook was on hold. */
export function held(event: Event, { tenantId, id }: WebhookRef, { run = '', attempts = 0 } = {}) {
  const message = { kind: 'deliver', tenantId, webhookId: id, run, event, attempts } as const
  return {
    kind: 'held',
    eventId: event.id,
    run,
    message: { ...message, role: 'watchdog' },
  } as const
}

/** Answered 500, given up and kept. */
export function diverted(event: Event, fields: Partial<Attempt> = {}): ReportEntry {
  return tried(event, { kind: 'divert', trigger: 500 }, { ...FAILED, ...fields })
}

/** Answered 500 and given up. */
export function dropped(event: Event, fields: Partial<Attempt> = {}): ReportEntry {
  return tried(event, { kind: 'drop', trigger: 500 }, { ...FAILED, ...fields })
}

/** Answered 302, which the triggers exclude: given up at once. */
export function excluded(event: Event, fields: Partial<Attempt> = {}): ReportEntry {
  const disposition = { kind: 'drop', trigger: 302, excluded: true } as const
  return tried(event, disposition, { ...FAILED, statusCode: 302, ...fields })
}

/** Not sent, because the webhook's dialect cannot express it. */
export function unsendable(event: Event, { run = '' } = {}): ReportEntry {
  return { kind: 'unsendable', eventId: event.id, run, message: 'It means nothing.', at: NOON }
}

/** Left out by the webhook's filter. */
export function filtered(event: Event, { run = '' } = {}): ReportEntry {
  return { kind: 'filtered', eventId: event.id, run, at: NOON }
}

/** Taken on by another run. */
export function withdrawn(event: Event, { run = '' } = {}): ReportEntry {
  return { kind: 'withdrawn', eventId: event.id, run, carrier: null }
}

/** Not attempted while the webhook was suspended. */
export function skipped(event: Event, { run = '', kept = true } = {}): ReportEntry {
  const why = { trigger: 'suspended', message: 'The webhook is suspended.', at: NOON } as const
  return { kind: 'skipped', eventId: event.id, run, ...why, event: kept ? event : null }
}

const FAILED = { outcome: 'failed', statusCode: 500, error: 'It answered 500.' } as const

let attempts = 0

function tried(
  event: Event,
  disposition: Disposition,
  fields: Partial<Attempt> & Pick<Attempt, 'outcome' | 'statusCode'>,
): ReportEntry {
  attempts += 1
  const attempt: Attempt = {
    id: idAt(0, attempts),
    eventId: event.id,
    eventType: event.type,
    run: '',
    attempt: 1,
    at: NOON,
    durationMs: 20,
    error: null,
    responseExcerpt: null,
    nextAttemptAt: null,
    ...fields,
  }
  const kept = disposition.kind === 'divert' ? event : null
  return { kind: 'attempt', attempt, disposition, event: kept }
}

/** A monitor of a webhook that nothing was reported to yet, at noon. */
export interface MonitorSubject {
  readonly ref: WebhookRef
  readonly monitor: Monitor
  /** Moves the clock to so many milliseconds after noon. */
  readonly setTime: (ms: number) => void
  /** Lets the monitor send what is pending; tells all it has sent to the deliveries queue so far. */
  readonly flush: () => Promise<readonly DeliveryMessage[]>
}

/** A tenant's log in which nothing is, at noon. */
export interface EventLogSubject {
  readonly tenantId: string
  readonly log: EventLog
  /** How many objects it is. */
  readonly shards: number
  /** The monitor that the log asks about this webhook. */
  readonly monitorOf: (webhookId: string) => Monitor
  /** Lets the log send what is pending; tells all it has sent to the deliveries queue so far. */
  readonly flush: () => Promise<readonly DeliveryMessage[]>
  /** Texts of what it has sent to the queue of accepted events so far. */
  readonly accepted: readonly string[]
  /** Moves the clock to so many milliseconds after noon. */
  readonly setTime: (ms: number) => void
  /** The configurations that it copies. */
  readonly webhooks: WebhookStore
  readonly tenants: TenantStore
}

/** Writes a report of these entries. */
export async function reportTo(
  { monitor, ref }: Pick<MonitorSubject, 'monitor' | 'ref'>,
  entries: readonly ReportEntry[],
  {
    id = nextReportId(),
    suspend = HANDLING.suspend,
    pause,
    throttle,
    ordering,
    batching,
  }: Partial<
    Pick<Report, 'id' | 'pause' | 'throttle' | 'ordering' | 'batching'> &
      Pick<FailureHandling, 'suspend'>
  > = {},
) {
  const [tenantId, webhookId] = [ref.tenantId, ref.id]
  const failureHandling = { ...HANDLING, suspend }
  const about = { id, tenantId, webhookId, failureHandling, entries }
  return monitor.report({
    ...about,
    ...(pause && { pause }),
    ...(throttle && { throttle }),
    ...(ordering && { ordering }),
    ...(batching && { batching }),
  })
}

let reports = 0

function nextReportId(): string {
  reports += 1
  return idAt(0, reports)
}

/** An id for a job, another one each time. */
export function nextJobId(): string {
  reports += 1
  return idAt(1, 500_000 + reports)
}

type Deliver = DeliveryMessage & { kind: 'deliver' }

/** Those that carry a delivery, in order of their events. */
export function deliveriesIn(messages: readonly DeliveryMessage[]): readonly Deliver[] {
  return messages
    .flatMap((message) => (message.kind === 'deliver' ? [message] : []))
    .toSorted((a, b) => (a.event.id < b.event.id ? -1 : 1))
}

/** Those that tell something, in the order they were sent. */
export function noticesIn(messages: readonly DeliveryMessage[]) {
  return messages.flatMap((message) => (message.kind === 'notice' ? [message.notice] : []))
}
