// A command that makes a call: with what has to be given, and made-up values where the description has no example.

import { quoted } from '../../api/schema/sent-request.ts'
import type { DescribedOperation, Description, SchemaObject } from './description.ts'
import { nameIn } from './description.ts'
import { alternativesOf, isSomething } from './outline.ts'

/** A command for a POSIX shell, which has the credential in `$KEY`, or the administrator's in `$ADMIN_TOKEN`. */
export function toCommand(
  { method, path, parameters, requestBody, security }: DescribedOperation,
  { schemaNamed }: Pick<Description, 'schemaNamed'>,
  origin: string,
): string {
  const given = parameters.filter(({ required }) => required)
  const query = given
    .filter((one) => one.in === 'query')
    .map(({ name, schema }) => [name, asText(toExample(schema, schemaNamed))])
  // Braces are curl's own for several addresses.
  const address = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => toConstantCase(name))
  const [type, media] = Object.entries(requestBody?.content ?? {})[0] ?? []
  return [
    `curl${method === 'GET' ? '' : ` -X ${method}`} ${quoted(`${origin}${address}${query.length > 0 ? `?${new URLSearchParams(query)}` : ''}`)}`,
    ...credentialLines(security),
    ...given
      .filter((one) => one.in === 'header')
      .map(
        ({ name, schema }) => `-H ${quoted(`${name}: ${asText(toExample(schema, schemaNamed))}`)}`,
      ),
    ...(type === undefined || media === undefined
      ? []
      : [
          `-H ${quoted(`content-type: ${type}`)}`,
          `-d ${quoted(JSON.stringify(toExample(media.schema, schemaNamed), null, 2))}`,
        ]),
  ].join(' \\\n  ')
}

/** What an operation answers when all goes well, as JSON text; undefined where that has no body of JSON. */
export function exampleOfAnswer(
  { responses }: DescribedOperation,
  schemaNamed: Description['schemaNamed'],
): string | undefined {
  const [, good] = Object.entries(responses).find(([status]) => status < '300') ?? []
  const schema = good?.content['application/json']?.schema
  return schema && JSON.stringify(toExample(schema, schemaNamed), null, 2)
}

function credentialLines(security: DescribedOperation['security']): readonly string[] {
  if (security.length === 0) return []
  const variable = security.some((one) => 'bearer' in one) ? '$KEY' : '$ADMIN_TOKEN'
  return [`-H "authorization: Bearer ${variable}"`]
}

/** `webhookId` as `WEBHOOK_ID`. */
function toConstantCase(name: string): string {
  return name.replaceAll(/([a-z])([A-Z])/g, '$1_$2').toUpperCase()
}

const asText = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))

/** Schemas may hold themselves; nobody reads an example so deep. */
const DEEPEST = 6

const TEXTS: Readonly<Record<string, string>> = {
  'date-time': '2026-01-31T12:00:00Z',
  date: '2026-01-31',
  uri: 'https://example.com/hooks',
  uuid: '0198a7c2-7b2e-7d3a-9c55-3f1f5a7b9d10',
  email: 'somebody@example.com',
}

/** A value that a schema describes: its examples, and of its fields those that have to be there, or else the first. */
export function toExample(
  schema: SchemaObject,
  schemaNamed: Description['schemaNamed'],
  depth = 0,
): unknown {
  const { $ref, type, example, items, properties = {}, required = [], minimum, format } = schema
  if (example !== undefined) return example
  const inside = (one: SchemaObject) => toExample(one, schemaNamed, depth + 1)
  if (depth > DEEPEST) return null
  if ($ref !== undefined) return inside(schemaNamed(nameIn($ref)))
  const given = schema.const ?? schema.default ?? schema.enum?.[0]
  if (given !== undefined && given !== null) return given
  const [first] = alternativesOf(schema).filter(isSomething)
  if (first !== undefined) return inside(first)
  switch (typeof type === 'object' ? type.find((one) => one !== 'null') : type) {
    case 'string':
      return TEXTS[format ?? ''] ?? 'example'.slice(0, schema.maxLength)
    case 'integer':
    case 'number':
      return Math.max(minimum ?? 1, 1)
    case 'boolean':
      return true
    case 'array':
      return items === undefined ? [] : [inside(items)]
    case 'null':
      return null
  }
  const names = required.length > 0 ? required : Object.keys(properties).slice(0, 1)
  return Object.fromEntries(
    names.flatMap((name) => (properties[name] ? [[name, inside(properties[name])]] : [])),
  )
}
