// What expressions make of an event, to be looked at by whoever writes them: nothing is sent, and nothing kept.

import { secretsIn } from '../expressions/compile.ts'
import { ExpressionFailure } from '../expressions/failure.ts'
import { StepBudget } from '../expressions/step-budget.ts'
import { isTrue } from '../expressions/truth.ts'
import {
  type Event,
  type Expressions,
  type Header,
  sourcesOf,
  type Webhook,
} from '../model/index.ts'
import { extendUrl } from './shaped-request.ts'
import { Evaluator, HIDDEN, shapeRequest, toBody } from './shaping.ts'

/** `error`: why there is none, as a sentence; else null. */
interface Previewed {
  readonly error: string | null
  /** That it took. */
  readonly steps: number
}

/** Null where there is no expression. */
export interface Preview {
  readonly filter: (Previewed & { readonly passes: boolean | null }) | null
  readonly body:
    | (Previewed & { readonly text: string | null; readonly contentType: string | null })
    | null
  /** What those of headers, path and query make together; secret values are hidden. */
  readonly request:
    | (Previewed & { readonly url: string | null; readonly headers: readonly Header[] })
    | null
}

/** Each by itself: the body, too, of what the filter leaves out. */
export async function previewExpressions(
  event: Event,
  webhook: Pick<Webhook, 'id' | 'name' | 'url'>,
  expressions: Expressions,
): Promise<Preview> {
  const { filter, body } = expressions
  // Any will do: whether the webhook has it is asked when it is saved.
  const names = sourcesOf(expressions).flatMap(([, source]) => secretsIn(source))
  const secrets = Object.fromEntries(names.map(({ name }) => [name, HIDDEN]))
  const of = () => new Evaluator(event, webhook, secrets, new StepBudget())
  const hasOthers = sourcesOf({ ...expressions, filter: null, body: null }).length > 0
  return {
    filter: filter === null ? null : await previewFilter(filter, of()),
    body: body === null ? null : await previewBody(body, of()),
    request: hasOthers ? await previewRequest(webhook.url, expressions, of()) : null,
  }
}

async function previewFilter(source: string, evaluator: Evaluator) {
  const result = await evaluator.evaluate(source)
  const { steps } = result
  if (result.kind === 'failed') return { passes: null, error: result.message, steps }
  return { passes: isTrue(result.value), error: null, steps }
}

async function previewBody(source: string, evaluator: Evaluator) {
  const result = await evaluator.evaluate(source)
  const { steps } = result
  const none = { text: null, contentType: null, steps }
  if (result.kind === 'failed') return { ...none, error: result.message }
  const made = toBody(result.value)
  if (made.kind === 'failed') return { ...none, error: made.reason }
  const { body: text, contentType = 'application/json' } = made
  return { text, contentType, error: null, steps }
}

async function previewRequest(url: string, expressions: Expressions, evaluator: Evaluator) {
  const made = await shapeRequest(expressions, evaluator)
  const { steps } = made
  const none = { url: null, headers: [], steps }
  if (made.kind === 'failed') return { ...none, error: made.reason }
  try {
    const { headers, segments, parameters } = made
    return { url: extendUrl(url, segments, parameters), headers, error: null, steps }
  } catch (thrown) {
    if (!(thrown instanceof ExpressionFailure)) throw thrown
    return { ...none, error: thrown.message }
  }
}
