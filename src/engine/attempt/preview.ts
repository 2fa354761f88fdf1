// What expressions make of an event, to be looked at by whoever writes them: nothing is sent, and nothing kept.

import { StepBudget } from '../expressions/step-budget.ts'
import { isTrue } from '../expressions/truth.ts'
import type { Event, Shape, Webhook } from '../model/index.ts'
import { evaluateOn, toBody } from './shaping.ts'

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
}

/** Each by itself: the body, too, of what the filter leaves out. */
export async function previewExpressions(
  event: Event,
  webhook: Pick<Webhook, 'id' | 'name'>,
  { filter, body }: Pick<Shape, 'filter' | 'body'>,
): Promise<Preview> {
  const budget = new StepBudget()
  return {
    filter: filter === null ? null : await previewFilter(event, webhook, filter, budget),
    body: body === null ? null : await previewBody(event, webhook, body, budget),
  }
}

async function previewFilter(...given: Parameters<typeof evaluateOn>) {
  const result = await evaluateOn(...given)
  const { steps } = result
  if (result.kind === 'failed') return { passes: null, error: result.message, steps }
  return { passes: isTrue(result.value), error: null, steps }
}

async function previewBody(...given: Parameters<typeof evaluateOn>) {
  const result = await evaluateOn(...given)
  const { steps } = result
  const none = { text: null, contentType: null, steps }
  if (result.kind === 'failed') return { ...none, error: result.message }
  const made = toBody(result.value)
  if (made.kind === 'failed') return { ...none, error: made.reason }
  const { body: text, contentType = 'application/json' } = made
  return { text, contentType, error: null, steps }
}
