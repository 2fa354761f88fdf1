// Applications on the wire: tenants (docs/contracts/svix.md, "Paths").

import { z } from 'zod'
import { text } from '../../../engine/intake/event-input.ts'
import { TENANT_UID, type Tenant } from '../../../engine/model/index.ts'
import type { TenantChange } from '../../../engine/ports/index.ts'
import { NAMES } from '../../../limits.ts'
import { formatTime } from '../../../primitives/time.ts'
import { refuseFields } from '../errors.ts'
import { toSvixId } from '../ids.ts'
import { MetadataIn, MetadataOut, Uid, Unsupported } from './fields.ts'

const Name = text(1, NAMES.chars).meta({ description: 'The name of the application.' })

export const ApplicationIn = z
  .object({
    name: Name,
    uid: Uid,
    metadata: MetadataIn,
    throttleRate: Unsupported,
    rateLimit: Unsupported,
  })
  .meta({ id: 'SvixApplicationIn' })
export type ApplicationIn = z.infer<typeof ApplicationIn>

export const ApplicationPatch = ApplicationIn.partial().meta({ id: 'SvixApplicationPatch' })
export type ApplicationPatch = z.infer<typeof ApplicationPatch>

export const ApplicationOut = z
  .object({
    id: z.string().meta({ description: 'The id of the application.' }),
    uid: z.string().optional().meta({ description: 'What you call it.' }),
    name: z.string().meta({ description: 'Its name.' }),
    metadata: MetadataOut,
    createdAt: z.string().meta({ description: 'When it was created.' }),
    updatedAt: z.string().meta({ description: 'When it was created: changes are not noted.' }),
  })
  .meta({ id: 'SvixApplicationOut' })
export type ApplicationOut = z.infer<typeof ApplicationOut>

/** A new tenant. Throws `not_implemented` for fields that nothing comes of. */
export function toNewTenant({ name, uid, metadata, ...others }: ApplicationIn) {
  refuseFields(others)
  return { name, id: null, uid: uid ?? null, metadata: metadata ?? {} }
}

/** What an input that replaces an application changes. Throws `not_implemented`. */
export function toReplaced(input: ApplicationIn): TenantChange {
  const { id: _, ...decided } = toNewTenant(input)
  return decided
}

/** What a patch changes: null clears. Throws `not_implemented`. */
export function toChange({ name, uid, metadata, ...others }: ApplicationPatch): TenantChange {
  refuseFields(others)
  return {
    ...(name !== undefined && { name }),
    ...(uid !== undefined && { uid }),
    ...(metadata !== undefined && { metadata: metadata ?? {} }),
  }
}

export function toApplicationOut({ id, uid, name, metadata, createdAt }: Tenant): ApplicationOut {
  const at = formatTime(createdAt)
  return {
    id: toSvixId('app', id),
    ...(uid !== null && { uid }),
    name,
    metadata: { ...metadata },
    createdAt: at,
    updatedAt: at,
  }
}

/** Whether a text may be the uid of a new application. */
export function isUid(text: string): boolean {
  return TENANT_UID.test(text)
}
