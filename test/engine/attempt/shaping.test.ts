// What a webhook's expressions make of an event, and what that may take of an invocation.

import { describe, expect, it } from 'vitest'
import page from '../../../docs/expressions.md?raw'
import { extendUrl } from '../../../src/engine/attempt/shaped-request.ts'
import { shapeEvent } from '../../../src/engine/attempt/shaping.ts'
import { EXPRESSION } from '../../../src/engine/expressions/bounds.ts'
import { mayBegin, StepBudget } from '../../../src/engine/expressions/step-budget.ts'
import {
  type Event,
  type Expressions,
  NO_EXPRESSIONS,
  nextShapes,
  shapeFor,
} from '../../../src/engine/model/index.ts'
import { WEBHOOK } from '../../../src/limits.ts'
import { newId } from '../../../src/primitives/ids.ts'

const AT = Date.UTC(2026, 10, 27)

const event: Event = {
  id: newId(AT),
  type: 'invoice.paid',
  time: '2026-11-27T00:00:00.000Z',
  data: '{"number": 42, "total": 1.10, "huge": 9007199254740993, "zero": 0.0, "half": "\\ud83d"}',
  scope: { region: 'eu' },
  actor: null,
  requestId: null,
}

const NOTHING = { headers: [], segments: [], parameters: [] }

/** Takes all steps that one evaluation may. */
const ENDLESS = '($f := function($n) { $f($n + 1) }; $f(0))'

function shaped(
  expressions: Partial<Expressions>,
  { steps = new StepBudget(), isChosen = false, values = {} } = {},
) {
  const shapes = [{ ...NO_EXPRESSIONS, ...expressions, name: 'Acme', since: AT }]
  return shapeEvent(event, { id: 'w1', shapes, secrets: { values } }, { steps, isChosen })
}

/** A request whose body alone is made. */
function withBody(body: string, contentType?: string) {
  const made = contentType === undefined ? { body } : { body, contentType }
  return { kind: 'shaped', ...NOTHING, body: { kind: 'body', ...made } }
}

const NOT_EXACT =
  'The number at data.huge cannot be computed with exactly; it can only be passed on.'

describe('a body that an expression makes', () => {
  it('is JSON, with numbers as they were written', async () => {
    const body = '{"n": data.huge, "of": webhook.name, "in": scope.region, "t": data.total}'
    expect(await shaped({ body })).toEqual(
      withBody('{"n":9007199254740993,"of":"Acme","in":"eu","t":1.10}'),
    )
  })

  it('is a text where it makes one', async () => {
    expect(await shaped({ body: '"Invoice " & data.number & ": " & data.total' })).toEqual(
      withBody('Invoice 42: 1.10', 'text/plain; charset=utf-8'),
    )
  })

  it('tells why there is none', async () => {
    const why = (reason: string) => ({ kind: 'failed', reason })
    expect(await shaped({ body: 'data.huge + 1' })).toEqual(
      why(`The expression in \`body\` fails: ${NOT_EXACT}`),
    )
    expect(await shaped({ body: 'data.nothing' })).toEqual(
      why('The expression in `body` fails: It has no value for this event.'),
    )
    expect(await shaped({ body: '{"f": $sum}' })).toMatchObject({ kind: 'failed' })
    expect(await shaped({ body: '"A text: " & data.half' })).toEqual(
      why('The expression in `body` fails: It has half of a character (a lone surrogate).'),
    )
    expect(await shaped({ body: '{"t": data.half}' })).toEqual(withBody('{"t":"\\ud83d"}'))
  })

  it('is the usual one where there is no expression', async () => {
    expect(await shaped({})).toEqual({ kind: 'usual' })
    const options = { steps: new StepBudget(), isChosen: false }
    expect(await shapeEvent(event, { id: 'w1', secrets: {} }, options)).toEqual({ kind: 'usual' })
  })

  it.for([...page.matchAll(/```jsonata\n([\s\S]+?)\n```/g)].map(([, source = '']) => source))(
    'is JSON by the documented expression %s',
    async (body) => {
      const made = await shaped({ body }, { values: { routing_key: 'KEY' } })
      const text = made.kind === 'shaped' ? made.body?.body : undefined
      expect(JSON.parse(text ?? '')).toBeTypeOf('object')
    },
  )
})

describe('headers, path and query that expressions make', () => {
  const parts = (expressions: Partial<Expressions>, values = {}) => shaped(expressions, { values })

  it('are texts and numbers as they were written, and left out without a value', async () => {
    const headers = { 'X-Total': 'data.total', 'X-Paid': 'data.number = 42', 'X-None': 'data.none' }
    const query = { n: '[data.number, "a b"]', none: 'null', huge: 'data.huge' }
    expect(await parts({ headers, path: '["of", webhook.name, data.number]', query })).toEqual({
      kind: 'shaped',
      body: null,
      ...{
        headers: [
          ['X-Total', '1.10'],
          ['X-Paid', 'true'],
        ],
        segments: ['of', 'Acme', '42'],
      },
      parameters: [
        ['n', '42'],
        ['n', 'a b'],
        ['huge', '9007199254740993'],
      ],
    })
  })

  it('get secret values by their names', async () => {
    const headers = { Authorization: '"Bearer " & $secret("token")' }
    expect(await parts({ headers }, { token: 'abc' })).toMatchObject({
      headers: [['Authorization', 'Bearer abc']],
    })
    expect(await parts({ headers })).toMatchObject({ kind: 'failed' })
  })

  it.each<[string, Partial<Expressions>, string]>([
    [
      'an object',
      { headers: { 'X-A': 'data' } },
      'headerExpressions.X-A` fails: It must be a text',
    ],
    ['a line break', { headers: { 'X-A': '"a\\nb"' } }, 'may contain only visible ASCII'],
    ['a segment without a value', { path: '[data.number, null]' }, 'A segment has no value'],
    ['a segment that climbs', { path: '["..", "admin"]' }, 'A segment can be neither empty'],
    ['an empty segment', { path: '""' }, 'A segment can be neither empty'],
    ['half of a character', { path: 'data.half' }, 'half of a character'],
    ['half of one in a parameter', { query: { n: 'data.half' } }, 'half of a character'],
    [
      'a number that cannot be computed',
      { query: { n: 'data.huge + 1' } },
      'queryExpressions.n` fails',
    ],
  ])('cannot be %s', async (_, expressions, why) => {
    const made = await parts(expressions)
    expect(made).toMatchObject({ kind: 'failed', reason: expect.stringContaining(why) })
  })

  it('have the steps of one evaluation together', async () => {
    const many = `$count([1..${EXPRESSION.sequence}].($ + 1))`
    const steps = new StepBudget()
    const headers = Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [name, many]))
    expect(await shaped({ headers }, { steps })).toMatchObject({ kind: 'failed' })
    expect(steps.taken).toBeLessThan(2 * EXPRESSION.steps)
  })
})

describe('a URL with more segments and parameters', () => {
  it.each<[string, string, readonly string[], readonly (readonly [string, string])[], string]>([
    ['nothing', 'https://a.example/h?x=%20', [], [], 'https://a.example/h?x=%20'],
    [
      'segments',
      'https://a.example/h/',
      ['a/b', 'ü?#'],
      [],
      'https://a.example/h/a%2Fb/%C3%BC%3F%23',
    ],
    ['a root', 'https://a.example', ['a'], [], 'https://a.example/a'],
    [
      'parameters',
      'https://a.example/h?x=%20',
      [],
      [
        ['n', '1&2'],
        ['n', '='],
      ],
      'https://a.example/h?x=%20&n=1%262&n=%3D',
    ],
    ['half a character', 'https://a.example/', ['\ud800'], [], 'https://a.example/%EF%BF%BD'],
  ])('has them encoded behind its own: %s', (_, url, segments, parameters, expected) => {
    expect(extendUrl(url, segments, parameters)).toBe(expected)
  })

  it('has no more characters than a webhook’s', () => {
    const long = () => extendUrl('https://a.example/', ['x'.repeat(WEBHOOK.urlChars)], [])
    expect(long).toThrow('The URL would have more than 2048 characters.')
  })
})

describe('a filter', () => {
  it.for<[string, boolean]>([
    ['data.number = 42', true],
    ['data.number > 42', false],
    ['data.total', true],
    ['data.zero', false],
    ['data.huge', true],
    ['data.nothing', false],
    ['null', false],
    ['""', false],
    ['"no"', true],
    ['[]', false],
    ['[0, ""]', false],
    ['[0, 1]', true],
    ['{}', false],
    ['data', true],
    ['$sum', false],
    ['scope.region = "eu" and type = "invoice.paid"', true],
  ])('%s: %s', async ([filter, isTaken]) => {
    expect((await shaped({ filter })).kind).toBe(isTaken ? 'usual' : 'filtered')
  })

  it('that fails tells why, and nothing is sent', async () => {
    expect(await shaped({ filter: 'data.huge > 1', body: '1' })).toEqual({
      kind: 'failed',
      reason: `The expression in \`filter\` fails: ${NOT_EXACT}`,
    })
  })

  it('comes before the body, and is not asked where somebody chose the webhook', async () => {
    expect(await shaped({ filter: 'false', body: ENDLESS })).toEqual({ kind: 'filtered' })
    expect(await shaped({ filter: 'false', body: '1' }, { isChosen: true })).toMatchObject({
      body: { body: '1' },
    })
  })
})

describe('the steps of an invocation', () => {
  it.for<[evaluations: number, left: number, may: boolean]>([
    [1, EXPRESSION.steps, true],
    [1, EXPRESSION.steps - 1, false],
    [2, 2 * EXPRESSION.steps, true],
    [2, 2 * EXPRESSION.steps - 1, false],
    [1, 0, false],
    [0, 0, true],
  ])('%d evaluations while %d are left: %s', ([evaluations, left, may]) => {
    expect(mayBegin(evaluations, left)).toBe(may)
  })

  it('are never exceeded, whoever asks at the same time, and nothing fails for want of them', async () => {
    const steps = new StepBudget()
    const all = await Promise.all(
      Array.from({ length: 20 }, () => shaped({ body: ENDLESS }, { steps })),
    )
    const ends = all.map((one) => (one.kind === 'failed' ? one.reason : one.kind))
    const tooMany = expect.stringMatching(/steps|deeply/)
    expect(ends.filter((end) => end === 'postponed').length).toBeGreaterThanOrEqual(16)
    for (const end of ends) if (end !== 'postponed') expect(end).toEqual(tooMany)
    expect(steps.taken).toBeLessThanOrEqual(EXPRESSION.invocationSteps)
  })

  it('let whatever else is to be done go first, after each large one', async () => {
    let rests = 0
    const rest = Promise.withResolvers<void>()
    const steps = new StepBudget(() => {
      rests += 1
      return rest.promise
    })
    const large = '$sum([1..2000].($ * 2))'
    const first = await shaped({ body: large }, { steps })
    expect(first).toMatchObject({ body: { body: '4002000' } })
    expect(steps.taken).toBeGreaterThan(EXPRESSION.restSteps)
    let isOver = false
    const second = shaped({ body: '1' }, { steps }).then((one) => {
      isOver = true
      return one
    })
    for (let turn = 0; turn < 100; turn += 1) await Promise.resolve()
    expect([rests, isOver]).toEqual([1, false])
    rest.resolve()
    expect(await second).toMatchObject({ body: { body: '1' } })
    await shaped({ body: '2' }, { steps })
    expect(rests).toBe(1)
  })

  it('are hardly taken by a little expression', async () => {
    const steps = new StepBudget()
    for (let time = 0; time < 1_000; time += 1) {
      expect(await shaped({ body: '{"text": type}' }, { steps })).toMatchObject({ kind: 'shaped' })
    }
    expect(steps.taken).toBeLessThan(20_000)
  })
})

describe('the expressions of a webhook', () => {
  it('are those of the moment at which the event was accepted', () => {
    const history = [
      { filter: null, body: '1', name: null, since: AT - 1_000 },
      { filter: null, body: '2', name: null, since: AT + 1 },
    ]
    expect(shapeFor(event.id, { shapes: history })?.body).toBe('1')
    expect(shapeFor(newId(AT + 5), { shapes: history })?.body).toBe('2')
    expect(shapeFor(newId(AT - 5_000), { shapes: history })).toBeNull()
  })

  it('are remembered where they are changed, for as long as events are kept', () => {
    const now = { now: AT, keptSince: AT - 100 }
    const none = { filter: null, body: null }
    const others = { headers: {}, path: null, query: {}, format: null }
    expect(nextShapes([], { ...NO_EXPRESSIONS, name: 'Acme' }, now)).toEqual([])
    const first = { ...none, body: '1', name: 'Acme' }
    const one = nextShapes([], { ...first, ...others }, now)
    expect(one).toEqual([{ ...first, since: AT }])
    expect(nextShapes(one, { ...first, ...others }, { now: AT + 10, keptSince: 0 })).toBe(one)
    const renamed = nextShapes(
      one,
      { ...first, ...others, name: 'B' },
      { now: AT + 10, keptSince: AT },
    )
    expect(renamed.map(({ name }) => name)).toEqual(['Acme', 'B'])
    const cleared = { now: AT + 99, keptSince: AT + 50 }
    expect(nextShapes(renamed, { ...NO_EXPRESSIONS, name: 'B' }, cleared)).toEqual([
      { ...first, name: 'B', since: AT + 10 },
      { ...none, name: 'B', since: AT + 99 },
    ])
    const filtered = nextShapes(
      one,
      { ...first, ...others, filter: 'true' },
      { now: AT + 1, keptSince: AT },
    )
    expect(filtered.at(-1)).toEqual({ ...first, filter: 'true', since: AT + 1 })
  })
})
