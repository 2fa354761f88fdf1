// The catalogue in the words of others: `webhooks` of OpenAPI 3.1 and messages of AsyncAPI 3.0, from which generators make the types of
// receivers. In: the catalogue, and the version that a webhook is pinned to; out: documents, without types that are archived.

import { pointerPart, withReferences, withSchemas } from '../engine/catalogue/references.ts'
import {
  type Catalogue,
  type EventTypeDefinition,
  type Json,
  type JsonSchema,
  newestNotAfter,
  versionsOf,
} from '../engine/model/index.ts'
import { isRecord } from '../primitives/is-record.ts'
import { VERSION } from '../version.ts'

/** The requests by which events are received: what their body is, and which headers say more. */
interface DescribedRequest {
  /** Whether `data` stands in an envelope with type and time (docs/contracts/native.md, "Webhooks"), or is the body itself. */
  readonly isEnveloped: boolean
  readonly headers: Readonly<Record<string, string>>
}

interface DescribedType {
  readonly type: EventTypeDefinition
  /** Null: nothing is known of its data. */
  readonly version: string | null
  /** Its name among the components, which other characters than those of types are not in. */
  readonly component: string
}

/** The types that are published, each in the version that a webhook pinned to `pin` gets (null: the newest). */
function described({ types }: Catalogue, pin: string | null): readonly DescribedType[] {
  return [...types.values()]
    .filter(({ archived }) => !archived)
    .map((type) => {
      const versions = versionsOf(type)
      // Who is pinned to a time before the first version gets that.
      const version = newestNotAfter(versions, pin) ?? versions[0] ?? null
      return { type, version, component: `${type.name}.data` }
    })
}

/** The schemas of data by the names of their components, their references as a document has them that contains them. */
function dataSchemas(
  all: readonly DescribedType[],
  annotations: Annotations,
): Readonly<Record<string, JsonSchema>> {
  return Object.fromEntries(
    all.map(({ type, version, component }) => {
      const schema = version === null ? { type: 'object' } : (type.schemas[version] ?? true)
      const base = `#/components/schemas/${pointerPart(component)}`
      const placed = withReferences(schema, (reference) => `${base}${reference.slice(1)}`)
      return [component, withoutDialect(withAnnotations(placed, annotations))]
    }),
  )
}

/** Words of a schema that check nothing, and so may be anything where it is saved: what a document takes. */
type Annotations = ReadonlyMap<string, (value: unknown) => boolean>

const isText = (value: unknown): boolean => typeof value === 'string'
const isFlag = (value: unknown): boolean => typeof value === 'boolean'

const COMMON: Annotations = new Map([
  ...['title', 'description', '$comment', 'format'].map((name) => [name, isText] as const),
  ...['contentEncoding', 'contentMediaType'].map((name) => [name, isText] as const),
  ...['deprecated', 'readOnly', 'writeOnly'].map((name) => [name, isFlag] as const),
  ['examples', (value: unknown) => Array.isArray(value)],
])

/** OpenAPI 3.1.1, "Schema Object". */
const OPENAPI: Annotations = new Map([
  ...COMMON,
  ['discriminator', (value: unknown) => isRecord(value) && isText(value.propertyName)],
  ['externalDocs', (value: unknown) => isRecord(value) && isText(value.url)],
  ['xml', (value: unknown) => isRecord(value)],
])

/** AsyncAPI 3.0, "Schema Object": a discriminator is the name of a property. */
const ASYNCAPI: Annotations = new Map([
  ...COMMON,
  ['discriminator', isText],
  [
    'externalDocs',
    (value: unknown) => isRecord(value) && isText(value.url) && URL.canParse(`${value.url}`),
  ],
])

/** A schema without the words that the document would not take. */
function withAnnotations(schema: JsonSchema, annotations: Annotations): JsonSchema {
  return withSchemas(schema, (each) =>
    Object.fromEntries(
      Object.entries(each).filter(([name, value]) => annotations.get(name)?.(value) ?? true),
    ),
  )
}

/** What a document says for all of its schemas. */
function withoutDialect(schema: JsonSchema): JsonSchema {
  if (typeof schema === 'boolean') return schema
  const { $schema: _, ...rest } = schema
  return rest
}

function bodySchema({ type, component }: DescribedType, { isEnveloped }: DescribedRequest): Json {
  const $ref = `#/components/schemas/${pointerPart(component)}`
  if (!isEnveloped) return { $ref }
  return {
    type: 'object',
    required: ['type', 'timestamp', 'data'],
    properties: {
      type: { const: type.name, description: 'The type of the event.' },
      timestamp: { type: 'string', format: 'date-time', description: 'When it happened.' },
      data: { $ref, description: 'What happened.' },
    },
  }
}

const EXAMPLE_TIME = '2026-11-22T10:00:00.000Z'

/** The examples of a type, where the document shows the newest version, which they are of. */
function examplesOf(
  { type, version }: DescribedType,
  { isEnveloped }: DescribedRequest,
): readonly Json[] {
  const isNewest = version === (versionsOf(type).at(-1) ?? null)
  if (!isNewest) return []
  if (!isEnveloped) return type.examples
  return type.examples.map((data) => ({ type: type.name, timestamp: EXAMPLE_TIME, data }))
}

/** The headers of Standard Webhooks, whose names begin with `prefix`. */
export const signatureHeaders = (prefix: string): DescribedRequest['headers'] => ({
  [`${prefix}-id`]: 'The id of the event: the same at each attempt.',
  [`${prefix}-timestamp`]: 'When the request was made, in Unix seconds.',
  [`${prefix}-signature`]: 'Signatures of Standard Webhooks, separated by spaces.',
})

/** What a webhook made on `/v1` gets. */
const OWN_REQUEST: DescribedRequest = { isEnveloped: true, headers: signatureHeaders('webhook') }

/** `webhooks` and the components that they refer to. */
export function toOpenApiWebhooks(
  catalogue: Catalogue,
  pin: string | null,
  request: DescribedRequest = OWN_REQUEST,
) {
  const all = described(catalogue, pin)
  const webhooks = Object.fromEntries(
    all.map((each) => [each.type.name, { post: toReceiving(each, request) }]),
  )
  return { webhooks, schemas: dataSchemas(all, OPENAPI) }
}

function toReceiving(each: DescribedType, request: DescribedRequest) {
  const { name, description, group, deprecated } = each.type
  const examples = examplesOf(each, request).map(
    (value, index) => [`example${index + 1}`, { value }] as const,
  )
  return {
    operationId: `receive.${name}`,
    summary: `Receive ${name}`,
    ...(description !== null && { description }),
    ...(group !== null && { tags: [group] }),
    ...(deprecated && { deprecated }),
    parameters: Object.entries(request.headers).map(([header, meaning]) => ({
      name: header,
      in: 'header',
      description: meaning,
      schema: { type: 'string' },
    })),
    requestBody: {
      required: true,
      content: {
        'application/json': {
          schema: bodySchema(each, request),
          ...(examples.length > 0 && { examples: Object.fromEntries(examples) }),
        },
      },
    },
    responses: { '2XX': { description: 'The event was received.' } },
    // Null, and not left out: an import knows by it that there is no schema.
    'x-version': each.version,
  }
}

/** An OpenAPI 3.1 document that has the catalogue alone. */
export function toOpenApi(
  catalogue: Catalogue,
  pin: string | null,
  request: DescribedRequest = OWN_REQUEST,
) {
  const { webhooks, schemas } = toOpenApiWebhooks(catalogue, pin, request)
  // For who may read the catalogue, and not in what is shown to everybody.
  const withConversions = Object.entries(webhooks).map(([name, { post }]) => {
    const conversions = catalogue.types.get(name)?.conversions ?? []
    return [
      name,
      { post: conversions.length > 0 ? { ...post, 'x-conversions': conversions } : post },
    ]
  })
  return {
    openapi: '3.1.0',
    info: { title: 'Events', version: documentVersion(catalogue, pin) },
    webhooks: Object.fromEntries(withConversions),
    components: { schemas },
  }
}

/** An AsyncAPI 3.0 document of the same. */
export function toAsyncApi(catalogue: Catalogue, pin: string | null) {
  const all = described(catalogue, pin)
  const messages = all.map((each) => [each.type.name, toMessage(each)] as const)
  return {
    asyncapi: '3.0.0',
    info: { title: 'Events', version: documentVersion(catalogue, pin) },
    defaultContentType: 'application/json',
    channels: {
      events: {
        title: 'The URL of a webhook',
        messages: Object.fromEntries(
          all.map(({ type: { name } }) => [
            name,
            { $ref: `#/components/messages/${pointerPart(name)}` },
          ]),
        ),
      },
    },
    operations: {
      receiveEvents: { action: 'receive', channel: { $ref: '#/channels/events' } },
    },
    components: { messages: Object.fromEntries(messages), schemas: dataSchemas(all, ASYNCAPI) },
  }
}

function toMessage(each: DescribedType) {
  const { name, description, group, deprecated } = each.type
  const examples = examplesOf(each, OWN_REQUEST)
  return {
    name,
    title: name,
    ...(description !== null && { description }),
    ...(group !== null && { tags: [{ name: group }] }),
    contentType: 'application/json',
    headers: {
      type: 'object',
      properties: Object.fromEntries(
        Object.entries(OWN_REQUEST.headers).map(([header, meaning]) => [
          header,
          { type: 'string', description: meaning },
        ]),
      ),
    },
    payload: bodySchema(each, OWN_REQUEST),
    ...(examples.length > 0 && { examples: examples.map((payload) => ({ payload })) }),
    ...(deprecated && { 'x-deprecated': true }),
    ...(each.version !== null && { 'x-version': each.version }),
  }
}

/** Changes whenever the catalogue does. */
function documentVersion({ revision }: Catalogue, pin: string | null): string {
  return `${VERSION}+catalogue.${revision}${pin === null ? '' : `.${pin}`}`
}
