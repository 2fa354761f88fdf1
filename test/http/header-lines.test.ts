import { describe, expect, it } from 'vitest'
import type { Header } from '../../src/engine/model/index.ts'
import { EngineError } from '../../src/errors.ts'
import { type HeaderValues, toHeaderLines, valuesByName } from '../../src/http/header-lines.ts'

const stored: readonly Header[] = [
  ['Authorization', 'Bearer one'],
  ['X-Part', 'a'],
  ['x-part', 'b'],
]

describe('toHeaderLines', () => {
  it.each<[string, HeaderValues, readonly Header[]]>([
    ['one line for a value', { 'X-A': '1' }, [['X-A', '1']]],
    [
      'one line for each of several',
      { 'X-A': ['1', '2'] },
      [
        ['X-A', '1'],
        ['X-A', '2'],
      ],
    ],
    ['what is stored for a mask', { Authorization: '••••' }, [['Authorization', 'Bearer one']]],
    ['it whatever the case', { authorization: '••••' }, [['authorization', 'Bearer one']]],
    [
      'all stored lines for one mask',
      { 'X-Part': '••••' },
      [
        ['X-Part', 'a'],
        ['X-Part', 'b'],
      ],
    ],
    [
      'the stored line of its place',
      { 'X-Part': ['c', '••••'] },
      [
        ['X-Part', 'c'],
        ['X-Part', 'b'],
      ],
    ],
    ['nothing for what is not named', {}, []],
  ])('makes %s', (_, input, lines) => {
    expect(toHeaderLines(input, stored)).toEqual(lines)
  })

  it.each<[string, HeaderValues, string]>([
    ['a mask of nothing', { 'X-New': '••••' }, 'X-New'],
    ['a mask of a line too many', { 'X-Part': ['••••', '••••', '••••'] }, 'X-Part'],
    ['a name given twice', { 'X-A': '1', 'x-a': '2' }, 'x-a'],
    ['a line break', { 'X-A': 'secret\r\nX-B: 2' }, 'X-A'],
    ['a header of the sender’s', { Host: 'secret' }, 'Host'],
  ])('refuses %s, naming the header and no value', (_, input, name) => {
    const attempt = () => toHeaderLines(input, stored)
    expect(attempt).toThrow(
      expect.objectContaining({
        code: 'invalid',
        issues: [{ path: ['headers', name], message: expect.not.stringContaining('secret') }],
      }),
    )
  })

  it('takes 50 lines and no more', () => {
    const lines = (count: number) => ({ 'X-A': Array<string>(count).fill('1') })
    expect(toHeaderLines(lines(50), [])).toHaveLength(50)
    expect(() => toHeaderLines(lines(51), [])).toThrow(EngineError)
  })
})

describe('valuesByName', () => {
  it('collects the values of a name in any case under the name as first written', () => {
    expect(valuesByName(stored)).toEqual([
      ['Authorization', ['Bearer one']],
      ['X-Part', ['a', 'b']],
    ])
  })
})
