import { describe, expect, it } from 'vitest'
import { withoutContent } from '../../../src/engine/health/without-content.ts'
import type { Report, ReportEntry } from '../../../src/engine/ports/index.ts'
import { anEvent } from '../../fixtures/bench.ts'

const event = anEvent({ data: '{"a":"secret"}' })
const { id: eventId, type: eventType } = event
const run = ''
const failed = {
  ...{ id: 'a', eventId, eventType, run, attempt: 1, at: 1, outcome: 'failed' },
  ...{ statusCode: 500, durationMs: 1, error: 'No.', responseExcerpt: 'secret', nextAttemptAt: 2 },
} as const
const answered = { ...failed, responseFacts: { headers: { server: 'secret' } } }
const bare = { ...failed, responseExcerpt: null }
const message = {
  kind: 'deliver',
  tenantId: 't',
  webhookId: 'w',
  run,
  event,
  attempts: 1,
  role: 'primary',
} as const
const ended = { kind: 'erased', eventId, run } as const

const entry = (disposition: object, attempt: object, kept: object | null) =>
  ({ kind: 'attempt', attempt, disposition, event: kept }) as ReportEntry
const why = { trigger: 'suspended', message: 'It is suspended.', at: 1 } as const

const cases: readonly (readonly [string, ReportEntry, readonly ReportEntry[]])[] = [
  ['what waits ends', { kind: 'held', eventId, run, message }, [ended]],
  [
    'what is retried is noted, and ends',
    entry({ kind: 'retry', delaySeconds: 5 }, answered, null),
    [entry({ kind: 'retry', delaySeconds: 5 }, bare, null), ended],
  ],
  [
    'what would be kept is noted, and ends',
    entry({ kind: 'divert', trigger: 500 }, failed, event),
    [entry({ kind: 'retry', delaySeconds: 0 }, bare, null), ended],
  ],
  [
    'what its owner has dropped is dropped',
    entry({ kind: 'drop', trigger: 500 }, failed, null),
    [entry({ kind: 'drop', trigger: 500 }, bare, null)],
  ],
  ['what was not tried ends', { kind: 'skipped', eventId, run, ...why, event }, [ended]],
  [
    'what tells of no content stays',
    { kind: 'withdrawn', eventId, run, carrier: null },
    [{ kind: 'withdrawn', eventId, run, carrier: null }],
  ],
]

const reportOf = (entries: readonly ReportEntry[]) => ({ id: 'r', entries }) as unknown as Report

describe('a report of an erased event', () => {
  it.each(cases)('%s', (_, given, expected) => {
    const report = withoutContent(reportOf([given]), (id) => id === eventId)
    expect(report.entries).toEqual(expected)
    expect(JSON.stringify(report.entries)).not.toContain('secret')
  })

  it.each(cases)('of another one stays as it is: %s', (_, given) => {
    expect(withoutContent(reportOf([given]), () => false).entries).toEqual([given])
  })
})
