// CloudEvents 1.0 in the structured JSON format (github.com/cloudevents/spec, cloudevents/formats/json-format.md) as
// drafts: `type`, `data` and `time` by name, `(source, id)` as the deduplication key, `subject` and extension
// attributes as scope.

import { CloudEvent, ValidationError } from 'cloudevents'
import { z } from 'zod'
import { Data, EventInput, RetentionDays, ScopeInput } from '../engine/intake/event-input.ts'
import { type ParsedEvent, readDrafts, traceOf } from '../engine/intake/parse.ts'
import type { CloudEventAttributes, EventDraft } from '../engine/model/index.ts'
import type { Issue } from '../errors.ts'
import { PUBLISH, RETENTION_DAYS } from '../limits.ts'
import { formatTime } from '../primitives/time.ts'
import { checkInput, toIssues } from '../primitives/validate.ts'

export const CLOUD_EVENT_TYPE = 'application/cloudevents+json'
export const CLOUD_EVENT_BATCH_TYPE = 'application/cloudevents-batch+json'

/** Attributes that CloudEvents defines; every other one is an extension. */
const { type, time, traceparent, tracestate } = EventInput.shape
const defined = {
  specversion: z.literal('1.0').meta({ description: 'The version of CloudEvents.' }),
  id: z.string().min(1).max(PUBLISH.idChars).meta({
    description: 'With `source`, the deduplication key, remembered for 24 hours.',
  }),
  source: z.string().min(1).max(PUBLISH.sourceChars).meta({
    format: 'uri-reference',
    description: 'Where the event comes from.',
  }),
  type,
  time,
  data: Data,
  retentiondays: z
    .union([
      z
        .string()
        .regex(/^[0-9]{1,2}$/)
        .transform(Number),
      z.int(),
    ])
    .pipe(RetentionDays)
    .optional()
    .meta({
      override: { type: 'integer', minimum: RETENTION_DAYS.min, maximum: RETENTION_DAYS.max },
      description: 'Days for which to keep the event. Defaults to those of the tenant.',
    }),
  traceparent,
  tracestate,
  subject: z.string().min(1).optional().meta({
    description: 'What the event is about; an entry of `scope`.',
  }),
  datacontenttype: z.string().optional().meta({
    description: 'Kept for receivers of CloudEvents; `data` is JSON whatever it says.',
  }),
  dataschema: z.string().optional().meta({ description: 'Kept for receivers of CloudEvents.' }),
  data_base64: z
    .never({ error: 'data_base64 is not supported. Send the payload as a JSON object in data.' })
    .optional()
    .meta({ description: 'Not supported: send the payload as a JSON object in `data`.' }),
}
export const CloudEventInput = z
  .object(defined)
  .catchall(
    z.union([z.string(), z.boolean(), z.int()], {
      error: 'Expected a string, a boolean or an integer.',
    }),
  )
  .meta({
    id: 'CloudEvent',
    description:
      'A CloudEvent (CloudEvents 1.0). `subject` and extension attributes become entries of `scope`.',
  })

/** The draft in one CloudEvent. Throws like `parseDrafts`. */
export function parseCloudEvent(text: string): EventDraft[] {
  return readDrafts(text, readCloudEvent, 'one')
}

/** The drafts in a batch of CloudEvents. Throws like `parseDrafts`. */
export function parseCloudEventBatch(text: string): EventDraft[] {
  return readDrafts(text, readCloudEvent, 'batch')
}

/** What the attributes of an event, its data among them, say. */
export function readCloudEvent(value: unknown): ParsedEvent {
  const attributes = withoutNulls(value)
  const parsed = checkInput(CloudEventInput, attributes)
  if (!parsed.success) return { issues: toIssues(parsed.error) }
  const { type, id, source, time, retentiondays: retentionDays } = parsed.data
  const flaws = findFlaws(parsed.data)
  if (flaws.length > 0) return { issues: flaws }
  const scope = checkInput(ScopeInput, toScope(attributes))
  if (!scope.success) return { issues: toIssues(scope.error) }
  return {
    draft: {
      type,
      deduplicationKey: JSON.stringify([source, id]),
      time: time === undefined ? null : formatTime(time),
      scope: scope.data,
      actor: null,
      requestId: null,
      ...traceOf(parsed.data),
      cloudEvent: asTheyCame(attributes),
      ...(retentionDays !== undefined && { retentionDays }),
    },
  }
}

type Attributes = Readonly<Record<string, unknown>>

/** JSON format, section 2.2: an attribute that is null is one that is not there. */
function withoutNulls(value: unknown): Attributes {
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : []
  return Object.fromEntries(entries.filter(([, attribute]) => attribute !== null))
}

/**
 * Media types of JSON, with parameters, in what a header may have. Their names are tokens (RFC 9110, section 8.3.1), without the
 * slash between them: with it in both, looking for one would take the square of a long text.
 */
const JSON_TYPE = /^[!#$%&'*+\-.^_`|~\w]+\/(?:[!#$%&'*+\-.^_`|~\w]+\+)?json(?:[ \t]*;[ -~]*)?$/i

/** What is kept beside `type` and `data`: whoever gets CloudEvents gets these. The data is JSON: a media type that says otherwise is none. */
function asTheyCame(attributes: Attributes): CloudEventAttributes {
  const { specversion: _, type: __, data: ___, datacontenttype, ...others } = attributes
  const kept: Record<string, string | number | boolean> = {}
  if (typeof datacontenttype === 'string' && JSON_TYPE.test(datacontenttype))
    kept.datacontenttype = datacontenttype
  for (const [name, value] of Object.entries(others)) {
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
      kept[name] = value
  }
  return kept
}

/** `subject` and the extension attributes, as text. */
function toScope(attributes: Attributes): Attributes {
  const entries = Object.entries(attributes)
    .filter(([name]) => name === 'subject' || !Object.hasOwn(defined, name))
    .map(([name, attribute]) => [name, String(attribute)])
  return Object.fromEntries(entries)
}

/** CloudEvents 1.0, "Naming Conventions". */
export const ATTRIBUTE_NAME = /^[a-z0-9]+$/
export const MISNAMED = 'The name of an attribute may contain only a-z and 0-9.'

/** What the specification has against these attributes: forms of names, URIs and times. */
function findFlaws(attributes: z.infer<typeof CloudEventInput>): readonly Issue[] {
  const { specversion, id, source, type, subject, datacontenttype, dataschema } = attributes
  const checked = {
    ...{ specversion, id, source, type },
    ...(subject !== undefined && { subject }),
    ...(datacontenttype !== undefined && { datacontenttype }),
    ...(dataschema !== undefined && { dataschema }),
  }
  const misnamed = Object.keys(attributes).filter(
    (name) => !Object.hasOwn(defined, name) && !ATTRIBUTE_NAME.test(name),
  )
  if (misnamed.length > 0) {
    return misnamed.map((name) => ({ path: [name], message: MISNAMED }))
  }
  try {
    // Without the extensions: the package makes each a property of its object, one named `validate` its method's end.
    new CloudEvent(checked)
    return []
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error
    const [message = 'Not a valid CloudEvent.'] = error.message.split('\n')
    const issues = (error.errors ?? []).flatMap(toFlaw)
    return issues.length > 0 ? issues : [{ path: [], message }]
  }
}

/** A JSON Schema error as the package reports it. */
const Flaw = z.object({ instancePath: z.string(), message: z.string() })

function toFlaw(reported: unknown): readonly Issue[] {
  const { data } = Flaw.safeParse(reported)
  return data ? [{ path: data.instancePath.split('/').slice(1), message: data.message }] : []
}
