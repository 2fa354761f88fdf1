// What callers note of tenants and webhooks: texts by name.

import { z } from 'zod'
import { plainRecord, text } from '../../engine/intake/event-input.ts'
import { TENANT } from '../../limits.ts'
import { byteLength } from '../../primitives/framed-json.ts'

export const MetadataInput = plainRecord(
  z.record(text(0, TENANT.metadataBytes), text(0, TENANT.metadataBytes)),
)
  .refine(
    (metadata) => byteLength(JSON.stringify(metadata)) <= TENANT.metadataBytes,
    `At most ${TENANT.metadataBytes} bytes of JSON are allowed.`,
  )
  .meta({ additionalProperties: { type: 'string' } })
