// The body that a webhook's expression makes of an event. In: an event and a webhook; out: the body with its media type, or why there is
// none. It depends on the event and on the webhook as it was when the event was accepted.

import { Lru } from '../../primitives/lru.ts'
import { type CompiledExpression, compileExpression } from '../expressions/compile.ts'
import { evaluateExpression } from '../expressions/evaluate.ts'
import { ExpressionFailure } from '../expressions/failure.ts'
import { toInput } from '../expressions/input.ts'
import { writeValue } from '../expressions/write-value.ts'
import { type BodyShape, bodyShapeFor, type Event, type Webhook } from '../model/index.ts'
import type { WireBody } from '../ports/index.ts'

/** Characters of expressions that an isolate keeps compiled. */
const COMPILED_CHARS = 500_000

const compiled = new Lru<string, CompiledExpression>({
  max: COMPILED_CHARS,
  sizeOf: (source) => source.length,
})

type Shaped = Pick<WireBody, 'body' | 'contentType'> | { readonly failure: string }

/** The body of a request for an event, `data` being what the webhook gets of it; null where no expression makes it. */
export async function shapedBody(
  event: Event,
  webhook: Pick<Webhook, 'id' | 'bodies'>,
): Promise<Shaped | null> {
  const shape = bodyShapeFor(event.id, webhook)
  return shape === null ? null : shapedBy(shape, event, webhook.id)
}

async function shapedBy(shape: BodyShape, event: Event, webhookId: string): Promise<Shaped> {
  const { id, type, time, scope, data } = event
  const expression = toCompiled(shape.body ?? '')
  if (typeof expression === 'string') return failed(expression)
  try {
    const input = toInput(
      { id, type, timestamp: time, scope, webhook: { id: webhookId, name: shape.name } },
      { data },
    )
    const result = await evaluateExpression(expression, input)
    if (result.kind === 'failed') return failed(result.message)
    const { value } = result
    if (value === undefined) return failed('It has no value for this event.')
    if (typeof value === 'string') return { body: value, contentType: 'text/plain; charset=utf-8' }
    return { body: writeValue(value) }
  } catch (thrown) {
    if (thrown instanceof ExpressionFailure) return failed(thrown.message)
    throw thrown
  }
}

function toCompiled(source: string): CompiledExpression | string {
  const known = compiled.get(source)
  if (known !== undefined) return known
  const made = compileExpression(source)
  // It was checked when it was saved: by a former version that took it.
  if (made.kind === 'flawed') return made.flaw.message
  compiled.set(source, made)
  return made
}

function failed(why: string) {
  return { failure: `The expression in \`body\` fails: ${why}` }
}
