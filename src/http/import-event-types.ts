// Event types out of the `webhooks` of an OpenAPI 3.1 document. In: the document as JSON, and the catalogue; out: drafts to save. What
// a webhook's schema refers to comes along in its `$defs`.

import { z } from 'zod'
import {
  isReferenceAlone,
  pointerPart,
  resolveReference,
  withReferences,
} from '../engine/catalogue/references.ts'
import { CONVERSIONS } from '../engine/expressions/bounds.ts'
import { eventTypeNameFlaw } from '../engine/model/event-type.ts'
import {
  type Check,
  type Conversion,
  conversionsWithin,
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
import { canonicalText } from '../primitives/canonical-text.ts'
import { isRecord } from '../primitives/is-record.ts'
import { checkInput, invalidInput, validate } from '../primitives/validate.ts'
import { withWebhooksInPlace } from './openapi-webhooks.ts'

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
        'x-version': VersionName.nullable().optional(),
        'x-conversions': z
          .array(z.strictObject({ from: VersionName, to: VersionName, expression: z.string() }))
          .max(CONVERSIONS.most)
          .optional(),
        requestBody: z.looseObject({
          content: z.looseObject({ 'application/json': Media }),
        }),
      }),
    }),
  ),
})
type Receiving = z.infer<typeof Document>['webhooks'][string]['post']

interface Imported {
  /** The version that all schemas become. */
  readonly version?: string | undefined
  /** Of types that are new. */
  readonly check?: Check | undefined
  /** The version of a schema that says none, instead of that of the document. */
  readonly otherwise?: (before: EventTypeDefinition | undefined) => string
  /** Whether bodies are data, and never the envelope that Hookline sends. */
  readonly isBare?: boolean
}

/** What the document says of each type, over what the catalogue has. Throws `invalid`, naming the place in the document. */
export function toImportedDrafts(
  value: unknown,
  types: ReadonlyMap<string, EventTypeDefinition>,
  asked: Imported,
): readonly EventTypeDraft[] {
  const document = validate(Document, withWebhooksInPlace(value))
  const entries = Object.entries(document.webhooks)
  if (entries.length === 0) throw invalid(['webhooks'], 'The document has no webhooks.')
  const issues: Issue[] = entries.flatMap(([name]) => {
    const message = eventTypeNameFlaw(name)
    return message === null ? [] : [{ path: ['webhooks', name], message }]
  })
  if (issues.length > 0) throw invalidInput(issues)
  return entries.map(([name, { post }]) => {
    const otherwise = asked.otherwise?.(types.get(name)) ?? document.info?.version
    const version = versionFor(post, asked.version, otherwise)
    return toDraft(name, post, { document, version, types, asked })
  })
}

/** The version that a type's schema becomes; null for an export of a type that has none. */
function versionFor(
  { 'x-version': own }: Receiving,
  asked: string | undefined,
  otherwise: string | undefined,
): string | null {
  if (own === null) return null
  const version = checkInput(VersionName, asked ?? own ?? otherwise)
  if (version.success) return version.data
  throw invalid(
    ['version'],
    'Name the version in the query: neither x-version of each webhook nor info.version of the document is one.',
  )
}

function toDraft(
  name: string,
  post: Receiving,
  {
    document,
    version,
    types,
    asked: { check, isBare = false },
  }: {
    readonly document: unknown
    readonly version: string | null
    readonly types: ReadonlyMap<string, EventTypeDefinition>
    readonly asked: Imported
  },
): EventTypeDraft {
  const path = ['webhooks', name, 'post', 'requestBody', 'content', 'application/json', 'schema']
  const media = post.requestBody.content['application/json']
  const { place, isEnveloped } = dataSchema(media.schema, { document, path, isBare })
  const before = types.get(name)
  const schemas = {
    ...before?.schemas,
    ...(version !== null && {
      [version]: unlessSame(bundled(place, document, path), before?.schemas[version]),
    }),
  }
  const isNewest = (versionsOf({ schemas }).at(-1) ?? null) === version
  const { summary = null, description, tags, deprecated } = post
  // An export has a summary for every type, which says nothing.
  const isExport = post['x-version'] !== undefined
  return {
    name,
    description: description ?? before?.description ?? (isExport ? null : summary),
    group: tags?.[0] ?? before?.group ?? null,
    deprecated: deprecated ?? false,
    archived: false,
    featureFlag: before?.featureFlag ?? null,
    check: before?.check ?? check ?? 'off',
    schemas,
    conversions: conversionsWithin(joined(before?.conversions, post['x-conversions']), schemas),
    examples: isNewest ? examplesIn(media, isEnveloped) : (before?.examples ?? []),
  }
}

/** Those that were saved, as a document says them, and what it says beside. */
function joined(
  saved: readonly Conversion[] = [],
  given: readonly Conversion[] = [],
): readonly Conversion[] {
  const isSame = (one: Conversion) => (other: Conversion) =>
    one.from === other.from && one.to === other.to
  const kept = saved.map((one) => given.find(isSame(one)) ?? one)
  return [...kept, ...given.filter((one) => !saved.some(isSame(one)))]
}

/** What was saved, where a document says the same and only leaves out the dialect, as exports do. */
function unlessSame(schema: JsonSchema, saved: JsonSchema | undefined): JsonSchema {
  if (typeof saved !== 'object' || typeof schema !== 'object') return schema
  const { $schema: _, ...rest } = saved
  return canonicalText(rest) === canonicalText(schema) ? saved : schema
}

/** A schema of the document, and the reference that leads to it. */
interface Place {
  readonly schema: JsonSchema
  readonly reference: string
}

/** The schema of `data`: that of the body, or of its `data` where the body is the envelope that Hookline sends. */
function dataSchema(
  body: unknown,
  {
    document,
    path,
    isBare,
  }: { readonly document: unknown; readonly path: Issue['path']; readonly isBare: boolean },
) {
  const reference = `#/${path.map((part) => pointerPart(String(part))).join('/')}`
  const root = resolved(body, reference, document, path)
  const properties: unknown = typeof root.schema === 'object' ? root.schema.properties : undefined
  const isEnveloped =
    !isBare &&
    typeof properties === 'object' &&
    properties !== null &&
    ['type', 'timestamp', 'data'].every((name) => Object.hasOwn(properties, name))
  if (!isEnveloped) return { place: root, isEnveloped }
  const data: unknown = Reflect.get(properties, 'data')
  const place = resolved(data, `${root.reference}/properties/data`, document, path)
  return { place, isEnveloped }
}

/** The schema that a reference leads to, through others; words for people beside a reference are not of it. */
function resolved(
  schema: unknown,
  reference: string,
  document: unknown,
  path: Issue['path'],
): Place {
  let found = { schema, reference }
  for (let steps = 0; steps < CATALOGUE.schemaDepth; steps += 1) {
    const { schema: present, reference: at } = found
    if (!isEventTypeSchema(present)) break
    // What has definitions is what they are of.
    const isAlone = isReferenceAlone(present) && !Object.hasOwn(present, '$defs')
    if (!isAlone) return { schema: present, reference: at }
    found = { schema: resolveReference(document, present.$ref), reference: present.$ref }
  }
  throw invalid(path, 'Expected a schema, or a reference to one of the same document.')
}

/** A schema that contains whatever of the document it refers to. What it refers to in itself it has already. */
function bundled(
  { schema, reference: own }: Place,
  document: unknown,
  path: Issue['path'],
): JsonSchema {
  if (typeof schema === 'boolean') return schema
  const present = isRecord(schema.$defs) ? schema.$defs : {}
  const names = new Map<string, string>()
  const waiting: string[] = []
  const rename = (reference: string) => {
    if (reference === own || reference.startsWith(`${own}/`))
      return `#${reference.slice(own.length)}`
    const known = names.get(reference)
    if (known !== undefined) return `#/$defs/${known}`
    const stem = (reference.split('/').at(-1) ?? '').replace(/[^A-Za-z0-9_]/g, '_') || 'root'
    let number = names.size + 1
    while (Object.hasOwn(present, `${stem}_${number}`)) number += 1
    const name = `${stem}_${number}`
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
  const placed = typeof root === 'object' && isRecord(root.$defs) ? root.$defs : {}
  return { ...root, $defs: { ...placed, ...definitions } }
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
