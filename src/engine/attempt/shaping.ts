// What a webhook's expressions make of an event. In: an event and a webhook; out: that it does not get it, or what of its request they
// make, or why there is none. It depends on the event and on the webhook as it was when the event was accepted, and on nothing else
// but the secret values that its owner gave it.

import { EXPRESSION } from '../expressions/bounds.ts'
import { compileOnce, isCompiled } from '../expressions/compile-once.ts'
import { evaluateExpression } from '../expressions/evaluate.ts'
import { ExpressionFailure } from '../expressions/failure.ts'
import { type ExpressionInput, toInput } from '../expressions/input.ts'
import type { StepBudget } from '../expressions/step-budget.ts'
import { isTrue } from '../expressions/truth.ts'
import { writeValue } from '../expressions/write-value.ts'
import {
  type Event,
  type Expressions,
  type Header,
  shapeFor,
  sourcesOf,
  toExpressions,
  type Webhook,
} from '../model/index.ts'
import type { WireBody } from '../ports/index.ts'
import { readHeader, readParameter, readSegments, wholeText } from './shaped-request.ts'

type ShapedBody = Pick<WireBody, 'body' | 'contentType'>

/** What expressions make of a request. */
export interface ShapedParts {
  /** Null: the surface says what is sent. */
  readonly body: ShapedBody | null
  readonly headers: readonly Header[]
  /** Of the path, behind the URL's. */
  readonly segments: readonly string[]
  /** Of the URL, behind its own. */
  readonly parameters: readonly (readonly [name: string, value: string])[]
}

type Shaped =
  /** What its surface sends. */
  | { readonly kind: 'usual' }
  | ({ readonly kind: 'shaped' } & ShapedParts)
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
  /** What `$secret` answers is not said: whoever sees the result need not know it. */
  readonly hidesSecrets?: true
}

/** What stands for a secret value where it is hidden. */
export const HIDDEN = '****'

/** What a webhook gets of an event, `data` being that of its version. */
export async function shapeEvent(
  event: Event,
  webhook: Pick<Webhook, 'id' | 'shapes'> & {
    readonly secrets: Pick<Webhook['secrets'], 'values'>
  },
  { steps, isChosen, hidesSecrets }: ShapingOptions,
): Promise<Shaped> {
  const shape = shapeFor(event.id, webhook)
  if (shape === null) return USUAL
  const expressions = toExpressions(shape)
  const asked = isChosen ? { ...expressions, filter: null } : expressions
  if (sourcesOf(asked).length === 0) return USUAL
  const { name } = shape
  const secrets = secretsOf(webhook.secrets, hidesSecrets)
  return steps.inTurn(() =>
    evaluateAll(asked, new Evaluator(event, { id: webhook.id, name }, secrets, steps), steps),
  )
}

const USUAL = { kind: 'usual' } as const
const POSTPONED = { kind: 'postponed' } as const

function secretsOf({ values = {} }: Pick<Webhook['secrets'], 'values'>, isHidden?: true) {
  if (isHidden !== true) return values
  return Object.fromEntries(Object.keys(values).map((name) => [name, HIDDEN]))
}

async function evaluateAll(
  expressions: Expressions,
  evaluator: Evaluator,
  steps: StepBudget,
): Promise<Shaped> {
  const { filter, body } = expressions
  const ofRequest = sourcesOf({ ...expressions, filter: null, body: null })
  const parts = [filter, body, ofRequest.length > 0 ? ofRequest : null]
  const evaluations = parts.filter((part) => part !== null).length
  if (!steps.mayBegin(evaluations)) return POSTPONED
  for (const [, source] of sourcesOf(expressions)) spendCompiling(source, steps)
  // What compiling takes is little, and known before.
  if (!steps.mayBegin(evaluations)) return POSTPONED
  if (filter !== null) {
    const result = await evaluator.evaluate(filter)
    if (result.kind === 'failed') return failed('filter', result.message)
    if (!isTrue(result.value)) return { kind: 'filtered' }
  }
  if (body === null && ofRequest.length === 0) return USUAL
  let shapedBody: ShapedBody | null = null
  if (body !== null) {
    const result = await evaluator.evaluate(body)
    const made = result.kind === 'failed' ? failed('body', result.message) : toBody(result.value)
    if (made.kind === 'failed') return made
    shapedBody = made
  }
  const request = await shapeRequest(expressions, evaluator)
  if (request.kind === 'failed') return request
  const { headers, segments, parameters } = request
  return { kind: 'shaped', body: shapedBody, headers, segments, parameters }
}

/** Headers, path and query, all of them within the steps of one evaluation. */
export async function shapeRequest(
  { headers, path, query }: Pick<Expressions, 'headers' | 'path' | 'query'>,
  evaluator: Evaluator,
) {
  const made = { headers: [] as Header[], segments: [] as string[], parameters: [] as Header[] }
  let left: number = EXPRESSION.steps
  const read = async <T>(
    field: string,
    source: string,
    reader: (value: unknown) => T,
  ): Promise<T> => {
    const result = await evaluator.evaluate(source, left)
    left -= result.steps
    if (result.kind === 'failed') throw new Unreadable(field, result.message)
    try {
      return reader(result.value)
    } catch (thrown) {
      if (thrown instanceof ExpressionFailure) throw new Unreadable(field, thrown.message)
      throw thrown
    }
  }
  try {
    for (const [name, source] of Object.entries(headers)) {
      const value = await read(`headerExpressions.${name}`, source, (value) =>
        readHeader(name, value),
      )
      if (value !== null) made.headers.push([name, value])
    }
    if (path !== null) made.segments.push(...(await read('pathExpression', path, readSegments)))
    for (const [name, source] of Object.entries(query)) {
      const values = await read(`queryExpressions.${name}`, source, readParameter)
      made.parameters.push(...values.map((value) => [name, value] as const))
    }
    return { kind: 'made', steps: EXPRESSION.steps - left, ...made } as const
  } catch (thrown) {
    if (!(thrown instanceof Unreadable)) throw thrown
    return { ...failed(thrown.field, thrown.message), steps: EXPRESSION.steps - left }
  }
}

class Unreadable extends Error {
  readonly field: string
  constructor(field: string, message: string) {
    super(message)
    this.field = field
  }
}

/** Expressions on one event as a webhook sees it. It is read once, in the steps of the first. */
export class Evaluator {
  private input: ExpressionInput | null = null
  private readonly event: Event
  private readonly webhook: Pick<Webhook, 'id' | 'name'>
  private readonly secrets: Readonly<Record<string, string>>
  private readonly budget: StepBudget

  constructor(
    event: Event,
    webhook: Pick<Webhook, 'id' | 'name'>,
    secrets: Readonly<Record<string, string>>,
    budget: StepBudget,
  ) {
    this.event = event
    this.webhook = { id: webhook.id, name: webhook.name }
    this.secrets = secrets
    this.budget = budget
  }

  /** Within `most` steps. */
  async evaluate(source: string, most: number = EXPRESSION.steps): Promise<Evaluated> {
    const expression = compileOnce(source)
    // It was checked when it was saved: by a former version that took it.
    if (typeof expression === 'string') return { kind: 'failed', message: expression, steps: 0 }
    const reading =
      this.input === null ? Math.ceil(this.event.data.length / EXPRESSION.readPerStep) : 0
    let taken = reading
    try {
      this.input ??= this.read()
      const { secrets } = this
      const result = await evaluateExpression(expression, this.input, {
        ...{ steps: most - reading, secrets },
      })
      taken += result.steps
      if (result.kind === 'failed') return { ...result, steps: taken }
      return { kind: 'value', value: result.value, steps: taken }
    } catch (thrown) {
      if (!(thrown instanceof ExpressionFailure)) throw thrown
      return { kind: 'failed', message: thrown.message, steps: taken }
    } finally {
      this.budget.spend(taken)
    }
  }

  private read(): ExpressionInput {
    const { id, type, time, scope, data } = this.event
    return toInput({ id, type, timestamp: time, scope, webhook: this.webhook }, { data })
  }
}

/** The body that a value is sent as. */
export function toBody(
  value: unknown,
): ({ readonly kind: 'body' } & ShapedBody) | Extract<Shaped, { kind: 'failed' }> {
  if (value === undefined) return failed('body', 'It has no value for this event.')
  try {
    if (typeof value !== 'string') return { kind: 'body', body: writeValue(value) }
    return { kind: 'body', body: wholeText(value), contentType: 'text/plain; charset=utf-8' }
  } catch (thrown) {
    if (thrown instanceof ExpressionFailure) return failed('body', thrown.message)
    throw thrown
  }
}

function failed(field: string, why: string) {
  return { kind: 'failed', reason: `The expression in \`${field}\` fails: ${why}` } as const
}

/** Of one that this isolate has not compiled yet. */
function spendCompiling(source: string, budget: StepBudget): void {
  if (!isCompiled(source)) {
    budget.spend(Math.ceil(source.length / EXPRESSION.compiledPerStep))
  }
}
