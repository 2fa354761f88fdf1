// Reading a publish request: our own JSON or CloudEvents, and the key that makes repeating it harmless.

import { z } from 'zod'
import type { ZodOpenApiContentObject } from 'zod-openapi'
import { PUBLISH } from '../config.ts'
import { invalid } from '../engine/errors.ts'
import { sha256Hex } from '../engine/hash.ts'
import type { EventDraft } from '../engine/model.ts'
import { parseDrafts } from '../engine/pipeline/drafts.ts'
import { EventInput } from '../engine/pipeline/event-input.ts'
import { readText } from '../http/body.ts'
import {
  CLOUD_EVENT_BATCH_TYPE,
  CLOUD_EVENT_TYPE,
  CloudEventInput,
  parseCloudEvent,
  parseCloudEventBatch,
} from './cloud-events.ts'

export interface PublishRequest {
  readonly drafts: readonly EventDraft[]
  readonly idempotency: { readonly key: string; readonly contentHash: string } | undefined
}

/** Whatever other content type a request has, its body is read as our own JSON. */
const PARSERS: ReadonlyMap<string, (text: string) => EventDraft[]> = new Map([
  [CLOUD_EVENT_TYPE, parseCloudEvent],
  [CLOUD_EVENT_BATCH_TYPE, parseCloudEventBatch],
])

export const publishContent: ZodOpenApiContentObject = {
  'application/json': {
    schema: z.union([EventInput, z.array(EventInput).min(1).max(PUBLISH.events)]),
  },
  [CLOUD_EVENT_TYPE]: { schema: CloudEventInput },
  [CLOUD_EVENT_BATCH_TYPE]: { schema: z.array(CloudEventInput).min(1).max(PUBLISH.events) },
}

/** Throws `malformed`, `invalid` or `too_large`; issues begin with the index of the event. */
export async function readPublish(request: Request): Promise<PublishRequest> {
  const key = readIdempotencyKey(request.headers)
  const mediaType = readMediaType(request.headers)
  const text = await readText(request, PUBLISH.requestBytes)
  const drafts = (PARSERS.get(mediaType) ?? parseDrafts)(text)
  if (key === null) return { drafts, idempotency: undefined }
  return { drafts, idempotency: { key, contentHash: await sha256Hex(`${mediaType}\n${text}`) } }
}

/** The content type without its parameters, in lower case. */
function readMediaType(headers: Headers): string {
  const [mediaType = ''] = (headers.get('content-type') ?? '').split(';')
  return mediaType.trim().toLowerCase()
}

export const IDEMPOTENCY_KEY = 'Idempotency-Key'
export const IdempotencyKey = z
  .string()
  .regex(/^[\x21-\x7e]{1,256}$/, 'Expected 1 to 256 visible ASCII characters.')

function readIdempotencyKey(headers: Headers): string | null {
  const given = headers.get(IDEMPOTENCY_KEY)
  if (given === null) return null
  const result = IdempotencyKey.safeParse(given)
  if (result.success) return result.data
  throw invalid([IDEMPOTENCY_KEY], result.error.issues[0]?.message ?? 'This is not a key.')
}
