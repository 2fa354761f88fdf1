// What Socotra's clients are answered. Fields stand in the order in which the vendor prints them
// (docs/contracts/socotra.md, "Responses").

import { z } from 'zod'
import { Payload } from '../../http/json-source.ts'
import { MASK } from '../../primitives/mask.ts'

const Locator = (description: string) => z.string().meta({ description })
const Time = (description: string) => z.string().meta({ format: 'date-time', description })

export const EndpointResponse = z
  .object({
    hmacEnabled: z.boolean().meta({ description: 'Whether requests are signed.' }),
    secret: z.string().nullable().meta({
      description: 'The secret that signs; null also for a key without `webhooks:read`.',
    }),
    secureSsl: z.boolean().meta({ description: 'Whether the URL must be an https URL.' }),
    tag: z
      .string()
      .nullable()
      .meta({ description: 'Sent with each signature, in the header `Socotra-Signature-Tag`.' }),
    url: z.string().meta({ description: 'Where requests are sent.' }),
    headers: z.record(z.string(), z.array(z.string())).meta({
      description: `The values of each custom header; "${MASK}" for a key without \`webhooks:read\`.`,
    }),
  })
  .meta({ id: 'SocotraEndpoint' })
export type EndpointResponse = z.infer<typeof EndpointResponse>

const RetryStrategyResponse = z.object({
  attempts: z.int().meta({ description: 'The number of retries after the first attempt.' }),
  interval: z.int().meta({ description: 'Seconds before the first retry.' }),
  type: z.enum(['linear', 'exponential']).meta({ description: 'How the interval grows.' }),
})
export type RetryStrategyResponse = z.infer<typeof RetryStrategyResponse>

export const FailureHandlingResponse = z
  .object({
    alertEndpoint: z.union([z.string(), EndpointResponse]).nullable().meta({
      description: 'Where alerts are sent: an endpoint, or its URL if it was written as that.',
    }),
    divert: z.boolean().meta({ description: 'Whether events that are given up are kept.' }),
    retryStrategy: RetryStrategyResponse.nullable().meta({
      description: 'When a failed delivery is tried again; null is never.',
    }),
    suspend: z
      .boolean()
      .meta({ description: 'Whether the webhook is suspended when an event is given up.' }),
    triggers: z.array(z.string()).meta({
      description: 'The failures that are handled: "4xx", "5xx", "timeout" and status codes.',
    }),
  })
  .meta({ id: 'SocotraFailureHandling' })
export type FailureHandlingResponse = z.infer<typeof FailureHandlingResponse>

export const WebhookResponse = z
  .object({
    locator: Locator('The locator of the webhook.'),
    name: z.string().nullable().meta({ description: 'The name of the webhook.' }),
    enabled: z.boolean().meta({ description: 'Whether its owner has it switched on.' }),
    endpoint: EndpointResponse.meta({
      description: 'Where requests are sent and how they are signed.',
    }),
    failureHandling: FailureHandlingResponse.meta({
      description: 'What happens when a delivery fails.',
    }),
    suspended: z.boolean().meta({ description: 'Whether the webhook is suspended.' }),
    suspendedAt: z.string().meta({ format: 'date-time' }).nullable().meta({
      description: 'When it was suspended; null if it is not.',
    }),
    eventTypes: z.array(z.string()).meta({ description: 'The types of its events.' }),
  })
  .meta({ id: 'SocotraWebhook' })
export type WebhookResponse = z.infer<typeof WebhookResponse>

export const WebhookList = z
  .object({
    listCompleted: z.boolean().meta({ description: 'True if this is the last page.' }),
    items: z.array(WebhookResponse).meta({ description: 'The webhooks in order of creation.' }),
  })
  .meta({ id: 'SocotraWebhookList' })

export const DivertedEventResponse = z
  .object({
    eventLocator: Locator('The locator of the event.'),
    requestLocator: Locator('The locator of the request that caused the event.'),
    failureMessage: z.string().meta({ description: 'What went wrong, as a sentence.' }),
    failureTimestamp: Time('When the event was diverted.'),
    failureTrigger: z.string().meta({
      description: 'Why the event was diverted, such as "500", "timeout" or "suspended".',
    }),
  })
  .meta({ id: 'SocotraDivertedEvent' })
export type DivertedEventResponse = z.infer<typeof DivertedEventResponse>

export const EventResponse = z
  .object({
    locator: Locator('The locator of the event.'),
    requestId: Locator('The locator of the request that caused the event, or its own.'),
    userLocator: Locator('Who caused the event; without anybody, the tenant.'),
    timestamp: Time('When it happened.'),
    type: z.string().meta({ description: 'The type of the event.' }),
    data: Payload,
  })
  .meta({ id: 'SocotraEvent' })
export type EventResponse = z.infer<typeof EventResponse>

export const EventPage = z
  .object({
    pagingToken: z.string().meta({
      description:
        'Token of the next page; on the last page it returns events that are published later.',
    }),
    events: z.array(EventResponse).meta({ description: 'The events in order of acceptance.' }),
  })
  .meta({ id: 'SocotraEventPage' })

/** Of operations that the vendor answers with an empty object. */
export const Done = z.object({})
