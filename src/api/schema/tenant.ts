// Tenants on the wire.

import { z } from 'zod'
import { optional, RetentionDays, ScopeInput, text, Uuid } from '../../engine/intake/event-input.ts'
import { type ErasureRequest, TENANT_UID, type Tenant } from '../../engine/model/index.ts'
import type { NoticeAddress, TenantChange } from '../../engine/ports/index.ts'
import { ERASURE, NAMES, RETENTION_DAYS } from '../../limits.ts'
import { CURSORS } from '../../primitives/cursor.ts'
import { formatTime } from '../../primitives/time.ts'
import { idField, idPageQuery, MetadataInput, timeField } from './fields.ts'

const NAME = 'A display name, which some dialects show to receivers.'
const UID =
  'What you call the tenant: unique, and accepted wherever a tenant is named. It must not be the id of a tenant.'
const RETENTION =
  'Days for which events of the tenant are kept, but for those that say so themselves. What is older is gone.'
const METADATA = 'What you note of the tenant: texts by name, together at most 4 KiB of JSON.'

const NOTICE_EMAIL =
  'Where e-mails about failing, suspended and resumed webhooks and events that were given up are sent, once it is confirmed by the link that is mailed there. 409 where this deployment sends no e-mail.'

const Email = z.email().max(254)
const Name = text(1, NAMES.chars)
const Uid = z
  .string()
  .regex(
    TENANT_UID,
    'Expected 1 to 256 of A-Z, a-z, 0-9, ".", "_" and "-", other than "." and "..".',
  )
export const CreateTenant = z
  .strictObject({
    name: Name.meta({ description: NAME }),
    id: optional(z.uuid().toLowerCase(), 'The id of the tenant. If absent, one is generated.'),
    uid: optional(Uid, UID),
    metadata: optional(MetadataInput, METADATA),
    retentionDays: optional(
      RetentionDays,
      `${RETENTION} Defaults to ${RETENTION_DAYS.unlessTold}.`,
    ),
    noticeEmail: optional(Email.nullable(), NOTICE_EMAIL),
  })
  .meta({ id: 'CreateTenant' })

export const TenantQuery = idPageQuery(CURSORS.tenants).extend({
  search: text(1, NAMES.chars).optional().meta({
    description:
      'Only tenants with this in their name or `uid`, in whichever case of ASCII letters, or with this id.',
  }),
})

export const UpdateTenant: z.ZodType<TenantChange & { readonly noticeEmail?: string | null }> = z
  .strictObject({
    name: Name.optional().meta({ description: NAME }),
    uid: Uid.nullish().meta({ description: `${UID} Null clears it.` }),
    metadata: MetadataInput.nullish()
      .meta({ description: `${METADATA} It replaces what was there; null clears it.` })
      .transform((metadata) => (metadata === null ? {} : metadata)),
    retentionDays: RetentionDays.nullish()
      .meta({ description: `${RETENTION} Null sets it to ${RETENTION_DAYS.unlessTold}.` })
      .transform((days) => (days === null ? RETENTION_DAYS.unlessTold : days)),
    noticeEmail: Email.nullish().meta({ description: `${NOTICE_EMAIL} Null removes it.` }),
  })
  .transform((change) =>
    Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)),
  )
  .meta({ id: 'UpdateTenant' })

export const TenantResponse = z
  .object({
    id: idField('tenant'),
    name: z.string().meta({ description: NAME }),
    uid: z.string().nullable().meta({ description: UID }),
    metadata: z.record(z.string(), z.string()).meta({ description: METADATA }),
    retentionDays: z.int().meta({ description: RETENTION }),
    noticeEmail: z.string().nullable().meta({ description: NOTICE_EMAIL }),
    noticeEmailConfirmed: z.boolean().meta({ description: 'Whether notices are sent there.' }),
    createdAt: timeField('When it was created.'),
  })
  .meta({ id: 'Tenant' })
export type TenantResponse = z.infer<typeof TenantResponse>

export function toTenantResponse(
  { createdAt, metadata, ...tenant }: Tenant,
  notices: ReadonlyMap<string, NoticeAddress>,
): TenantResponse {
  const noticeAddress = notices.get(tenant.id)
  const { id, name, uid, retentionDays } = tenant
  return {
    id,
    name,
    uid,
    metadata: { ...metadata },
    retentionDays,
    noticeEmail: noticeAddress?.address ?? null,
    noticeEmailConfirmed: noticeAddress?.isConfirmed ?? false,
    createdAt: formatTime(createdAt),
  }
}

/** What to erase: by scope, or by ids. */
export const EraseEvents: z.ZodType<ErasureRequest> = z
  .union(
    [
      z.strictObject({
        scope: ScopeInput.refine(
          (scope) => Object.keys(scope).length > 0,
          'At least one entry is required.',
        ).meta({ description: 'Every event that has these entries, one at least, in its scope.' }),
      }),
      z.strictObject({
        eventIds: z
          .array(Uuid)
          .min(1)
          .max(ERASURE.eventIds)
          .meta({ description: 'The events, by their ids.' }),
      }),
    ],
    { error: 'Expected either scope, with one entry at least, or eventIds, 1 to 1,000 ids.' },
  )
  .meta({ id: 'EraseEvents' })
