// Fields that several things of Svix have in common.

import { z } from 'zod'
import { plainRecord, text } from '../../../engine/intake/event-input.ts'
import { TENANT_UID } from '../../../engine/model/index.ts'
import { notImplemented } from '../../../errors.ts'
import { TENANT } from '../../../limits.ts'
import { byteLength } from '../../../primitives/framed-json.ts'

/** A field that nothing comes of here: sent with a value, it is refused (`refuseFields`). */
export const Unsupported = z
  .unknown()
  .optional()
  .meta({ override: { description: 'Not implemented: refused with 501 unless it is null.' } })

/** Svix's `^[a-zA-Z0-9\-_.]+$`, 1 to 256. */
export const Uid = z
  .string()
  .regex(TENANT_UID, 'Expected 1 to 256 of A-Z, a-z, 0-9, ".", "_" and "-".')
  .nullish()
  .meta({ description: 'What you call it: accepted wherever its id is.' })

export const MetadataIn = plainRecord(
  z.record(text(0, TENANT.metadataBytes), text(0, TENANT.metadataBytes)),
)
  .refine(
    (metadata) => byteLength(JSON.stringify(metadata)) <= TENANT.metadataBytes,
    `At most ${TENANT.metadataBytes} bytes of JSON are allowed.`,
  )
  .meta({ additionalProperties: { type: 'string' } })
  .nullish()
  .meta({ description: 'What you note of it: texts by name.' })

export const MetadataOut = z
  .record(z.string(), z.string())
  .meta({ description: 'What was noted of it.' })

/** Values of a query that are joined by commas. */
export const CommaJoined = z
  .string()
  .transform((joined) => joined.split(',').filter((one) => one !== ''))

/** A flag of a query. */
export const Flag = z.enum(['true', 'false']).transform((flag) => flag === 'true')

/** A flag of a query that nothing comes of here. Throws `not_implemented` unless it is false. */
export const Unwanted = Flag.transform((flag) => {
  if (flag) throw notImplemented('This filter')
})
  .optional()
  .meta({ description: 'Not implemented: refused with 501 unless it is false.' })
