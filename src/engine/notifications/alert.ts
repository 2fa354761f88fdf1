// The body of the POST to `alertUrl`: of the native wire, and of every vendor that documents none.

import type { Exhaustion } from '../ports/index.ts'

/** The body that tells of a delivery that was given up: no payload of the event and no secret of the webhook. */
export function plainAlert(exhaustion: Exhaustion): string {
  const { webhook, eventId, eventType, trigger, message, at, diverted, suspended } = exhaustion
  return JSON.stringify({
    type: 'webhook.exhausted',
    webhookId: webhook.id,
    eventId,
    eventType,
    trigger: String(trigger),
    message,
    at: new Date(at).toISOString(),
    diverted,
    suspended,
  })
}
