import { expect, it } from 'vitest'
import { tellsOf } from '../../../src/engine/messages/tells-of.ts'
import { DEAD_LETTER } from '../../../src/tuning.ts'

const NAMES = ['0190-tenant', 'customer-17']
const SCOPE = { scope: { user: 'Ünal' } }
const IDS = { eventIds: ['0190-event'] }
const long = (text: string) => text.padEnd(DEAD_LETTER.bodyChars, ' ')

it.each([
  ['an id', 'frame/1 {"events":[{"id":"0190-event"}]}', IDS, true],
  ['no id', 'frame/1 {"events":[{"id":"0190-other"}]}', IDS, false],
  [
    'the entry, of the tenant by its id',
    '{"t":"0190-tenant","scope":{"user":"Ünal"}}',
    SCOPE,
    true,
  ],
  [
    'the entry, of the tenant by its uid',
    '{"t":"customer-17","scope":{"user":"Ünal"}}',
    SCOPE,
    true,
  ],
  ['the entry, escaped', '{"t":"customer-17","scope":{"user":"\\u00dcnal"}}', SCOPE, true],
  [
    'the entry, of the tenant in upper case',
    '{"t":"0190-TENANT","s":{"user":"Ünal"}}',
    SCOPE,
    true,
  ],
  ['the entry, escaped in what is no JSON', '{"t":"customer-17","user":"\\u00dcnal"', SCOPE, true],
  [
    'a number for its value',
    '{"t":"customer-17","s":{"user":42}}',
    { scope: { user: '42' } },
    true,
  ],
  ['the entry, of another tenant', '{"t":"customer-18","scope":{"user":"Ünal"}}', SCOPE, false],
  ['the entry, cut before its tenant', long('{"scope":{"user":"Ünal"}, '), SCOPE, true],
  ['another value', '{"t":"customer-17","scope":{"user":"Ü"}}', SCOPE, false],
  ['the value of another name', '{"t":"customer-17","scope":{"owner":"Ünal"}}', SCOPE, false],
])('a dead letter with %s', (_, body, request, expected) => {
  expect(tellsOf(body, NAMES, request)).toBe(expected)
})
