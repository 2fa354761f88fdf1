// Which key an event has where a webhook's events come in order, by the expression that its owner wrote for it. Runs inside the
// webhook's monitor: what one costs holds up no other webhook.

import { ORDER } from '../expressions/bounds.ts'
import { StepBudget } from '../expressions/step-budget.ts'
import { asSentTo, type Event, NO_KEY, type Order, type Webhook } from '../model/index.ts'
import { Evaluator } from './shaping.ts'

/** `reason`: a sentence. */
export type EventKey =
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'failed'; readonly reason: string }

/** The keys of some events, one after the other: of the first of them, as many as one invocation has steps for. Never rejects. */
export async function keysOfEvents(
  events: readonly { readonly event: Event; readonly order: Order | null }[],
  webhook: Pick<Webhook, 'id' | 'name' | 'pins'>,
): Promise<readonly EventKey[]> {
  const steps = new StepBudget()
  const keys: EventKey[] = []
  for (const { event, order } of events) {
    const source = order?.key ?? null
    if (source !== null && !steps.mayBegin(1)) break
    const sent = source === null ? null : asSentTo(event, webhook)
    keys.push(
      source === null || sent === null ? toKey(null) : await evaluate(sent, webhook, source, steps),
    )
  }
  return keys
}

async function evaluate(
  event: Event,
  webhook: Pick<Webhook, 'id' | 'name'>,
  source: string,
  steps: StepBudget,
): Promise<EventKey> {
  const result = await new Evaluator(event, webhook, {}, steps).evaluate(source)
  return result.kind === 'failed' ? failed(result.message) : toKey(result.value)
}

/** The key that a value is; of a webhook whose events all have one it is made of nothing. */
function toKey(value: unknown): EventKey {
  if (value === undefined || value === null || value === '') return { kind: 'key', key: NO_KEY }
  if (!['string', 'number', 'boolean'].includes(typeof value)) {
    return failed('It must be a text, a number or a boolean.')
  }
  const key = String(value)
  if (key.length > ORDER.keyChars) {
    return failed(`It may have ${ORDER.keyChars} characters at most.`)
  }
  return { kind: 'key', key }
}

function failed(why: string) {
  return { kind: 'failed', reason: `The expression in \`order.key\` fails: ${why}` } as const
}
