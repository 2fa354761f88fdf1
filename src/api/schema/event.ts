// Events on the wire.

import { z } from 'zod'
import type { EventDelivery } from '../../engine/index.ts'
import { optional, Uuid } from '../../engine/intake/event-input.ts'
import { EventType } from '../../engine/model/event-type.ts'
import {
  DELIVERY_STATUSES,
  deliverAtOf,
  isCancelled,
  isExpunged,
  type LoggedEvent,
  publishedVersions,
  UNMATCHED_REASONS,
  type UnmatchedWebhook,
} from '../../engine/model/index.ts'
import { JsonSource, Payload } from '../../http/json-source.ts'
import { cursorOf, Limit } from '../../http/pagination.ts'
import { readQuery } from '../../http/query.ts'
import { CURSORS } from '../../primitives/cursor.ts'
import { formatTimeOrNull, Timestamp } from '../../primitives/time.ts'
import { invalidInput } from '../../primitives/validate.ts'
import { idField, listOf, timeField, timeOrNull } from './fields.ts'

export const EventQueryInput = z.object({
  type: EventType.optional().meta({ description: 'Only events of this type.' }),
  after: Timestamp.optional().meta({ description: 'Only events accepted after this time.' }),
  before: Timestamp.optional().meta({ description: 'Only events accepted before this time.' }),
  state: z
    .enum(['scheduled'])
    .optional()
    .meta({
      description:
        '`scheduled`: only events whose time has not come, and that were not cancelled, in order of their times; `after` and ' +
        '`before` are about those. Without it, events that have been accepted.',
    }),
  limit: Limit,
  cursor: cursorOf(CURSORS.events).optional(),
})

export const GetEventInput = z.object({
  unmatched: z
    .enum(['true', 'false'])
    .default('false')
    .meta({
      description:
        '`true` also lists the webhooks to which the event was not sent, with the reasons. This requires the permission ' +
        '`webhooks:read`.',
    }),
  limit: Limit.meta({
    description: 'The maximum number of unmatched webhooks. Allowed only with `unmatched=true`.',
  }),
  cursor: cursorOf(CURSORS.unmatched).optional(),
})

/** Throws `invalid` for what is not asked about a page when no page is asked for. */
export function readGetEvent(url: string): z.output<typeof GetEventInput> {
  const asked = readQuery(url, GetEventInput)
  const given = new URL(url).searchParams
  const stray =
    asked.unmatched === 'true' ? [] : ['limit', 'cursor'].filter((name) => given.has(name))
  if (stray.length === 0) return asked
  const message = 'This parameter is allowed only with unmatched=true.'
  throw invalidInput(stray.map((name) => ({ path: [name], message })))
}

export const ResendEvent = z
  .strictObject({
    webhookId: optional(
      Uuid,
      'The webhook to resend to. If absent, all webhooks that match the event now.',
    ),
  })
  .meta({ id: 'ResendEvent' })

export const AcceptedResponse = z
  .object({
    events: z
      .array(
        z.object({
          id: idField('event'),
          type: z.string().meta({ description: 'The type of the event.' }),
          duplicate: z.boolean().meta({
            description: 'Whether it had been published before, and was not published again.',
          }),
          deliverAt: timeField('When a scheduled event is to be sent.').optional(),
        }),
      )
      .meta({ description: 'The events in the order in which they were given.' }),
  })
  .meta({ id: 'AcceptedEvents' })

const EVENT_STATES = ['scheduled', 'accepted', 'cancelled'] as const

/** Described without a type: oapi-codegen makes nothing of several. */
const CloudEventAttribute = z
  .custom<string | number | boolean>((value) =>
    ['string', 'number', 'boolean'].includes(typeof value),
  )
  .meta({ override: { description: 'A text, an integer or a boolean.' } })

export const EventResponse = z
  .object({
    id: idField('event'),
    type: z.string().meta({ description: 'The type of the event.' }),
    time: timeField('When it happened: as published, or when it was accepted, or is to be.'),
    state: z.enum(EVENT_STATES).meta({
      description:
        '`scheduled`: its time has not come; `cancelled`: it was cancelled before, and is for nobody; else `accepted`.',
    }),
    deliverAt: timeOrNull(
      'For when a scheduled event is, or was; null for one that was published for at once.',
    ),
    cancelledAt: timeOrNull('When it was cancelled; null if it was not.'),
    scope: z.record(z.string(), z.string()).meta({ description: 'What the event belongs to.' }),
    channels: z.array(z.string()).meta({ description: 'The channels of the event.' }),
    tags: z.array(z.string()).meta({ description: 'The tags of the event.' }),
    uid: z.string().nullable().meta({
      description:
        'What its producer calls it, where it was published through a surface that shows that.',
    }),
    actor: z.string().nullable().meta({ description: 'Who caused the event, if known.' }),
    requestId: z
      .string()
      .nullable()
      .meta({ description: 'The request that caused the event, if known.' }),
    traceparent: z.string().nullable().meta({
      description:
        'The trace that the event belongs to, in the format of W3C Trace Context, as receivers get it in a header; null if it names none.',
    }),
    tracestate: z.string().nullable().meta({
      description: 'What tracing systems say beside it; null if they say nothing.',
    }),
    cloudEvent: z.record(z.string(), CloudEventAttribute).nullable().meta({
      description:
        'Of an event that came as a CloudEvent its attributes but `specversion` and `type`, as they came; else null.',
    }),
    data: Payload.nullable().meta({
      description: 'The payload; null once its content was expunged.',
    }),
    expungedAt: timeOrNull(
      'When the content of the event was expunged (all but its id, type and time); null if it has its content.',
    ),
    raw: z
      .object({
        text: z.string().meta({ description: 'The text as it is sent.' }),
        contentType: z
          .string()
          .nullable()
          .meta({ description: 'Its media type; null: `application/json`.' }),
      })
      .nullable()
      .meta({
        description:
          'What webhooks get in place of `data` whose surface can send it, where it was published so.',
      }),
    versions: z.record(z.string(), Payload).nullable().meta({
      description:
        'The payload by version, where it was published so; `data` is that of the newest.',
    }),
  })
  .meta({ id: 'Event' })
export type EventResponse = z.infer<typeof EventResponse>

const DeliveryResponse = z.object({
  webhookId: idField('webhook'),
  url: z
    .string()
    .nullable()
    .meta({
      description:
        'The URL of the webhook as it is now; null if the webhook was deleted, and to keys without the permission ' +
        '`webhooks:read`.',
    }),
  status: z.enum(DELIVERY_STATUSES).meta({
    description:
      '`unsendable` means that the webhook’s format cannot express the event, or that its expressions fail on it, `filtered` that its filter leaves the event out, `held` that the webhook is on ' +
      'hold or paused and the event waits for its turn, `erased` that the content of the event was expunged before it was delivered or given up.',
  }),
  attempts: z.int().meta({
    description: 'The number of attempts so far, those of resends and replays among them.',
  }),
  lastAttemptAt: timeOrNull('When the last attempt was made; null if there was none.'),
  statusCode: z.int().nullable().meta({
    description: 'The status code of the response to the last attempt; null if there was none.',
  }),
  error: z.string().nullable().meta({
    description: 'What went wrong at the last attempt; null if nothing did, or if there was none.',
  }),
  nextAttemptAt: timeOrNull('When the next attempt is due; null if none is.'),
  reason: z
    .string()
    .nullable()
    .meta({
      description:
        'Why the delivery ended without success, or why it waits: no request can be made to the webhook, because its ' +
        'secrets cannot be decrypted or its dialect is not deployed.',
    }),
})
type DeliveryResponse = z.infer<typeof DeliveryResponse>

const UnmatchedResponse = z
  .object({
    webhookId: idField('webhook'),
    reasons: z.array(z.enum(UNMATCHED_REASONS)).meta({
      description:
        'Why, as the webhook was when the event was accepted. `created_later`: the webhook did not exist. `disabled`: it was ' +
        'disabled. `event_type`: the type of the event was not among its types. `scope`: an entry of its scope was not in ' +
        'that of the event. `channel`: it has channels, and the event none of them. `cancelled`: the event was cancelled before its time came. `dialect`: its format cannot express the event. `version`: it has no data for the version of the webhook. `unknown`: how the webhook was then is not known.',
    }),
    detail: z.string().nullable().meta({
      description:
        'Of `version`, where a conversion of the event type should have made the data: why it did not; else null.',
    }),
  })
  .meta({ id: 'UnmatchedWebhook' })

export const EventWithDeliveriesResponse = EventResponse.extend({
  deliveries: z.array(DeliveryResponse).meta({
    description: 'The delivery to each webhook that the event matched, or was sent to later.',
  }),
  unmatched: listOf(UnmatchedResponse).optional().meta({
    description:
      'All other webhooks that the key can see and that still exist; absent without `unmatched=true`.',
  }),
}).meta({ id: 'EventWithDeliveries' })

function stateOf(event: Omit<LoggedEvent, 'webhookIds'>): (typeof EVENT_STATES)[number] {
  if (isCancelled(event)) return 'cancelled'
  return event.isWaiting ? 'scheduled' : 'accepted'
}

export function toEventResponse(event: Omit<LoggedEvent, 'webhookIds'>): EventResponse {
  const { id, type, time, scope, actor, requestId, data } = event
  const { channels = [], tags = [], uid = null, raw = null, trace } = event
  const published = publishedVersions(event)
  const versions = published.map(({ version, data }) => [version, new JsonSource(data)] as const)
  return {
    ...{ id, type, time, state: stateOf(event) },
    deliverAt: formatTimeOrNull(deliverAtOf(event)),
    cancelledAt: formatTimeOrNull(event.cancelledAt ?? null),
    ...{ scope: { ...scope }, channels: [...channels], tags: [...tags], uid },
    ...{ actor, requestId },
    ...{ traceparent: trace?.traceparent ?? null, tracestate: trace?.tracestate ?? null },
    cloudEvent: event.cloudEvent ? { ...event.cloudEvent } : null,
    ...{ data: isExpunged(event) ? null : new JsonSource(data) },
    ...{ raw: raw && { ...raw }, expungedAt: formatTimeOrNull(event.expungedAt ?? null) },
    versions: versions.length === 0 ? null : Object.fromEntries(versions),
  }
}

/** `showsUrl`: the caller may read webhooks. */
export function toDeliveryResponse(delivery: EventDelivery, showsUrl: boolean): DeliveryResponse {
  const { webhookId, url, status, attempts, statusCode, error, reason } = delivery
  return {
    webhookId,
    url: showsUrl ? url : null,
    status,
    attempts,
    lastAttemptAt: formatTimeOrNull(delivery.lastAttemptAt),
    statusCode,
    error,
    nextAttemptAt: formatTimeOrNull(delivery.nextAttemptAt),
    reason,
  }
}

export function toUnmatchedResponse({ webhookId, reasons, detail }: UnmatchedWebhook) {
  return { webhookId, reasons: [...reasons], detail: detail ?? null }
}
