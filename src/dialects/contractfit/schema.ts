// What Contract.fit's clients send and are answered.

import { z } from 'zod'
import { plainRecord } from '../../engine/intake/event-input.ts'
import { PUBLISH, WEBHOOK } from '../../limits.ts'
import { MASK } from '../../primitives/mask.ts'

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

const MEANING = {
  id: 'The id of the integration.',
  type: 'The type of integration. Only `webhook` is supported.',
  events: 'The events of documents that trigger a notification.',
  target: 'Where notifications are sent. If the scheme is missing, `http://` is assumed.',
  headers:
    'Headers of each notification. The value of one that is named like a secret is shown as ' +
    `"${MASK}", which keeps the stored value when it is sent back.`,
  header: 'An alias of `headers`. Send only one of the two.',
  inbox: 'If set, only events of this inbox are notified.',
  project: 'If set, only events of this project are notified.',
} as const

const type = z
  .literal(
    'webhook',
    `Must be "webhook". Other types (${OTHER_TYPES.join(', ')}) exist only at Contract.fit itself.`,
  )
  .meta({ description: MEANING.type })

const events = z
  .array(z.enum(DOCUMENT_EVENTS, `Must be one of: ${DOCUMENT_EVENTS.join(', ')}.`))
  .min(1)
  .transform((named) => [...new Set(named)])
  .meta({ description: MEANING.events })

const target = z
  .string()
  .min(1)
  .max(WEBHOOK.urlChars)
  .refine((text) => text.isWellFormed(), WELL_FORMED)
  .meta({ description: MEANING.target })

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
  headers: headers.nullish().meta({ description: MEANING.headers }),
  /** The vendor speaks of the "header" field and shows `headers`: both are the same. */
  header: headers.nullish().meta({ description: MEANING.header }),
  inbox: limit.nullish().meta({ description: MEANING.inbox }),
  project: limit.nullish().meta({ description: MEANING.project }),
}

const oneOfBoth = (body: { readonly headers?: unknown; readonly header?: unknown }): boolean =>
  body.headers === undefined || body.header === undefined
const ONE_OF_BOTH = {
  path: ['header'],
  error: 'Must not be combined with headers: both names mean the same field.',
}

export const CreateIntegration = z
  .object({ type, ...fields })
  .refine(oneOfBoth, ONE_OF_BOTH)
  .meta({ id: 'ContractfitCreateIntegration' })
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
  .meta({ id: 'ContractfitUpdateIntegration' })
export type UpdateIntegration = z.infer<typeof UpdateIntegration>

export const ListQuery = z.object({
  type: z.string().optional().meta({ description: 'Filters by type. Only `webhook` exists.' }),
})

/** The names and their order are ours. */
export const Integration = z
  .object({
    id: z.string().meta({ format: 'uuid', description: MEANING.id }),
    type: z.literal('webhook').meta({ description: MEANING.type }),
    events: z.array(z.string()).meta({ description: MEANING.events }),
    target: z.string().meta({ description: MEANING.target }),
    headers: z.record(z.string(), z.string()).meta({ description: MEANING.headers }),
    inbox: z.string().nullable().meta({ description: MEANING.inbox }),
    project: z.string().nullable().meta({ description: MEANING.project }),
  })
  .meta({ id: 'ContractfitIntegration' })
export type Integration = z.infer<typeof Integration>
