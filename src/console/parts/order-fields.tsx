// The order of a webhook on its form.

import type { WebhookResponse } from '../../api/schema/webhook.ts'
import { refusalAt } from '../../http/v1.ts'
import { CheckField, TextField } from './fields.tsx'

export interface OrderFields {
  readonly inOrder: boolean
  /** An expression; empty: all events have one key. */
  readonly orderKey: string
  readonly orderBlocks: boolean
}

export const EMPTY_ORDER_FIELDS: OrderFields = { inOrder: false, orderKey: '', orderBlocks: false }

/** The fields of a form that was sent. */
export function orderFieldsOf(text: (name: string) => string): OrderFields {
  return {
    inOrder: text('inOrder') === 'true',
    orderKey: text('orderKey'),
    orderBlocks: text('orderBlocks') === 'true',
  }
}

/** The fields of a webhook as it is. */
export function orderFieldsOfWebhook({ order }: WebhookResponse): OrderFields {
  if (order === null) return EMPTY_ORDER_FIELDS
  if (order === 'webhook') return { ...EMPTY_ORDER_FIELDS, inOrder: true }
  return { inOrder: true, orderKey: order.key ?? '', orderBlocks: order.onFailure === 'block' }
}

/** What the API takes. Throws a `Refusal` where something is said of an order, and not that there is one: which is meant nobody knows. */
export function toOrder({ inOrder, orderKey, orderBlocks }: OrderFields) {
  if (!inOrder && (orderKey !== '' || orderBlocks)) {
    const message =
      'This says how events come in order, and not that they do: tick the box above for that, or empty this and untick the one below.'
    throw refusalAt('order.key', message)
  }
  if (!inOrder) return null
  return { key: orderKey || null, onFailure: orderBlocks ? 'block' : 'continue' }
}

export function OrderFormFields({
  fields,
  wrong,
}: {
  readonly fields: OrderFields
  readonly wrong: (name: string) => string | undefined
}) {
  return (
    <>
      <CheckField
        name="inOrder"
        label="Events come one after the other, in order"
        checked={fields.inOrder}
      />
      <TextField
        name="orderKey"
        label="Which wait for each other"
        value={fields.orderKey}
        hint="An expression, such as data.customer.id: events for which it has the same value. Empty: all of them."
        wrong={wrong('order.key') ?? wrong('order')}
      />
      <CheckField
        name="orderBlocks"
        label="Behind an event that was given up the others wait until somebody lets them go"
        checked={fields.orderBlocks}
      />
    </>
  )
}

/** Which events come one after the other. */
export function orderInWords(order: NonNullable<WebhookResponse['order']>): string {
  if (order === 'webhook') return 'one event after the other'
  const { key, onFailure } = order
  const which =
    key === null ? 'one event after the other' : `one after the other, where ${key} is the same`
  return onFailure === 'block' ? `${which}; one that is given up holds up the others` : which
}
