// No expression hangs or fills the isolate, and none reaches out of it.

import { describe, expect, it } from 'vitest'
import { EXPRESSION } from '../../../src/engine/expressions/bounds.ts'
import { compileExpression } from '../../../src/engine/expressions/compile.ts'
import { evaluateExpression } from '../../../src/engine/expressions/evaluate.ts'
import { toInput } from '../../../src/engine/expressions/input.ts'
import { writeValue } from '../../../src/engine/expressions/write-value.ts'
import { HOSTILE } from './hostile.ts'

const input = toInput(
  { id: 'e', type: 'order.placed' },
  { data: '{"a":[1,2,{"b":"x"}],"total":1.10}' },
)

/** What came of it, as one word and the steps that it took. */
async function fate(source: string) {
  const compiled = compileExpression(source)
  if (compiled.kind === 'flawed') return { end: 'stopped', steps: 0, why: compiled.flaw.message }
  const result = await evaluateExpression(compiled, input, { secrets: { token: 'sesame' } })
  if (result.kind === 'failed') return { end: 'stopped', steps: result.steps, why: result.message }
  try {
    return { end: 'harmless', steps: result.steps, why: writeValue(result.value) }
  } catch (thrown) {
    return { end: 'stopped', steps: result.steps, why: String(thrown) }
  }
}

describe('an expression that is hostile', () => {
  it('is one of at least 200', () => {
    expect(new Set(HOSTILE.map(([, source]) => source)).size).toBeGreaterThanOrEqual(200)
  })

  it.for(
    HOSTILE.map(([expectation, source]) => ({ expectation, source, title: source.slice(0, 70) })),
  )('is $expectation: $title', async ({ expectation, source }) => {
    const { end, steps, why } = await fate(source)
    expect(end, why).toBe(expectation)
    expect(steps).toBeLessThanOrEqual(EXPRESSION.steps)
  })

  it('takes the same steps each time', async () => {
    const some = HOSTILE.filter((_, index) => index % 20 === 0)
    const once = await Promise.all(some.map(([, source]) => fate(source)))
    const again = await Promise.all(some.map(([, source]) => fate(source)))
    expect(again).toEqual(once)
  })

  it('leaves nothing behind for others', async () => {
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
    expect(await fate('$sum([1, 2]) & $string({"a": 1}) & id')).toMatchObject({
      end: 'harmless',
      why: '"3{\\"a\\":1}e"',
    })
  })
})
