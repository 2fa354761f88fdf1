import { expect, it } from 'vitest'
import { tellsOf, tenantNamedIn } from '../../../src/engine/messages/tells-of.ts'
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
    '{"tenantId":"0190-tenant","scope":{"user":"Ünal"}}',
    SCOPE,
    true,
  ],
  [
    'the entry, of the tenant by its uid',
    '{"tenantId":"customer-17","scope":{"user":"Ünal"}}',
    SCOPE,
    true,
  ],
  ['the entry, escaped', '{"tenantId":"customer-17","scope":{"user":"\\u00dcnal"}}', SCOPE, true],
  [
    'the entry, of the tenant in upper case',
    '{"tenantId":"0190-TENANT","s":{"user":"Ünal"}}',
    SCOPE,
    true,
  ],
  [
    'the entry, escaped in what is no JSON',
    '{"tenantId":"customer-17","user":"\\u00dcnal"',
    SCOPE,
    true,
  ],
  [
    'a number for its value',
    '{"tenantId":"customer-17","s":{"user":42}}',
    { scope: { user: '42' } },
    true,
  ],
  [
    'the entry, of another tenant',
    '{"tenantId":"customer-18","scope":{"user":"Ünal"}}',
    SCOPE,
    false,
  ],
  ['the entry, cut before its tenant', long('{"scope":{"user":"Ünal"}, '), SCOPE, true],
  ['the entry, of nobody who is named', '{"scope":{"user":"Ünal"}}', SCOPE, true],
  ['another value', '{"tenantId":"customer-17","scope":{"user":"Ü"}}', SCOPE, false],
  [
    'the value of another name',
    '{"tenantId":"customer-17","scope":{"owner":"Ünal"}}',
    SCOPE,
    false,
  ],
])('a dead letter with %s', (_, body, request, expected) => {
  expect(tellsOf(body, NAMES, request)).toBe(expected)
})

it.each([
  ['{"v":1,"tenantId":"acme","events":[]}', 'acme'],
  ['{"events":[{"data":{"tenantId":"other"}}],"tenantId":"\\u0061cme"}', 'acme'],
  ['{"events":[{"data":{"tenantId":"other"}}]}', null],
  ['frame/1 {"v":1,"tenantId":"acme","events":[]}\n{"tenantId":"other"}', 'acme'],
  ['{"tenantId" : "\\u0061cme", broken', 'acme'],
  ['{"tenantId":7}', null],
  ['null', null],
  ['text', null],
])('what %s calls its tenant is %s', (body, expected) => {
  expect(tenantNamedIn(body)).toBe(expected)
})
