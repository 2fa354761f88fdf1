// What a webhook's expressions make of an event, and what that may take of an invocation.

import { describe, expect, it } from 'vitest'
import page from '../../../docs/expressions.md?raw'
import { shapeEvent } from '../../../src/engine/attempt/shaping.ts'
import { EXPRESSION } from '../../../src/engine/expressions/bounds.ts'
import { mayBegin, StepBudget } from '../../../src/engine/expressions/step-budget.ts'
import { type Event, nextShapes, type Shape, shapeFor } from '../../../src/engine/model/index.ts'
import { newId } from '../../../src/primitives/ids.ts'

const AT = Date.UTC(2026, 10, 27)

const event: Event = {
  id: newId(AT),
  type: 'invoice.paid',
  time: '2026-11-27T00:00:00.000Z',
  data: '{"number": 42, "total": 1.10, "huge": 9007199254740993, "zero": 0.0}',
  scope: { region: 'eu' },
  actor: null,
  requestId: null,
}

type Expressions = Partial<Pick<Shape, 'filter' | 'body'>>

/** Takes all steps that one evaluation may. */
const ENDLESS = '($f := function($n) { $f($n + 1) }; $f(0))'

function shaped(
  { filter = null, body = null }: Expressions,
  { steps = new StepBudget(), isChosen = false } = {},
) {
  const shapes = [{ filter, body, name: 'Acme', since: AT }]
  return shapeEvent(event, { id: 'w1', shapes }, { steps, isChosen })
}

const NOT_EXACT =
  'The number at data.huge cannot be computed with exactly; it can only be passed on.'

describe('a body that an expression makes', () => {
  it('is JSON, with numbers as they were written', async () => {
    const body = '{"n": data.huge, "of": webhook.name, "in": scope.region, "t": data.total}'
    expect(await shaped({ body })).toEqual({
      kind: 'body',
      body: '{"n":9007199254740993,"of":"Acme","in":"eu","t":1.10}',
    })
  })

  it('is a text where it makes one', async () => {
    expect(await shaped({ body: '"Invoice " & data.number & ": " & data.total' })).toEqual({
      kind: 'body',
      body: 'Invoice 42: 1.10',
      contentType: 'text/plain; charset=utf-8',
    })
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
  })

  it('is the usual one where there is no expression', async () => {
    expect(await shaped({})).toEqual({ kind: 'usual' })
    const options = { steps: new StepBudget(), isChosen: false }
    expect(await shapeEvent(event, { id: 'w1' }, options)).toEqual({ kind: 'usual' })
  })

  it.for([...page.matchAll(/```jsonata\n([\s\S]+?)\n```/g)].map(([, source = '']) => source))(
    'is JSON by the documented expression %s',
    async (body) => {
      const made = await shaped({ body })
      expect(made).toMatchObject({ kind: 'body' })
      expect(JSON.parse((made as { body: string }).body)).toBeTypeOf('object')
    },
  )
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
      body: '1',
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
    expect(first).toMatchObject({ kind: 'body', body: '4002000' })
    expect(steps.taken).toBeGreaterThan(EXPRESSION.restSteps)
    let isOver = false
    const second = shaped({ body: '1' }, { steps }).then((one) => {
      isOver = true
      return one
    })
    for (let turn = 0; turn < 100; turn += 1) await Promise.resolve()
    expect([rests, isOver]).toEqual([1, false])
    rest.resolve()
    expect(await second).toMatchObject({ body: '1' })
    await shaped({ body: '2' }, { steps })
    expect(rests).toBe(1)
  })

  it('are hardly taken by a little expression', async () => {
    const steps = new StepBudget()
    for (let time = 0; time < 1_000; time += 1) {
      expect(await shaped({ body: '{"text": type}' }, { steps })).toMatchObject({ kind: 'body' })
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
    expect(nextShapes([], { ...none, name: 'Acme' }, now)).toEqual([])
    const first = { ...none, body: '1', name: 'Acme' }
    const one = nextShapes([], first, now)
    expect(one).toEqual([{ ...first, since: AT }])
    expect(nextShapes(one, first, { now: AT + 10, keptSince: 0 })).toBe(one)
    const renamed = nextShapes(one, { ...first, name: 'B' }, { now: AT + 10, keptSince: AT })
    expect(renamed.map(({ name }) => name)).toEqual(['Acme', 'B'])
    const cleared = { now: AT + 99, keptSince: AT + 50 }
    expect(nextShapes(renamed, { ...none, name: 'B' }, cleared)).toEqual([
      { ...first, name: 'B', since: AT + 10 },
      { ...none, name: 'B', since: AT + 99 },
    ])
    const filtered = nextShapes(one, { ...first, filter: 'true' }, { now: AT + 1, keptSince: AT })
    expect(filtered.at(-1)).toEqual({ ...first, filter: 'true', since: AT + 1 })
  })
})
