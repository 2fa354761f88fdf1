// CloudEvents in the binary mode of the HTTP protocol binding 1.0.2 (github.com/cloudevents/spec,
// cloudevents/bindings/http-protocol-binding.md, section 3.1): each attribute is a header `ce-…`, the body is the data.

import { checkSizes } from '../engine/intake/parse.ts'
import type { EventDraft } from '../engine/model/index.ts'
import type { Issue } from '../errors.ts'
import { PUBLISH } from '../limits.ts'
import { parseStrictJson } from '../primitives/json-text.ts'
import { invalidInput } from '../primitives/validate.ts'
import { ATTRIBUTE_NAME, MISNAMED, readCloudEvent } from './cloud-events.ts'

const PREFIX = 'ce-'

/** Attributes that every event has. */
const REQUIRED = ['specversion', 'id', 'source', 'type']

/** Whether the headers are those of an event. One that every event has is enough, so that a missing one is named. */
export function isBinary(headers: Headers): boolean {
  return REQUIRED.some((name) => headers.has(`${PREFIX}${name}`))
}

/** The headers that are attributes, as text; in order of name, which `Headers` has. */
export function attributeLines(headers: Headers): string {
  return [...headers]
    .filter(([name]) => name.startsWith(PREFIX))
    .map((line) => line.join(': '))
    .join('\n')
}

/** The draft in an event whose attributes are headers. Throws like `parseDrafts`; issues name the header. */
export function parseBinaryCloudEvent(text: string, headers: Headers): EventDraft[] {
  const data = parseStrictJson(text, { members: PUBLISH.members })
  if (typeof data !== 'object' || data === null || Array.isArray(data)) {
    const message =
      'The body of a CloudEvent in binary mode must be a JSON object: the data of the event.'
    throw invalidInput([{ path: [], message }])
  }
  const { attributes, issues } = readAttributes(headers)
  if (issues.length > 0) throw invalidInput(issues)
  checkSizes([`${text}${JSON.stringify(attributes)}`], () => [])
  // Section 3.1.1: what the content type says is an attribute.
  const datacontenttype = headers.get('content-type')
  const reading = readCloudEvent({
    ...(datacontenttype && { datacontenttype }),
    ...attributes,
    data,
  })
  if ('issues' in reading) throw invalidInput(reading.issues.map(atHeader))
  return [{ ...reading.draft, data: text.trim() }]
}

function readAttributes(headers: Headers): {
  readonly attributes: Readonly<Record<string, string>>
  readonly issues: readonly Issue[]
} {
  const issues: Issue[] = REQUIRED.filter((name) => !headers.has(`${PREFIX}${name}`)).map(
    (name) => ({
      path: [`${PREFIX}${name}`],
      message: 'A CloudEvent in binary mode requires this header.',
    }),
  )
  const attributes: [name: string, value: string][] = []
  for (const [header, written] of headers) {
    if (!header.startsWith(PREFIX)) continue
    const name = header.slice(PREFIX.length)
    const value = decode(written)
    const flaw = findFlaw(name, value)
    if (flaw === null && value !== null) attributes.push([name, value])
    else issues.push({ path: [header], message: flaw ?? '' })
  }
  return { attributes: Object.fromEntries(attributes), issues }
}

function findFlaw(name: string, value: string | null): string | null {
  if (!ATTRIBUTE_NAME.test(name)) return MISNAMED
  if (name === 'data')
    return 'A CloudEvent in binary mode has its data in the request body, not in a header.'
  return value === null ? 'The percent-encoded value is not valid UTF-8.' : null
}

/**
 * Section 3.1.3.2: the double quotes of senders of earlier versions, then one round of percent-decoding. A `%` that
 * encodes nothing stays, since many a sender does not encode at all. Null for what is not UTF-8.
 */
function decode(written: string): string | null {
  const [, quoted] = /^"((?:[^"\\]|\\.)*)"$/.exec(written) ?? []
  const text = quoted === undefined ? written : quoted.replaceAll(/\\(.)/g, '$1')
  try {
    return text.replaceAll(/(?:%[0-9a-f]{2})+/gi, (encoded) => decodeURIComponent(encoded))
  } catch {
    return null
  }
}

/** What is wrong with an attribute, at its header. */
function atHeader({ path, message }: Issue): Issue {
  const [attribute, ...rest] = path
  return { path: attribute === undefined ? [] : [`${PREFIX}${attribute}`, ...rest], message }
}
