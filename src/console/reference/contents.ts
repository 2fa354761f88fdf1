// What stands on which page: the operations by tag, a tag on as many pages as it takes, each with the named schemas that it points to.

import { exampleOfAnswer } from './call.ts'
import type { DescribedOperation, Description, SchemaObject } from './description.ts'
import { nameIn } from './description.ts'
import { namesIn, toOutline } from './outline.ts'

interface Entry {
  readonly operation: DescribedOperation
  /** The same below the tenant that the path names. */
  readonly ofTenant: DescribedOperation | undefined
}

interface ReferencePage {
  readonly path: string
  readonly entries: readonly Entry[]
  /** In the order of the alphabet. */
  readonly schemas: readonly string[]
}

interface Section {
  readonly tag: string
  /** The tag as a heading says it. */
  readonly title: string
  readonly pages: readonly ReferencePage[]
}

/** Of outlines on a page, as JSON: what is made of it has about as much (test/console/reference.test.ts holds how much). */
const PAGE_CHARS = 36_000
/** What an operation has beside them. */
const OPERATION_CHARS = 1_700

/** In the order of the description. */
export function toSections({ operations, titles, schemaNamed }: Description): readonly Section[] {
  return [...Map.groupBy(operations, ({ tags: [tag] }) => tag)].map(([tag, group]) => ({
    tag,
    title: titles.get(tag) ?? toTitle(tag),
    pages: split(toEntries(group), schemaNamed).map((page, index) => ({
      ...page,
      path: `/docs/${encodeURIComponent(tag)}${index === 0 ? '' : `/${index + 1}`}`,
    })),
  }))
}

/** The sections with what of them names `search`, in whichever case. */
export function matching(sections: readonly Section[], search: string): readonly Section[] {
  const words = search.toLowerCase().split(/\s+/)
  const has = ({ tag, title }: Section, { operation, ofTenant }: Entry) => {
    const { method, path, summary, operationId } = operation
    const said = [
      tag,
      title,
      method,
      path,
      summary,
      operationId,
      ofTenant?.path,
      ofTenant?.operationId,
    ]
    const text = said.join(' ').toLowerCase()
    return words.every((word) => text.includes(word))
  }
  return sections
    .map((section) => ({
      ...section,
      pages: section.pages.map((page) => ({
        ...page,
        entries: page.entries.filter((entry) => has(section, entry)),
      })),
    }))
    .filter(({ pages }) => pages.some(({ entries }) => entries.length > 0))
}

/** `event-types` as `Event types`. */
function toTitle(tag: string): string {
  const words = tag.replaceAll('-', ' ')
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`
}

function toEntries(operations: readonly DescribedOperation[]): readonly Entry[] {
  const nameOf = ({ method, path }: DescribedOperation) => `${method} ${path}`
  const named = new Map(operations.map((operation) => [nameOf(operation), operation]))
  const withoutTenant = (operation: DescribedOperation) =>
    nameOf(operation).replace('/tenants/{tenant}/', '/')
  const isTwin = (operation: DescribedOperation) =>
    withoutTenant(operation) !== nameOf(operation) && named.has(withoutTenant(operation))
  const twins = new Map(
    operations.filter(isTwin).map((operation) => [withoutTenant(operation), operation]),
  )
  return operations
    .filter((operation) => !isTwin(operation))
    .map((operation) => ({ operation, ofTenant: twins.get(nameOf(operation)) }))
}

/** One after the other until a page is full. */
function split(entries: readonly Entry[], schemaNamed: Description['schemaNamed']) {
  const pages: { readonly entries: Entry[]; schemas: readonly string[] }[] = []
  for (const entry of entries) {
    const last = pages.at(-1)
    const together = [...(last?.entries ?? []), entry]
    const schemas = namesOn(together, schemaNamed)
    if (last !== undefined && weigh(together, schemas, schemaNamed) <= PAGE_CHARS) {
      last.entries.push(entry)
      last.schemas = schemas
    } else pages.push({ entries: [entry], schemas: namesOn([entry], schemaNamed) })
  }
  return pages
}

function weigh(
  entries: readonly Entry[],
  schemas: readonly string[],
  schemaNamed: Description['schemaNamed'],
): number {
  const shown = [
    ...schemas.map(schemaNamed),
    ...entries.flatMap(({ operation }) => [
      bodyOf(operation, schemaNamed) ?? {},
      ...operation.parameters.map(({ schema }) => schema),
    ]),
  ]
  const lengths = shown.map((schema) => JSON.stringify(toOutline(schema)).length)
  const examples = entries.map(
    ({ operation }) => exampleOfAnswer(operation, schemaNamed)?.length ?? 0,
  )
  return [...lengths, ...examples].reduce(
    (sum, length) => sum + length,
    entries.length * OPERATION_CHARS,
  )
}

/** The schema of what an operation takes, with its fields: not the name of one. */
export function bodyOf(
  { requestBody }: DescribedOperation,
  schemaNamed: Description['schemaNamed'],
): SchemaObject | undefined {
  const schema = Object.values(requestBody?.content ?? {})[0]?.schema
  return schema?.$ref === undefined ? schema : schemaNamed(nameIn(schema.$ref))
}

/** Everything that these operations point to, and that does. */
function namesOn(
  entries: readonly Entry[],
  schemaNamed: Description['schemaNamed'],
): readonly string[] {
  const roots = entries.flatMap(({ operation }) => [
    ...Object.values(operation.responses).flatMap(({ content }) =>
      Object.values(content).map(({ schema }) => schema),
    ),
    ...operation.parameters.map(({ schema }) => schema),
    bodyOf(operation, schemaNamed) ?? {},
  ])
  const found = new Set<string>()
  const follow = (schema: SchemaObject) => {
    for (const name of namesIn(schema)) {
      if (found.has(name)) continue
      found.add(name)
      follow(schemaNamed(name))
    }
  }
  for (const root of roots) follow(root)
  return [...found].toSorted()
}
