// Messages on the wire: events (docs/contracts/svix.md, "Paths").

import { z } from 'zod'
import { channelNames, RetentionDays, text } from '../../../engine/intake/event-input.ts'
import { EventType } from '../../../engine/model/event-type.ts'
import {
  deliverAtOf,
  type Event,
  type EventDraft,
  isExpunged,
  isSystemEventType,
} from '../../../engine/model/index.ts'
import { JsonSource, Payload } from '../../../http/json-source.ts'
import { PUBLISH, RETENTION_DAYS } from '../../../limits.ts'
import { formatTime, Timestamp } from '../../../primitives/time.ts'
import { refuseFields } from '../errors.ts'
import { toSvixId } from '../ids.ts'
import { Iterator, PageLimit } from '../pages.ts'
import { ApplicationIn } from './application.ts'
import { CommaJoined, Flag } from './fields.ts'

const HOURS_OF_DAY = 24

/** RFC 9110, 8.3.1, without quoted values. */
const MEDIA_TYPE = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(?:; ?[\w-]+=[\w!#$&^.+-]+)*$/

/** Of the headers only the one that `messageInRaw` of the SDKs sets. */
const RawPayload = z
  .looseObject({
    rawPayload: z
      .string()
      .refine((text) => text.isWellFormed(), 'Expected whole characters: a half of a pair is none.')
      .nullish()
      .meta({ description: 'What is sent in place of `payload`, as it is.' }),
    headers: z
      .looseObject({
        'content-type': z
          .string()
          .max(PUBLISH.idChars)
          .regex(MEDIA_TYPE, 'Expected a media type like text/csv.')
          .nullish()
          .meta({ description: 'Its media type; `application/json` unless told.' }),
      })
      .nullish()
      .meta({ description: 'Headers of the requests.' }),
  })
  .nullish()
  .meta({ description: 'A raw payload; what else transformations take is refused with 501.' })

export const MessageIn = z
  .object({
    eventType: EventType.refine((type) => !isSystemEventType(type), 'This type is reserved.').meta({
      description: 'By which endpoints choose the message.',
    }),
    payload: z.looseObject({}).meta({ description: 'The body of the requests, as it is written.' }),
    eventId: text(1, PUBLISH.idChars)
      .nullish()
      .meta({ description: 'What you call the message: a second one of the name is refused.' }),
    channels: channelNames(PUBLISH.channels)
      .nullish()
      .meta({ description: 'Endpoints that have channels receive it only if they share one.' }),
    tags: z
      .array(text(1, PUBLISH.tagChars))
      .max(PUBLISH.tags)
      .nullish()
      .meta({ description: 'Words by which you find it again.' }),
    application: ApplicationIn.nullish().meta({ description: 'Made first, if there is none.' }),
    payloadRetentionPeriod: RetentionDays.nullish().meta({
      description: 'Days for which to keep the message. Defaults to those of the application.',
    }),
    payloadRetentionHours: z
      .int()
      .min(1)
      .max(RETENTION_DAYS.max * HOURS_OF_DAY)
      .nullish()
      .meta({ description: 'The same in hours.' }),
    deliverAt: Timestamp.nullish().meta({
      description: 'When to send it, up to 30 days from now; at once unless told.',
    }),
    transformationsParams: RawPayload,
  })
  .refine(
    ({ payloadRetentionPeriod, payloadRetentionHours }) =>
      !(payloadRetentionPeriod && payloadRetentionHours),
    {
      path: ['payloadRetentionHours'],
      error: 'Expected payloadRetentionPeriod or this, not both.',
    },
  )
  .meta({ id: 'SvixMessageIn' })
export type MessageIn = z.infer<typeof MessageIn>

export const WithContent = Flag.default(true).meta({
  description: 'Whether payloads are in the answer.',
})

export const MessageQuery = z.object({
  limit: PageLimit,
  iterator: Iterator,
  channel: z.string().optional().meta({ description: 'Only messages of this channel.' }),
  before: Timestamp.optional().meta({ description: 'Only messages accepted before this time.' }),
  after: Timestamp.optional().meta({ description: 'Only messages accepted after this time.' }),
  with_content: WithContent,
  tag: z.string().optional().meta({ description: 'Only messages that have this tag.' }),
  event_types: CommaJoined.optional().meta({
    description: 'Only messages of these types, joined by commas.',
  }),
})

export const MessageOut = z
  .object({
    id: z.string().meta({ description: 'The id of the message.' }),
    eventType: z.string().meta({ description: 'Its type.' }),
    payload: Payload,
    eventId: z.string().optional().meta({ description: 'What its sender calls it.' }),
    channels: z.array(z.string()).optional().meta({ description: 'Its channels.' }),
    tags: z.array(z.string()).optional().meta({ description: 'Its tags.' }),
    timestamp: z.string().meta({ description: 'When it was sent.' }),
    deliverAt: z.string().optional().meta({ description: 'For when it was scheduled.' }),
  })
  .meta({ id: 'SvixMessageOut' })
export type MessageOut = z.infer<typeof MessageOut>

/** What is to be published; `payload` as it was written. Throws `not_implemented` for fields that nothing comes of. */
export function toDraft(input: MessageIn, payload: string): EventDraft {
  const { eventType, eventId, channels, tags } = input
  const retentionDays = retentionDaysOf(input)
  const { deliverAt, transformationsParams } = input
  const { rawPayload, headers, ...others } = transformationsParams ?? {}
  const { 'content-type': contentType, ...otherHeaders } = headers ?? {}
  refuseFields(others, 'transformationsParams.')
  refuseFields(otherHeaders, 'transformationsParams.headers.')
  if (contentType && typeof rawPayload !== 'string') {
    refuseFields({ 'content-type': contentType }, 'transformationsParams.headers.')
  }
  return {
    type: eventType,
    data: payload,
    deduplicationKey: eventId ?? null,
    ...(eventId && { uid: eventId }),
    ...(typeof rawPayload === 'string' && {
      raw: { text: rawPayload, contentType: contentType ?? null },
    }),
    ...(channels?.length && { channels }),
    ...(tags?.length && { tags }),
    time: null,
    scope: {},
    actor: null,
    requestId: null,
    ...(retentionDays !== undefined && { retentionDays }),
    ...(typeof deliverAt === 'number' && { deliverAt }),
  }
}

/** Days for which a message is kept that says so; hours are parts of them. */
function retentionDaysOf({
  payloadRetentionPeriod: days,
  payloadRetentionHours: hours,
}: MessageIn) {
  return hours ? hours / HOURS_OF_DAY : (days ?? undefined)
}

/** What is shown as the payload of a message whose content was expunged: as Svix's server does. */
const EXPUNGED = '{"expired":true}'

type Shown = Pick<
  Event,
  'id' | 'type' | 'data' | 'uid' | 'channels' | 'tags' | 'time' | 'expungedAt' | 'publishedAt'
>

export function toMessageOut(event: Shown, withContent: boolean): MessageOut {
  const { id, type, data, uid, channels, tags, publishedAt } = event
  const deliverAt = deliverAtOf(event)
  const payload = isExpunged(event) ? EXPUNGED : data
  return {
    id: toSvixId('msg', id),
    eventType: type,
    payload: new JsonSource(withContent ? payload : '{}'),
    ...(uid !== undefined && { eventId: uid }),
    ...(channels && { channels: [...channels] }),
    ...(tags && { tags: [...tags] }),
    timestamp: publishedAt === undefined ? event.time : formatTime(publishedAt),
    ...(deliverAt !== null && { deliverAt: formatTime(deliverAt) }),
  }
}

export const RawPayloadOut = z
  .object({ payload: z.string().meta({ description: 'What endpoints get, as it is sent.' }) })
  .meta({ id: 'SvixMessageRawPayloadOut' })

export function toRawPayloadOut(
  event: Pick<Event, 'data' | 'raw' | 'expungedAt'>,
): z.infer<typeof RawPayloadOut> {
  return { payload: isExpunged(event) ? EXPUNGED : (event.raw?.text ?? event.data) }
}

/** Whether a message is one that was asked for. */
export function isAskedMessage(
  { type, channels = [], tags = [] }: Pick<Event, 'type' | 'channels' | 'tags'>,
  asked: {
    readonly channel?: string | undefined
    readonly tag?: string | undefined
    readonly event_types?: readonly string[] | undefined
  },
): boolean {
  return (
    (asked.channel === undefined || channels.includes(asked.channel)) &&
    (asked.tag === undefined || tags.includes(asked.tag)) &&
    (asked.event_types === undefined || asked.event_types.includes(type))
  )
}
