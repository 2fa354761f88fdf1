// Messages of the deliveries queue as text. They are Hookline's own, so only their outline is checked: what does not
// have it was damaged, or comes from a version that is not this one.

import { z } from 'zod'
import { frame, isFrame, unframe } from '../frame.ts'
import type { Event, Run } from '../model.ts'
import type { DeliveryMessage, WebhookRef } from '../ports.ts'

const OutlineSchema = z.discriminatedUnion('kind', [
  z.looseObject({
    kind: z.literal('deliver'),
    tenantId: z.string(),
    webhookId: z.string(),
    run: z.string(),
    event: z.looseObject({ id: z.string(), type: z.string(), data: z.string() }),
    attempts: z.number(),
    standing: z.enum(['sole', 'insurance', 'repetition']),
    onlyMissing: z.boolean().optional(),
  }),
  z.looseObject({
    kind: z.literal('record'),
    webhookId: z.string(),
    report: z.looseObject({
      id: z.string(),
      entries: z.array(z.looseObject({ kind: z.string() })),
    }),
  }),
  z.looseObject({
    kind: z.literal('notice'),
    notice: z.looseObject({ id: z.string(), type: z.string(), webhookId: z.string() }),
  }),
  z.looseObject({ kind: z.literal('purge'), webhookId: z.string() }),
])

/** The text of a message. */
export function toDeliveryText(message: DeliveryMessage): string {
  return frame(message)
}

/**
 * The message that sends an event to a webhook again; another one of the same run gives way to its progress.
 * `onlyMissing`: and it to the event's delivery in any run.
 */
export function toRunMessage(
  ref: WebhookRef,
  run: Run,
  event: Event,
  { onlyMissing = false } = {},
): DeliveryMessage {
  const { tenantId, id: webhookId } = ref
  const standing = 'repetition'
  const message = { tenantId, webhookId, run, event, attempts: 0, standing } as const
  return { kind: 'deliver', ...message, ...(onlyMissing && { onlyMissing }) }
}

/** The message of a text; null for anything else. */
export function fromDeliveryText(body: unknown): DeliveryMessage | null {
  if (!isFrame(body)) return null
  try {
    const value = unframe(body)
    return isDeliveryMessage(value) ? value : null
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

function isDeliveryMessage(value: unknown): value is DeliveryMessage {
  return OutlineSchema.safeParse(value).success
}
