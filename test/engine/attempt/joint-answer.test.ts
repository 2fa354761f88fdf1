import { describe, expect, it } from 'vitest'
import { jointDisposition, readJointAnswer } from '../../../src/engine/attempt/joint-answer.ts'
import type { Disposition, Outcome } from '../../../src/engine/model/index.ts'

const told = (answer: unknown): Outcome => ({
  ...{ kind: 'delivered', statusCode: 207, durationMs: 5 },
  ...(answer !== undefined && {
    answer: typeof answer === 'string' ? answer : JSON.stringify(answer),
  }),
})
const refusedBy = (outcome: Outcome) => {
  const read = readJointAnswer(outcome, ['a', 'b'])
  const refused = read.refused.map((one) => [one.eventId, one.outcome.statusCode])
  return [read.outcome.kind, refused]
}
const all = (one: unknown, other: unknown) => [
  { id: 'a', status: one },
  { id: 'b', status: other },
]

describe('what an answer to several events lacks', () => {
  it.each([
    ['a list', 'thanks', 'without a list of the form'],
    ['an end within what is read', undefined, 'longer than 64 KiB'],
  ])('%s', (_, answer, reason) => {
    const { outcome } = readJointAnswer(told(answer), ['a', 'b'])
    expect(outcome).toMatchObject({ kind: 'failed', error: expect.stringContaining(reason) })
  })
})

describe('an answer to several events', () => {
  it.each([
    ['all taken', all(200, 204), ['delivered', []]],
    ['as texts', all('200', '299'), ['delivered', []]],
    ['one refused', all(200, 503), ['delivered', [['b', 503]]]],
    ['one not named', [{ id: 'a', status: 200 }], ['delivered', [['b', 207]]]],
    ['others named', [...all(200, 200), { id: 'c', status: 500 }], ['delivered', []]],
    [
      'one named twice: the last counts',
      [...all(200, 200), { id: 'b', status: 500 }],
      ['delivered', [['b', 500]]],
    ],
    [
      'none taken',
      all(500, 302),
      [
        'failed',
        [
          ['a', 500],
          ['b', 302],
        ],
      ],
    ],
    [
      'none named',
      [],
      [
        'failed',
        [
          ['a', 207],
          ['b', 207],
        ],
      ],
    ],
    ['a fraction', all(200.5, 200), ['failed', []]],
    ['no status', all(200, 99), ['failed', []]],
    ['a word', all(200, 'ok'), ['failed', []]],
    ['no list', { a: 200 }, ['failed', []]],
    ['no JSON', 'thanks', ['failed', []]],
    ['nothing that could be read', undefined, ['failed', []]],
  ])('%s', (_, answer, expected) => {
    expect(refusedBy(told(answer))).toEqual(expected)
  })

  it('is read of a 207 alone', () => {
    expect(refusedBy({ kind: 'delivered', statusCode: 200, durationMs: 5 })).toEqual([
      'delivered',
      [],
    ])
  })
})

describe('what follows from it', () => {
  const kinds: Readonly<Record<number, Disposition>> = {
    410: { kind: 'drop', trigger: 410 },
    500: { kind: 'retry', delaySeconds: 5 },
    503: { kind: 'retry', delaySeconds: 9 },
  }
  const dispositionOf = (outcome: Outcome): Disposition =>
    outcome.kind === 'delivered'
      ? { kind: 'done' }
      : (kinds[outcome.statusCode ?? 0] ?? { kind: 'done' })
  const follows = (answer: unknown) => {
    const read = readJointAnswer(told(answer), ['a', 'b'])
    const { disposition, parts = [] } = jointDisposition(read, dispositionOf)
    return [disposition.kind, parts.map((part) => [part.eventId, part.disposition])]
  }
  it.each([
    ['nothing', all(200, 200), ['done', []]],
    ['a retry of one', all(200, 503), ['retry', [['b', kinds[503]]]]],
    [
      'one retry of both, after the delay of the first',
      all(503, 500),
      [
        'retry',
        [
          ['a', kinds[503]],
          ['b', kinds[503]],
        ],
      ],
    ],
    [
      'an end beside a retry',
      all(410, 500),
      [
        'retry',
        [
          ['a', kinds[410]],
          ['b', kinds[500]],
        ],
      ],
    ],
    [
      'ends alone',
      all(410, 410),
      [
        'drop',
        [
          ['a', kinds[410]],
          ['b', kinds[410]],
        ],
      ],
    ],
    ['the end of one', all(200, 410), ['done', [['b', kinds[410]]]]],
    [
      'a retry, as of a 500, where nobody said what it is',
      [{ id: 'a', status: 200 }],
      ['retry', [['b', kinds[500]]]],
    ],
    ['the same of all', 'thanks', ['retry', []]],
  ])('is %s', (_, answer, expected) => {
    expect(follows(answer)).toEqual(expected)
  })
})
