// W3C Trace Context, as its specification has it; many of the cases are of its own test suite
// (github.com/w3c/trace-context/blob/main/test/test.py).

import { describe, expect, it } from 'vitest'
import { sharedTrace, toTraceContext, traceIdOf } from '../../../src/engine/model/index.ts'

const ID = '4bf92f3577b34da6a3ce929d0e0e4736'
const PARENT = '00f067aa0ba902b7'
const GOOD = `00-${ID}-${PARENT}-01`

describe('a traceparent', () => {
  it.each([
    ['sampled', GOOD],
    ['not sampled', `00-${ID}-${PARENT}-00`],
    ['with flags that nobody knows yet', `00-${ID}-${PARENT}-ff`],
    ['with white space around', ` ${GOOD}\t`],
  ])('is read: %s', (_, text) => {
    expect(toTraceContext(text, null)).toEqual({ traceparent: text.trim() })
  })

  it.each([
    ['of a later version', `cc-${ID}-${PARENT}-01`],
    [
      'of a later version with more behind it',
      `cc-${ID}-${PARENT}-01-what-the-future-will-be-like`,
    ],
  ])('is handed on as what is known of it: %s', (_, text) => {
    expect(toTraceContext(text, null)).toEqual({ traceparent: GOOD })
  })

  it.each([
    ['nothing', ''],
    ['a forbidden version', `ff-${ID}-${PARENT}-01`],
    ['a trace of zeros', `00-${'0'.repeat(32)}-${PARENT}-01`],
    ['a parent of zeros', `00-${ID}-${'0'.repeat(16)}-01`],
    ['upper case', `00-${ID.toUpperCase()}-${PARENT}-01`],
    ['a trace id that is short', `00-${ID.slice(1)}-${PARENT}-01`],
    ['a trace id that is long', `00-0${ID}-${PARENT}-01`],
    ['a parent that is short', `00-${ID}-${PARENT.slice(1)}-01`],
    ['flags that are no number', `00-${ID}-${PARENT}-.0`],
    ['more behind version 00', `${GOOD}-what-the-future-will-be-like`],
    ['a dash behind version 00', `${GOOD}-`],
    ['more without a dash', `cc-${ID}-${PARENT}-01.what`],
    ['two of them', `${GOOD}, ${GOOD}`],
  ])('is none: %s', (_, text) => {
    expect(toTraceContext(text, 'foo=1')).toBeNull()
  })

  it('has the id of its trace', () => {
    expect(traceIdOf({ traceparent: GOOD })).toBe(ID)
  })
})

describe('a tracestate', () => {
  it.each([
    ['one member', 'foo=1'],
    ['two members', 'foo=1,bar=2'],
    ['white space between', 'foo=1 ,\tbar=2'],
    ['an empty member', 'foo=1,,bar=2'],
    ['a tenant and a system', 'fw529a3039@dt=FfffffffCgAAEB'],
    ['signs in a key', 'a-_*/b=1'],
    ['a value with spaces', 'foo=a b'],
    ['32 members', Array.from({ length: 32 }, (_, n) => `bar${n}=${n}`).join(',')],
    ['512 characters', `foo=${'b'.repeat(250)},bar=${'c'.repeat(253)}`],
  ])('is handed on: %s', (_, text) => {
    expect(toTraceContext(GOOD, text)).toEqual({ traceparent: GOOD, tracestate: text })
  })

  it.each([
    ['no value', 'foo='],
    ['no equals sign', 'foo'],
    ['two equals signs', 'foo=bar=baz'],
    ['a key twice', 'foo=1,foo=1'],
    ['upper case', 'FOO=1'],
    ['a space in a key', 'foo bar=1'],
    ['an at sign twice', 'foo@bar@baz=1'],
    ['a system that begins with a digit', 'foo@1=1'],
    ['a sign that is not ASCII', 'foo=ö'],
    ['a line break between', 'foo=1,\nbar=2'],
    ['white space that no header has', 'foo=1,\u00a0bar=2'],
    ['33 members', Array.from({ length: 33 }, (_, n) => `bar${n}=${n}`).join(',')],
    ['513 characters', `foo=${'b'.repeat(250)},bar=${'c'.repeat(254)}`],
  ])('is left away: %s', (_, text) => {
    expect(toTraceContext(GOOD, text)).toEqual({ traceparent: GOOD })
  })
})

describe('several events', () => {
  const trace = { traceparent: GOOD, tracestate: 'foo=1' }

  it.each([
    ['none', [], null],
    ['one', [{ trace }], trace],
    ['two of one trace', [{ trace }, { trace: { ...trace } }], trace],
    ['one without', [{ trace }, {}], null],
    ['another state', [{ trace }, { trace: { traceparent: GOOD } }], null],
    ['all without', [{}, {}], null],
  ])('share a trace, or do not: %s', (_, events, shared) => {
    expect(sharedTrace(events)).toEqual(shared)
  })
})
