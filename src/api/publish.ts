// Reading a publish request: our own JSON or CloudEvents, and the key that makes repeating it harmless.

import { z } from 'zod'
import { AddressedEventInput } from '../engine/intake/event-input.ts'
import { parseAddressedDrafts } from '../engine/intake/parse.ts'
import type { AddressedDraft } from '../engine/model/index.ts'
import { invalid } from '../errors.ts'
import { readText } from '../http/body.ts'
import type { Input } from '../http/input.ts'
import { PUBLISH } from '../limits.ts'
import { sha256Hex } from '../primitives/digest.ts'
import {
  CLOUD_EVENT_BATCH_TYPE,
  CLOUD_EVENT_TYPE,
  CloudEventInput,
  parseCloudEvent,
  parseCloudEventBatch,
} from './cloud-events.ts'
import { attributeLines, isBinary, parseBinaryCloudEvent } from './cloud-events-binary.ts'

export interface PublishRequest {
  readonly drafts: readonly AddressedDraft[]
  readonly idempotency: { readonly key: string; readonly contentHash: string } | undefined
}

const IDEMPOTENCY_KEY = 'Idempotency-Key'
const IdempotencyKey = z
  .string()
  .regex(/^[\x21-\x7e]{1,256}$/, 'Expected 1 to 256 visible ASCII characters.')
  .meta({ description: 'Makes it safe to repeat the request for 24 hours.' })

type Parse = (text: string, headers: Headers) => AddressedDraft[]

/** CloudEvents in structured mode, on every path. */
const STRUCTURED: ReadonlyMap<string, Parse> = new Map([
  [CLOUD_EVENT_TYPE, parseCloudEvent],
  [CLOUD_EVENT_BATCH_TYPE, parseCloudEventBatch],
])

/** Our own JSON. Its operation reads CloudEvents too, which are described with those that read nothing else. */
export const eventsInput = publishing(
  'application/json',
  // With a name of its own: oapi-codegen sends an unnamed union as `{}`.
  z
    .union([AddressedEventInput, z.array(AddressedEventInput).min(1).max(PUBLISH.events)])
    .meta({ id: 'EventsInput' }),
  parseAddressedDrafts,
)

export const cloudEventInput = publishing(CLOUD_EVENT_TYPE, CloudEventInput, parseCloudEvent)

export const cloudEventBatchInput = publishing(
  CLOUD_EVENT_BATCH_TYPE,
  z.array(CloudEventInput).min(1).max(PUBLISH.events),
  parseCloudEventBatch,
)

/**
 * What an operation publishes. A body is a CloudEvent, or some, if its content type or the `ce-` headers say so; whatever else
 * its content type says, it is read by `parse`. One operation describes one kind of body: generators of clients make
 * a method of each operation, and of several kinds one that cannot be called.
 */
function publishing(mediaType: string, schema: z.ZodType, parse: Parse): Input<PublishRequest> {
  return {
    read: (request) => readPublish(request, mediaType, parse),
    described: {
      headers: z.object({ [IDEMPOTENCY_KEY]: IdempotencyKey.optional() }),
      body: { content: { [mediaType]: { schema } }, required: true },
      errors: ['invalid', 'too_large'],
    },
  }
}

/** Throws `malformed`, `invalid` or `too_large`; issues begin with the index of the event. */
async function readPublish(
  request: Request,
  ownType: string,
  parse: Parse,
): Promise<PublishRequest> {
  const { headers } = request
  const key = readIdempotencyKey(headers)
  const mediaType = readMediaType(headers)
  const text = await readText(request, PUBLISH.requestBytes)
  const structured = STRUCTURED.get(mediaType)
  const isInHeaders = structured === undefined && isBinary(headers)
  const parseThis = structured ?? (isInHeaders ? parseBinaryCloudEvent : parse)
  const drafts = parseThis(text, headers)
  if (key === null) return { drafts, idempotency: undefined }
  // What makes it another request: how the body is read, and all that is read.
  const form = parseThis === parse && STRUCTURED.has(ownType) ? ownType : mediaType
  const attributes = isInHeaders ? `${attributeLines(headers)}\n` : ''
  const contentHash = await sha256Hex(`${form}\n${attributes}${text}`)
  return { drafts, idempotency: { key, contentHash } }
}

/** The content type without its parameters, in lower case. */
function readMediaType(headers: Headers): string {
  const [mediaType = ''] = (headers.get('content-type') ?? '').split(';')
  return mediaType.trim().toLowerCase()
}

function readIdempotencyKey(headers: Headers): string | null {
  const given = headers.get(IDEMPOTENCY_KEY)
  if (given === null) return null
  const result = IdempotencyKey.safeParse(given)
  if (result.success) return result.data
  throw invalid(
    [IDEMPOTENCY_KEY],
    result.error.issues[0]?.message ?? 'Not a valid Idempotency-Key.',
  )
}
