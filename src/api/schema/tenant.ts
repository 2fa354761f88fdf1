// Tenants on the wire.

import { z } from 'zod'
import { optional, text } from '../../engine/intake/event-input.ts'
import type { Tenant } from '../../engine/model/index.ts'
import { NAMES } from '../../limits.ts'
import { formatTime } from '../../primitives/time.ts'
import { idField, timeField } from './fields.ts'

const NAME = 'A display name, which some dialects show to receivers.'

export const CreateTenant = z
  .strictObject({
    name: text(1, NAMES.chars).meta({ description: NAME }),
    id: optional(z.uuid().toLowerCase(), 'The id of the tenant. If absent, one is generated.'),
  })
  .meta({ id: 'CreateTenant' })

export const TenantResponse = z
  .object({
    id: idField('tenant'),
    name: z.string().meta({ description: NAME }),
    createdAt: timeField('When it was created.'),
  })
  .meta({ id: 'Tenant' })
export type TenantResponse = z.infer<typeof TenantResponse>

export function toTenantResponse({ id, name, createdAt }: Tenant): TenantResponse {
  return { id, name, createdAt: formatTime(createdAt) }
}
