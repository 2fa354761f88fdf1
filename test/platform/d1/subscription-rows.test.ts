import { describe, expect, it } from 'vitest'
import {
  diffSubscriptions,
  toScopeEntries,
  toSubscriptions,
} from '../../../src/platform/d1/subscription-rows.ts'
import { aWebhook } from '../../contracts/store-fixtures.ts'

describe('toSubscriptions', () => {
  it.each([
    ['one type', { eventTypes: ['a'] }, [{ eventType: 'a', scopeEntry: '' }]],
    [
      'several types, each once, as they are written',
      { eventTypes: ['a', '*', 'b.*', 'a'] },
      [
        { eventType: 'a', scopeEntry: '' },
        { eventType: '*', scopeEntry: '' },
        { eventType: 'b.*', scopeEntry: '' },
      ],
    ],
    [
      'a scope',
      { eventTypes: ['a'], scope: { inbox: '5e7a' } },
      [{ eventType: 'a', scopeEntry: '["inbox","5e7a"]' }],
    ],
    [
      'the first entry of a larger scope, whatever its order',
      { eventTypes: ['a'], scope: { user: 'u', inbox: 'i' } },
      [{ eventType: 'a', scopeEntry: '["inbox","i"]' }],
    ],
    ['no types', { eventTypes: [] }, []],
    ['a disabled webhook', { eventTypes: ['a'], enabled: false }, []],
  ])('of %s', (_, fields, expected) => {
    expect(toSubscriptions(aWebhook(1, fields))).toEqual(expected)
  })
})

describe('toScopeEntries', () => {
  it.each([
    ['nothing', {}, []],
    ['two entries, sorted', { b: '1', a: '2' }, ['["a","2"]', '["b","1"]']],
    ['quotes and controls', { 'a"': '\n\\' }, ['["a\\"","\\n\\\\"]']],
    ['half a character', { a: '\ud800' }, ['["a","\\ud800"]']],
  ])('of %s', (_, scope, expected) => {
    expect(toScopeEntries(scope)).toEqual(expected)
  })
})

describe('diffSubscriptions', () => {
  const [a, b, bElsewhere] = [
    { eventType: 'a', scopeEntry: '' },
    { eventType: 'b', scopeEntry: '' },
    { eventType: 'b', scopeEntry: '["i","1"]' },
  ]
  it.each([
    ['the same rows', [a, b], [b, a], [], []],
    ['a new row', [a], [a, b], [], [b]],
    ['a row less', [a, b], [a], [b], []],
    ['another scope', [a, b], [a, bElsewhere], [b], [bElsewhere]],
    ['a switch off', [a, b], [], [a, b], []],
  ])('of %s', (_, before, after, removed, added) => {
    expect(diffSubscriptions(before, after)).toEqual({ removed, added })
  })
})
