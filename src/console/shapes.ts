// What pages read of the API's answers, and of their own addresses.

import { z } from 'zod'
import type { WebhookResponse } from '../api/schema/webhook.ts'
import type { ConsoleContext } from './context.ts'

/** A page of a list. */
export function listShape<Item>(item: z.ZodType<Item>) {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() })
}

/** The query of a page: those of its parameters that were given. */
export function queryOf(c: ConsoleContext, names: readonly string[]): URLSearchParams {
  const given = names.flatMap((name): [string, string][] => {
    const value = c.req.query(name)?.trim()
    return value ? [[name, value]] : []
  })
  return new URLSearchParams(given)
}

/** As pages show events: without their payloads, which are cut out of the text that was answered. */
export const ShownEvent = z.object({
  id: z.string(),
  type: z.string(),
  time: z.string(),
  state: z.enum(['scheduled', 'accepted', 'cancelled']),
  deliverAt: z.string().nullable(),
  cancelledAt: z.string().nullable(),
  scope: z.record(z.string(), z.string()),
  channels: z.array(z.string()),
  tags: z.array(z.string()),
  uid: z.string().nullable(),
  actor: z.string().nullable(),
  requestId: z.string().nullable(),
  expungedAt: z.string().nullable(),
})
export type ShownEvent = z.infer<typeof ShownEvent>

export const ShownDelivery = z.object({
  webhookId: z.string(),
  url: z.string().nullable(),
  status: z.string(),
  attempts: z.int(),
  lastAttemptAt: z.string().nullable(),
  nextAttemptAt: z.string().nullable(),
  reason: z.string().nullable(),
})
export type ShownDelivery = z.infer<typeof ShownDelivery>

export const ShownDiverted = z.object({
  eventId: z.string(),
  eventType: z.string(),
  trigger: z.string(),
  message: z.string(),
  divertedAt: z.string(),
})
export type ShownDiverted = z.infer<typeof ShownDiverted>

/** What a webhook is called on pages. */
export function titleOf({ name, url }: Pick<WebhookResponse, 'name' | 'url'>): string {
  return name ?? url ?? 'A pull webhook'
}

/** A scope in a line. */
export function entriesOf(scope: Readonly<Record<string, string>>): string {
  return Object.entries(scope)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ')
}
