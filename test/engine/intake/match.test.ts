import { describe, expect, it } from 'vitest'
import { DEFAULT_FAILURE_HANDLING } from '../../../src/engine/attempt/failure-handling.ts'
import { isFor, matches, mismatches } from '../../../src/engine/intake/match.ts'
import { typeMatches } from '../../../src/engine/model/event-type.ts'
import { plainAlert } from '../../../src/engine/notifications/alert.ts'
import type { DialectRuntimes } from '../../../src/engine/ports/index.ts'
import { anEvent, aTarget } from '../../dialects/models.ts'

describe('an entry of eventTypes', () => {
  it.each([
    ['invoice.paid', 'invoice.paid', true],
    ['invoice.paid', 'invoice.paid.late', false],
    ['invoice.paid', 'Invoice.Paid', false],
    ['*', 'anything', true],
    ['*', 'a.b.c', true],
    ['invoice.*', 'invoice.paid', true],
    ['invoice.*', 'invoice.paid.late', true],
    ['invoice.*', 'invoice.', true],
    ['invoice.*', 'invoice', false],
    ['invoice.*', 'invoices.paid', false],
    ['invoice.*', 'my.invoice.paid', false],
    ['invoice*', 'invoice.paid', false],
    ['*.paid', 'invoice.paid', false],
    ['invoice', 'invoice.paid', false],
    ['', 'invoice', false],
  ])('%j covers %j: %j', (entry, type, expected) => {
    expect(typeMatches(entry, type)).toBe(expected)
  })
})

describe('a webhook and an event', () => {
  const webhook = {
    enabled: true,
    eventTypes: ['invoice.paid', 'user.*'],
    scope: {},
    channels: [],
  }
  const event = { type: 'invoice.paid', scope: { inbox: 'a', region: 'eu' } }

  it.each([
    ['a webhook without scope', {}, {}, true],
    ['one of several types', {}, { type: 'user.created' }, true],
    ['a type it does not want', {}, { type: 'order.paid' }, false],
    ['no types at all', { eventTypes: [] }, {}, false],
    ['a disabled webhook', { enabled: false }, {}, false],
    ['a scope the event has', { scope: { inbox: 'a' } }, {}, true],
    ['every entry of a scope', { scope: { inbox: 'a', region: 'eu' } }, {}, true],
    ['another value', { scope: { inbox: 'b' } }, {}, false],
    ['one entry of two', { scope: { inbox: 'a', region: 'us' } }, {}, false],
    ['a name the event lacks', { scope: { team: 'x' } }, {}, false],
    ['a scope for an event without', { scope: { inbox: 'a' } }, { scope: {} }, false],
    ['an inherited name', { scope: { constructor: 'x' } }, { scope: {} }, false],
    ['values that differ in case', { scope: { inbox: 'A' } }, {}, false],
    ['an empty value that is there', { scope: { inbox: '' } }, { scope: { inbox: '' } }, true],
    ['an empty value that is not', { scope: { inbox: '' } }, { scope: {} }, false],
    ['no channels', {}, { channels: ['a'] }, true],
    ['a channel of two', { channels: ['a', 'b'] }, { channels: ['b', 'c'] }, true],
    ['another channel', { channels: ['a'] }, { channels: ['b'] }, false],
    ['a channel in another case', { channels: ['a'] }, { channels: ['A'] }, false],
    ['a channel for an event without', { channels: ['a'] }, {}, false],
    [
      'a channel, and a scope that is not there',
      { channels: ['a'], scope: { team: 'x' } },
      { channels: ['a'] },
      false,
    ],
  ] as const)('%s: %j, %j: %j', (_, webhookFields, eventFields, expected) => {
    expect(matches({ ...webhook, ...webhookFields }, { ...event, ...eventFields })).toBe(expected)
  })
})

describe('an event that matches', () => {
  const wire = { encode: async () => null, alert: plainAlert }
  const choosy = { ...wire, accepts: ({ data }: { data: string }) => data === '{"a":1}' }
  const dialectRuntimes: DialectRuntimes = (dialect) => {
    if (dialect === 'unspoken') return null
    return {
      wire: dialect === 'choosy' ? choosy : wire,
      policy: DEFAULT_FAILURE_HANDLING,
    }
  }

  it.each([
    ['native', '{}', true],
    ['unspoken', '{}', true],
    ['choosy', '{"a":1}', true],
    ['choosy', '{}', false],
  ])('is for a webhook of the dialect %s with the data %s: %j', (dialect, data, expected) => {
    expect(
      isFor(aTarget({ dialect }, dialectRuntimes).webhook, anEvent({ data }), dialectRuntimes),
    ).toBe(expected)
  })

  it('is asked about only if it does match', () => {
    const target = aTarget({ dialect: 'choosy', eventTypes: ['other'] }, dialectRuntimes)
    expect(isFor(target.webhook, anEvent({ data: '{"a":1}' }), dialectRuntimes)).toBe(false)
  })
})

describe('why an event is not for a webhook', () => {
  const event = { ...anEvent({ type: 'invoice.paid' }), scope: { inbox: 'a' } }
  const only = (type: string): DialectRuntimes => {
    const { dialectRuntime } = aTarget({})
    return () =>
      dialectRuntime && {
        ...dialectRuntime,
        wire: { ...dialectRuntime.wire, accepts: (asked) => asked.type === type },
      }
  }
  const webhook = { ...aTarget({}).webhook, eventTypes: ['invoice.*'], scope: { inbox: 'a' } }

  it.each([
    ['it is for it', {}, []],
    ['disabled', { enabled: false }, ['disabled']],
    ['another type', { eventTypes: ['user.*'] }, ['event_type']],
    ['no type', { eventTypes: [] }, ['event_type']],
    ['another value in its scope', { scope: { inbox: 'b' } }, ['scope']],
    ['more in its scope', { scope: { inbox: 'a', region: 'eu' } }, ['scope']],
    [
      'all of it',
      { enabled: false, eventTypes: ['user.*'], scope: { region: 'eu' } },
      ['disabled', 'event_type', 'scope'],
    ],
    // Its dialect sends it whenever it is resumed: the delivery says what became of it.
    ['suspended', { suspendedAt: 1 }, []],
  ] as const)('%s', (_, fields, expected) => {
    const found = mismatches({ ...webhook, ...fields }, event, only('invoice.paid'))
    expect(found).toEqual(expected)
    expect(isFor({ ...webhook, ...fields }, event, only('invoice.paid'))).toBe(found.length === 0)
  })

  it('its dialect, which is asked about events that the webhook wants', () => {
    expect(mismatches(webhook, event, only('other'))).toEqual(['dialect'])
    const disabled = { ...webhook, enabled: false }
    expect(mismatches(disabled, event, only('other'))).toEqual(['disabled', 'dialect'])
    const unwanted = { ...webhook, scope: { inbox: 'b' } }
    expect(mismatches(unwanted, event, only('other'))).toEqual(['scope'])
  })

  it('nothing of a dialect that is not deployed, whose events wait', () => {
    expect(mismatches(webhook, event, () => null)).toEqual([])
  })
})
