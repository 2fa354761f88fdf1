// Portal links on the wire.

import { z } from 'zod'
import { text } from '../../engine/intake/event-input.ts'
import { CAPABILITY_NAMES, capabilitiesOf, type PortalLink } from '../../engine/model/index.ts'
import { CATALOGUE, NAMES, PORTAL_LINK } from '../../limits.ts'
import { formatTime, formatTimeOrNull } from '../../primitives/time.ts'
import { idField, timeField, timeOrNull } from './fields.ts'

const Capability = z.enum(CAPABILITY_NAMES)

const NAME = 'A display name: customers do not see it.'
const FLAGS =
  'Event types that have a feature flag are shown to the customer only if it is one of these.'
const EXPIRY = 'Until when the link can be opened. What it opens works for 12 hours at most.'

export const CreatePortalLink = z
  .strictObject({
    name: text(1, NAMES.chars).nullish().meta({ description: NAME }),
    subject: text(1, NAMES.chars)
      .nullish()
      .meta({
        description:
          'The user that the customer’s pages act for, as the `subject` of a key: they show only webhooks of this user. If absent, all ' +
          'of the tenant.',
      }),
    capabilities: z
      .array(Capability)
      .nullish()
      .meta({
        description:
          'What the customer may do besides `view`, which is always among them: `manage-webhooks` (create, change, test, delete), ' +
          '`rotate-secrets`, `resend-events` (those that were given up), `read-secrets` (of webhooks that exist). If absent, as many as the ' +
          'creator of the link may grant.',
      }),
    featureFlags: z
      .array(text(1, NAMES.chars))
      .max(CATALOGUE.flags)
      .nullish()
      .meta({ description: FLAGS }),
    expiresInSeconds: z
      .int()
      .min(PORTAL_LINK.minSeconds)
      .max(PORTAL_LINK.maxSeconds)
      .nullish()
      .meta({ description: 'For how long the link can be opened; an hour if absent.' }),
  })
  .meta({ id: 'CreatePortalLink' })

export const PortalLinkResponse = z
  .object({
    id: idField('link, and of the key behind it'),
    tenantId: idField('tenant'),
    name: z.string().nullable().meta({ description: NAME }),
    subject: z.string().nullable().meta({
      description: 'The user that the customer’s pages act for; null if for the tenant.',
    }),
    capabilities: z.array(Capability).meta({ description: 'What the customer may do.' }),
    featureFlags: z.array(z.string()).nullable().meta({ description: FLAGS }),
    createdAt: timeField('When it was created.'),
    expiresAt: timeField(EXPIRY),
    usedAt: timeOrNull('When it was opened; it cannot be opened again.'),
  })
  .meta({ id: 'PortalLink' })
type PortalLinkResponse = z.infer<typeof PortalLinkResponse>

export const CreatedPortalLinkResponse = PortalLinkResponse.extend({
  url: z.string().meta({
    description:
      'The address to give to the customer. Returned only in this response. Below `PUBLIC_URL`, or where the request was sent.',
  }),
}).meta({ id: 'CreatedPortalLink' })

export function toPortalLinkResponse({ key, expiresAt, usedAt }: PortalLink): PortalLinkResponse {
  const { id, tenantId, name, subject, permissions, featureFlags, createdAt } = key
  return {
    ...{ id, tenantId, name, subject, capabilities: [...capabilitiesOf(permissions)] },
    featureFlags: featureFlags && [...featureFlags],
    createdAt: formatTime(createdAt),
    expiresAt: formatTime(expiresAt),
    usedAt: formatTimeOrNull(usedAt),
  }
}
