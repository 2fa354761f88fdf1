import { describe, expect, it } from 'vitest'
import { applyReport } from '../../../src/engine/health/apply-report.ts'
import { INITIAL_HEALTH } from '../../../src/engine/health/health.ts'
import { UNTRIED } from '../../../src/engine/health/runs.ts'
import type {
  Attempt,
  Disposition,
  Event,
  Health,
  Run,
  RunState,
} from '../../../src/engine/model/index.ts'
import type { Report, ReportEntry } from '../../../src/engine/ports/index.ts'
import { handling } from '../attempt/outcomes.ts'

const T = 1_700_000_000_000
const HOUR_MS = 3_600_000
const RUN = '01940000-0000-7000-8000-0000000000aa'

const event: Event = {
  id: 'event-1',
  type: 'invoice.paid',
  time: '2026-11-22T10:00:00.000Z',
  data: '{}',
  scope: {},
  actor: null,
  requestId: null,
}

interface Tried extends Partial<Attempt> {
  readonly next: Disposition
  readonly event?: Event
}

const retry: Disposition = { kind: 'retry', delaySeconds: 5 }
const divert: Disposition = { kind: 'divert', trigger: 500 }
const drop: Disposition = { kind: 'drop', trigger: 500 }
const done: Disposition = { kind: 'done' }

function tried({ next, event: kept, ...fields }: Tried): ReportEntry {
  const isDelivered = next.kind === 'done'
  const attempt: Attempt = {
    id: 'attempt',
    eventId: 'event-1',
    eventType: 'invoice.paid',
    run: '',
    attempt: 1,
    at: T,
    outcome: isDelivered ? 'delivered' : 'failed',
    statusCode: isDelivered ? 200 : 500,
    durationMs: 10,
    error: isDelivered ? null : 'The receiver responded with status 500.',
    responseExcerpt: null,
    nextAttemptAt: next.kind === 'retry' ? T + 5_010 : null,
    ...fields,
  }
  const divertedEvent = next.kind === 'divert' ? (kept ?? event) : null
  return { kind: 'attempt', attempt, disposition: next, event: divertedEvent }
}

function skipped(kept: Event | null, run: Run = ''): ReportEntry {
  const why = { trigger: 'suspended', message: 'The webhook is suspended.', at: T } as const
  return { kind: 'skipped', eventId: 'event-1', run, ...why, event: kept }
}

function withdrawn(carrier: string | null = null): ReportEntry {
  return { kind: 'withdrawn', eventId: 'event-1', run: '', carrier }
}

type Known = RunState
const known = (status: Known['status'], fields: Partial<Known> = {}): Known => ({
  ...UNTRIED,
  run: '',
  status,
  attempts: 1,
  lastAttemptAt: T - 1_000,
  nextAttemptAt: null,
  ...fields,
})

function digested(
  entries: readonly ReportEntry[],
  {
    health = {},
    deliveries = [],
    suspend = null,
    triggers = handling.triggers,
  }: {
    readonly health?: Partial<Health>
    readonly deliveries?: readonly Known[]
    readonly suspend?: Report['failureHandling']['suspend']
    readonly triggers?: Report['failureHandling']['triggers']
  } = {},
) {
  const report: Report = {
    id: 'report-1',
    tenantId: 'tenant-1',
    webhookId: 'webhook-1',
    failureHandling: { ...handling, suspend, triggers },
    entries,
  }
  const memory = {
    health: { ...INITIAL_HEALTH, ...health },
    deliveriesOf: (id: string) => (id === 'event-1' ? deliveries : []),
    held: { waiting: 0, underWay: 0, stateOf: () => null },
  }
  return applyReport(report, memory, { now: T + 20, delayScale: 1 })
}

const key = { eventId: 'event-1', run: '' }
const delivery = (
  status: Known['status'],
  attempts: number,
  at: number | null,
  next: number | null = null,
  reason = status === 'diverted' || status === 'dropped'
    ? 'The receiver responded with status 500.'
    : null,
) => ({
  kind: 'delivery',
  key,
  state: { status, attempts, lastAttemptAt: at, nextAttemptAt: next, reason, carrier: null },
})
const SUSPENDED = 'The webhook is suspended.'
const kept = (trigger: unknown, message: string, divertedAt: number) => ({
  kind: 'divert',
  diverted: { event, trigger, message, divertedAt },
})

const EXCLUDED =
  'The receiver responded with status 500. (Not retried, because it is not one of the triggers of the webhook.)'
const MEANS_NOTHING = 'It means nothing.'
const unsendable: ReportEntry = {
  ...{ kind: 'unsendable', eventId: 'event-1', run: '', message: MEANS_NOTHING, at: T },
}

describe('what a report changes', () => {
  it.each<[string, ReportEntry, readonly Known[], unknown[]]>([
    ['delivered at once: nothing, the attempt says it', tried({ next: done }), [], []],
    [
      'delivered on a retry',
      tried({ next: done, attempt: 2 }),
      [known('failing')],
      [delivery('delivered', 2, T), { kind: 'undivert', eventId: 'event-1' }],
    ],
    ['failed', tried({ next: retry }), [], [delivery('failing', 1, T, T + 5_010)]],
    [
      'exhausted',
      tried({ next: divert, attempt: 3 }),
      [known('failing', { attempts: 2 })],
      [delivery('diverted', 3, T), kept(500, 'The receiver responded with status 500.', T + 10)],
    ],
    [
      'exhausted by silence',
      tried({
        next: divert,
        statusCode: null,
        error: 'The receiver did not respond within 15000 ms.',
      }),
      [],
      [
        delivery('diverted', 1, T, null, 'The receiver did not respond within 15000 ms.'),
        kept('timeout', 'The receiver did not respond within 15000 ms.', T + 10),
      ],
    ],
    ['exhausted, not kept', tried({ next: drop }), [], [delivery('dropped', 1, T)]],
    [
      'failed, excluded by the triggers, and kept',
      tried({ next: { kind: 'divert', trigger: 500, excluded: true } }),
      [],
      [delivery('diverted', 1, T, null, EXCLUDED), kept(500, EXCLUDED, T + 10)],
    ],
    [
      'failed, excluded by the triggers, and not kept',
      tried({ next: { kind: 'drop', trigger: 500, excluded: true } }),
      [],
      [delivery('dropped', 1, T, null, EXCLUDED)],
    ],
    [
      'answered below 200: like no answer',
      tried({ next: divert, statusCode: 101, error: 'The receiver responded with status 101.' }),
      [],
      [
        delivery('diverted', 1, T, null, 'The receiver responded with status 101.'),
        kept('timeout', 'The receiver responded with status 101.', T + 10),
      ],
    ],
    ['unsendable', unsendable, [], [delivery('unsendable', 0, null, null, MEANS_NOTHING)]],
    [
      'unsendable between retries',
      unsendable,
      [known('failing', { attempts: 2 })],
      [delivery('unsendable', 2, T - 1_000, null, MEANS_NOTHING)],
    ],
    ['unsendable after it was delivered: nothing', unsendable, [known('delivered')], []],
    [
      'failed again, while another message carries it',
      tried({ next: retry, attempt: 2 }),
      [known('failing', { carrier: RUN })],
      [
        {
          ...delivery('failing', 2, T, T + 5_010),
          state: { ...delivery('failing', 2, T, T + 5_010).state, carrier: RUN },
        },
      ],
    ],
    [
      'suspended',
      skipped(event),
      [],
      [delivery('diverted', 0, null, null, SUSPENDED), kept('suspended', SUSPENDED, T)],
    ],
    [
      'suspended between retries',
      skipped(event),
      [known('failing', { attempts: 2 })],
      [delivery('diverted', 2, T - 1_000, null, SUSPENDED), kept('suspended', SUSPENDED, T)],
    ],
    ['suspended, not kept', skipped(null), [], [delivery('dropped', 0, null, null, SUSPENDED)]],
    ['withdrawn', withdrawn(), [], [delivery('withdrawn', 0, null)]],
    [
      'withdrawn, and known to have been tried',
      withdrawn(),
      [known('failing', { attempts: 2, nextAttemptAt: T })],
      [delivery('withdrawn', 2, T - 1_000)],
    ],
    [
      'withdrawn when another carries it: nothing',
      withdrawn(),
      [known('failing', { carrier: RUN })],
      [],
    ],
    ['withdrawn after it ended: nothing', withdrawn(), [known('diverted')], []],
    [
      'a late report of a failure after it was withdrawn: it stays so',
      tried({ next: retry }),
      [known('withdrawn', { attempts: 0, lastAttemptAt: null })],
      [delivery('withdrawn', 1, T)],
    ],
    [
      'a late report of its end after it was withdrawn',
      tried({ next: divert }),
      [known('withdrawn', { attempts: 0, lastAttemptAt: null })],
      [delivery('diverted', 1, T), kept(500, 'The receiver responded with status 500.', T + 10)],
    ],
    ['failed after it was delivered: nothing', tried({ next: retry }), [known('delivered')], []],
    ['suspended after it was delivered: nothing', skipped(event), [known('delivered')], []],
    ['delivered twice: nothing', tried({ next: done }), [known('delivered')], []],
    [
      'a late report of an earlier failure: nothing',
      tried({ next: retry, attempt: 1 }),
      [known('diverted', { attempts: 3 })],
      [],
    ],
    [
      'a late report of a failure whose retry found the webhook disabled: it stays ended',
      tried({ next: retry }),
      [known('dropped', { attempts: 0, lastAttemptAt: null, reason: SUSPENDED })],
      [delivery('dropped', 1, T, null, SUSPENDED)],
    ],
    [
      'an end without the log, whose attempt bears an earlier number',
      tried({ next: divert, attempt: 1 }),
      [known('failing', { attempts: 3 })],
      [delivery('diverted', 3, T), kept(500, 'The receiver responded with status 500.', T + 10)],
    ],
    [
      'a late report of an earlier success',
      tried({ next: done, attempt: 1 }),
      [known('failing', { attempts: 2 })],
      [delivery('delivered', 2, T), { kind: 'undivert', eventId: 'event-1' }],
    ],
  ])('%s', (_, entry, deliveries, expected) => {
    expect(digested([entry], { deliveries }).changes).toEqual(expected)
  })

  it.each<[string, ReportEntry[], unknown[]]>([
    [
      'failed and delivered: delivered',
      [tried({ next: retry }), tried({ next: done })],
      [
        delivery('failing', 1, T, T + 5_010),
        delivery('delivered', 1, T),
        { kind: 'undivert', eventId: 'event-1' },
      ],
    ],
    [
      'delivered and failed: nothing, the attempt says it',
      [tried({ next: done }), tried({ next: divert })],
      [],
    ],
    ['delivered and suspended: nothing', [tried({ next: done }), skipped(event)], []],
    [
      'failed a second time and, told late, a first time',
      [tried({ next: retry, attempt: 2 }), tried({ next: retry })],
      [delivery('failing', 2, T, T + 5_010)],
    ],
    [
      'failed, and delivered in another run',
      [tried({ next: retry }), tried({ next: done, run: RUN })],
      [
        delivery('failing', 1, T, T + 5_010),
        { ...delivery('delivered', 1, T), key: { eventId: 'event-1', run: RUN } },
        { kind: 'undivert', eventId: 'event-1' },
      ],
    ],
  ])('of one delivery twice, %s', (_, entries, expected) => {
    expect(digested(entries).changes).toEqual(expected)
  })

  it.each<[string, ReportEntry, unknown[]]>([
    [
      'delivered: it is kept no longer',
      tried({ next: done, run: RUN }),
      [expect.objectContaining({ kind: 'delivery' }), { kind: 'undivert', eventId: 'event-1' }],
    ],
    [
      'exhausted: it is kept anew, and may be resent',
      tried({ next: divert, run: RUN }),
      [
        expect.objectContaining({ kind: 'delivery' }),
        kept(500, 'The receiver responded with status 500.', T + 10),
        { kind: 'resendable', eventId: 'event-1', run: RUN },
      ],
    ],
    [
      'dropped: what is kept may be resent',
      tried({ next: drop, run: RUN }),
      [
        expect.objectContaining({ kind: 'delivery' }),
        { kind: 'resendable', eventId: 'event-1', run: RUN },
      ],
    ],
    [
      'not tried and not kept: what is kept may be resent',
      skipped(null, RUN),
      [
        expect.objectContaining({ kind: 'delivery' }),
        { kind: 'resendable', eventId: 'event-1', run: RUN },
      ],
    ],
  ])('of a resend %s', (_, entry, expected) => {
    const result = digested([entry], { deliveries: [known('diverted')] })
    expect(result.changes).toEqual(expected)
  })

  it('of a first attempt that delivers what another run left diverted keeps it no longer', () => {
    const deliveries = [known('diverted', { run: RUN })]
    const { changes } = digested([tried({ next: done })], { deliveries })
    expect(changes).toEqual([{ kind: 'undivert', eventId: 'event-1' }])
  })
})

describe('what a report counts', () => {
  it('counts attempts, diverted events and latencies', () => {
    const { counts, latencies } = digested([
      tried({ next: done, durationMs: 7, eventId: 'event-4' }),
      tried({ next: done, durationMs: 9, eventId: 'event-2' }),
      tried({ next: retry, eventId: 'event-3' }),
      skipped(event),
    ])
    expect(counts).toEqual({ delivered: 2, failed: 1, diverted: 1, unsendable: 0 })
    expect(latencies).toEqual([7, 9])
  })

  it.each<[string, ReportEntry[], readonly Known[], Partial<Health>, Partial<Health>]>([
    [
      'a first failure',
      [tried({ next: retry })],
      [],
      {},
      { consecutiveFailures: 1, failedEvents: 1 },
    ],
    [
      'the same event again',
      [tried({ next: retry, attempt: 2 })],
      [known('failing')],
      { consecutiveFailures: 1, failedEvents: 1, failingSince: T - 1_000 },
      { consecutiveFailures: 2, failedEvents: 1 },
    ],
    [
      'the same event in another run',
      [tried({ next: retry, run: RUN })],
      [known('diverted')],
      { consecutiveFailures: 1, failedEvents: 1, failingSince: T - 1_000 },
      { consecutiveFailures: 2, failedEvents: 1 },
    ],
    [
      'the same event in another run, delivered when the failures began',
      [tried({ next: retry, run: RUN })],
      [known('delivered')],
      { consecutiveFailures: 1, failedEvents: 1, failingSince: T - 1_000 },
      { consecutiveFailures: 2, failedEvents: 2 },
    ],
    [
      'an event that failed before the last success',
      [tried({ next: retry, attempt: 2 })],
      [known('failing')],
      {},
      { consecutiveFailures: 1, failedEvents: 1 },
    ],
    [
      'one event twice in one report',
      [tried({ next: retry }), tried({ next: retry, run: RUN })],
      [],
      {},
      { consecutiveFailures: 2, failedEvents: 1 },
    ],
    [
      'one event on both sides of a success',
      [
        tried({ next: retry }),
        tried({ next: done, eventId: 'event-2' }),
        tried({ next: retry, run: RUN }),
      ],
      [],
      {},
      { consecutiveFailures: 1, failedEvents: 1 },
    ],
    [
      'two events',
      [tried({ next: divert }), tried({ next: divert, eventId: 'event-2' })],
      [],
      {},
      { consecutiveFailures: 2, failedEvents: 2, exhaustedEvents: 2 },
    ],
    [
      'the same event exhausted in another run',
      [tried({ next: divert, run: RUN })],
      [known('diverted')],
      { failedEvents: 1, exhaustedEvents: 1, failingSince: T - 1_000 },
      { failedEvents: 1, exhaustedEvents: 1 },
    ],
    [
      'one event exhausted twice in one report',
      [tried({ next: drop }), tried({ next: drop, run: RUN })],
      [],
      {},
      { failedEvents: 1, exhaustedEvents: 1 },
    ],
    [
      'an event that was exhausted before the last success',
      [tried({ next: divert, run: RUN })],
      [known('diverted')],
      {},
      { failedEvents: 1, exhaustedEvents: 1 },
    ],
    [
      'an event that failed before and is exhausted now',
      [tried({ next: divert, attempt: 2 })],
      [known('failing')],
      { failedEvents: 1, failingSince: T - 1_000 },
      { failedEvents: 1, exhaustedEvents: 1 },
    ],
    [
      'a failure that the triggers exclude, which counts like an exhausted one',
      [tried({ next: { kind: 'drop', trigger: 500, excluded: true } })],
      [],
      {},
      { consecutiveFailures: 1, failedEvents: 1, exhaustedEvents: 1, laneStreak: 0 },
    ],
    [
      'an event that cannot be expressed',
      [unsendable],
      [],
      {},
      { consecutiveFailures: 0, failedEvents: 0, exhaustedEvents: 0, laneStreak: 0 },
    ],
    ['an event that was not tried', [skipped(event)], [], {}, { consecutiveFailures: 0 }],
  ])('for health: %s', (_, entries, deliveries, health, expected) => {
    expect(digested(entries, { deliveries, health }).health).toMatchObject(expected)
  })
})

describe('what a report tells the tenant', () => {
  const strict = { suspend: { afterSeconds: 0, afterFailures: 1 } }
  const types = (entries: ReportEntry[], options: Parameters<typeof digested>[1] = {}) =>
    digested(entries, options).operationalEvents.map(({ type, reason }) => [type, reason])

  it.each<[string, ReportEntry[], Parameters<typeof digested>[1], unknown]>([
    ['a success', [tried({ next: done })], strict, []],
    ['a failure', [tried({ next: retry })], strict, []],
    ['an exhaustion', [tried({ next: divert })], {}, [['webhook.exhausted', '500']]],
    ['a dropped one', [tried({ next: drop })], {}, [['webhook.exhausted', '500']]],
    [
      'a suspension',
      [tried({ next: divert })],
      strict,
      [
        ['webhook.exhausted', '500'],
        ['webhook.suspended', 'failing'],
      ],
    ],
    [
      '410',
      [tried({ next: divert, statusCode: 410 })],
      {},
      [
        ['webhook.exhausted', '410'],
        ['webhook.suspended', 'gone'],
      ],
    ],
    [
      '410 that a trigger names',
      [tried({ next: divert, statusCode: 410 })],
      { triggers: [410] },
      [['webhook.exhausted', '410']],
    ],
    [
      'more failures of one that is suspended',
      [tried({ next: divert })],
      { ...strict, health: { suspendedAt: T - 1, suspendedReason: 'gone' } },
      [['webhook.exhausted', '500']],
    ],
    [
      'an hour of failing',
      [tried({ next: retry })],
      { health: { failingSince: T - HOUR_MS, failedEvents: 1 } },
      [['webhook.failing', 'first_hour']],
    ],
    [
      'half of the time until a suspension',
      [tried({ next: divert })],
      {
        suspend: { afterSeconds: 7_200, afterFailures: 1 },
        health: { failingSince: T - HOUR_MS, failedEvents: 1, toldFailing: ['first_hour'] },
      },
      [
        ['webhook.exhausted', '500'],
        ['webhook.failing', 'half_time'],
      ],
    ],
    [
      'a suspension in place of an hour of failing',
      [tried({ next: retry })],
      {
        suspend: { afterSeconds: 3_600, afterFailures: 1 },
        health: { failingSince: T - HOUR_MS, failedEvents: 1 },
      },
      [['webhook.suspended', 'failing']],
    ],
    [
      'a success behind the failure',
      [tried({ next: retry }), tried({ next: done, eventId: 'event-2', at: T + 1 })],
      { health: { failingSince: T - HOUR_MS, failedEvents: 1 } },
      [],
    ],
    [
      'an event that was not tried after an hour',
      [skipped(event)],
      { health: { failingSince: T - HOUR_MS, failedEvents: 1 } },
      [],
    ],
    ['an event that was not tried', [skipped(event)], {}, []],
  ])('%s', (_, entries, options, expected) => {
    expect(types(entries, options)).toEqual(expected)
  })

  it('tells what was given up, and the state and counts after it', () => {
    const [notice] = digested([tried({ next: divert })], strict).operationalEvents
    expect(notice).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      type: 'webhook.exhausted',
      tenantId: 'tenant-1',
      webhookId: 'webhook-1',
      at: T + 20,
      reason: '500',
      cause: 'unknown',
      state: { version: 1, suspendedAt: T + 10, lane: 'fast', isTroubled: true, isHeld: false },
      counts: { consecutiveFailures: 1, failedEvents: 1, exhaustedEvents: 1 },
      exhausted: {
        eventId: 'event-1',
        eventType: 'invoice.paid',
        trigger: 500,
        message: 'The receiver responded with status 500.',
        at: T + 10,
        diverted: true,
        suspended: true,
      },
    })
  })

  it('tells since when it fails, and when it will be suspended', () => {
    const suspend = { afterSeconds: 36_000, afterFailures: 1 }
    const health = { failingSince: T - HOUR_MS, failedEvents: 1, consecutiveFailures: 4 }
    const applied = digested([tried({ next: retry, statusCode: 503 })], { suspend, health })
    expect(applied.operationalEvents).toMatchObject([
      {
        type: 'webhook.failing',
        cause: 'unavailable',
        counts: { consecutiveFailures: 5, failedEvents: 2 },
        failing: {
          failingSince: T - HOUR_MS,
          suspendsAt: T + 9 * HOUR_MS,
          eventId: 'event-1',
        },
      },
    ])
    expect(applied.health.toldFailing).toEqual(['first_hour'])
  })

  it('tells why the attempt failed that a suspension followed', () => {
    const { operationalEvents } = digested([tried({ next: divert, statusCode: 410 })])
    expect(operationalEvents.map(({ type, cause }) => [type, cause])).toEqual([
      ['webhook.exhausted', 'gone'],
      ['webhook.suspended', 'gone'],
    ])
  })
})
