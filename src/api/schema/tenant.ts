// Tenants on the wire.

import { z } from 'zod'
import type { Tenant } from '../../engine/model.ts'
import { formatTime } from '../../engine/time.ts'
import { Id, Time } from './fields.ts'

export const CreateTenant = z
  .strictObject({
    name: z.string().min(1).max(200),
    id: z.uuid().toLowerCase().optional(),
  })
  .meta({ id: 'CreateTenant' })

export const TenantResponse = z
  .object({ id: Id, name: z.string(), createdAt: Time })
  .meta({ id: 'Tenant' })
export type TenantResponse = z.infer<typeof TenantResponse>

export function toTenantResponse({ id, name, createdAt }: Tenant): TenantResponse {
  return { id, name, createdAt: formatTime(createdAt) }
}
