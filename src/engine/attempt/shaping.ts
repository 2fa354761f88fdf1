// What a webhook's expressions make of an event. In: an event and a webhook; out: that it does not get it, or the body that it gets, or
// why there is none. It depends on the event and on the webhook as it was when the event was accepted, and on nothing else.

import { Lru } from '../../primitives/lru.ts'
import { EXPRESSION } from '../expressions/bounds.ts'
import { type CompiledExpression, compileExpression } from '../expressions/compile.ts'
import { evaluateExpression } from '../expressions/evaluate.ts'
import { ExpressionFailure } from '../expressions/failure.ts'
import { toInput } from '../expressions/input.ts'
import type { StepBudget } from '../expressions/step-budget.ts'
import { isTrue } from '../expressions/truth.ts'
import { writeValue } from '../expressions/write-value.ts'
import { type Event, type Shape, shapeFor, type Webhook } from '../model/index.ts'
import type { WireBody } from '../ports/index.ts'

/** Characters of expressions that an isolate keeps compiled. */
const COMPILED_CHARS = 500_000

const compiled = new Lru<string, CompiledExpression>({
  max: COMPILED_CHARS,
  sizeOf: (source) => source.length,
})

type ShapedBody = Pick<WireBody, 'body' | 'contentType'>

type Shaped =
  /** What its surface sends. */
  | { readonly kind: 'usual' }
  | ({ readonly kind: 'body' } & ShapedBody)
  /** The filter says no. */
  | { readonly kind: 'filtered' }
  /** `reason`: a sentence. */
  | { readonly kind: 'failed'; readonly reason: string }
  /** Others have taken the steps of this invocation: it was not begun. */
  | { readonly kind: 'postponed' }

/** What an expression comes to, and the steps that it took. */
type Evaluated = (
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'failed'; readonly message: string }
) & { readonly steps: number }

/** `steps`: what expressions have left. `isChosen`: it is sent whatever the filter says. */
export interface ShapingOptions {
  readonly steps: StepBudget
  readonly isChosen: boolean
}

/** What a webhook gets of an event, `data` being that of its version. */
export async function shapeEvent(
  event: Event,
  webhook: Pick<Webhook, 'id' | 'shapes'>,
  { steps, isChosen }: ShapingOptions,
): Promise<Shaped> {
  const shape = shapeFor(event.id, webhook)
  if (shape === null) return USUAL
  const { filter, body } = shape
  const asked = isChosen ? null : filter
  if (asked === null && body === null) return USUAL
  return steps.inTurn(() => evaluateBoth({ ...shape, filter: asked }, event, webhook.id, steps))
}

const USUAL = { kind: 'usual' } as const

async function evaluateBoth(
  { filter, body, name }: Shape,
  event: Event,
  webhookId: string,
  steps: StepBudget,
): Promise<Shaped> {
  const evaluations = Number(filter !== null) + Number(body !== null)
  if (!steps.mayBegin(evaluations)) return POSTPONED
  for (const source of [filter, body]) if (source !== null) spendCompiling(source, steps)
  // What compiling takes is little, and known before.
  if (!steps.mayBegin(evaluations)) return POSTPONED
  const about = { id: webhookId, name }
  if (filter !== null) {
    const result = await evaluateOn(event, about, filter, steps)
    if (result.kind === 'failed') return failed('filter', result.message)
    if (!isTrue(result.value)) return { kind: 'filtered' }
  }
  if (body === null) return USUAL
  const result = await evaluateOn(event, about, body, steps)
  return result.kind === 'failed' ? failed('body', result.message) : toBody(result.value)
}

const POSTPONED = { kind: 'postponed' } as const

/** An expression on an event as a webhook sees it, within the steps of one evaluation. */
export async function evaluateOn(
  { id, type, time, scope, data }: Event,
  webhook: Pick<Webhook, 'id' | 'name'>,
  source: string,
  budget: StepBudget,
): Promise<Evaluated> {
  const expression = toCompiled(source)
  // It was checked when it was saved: by a former version that took it.
  if (typeof expression === 'string') return { kind: 'failed', message: expression, steps: 0 }
  const reading = Math.ceil(data.length / EXPRESSION.readPerStep)
  let taken = reading
  try {
    const { id: webhookId, name } = webhook
    const about = { id, type, timestamp: time, scope, webhook: { id: webhookId, name } }
    const input = toInput(about, { data })
    const result = await evaluateExpression(expression, input, {
      steps: EXPRESSION.steps - reading,
    })
    taken += result.steps
    if (result.kind === 'failed') return { ...result, steps: taken }
    return { kind: 'value', value: result.value, steps: taken }
  } catch (thrown) {
    if (!(thrown instanceof ExpressionFailure)) throw thrown
    return { kind: 'failed', message: thrown.message, steps: taken }
  } finally {
    budget.spend(taken)
  }
}

/** The body that a value is sent as. */
export function toBody(value: unknown): Extract<Shaped, { kind: 'body' | 'failed' }> {
  if (value === undefined) return failed('body', 'It has no value for this event.')
  if (typeof value === 'string') {
    return { kind: 'body', body: value, contentType: 'text/plain; charset=utf-8' }
  }
  try {
    return { kind: 'body', body: writeValue(value) }
  } catch (thrown) {
    if (thrown instanceof ExpressionFailure) return failed('body', thrown.message)
    throw thrown
  }
}

function failed(field: 'filter' | 'body', why: string) {
  return { kind: 'failed', reason: `The expression in \`${field}\` fails: ${why}` } as const
}

/** Of one that this isolate has not compiled yet. */
function spendCompiling(source: string, budget: StepBudget): void {
  if (compiled.get(source) === undefined) {
    budget.spend(Math.ceil(source.length / EXPRESSION.compiledPerStep))
  }
}

function toCompiled(source: string): CompiledExpression | string {
  const known = compiled.get(source)
  if (known !== undefined) return known
  const made = compileExpression(source)
  if (made.kind === 'flawed') return made.flaw.message
  compiled.set(source, made)
  return made
}
