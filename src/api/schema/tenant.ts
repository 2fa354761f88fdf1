// Tenants on the wire.

import { z } from 'zod'
import { optional, text } from '../../engine/intake/event-input.ts'
import type { Tenant } from '../../engine/model/index.ts'
import { NAMES } from '../../limits.ts'
import { formatTime } from '../../primitives/time.ts'
import { Id, Time } from './fields.ts'

export const CreateTenant = z
  .strictObject({
    name: text(1, NAMES.chars),
    id: optional(z.uuid().toLowerCase()),
  })
  .meta({ id: 'CreateTenant' })

export const TenantResponse = z
  .object({ id: Id, name: z.string(), createdAt: Time })
  .meta({ id: 'Tenant' })
export type TenantResponse = z.infer<typeof TenantResponse>

export function toTenantResponse({ id, name, createdAt }: Tenant): TenantResponse {
  return { id, name, createdAt: formatTime(createdAt) }
}
