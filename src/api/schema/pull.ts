// Events that consumers of a webhook read themselves, on the wire.

import { z } from 'zod'
import type { Pulled, PulledItem } from '../../engine/index.ts'
import { CONSUMER_NAME, PULLING, type PullConsumer, readUntil } from '../../engine/model/index.ts'
import { limitOf } from '../../http/pagination.ts'
import { asInteger } from '../../http/query.ts'
import { CURSORS } from '../../primitives/cursor.ts'
import { formatTime } from '../../primitives/time.ts'
import { idField, StreamSeconds, timeField } from './fields.ts'

const consumerName = z
  .string()
  .regex(new RegExp(`^${CONSUMER_NAME}$`), 'Not the name of a consumer.')
  // As a segment of a path either would be resolved away.
  .refine((name) => name !== '.' && name !== '..', 'A consumer cannot be called "." or "..".')
const cursor = z
  .string()
  .regex(CURSORS.pull.pattern, 'Not a cursor of this list.')
  .meta({ description: 'The `cursor` of the previous page; opaque.' })

export const PullQueryInput = z
  .object({
    cursor: cursor.optional(),
    consumer: consumerName.optional().meta({
      description:
        'In place of a cursor: from where the consumer of this name stands, by its last commit; from the oldest event without one.',
    }),
    limit: limitOf(
      'The maximum number of items. A page may have fewer, or none, and yet go on (`more`).',
    ),
    waitMs: z
      .string()
      .regex(/^\d{1,5}$/, 'Expected an integer.')
      .transform(Number)
      .pipe(z.int().min(0).max(PULLING.waitMs))
      .default(0)
      .meta(
        asInteger({
          ...{ minimum: 0, maximum: PULLING.waitMs, default: 0 },
          description: 'For how long the call waits while there is nothing, in milliseconds.',
        }),
      ),
  })
  .refine(({ cursor, consumer }) => cursor === undefined || consumer === undefined, {
    path: ['consumer'],
    message: 'A consumer goes on where it stands: give either this or a cursor.',
  })

export const PullStreamInput = z.object({ cursor: cursor.optional(), seconds: StreamSeconds })

export const CommitPull = z
  .strictObject({
    consumer: consumerName.meta({ description: 'What you call the consumer.' }),
    cursor: cursor.meta({
      description: 'The `cursor` of the page up to which it has done with everything.',
    }),
  })
  .meta({ id: 'CommitPull' })

const PulledEvent = z
  .object({
    id: idField('event'),
    headers: z.record(z.string(), z.string()).meta({
      description:
        'The headers that its request would have, signature included, by their names. Those that were configured are left out.',
    }),
    body: z.string().nullable().meta({
      description: 'The body of the request, as it is signed; null if there is none.',
    }),
    error: z.string().nullable().meta({
      description:
        'Why there is no body: the content of the event was expunged, or an expression of the webhook fails on it. Null if there is one.',
    }),
  })
  .meta({ id: 'PulledEvent' })
type PulledEvent = z.infer<typeof PulledEvent>

export const PullResponse = z
  .object({
    items: z
      .array(PulledEvent)
      .meta({ description: 'Events in the order in which they were accepted.' }),
    cursor: z.string().meta({
      description: 'From where the next call goes on, also where there is nothing yet; opaque.',
    }),
    more: z.boolean().meta({ description: 'Whether there is more by now.' }),
  })
  .meta({ id: 'Pulled' })

export function toPulledEvent({ event, request, error }: PulledItem): PulledEvent {
  return {
    id: event.id,
    headers: Object.fromEntries(request?.headers ?? []),
    body: request?.body ?? null,
    error,
  }
}

export function toPullResponse({ items, cursor, more }: Pulled): z.infer<typeof PullResponse> {
  return { items: items.map(toPulledEvent), cursor, more }
}

const ConsumerResponse = z
  .object({
    name: z.string().meta({ description: 'What it is called.' }),
    committedAt: timeField('When it committed last.'),
    readUntil: timeField(
      'Until when everything that was accepted has been read: how far it is behind.',
    ),
  })
  .meta({ id: 'PullConsumer' })

export const PullHealth = z
  .object({
    consumers: z.array(ConsumerResponse).meta({ description: 'Those that commit, by name.' }),
  })
  .meta({ id: 'PullHealth' })

export function toPullHealth(consumers: readonly PullConsumer[]): z.infer<typeof PullHealth> {
  return {
    consumers: consumers.map(({ name, position, committedAt }) => ({
      name,
      committedAt: formatTime(committedAt),
      readUntil: formatTime(readUntil(position)),
    })),
  }
}
