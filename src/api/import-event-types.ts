// Event types out of the `webhooks` of an OpenAPI 3.1 document. In: the document as JSON, and the catalogue; out: drafts to save. What
// a webhook's schema refers to comes along in its `$defs`.

import { z } from 'zod'
import { resolveReference, withReferences } from '../engine/catalogue/references.ts'
import {
  type Check,
  type EventTypeDefinition,
  type EventTypeDraft,
  isEventTypeSchema,
  type Json,
  type JsonSchema,
  VersionName,
  versionsOf,
} from '../engine/model/index.ts'
import { type Issue, invalid } from '../errors.ts'
import { CATALOGUE } from '../limits.ts'
import { invalidInput, validate } from '../primitives/validate.ts'
import { nameFlaw } from './schema/event-type.ts'

const Media = z.looseObject({
  schema: z.unknown(),
  example: z.json().optional(),
  examples: z.record(z.string(), z.looseObject({ value: z.json().optional() })).optional(),
})

const Document = z.looseObject({
  openapi: z.string().regex(/^3\.1\./, 'Expected a document of OpenAPI 3.1.'),
  info: z.looseObject({ version: z.string().optional() }).optional(),
  webhooks: z.record(
    z.string(),
    z.looseObject({
      post: z.looseObject({
        summary: z.string().optional(),
        description: z.string().optional(),
        tags: z.array(z.string()).optional(),
        deprecated: z.boolean().optional(),
        requestBody: z.looseObject({
          content: z.looseObject({ 'application/json': Media }),
        }),
      }),
    }),
  ),
})
type Receiving = z.infer<typeof Document>['webhooks'][string]['post']

/** What the document says of each type, over what the catalogue has. Throws `invalid`, naming the place in the document. */
export function toImportedDrafts(
  value: unknown,
  types: ReadonlyMap<string, EventTypeDefinition>,
  asked: { readonly version?: string | undefined; readonly check?: Check | undefined },
): readonly EventTypeDraft[] {
  const document = validate(Document, value)
  const named = asked.version ?? document.info?.version
  const version = VersionName.safeParse(named)
  if (!version.success) {
    throw invalid(
      ['version'],
      'Name the version in the query: info.version of the document is none.',
    )
  }
  const entries = Object.entries(document.webhooks)
  if (entries.length === 0) throw invalid(['webhooks'], 'The document has no webhooks.')
  const issues: Issue[] = entries.flatMap(([name]) => {
    const message = nameFlaw(name)
    return message === null ? [] : [{ path: ['webhooks', name], message }]
  })
  if (issues.length > 0) throw invalidInput(issues)
  return entries.map(([name, { post }]) =>
    toDraft(name, post, { document, version: version.data, check: asked.check, types }),
  )
}

function toDraft(
  name: string,
  post: Receiving,
  {
    document,
    version,
    check,
    types,
  }: {
    readonly document: unknown
    readonly version: string
    readonly check: Check | undefined
    readonly types: ReadonlyMap<string, EventTypeDefinition>
  },
): EventTypeDraft {
  const path = ['webhooks', name, 'post', 'requestBody', 'content', 'application/json', 'schema']
  const media = post.requestBody.content['application/json']
  const { schema, isEnveloped } = dataSchema(media.schema, document, path)
  const before = types.get(name)
  const schemas = { ...before?.schemas, [version]: bundled(schema, document, path) }
  const isNewest = versionsOf({ schemas }).at(-1) === version
  const { summary, description, tags, deprecated } = post
  return {
    name,
    description: description ?? before?.description ?? summary ?? null,
    group: tags?.[0] ?? before?.group ?? null,
    deprecated: deprecated ?? false,
    archived: false,
    featureFlag: before?.featureFlag ?? null,
    check: before?.check ?? check ?? 'off',
    schemas,
    examples: isNewest ? examplesIn(media, isEnveloped) : (before?.examples ?? []),
  }
}

/** The schema of `data`: that of the body, or of its `data` where the body is the envelope that Hookline sends. */
function dataSchema(body: unknown, document: unknown, path: Issue['path']) {
  const root = resolved(body, document, path)
  const properties: unknown = typeof root === 'object' ? root.properties : undefined
  const isEnveloped =
    typeof properties === 'object' &&
    properties !== null &&
    ['type', 'timestamp', 'data'].every((name) => Object.hasOwn(properties, name))
  const data: unknown = isEnveloped ? Reflect.get(properties, 'data') : root
  return { schema: resolved(data, document, path), isEnveloped }
}

/** The schema that a reference leads to, through others. */
function resolved(schema: unknown, document: unknown, path: Issue['path']): JsonSchema {
  let found = schema
  for (let steps = 0; steps < CATALOGUE.schemaDepth; steps += 1) {
    if (!isEventTypeSchema(found)) break
    const alone = typeof found === 'object' && Object.keys(found).length === 1
    const reference = typeof found === 'object' ? found.$ref : undefined
    if (!alone || typeof reference !== 'string') return found
    found = resolveReference(document, reference)
  }
  throw invalid(path, 'Expected a schema, or a reference to one of the same document.')
}

/** A schema that contains whatever of the document it refers to. */
function bundled(schema: JsonSchema, document: unknown, path: Issue['path']): JsonSchema {
  if (typeof schema === 'boolean') return schema
  const names = new Map<string, string>()
  const waiting: string[] = []
  const rename = (reference: string) => {
    const known = names.get(reference)
    if (known !== undefined) return `#/$defs/${known}`
    const name = `${(reference.split('/').at(-1) ?? '').replace(/[^A-Za-z0-9_]/g, '_') || 'root'}_${names.size + 1}`
    names.set(reference, name)
    waiting.push(reference)
    return `#/$defs/${name}`
  }
  const root = withReferences(schema, rename)
  const definitions: Record<string, Json> = {}
  for (let reference = waiting.pop(); reference !== undefined; reference = waiting.pop()) {
    if (names.size > CATALOGUE.members) throw invalid(path, 'Refers to too many schemas.')
    const target = resolveReference(document, reference)
    if (!isEventTypeSchema(target))
      throw invalid(path, `Refers to ${reference}, which is no schema of the document.`)
    definitions[names.get(reference) ?? ''] = withReferences(target, rename)
  }
  if (names.size === 0) return root
  const own = typeof root === 'object' && typeof root.$defs === 'object' ? root.$defs : {}
  return { ...root, $defs: { ...own, ...definitions } }
}

function examplesIn(
  { example, examples = {} }: z.infer<typeof Media>,
  isEnveloped: boolean,
): Json[] {
  const values = [
    ...(example === undefined ? [] : [example]),
    ...Object.values(examples).flatMap(({ value }) => (value === undefined ? [] : [value])),
  ]
  const payloads = values.flatMap((value): Json[] => {
    if (!isEnveloped) return [value]
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    const data = isObject ? Object.entries(value).find(([name]) => name === 'data')?.[1] : undefined
    return data === undefined ? [] : [data]
  })
  return payloads.slice(0, CATALOGUE.examples)
}
