// The webhooks of an OpenAPI 3.1 document, of which any part may stand elsewhere in it as a Reference Object. Next: import-event-types.ts.

import { resolveReference } from '../engine/catalogue/references.ts'
import { type Issue, invalid } from '../errors.ts'
import { isRecord } from '../primitives/is-record.ts'

/** The document with what its webhooks refer to, schemas aside, in the places from which it is referred to. */
export function withWebhooksInPlace(document: unknown): unknown {
  if (!isRecord(document) || !isRecord(document.webhooks)) return document
  const at = (value: unknown, path: Issue['path']) => referredTo(value, { document, path })
  const entries = Object.entries(document.webhooks).map(([name, given]) => {
    const item = at(given, ['webhooks', name])
    if (!isRecord(item) || !isRecord(item.post)) return [name, item]
    const path = ['webhooks', name, 'post', 'requestBody']
    const body = at(item.post.requestBody, path)
    if (!isRecord(body) || !isRecord(body.content)) {
      return [name, { ...item, post: { ...item.post, requestBody: body } }]
    }
    const media = jsonOf(body.content)
    const examples = isRecord(media) && isRecord(media.examples) ? media.examples : null
    const placed = examples && {
      examples: Object.fromEntries(
        Object.entries(examples).map(([each, example]) => [
          each,
          at(example, [...path, 'content', JSON_TYPE, 'examples', each]),
        ]),
      ),
    }
    const json = isRecord(media) ? { ...media, ...placed } : media
    const content = { ...body.content, [JSON_TYPE]: json }
    return [name, { ...item, post: { ...item.post, requestBody: { ...body, content } } }]
  })
  return { ...document, webhooks: Object.fromEntries(entries) }
}

const JSON_TYPE = 'application/json'

/** The body that is JSON, whatever parameters its media type has. */
function jsonOf(content: Readonly<Record<string, unknown>>): unknown {
  const isJson = (type: string) => type.split(';')[0]?.trim().toLowerCase() === JSON_TYPE
  return Object.entries(content).find(([type]) => isJson(type))?.[1]
}

/** What a Reference Object leads to, through others; what is none is itself. Throws `invalid` where it leads out of the document, or nowhere. */
function referredTo(
  value: unknown,
  { document, path }: { readonly document: unknown; readonly path: Issue['path'] },
): unknown {
  let found = value
  for (let steps = 0; isRecord(found) && typeof found.$ref === 'string'; steps += 1) {
    const target = steps < MOST_REFERENCES ? resolveReference(document, found.$ref) : undefined
    if (target === undefined) {
      throw invalid(path, `Refers to ${found.$ref}, which leads to nothing in the document.`)
    }
    found = target
  }
  return found
}

/** References that lead to one another. */
const MOST_REFERENCES = 50
