// The order of a webhook's events on the wire.

import { z } from 'zod'
import type { Order, OrderBacklog } from '../../engine/model/index.ts'
import { formatTime } from '../../primitives/time.ts'
import { idField, OrderKeyText, timeField } from './fields.ts'

export const ORDER_MEANING =
  'Which events come one after the other, in the order in which they were accepted: all of the webhook, or those of one key. ' +
  'Null: events come as they may.'

const KEY_MEANING =
  'A JSONata expression on the event that makes its key, a text, a number or a boolean. Null: all events of the webhook have one key.'

const ON_FAILURE_MEANING =
  'What comes of a key when an event of it is given up: `continue` with the next one, or `block` until that event is resent and ' +
  'delivered, or the key is skipped.'

const OnFailure = z.enum(['continue', 'block'])
const WHOLE = { key: null, onFailure: 'continue' } as const satisfies Order

export const OrderInput = z
  .union(
    [
      z.literal('webhook'),
      z
        .strictObject({
          key: OrderKeyText.nullish().meta({ description: KEY_MEANING }),
          onFailure: OnFailure.optional().meta({
            default: WHOLE.onFailure,
            description: ON_FAILURE_MEANING,
          }),
        })
        .refine((order) => Object.keys(order).length > 0, {
          error: 'Expected `key`, `onFailure` or both; or "webhook".',
        })
        .meta({ minProperties: 1 }),
    ],
    { error: 'Expected "webhook", or an object with `key`, `onFailure` or both.' },
  )
  .transform((input): Order => {
    if (input === 'webhook') return WHOLE
    return { key: input.key ?? null, onFailure: input.onFailure ?? WHOLE.onFailure }
  })

export const OrderResponse = z.union([
  z.literal('webhook'),
  z.object({
    key: z.string().nullable().meta({ description: KEY_MEANING }),
    onFailure: OnFailure.meta({ description: ON_FAILURE_MEANING }),
  }),
])

/** An order as it is shown: in short where nothing is said but that there is one. */
export function toOrderResponse(order: Order | null): z.infer<typeof OrderResponse> | null {
  if (order === null) return null
  return order.key === null && order.onFailure === 'continue' ? 'webhook' : { ...order }
}

export const OrderHealth = z.object({
  waiting: z.int().meta({ description: 'Deliveries that wait for others of their key.' }),
  blocked: z
    .array(
      z.object({
        key: z.string().meta({ description: 'The key.' }),
        eventId: idField('event that was given up'),
        since: timeField('When it was given up.'),
      }),
    )
    .meta({ description: 'Keys of which nothing is sent, the oldest events first; at most 20.' }),
})

/** What a webhook's order has wait; null: it has none, and nothing waits. */
export function toOrderHealth(
  order: Order | null,
  { waiting, blocked }: OrderBacklog,
): z.infer<typeof OrderHealth> | null {
  if (order === null && waiting === 0) return null
  return {
    waiting,
    blocked: blocked.map(({ since, ...same }) => ({ ...same, since: formatTime(since) })),
  }
}
