// What Contract.fit's clients send.

import { z } from 'zod'
import { plainRecord } from '../../engine/intake/event-input.ts'
import { PUBLISH, WEBHOOK } from '../../limits.ts'

/** The vendor's events: its page "Webhooks" names all of them in its versions 7 and 12. */
const DOCUMENT_EVENTS = [
  'document_text',
  'document_split',
  'document_predict',
  'document_evaluate',
  'document_delete',
  'document_fail',
  'document_reject',
] as const

/** What else the vendor integrates with (its OpenAPI 1.0, `IntegrationModelGet.type`). */
const OTHER_TYPES = [
  'dropbox',
  'office365',
  'email',
  'imap',
  'sftp',
  'smtp',
  'service_bus',
] as const

const WELL_FORMED = 'Expected well-formed Unicode.'

const type = z.literal(
  'webhook',
  `Must be "webhook". Other types (${OTHER_TYPES.join(', ')}) exist only at Contract.fit itself.`,
)

const events = z
  .array(z.enum(DOCUMENT_EVENTS, `Must be one of: ${DOCUMENT_EVENTS.join(', ')}.`))
  .min(1)
  .transform((named) => [...new Set(named)])

const target = z
  .string()
  .min(1)
  .max(WEBHOOK.urlChars)
  .refine((text) => text.isWellFormed(), WELL_FORMED)

const headers = plainRecord(z.record(z.string(), z.string()))

/** Compared with an entry of an event's scope, so it is bounded alike. */
const limit = z
  .string()
  .min(1)
  .max(PUBLISH.scopeValueChars)
  .refine((text) => text.isWellFormed(), WELL_FORMED)

const fields = {
  events,
  target,
  headers: headers.nullish(),
  /** The vendor speaks of the "header" field and shows `headers`: both are the same. */
  header: headers.nullish(),
  inbox: limit.nullish(),
  project: limit.nullish(),
}

const oneOfBoth = (body: { readonly headers?: unknown; readonly header?: unknown }): boolean =>
  body.headers === undefined || body.header === undefined
const ONE_OF_BOTH = {
  path: ['header'],
  error: 'Must not be combined with headers: both names mean the same field.',
}

export const CreateIntegration = z.object({ type, ...fields }).refine(oneOfBoth, ONE_OF_BOTH)
export type CreateIntegration = z.infer<typeof CreateIntegration>

/** A type may be named again, as in what was read, but not changed. */
export const UpdateIntegration = z
  .object({
    type: type.optional(),
    ...fields,
    events: events.optional(),
    target: target.optional(),
  })
  .refine(oneOfBoth, ONE_OF_BOTH)
export type UpdateIntegration = z.infer<typeof UpdateIntegration>

export const ListQuery = z.object({ type: z.string().optional() })
