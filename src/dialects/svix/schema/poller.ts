// What pollers read: messages in the order in which they came.

import { z } from 'zod'
import type { PulledItem } from '../../../engine/index.ts'
import { asSentTo, isExpunged, shapeFor, type Webhook } from '../../../engine/model/index.ts'
import { JsonSource } from '../../../http/json-source.ts'
import { Timestamp } from '../../../primitives/time.ts'
import { Iterator, PageLimit } from '../pages.ts'
import { MessageOut, toMessageOut } from './message.ts'

export const ConsumerPollQuery = z.object({ limit: PageLimit, iterator: Iterator })

export const PollQuery = ConsumerPollQuery.extend({
  event_type: z.string().optional().meta({ description: 'Only messages of this type.' }),
  channel: z.string().optional().meta({ description: 'Only messages of this channel.' }),
  after: Timestamp.optional().meta({
    description: 'Only messages accepted after this time, where there is no iterator.',
  }),
})

export const PollingEndpointOut = z
  .object({
    data: z.array(MessageOut).meta({ description: 'Messages, oldest first.' }),
    iterator: z.string().meta({ description: 'From where the next call goes on.' }),
    done: z.boolean().meta({ description: 'Whether there is nothing more by now.' }),
  })
  .meta({ id: 'SvixPollingEndpointOut' })

export const SeekIn = z
  .object({
    after: Timestamp.meta({ description: 'The time after which the consumer goes on.' }),
  })
  .meta({ id: 'SvixPollingEndpointConsumerSeekIn' })

export const SeekOut = z
  .object({ iterator: z.string().meta({ description: 'Where the consumer stands.' }) })
  .meta({ id: 'SvixPollingEndpointConsumerSeekOut' })

/** A message with what its sink gets of it: the payload of its version, or what the expression of the sink makes. */
export function toPolledMessage({ event, request, error }: PulledItem, sink: Webhook): MessageOut {
  const message = toMessageOut(asSentTo(event, sink) ?? event, true)
  if (isExpunged(event)) return message
  if (request === null) return { ...message, payload: new JsonSource(JSON.stringify({ error })) }
  if ((shapeFor(event.id, sink)?.body ?? null) === null) return message
  return { ...message, payload: new JsonSource(toJson(request.body)) }
}

/** A text that is JSON as it is, any other as a JSON string. */
function toJson(text: string): string {
  try {
    JSON.parse(text)
    return text
  } catch {
    return JSON.stringify(text)
  }
}
