// An endpoint as Socotra has it: where requests go and what proves them. A webhook has one, and its alerts may have
// another.

import { checkHeader, checkHeaders } from '../../engine/attempt/header-policy.ts'
import type { Header } from '../../engine/model/index.ts'
import { type Issue, invalid } from '../../errors.ts'
import { valuesByName } from '../../http/header-lines.ts'
import { MASK } from '../../primitives/mask.ts'
import type { EndpointResponse } from './responses.ts'
import { type CreateEndpoint, SIGNATURE_HEADER, type UpdateEndpoint } from './schema.ts'

export interface Endpoint {
  readonly url: string
  /** Whether requests are signed. */
  readonly hmacEnabled: boolean
  /** Kept also while nothing is signed with it. */
  readonly secret: string | null
  readonly secureSsl: boolean
  readonly tag: string | null
  /** One entry per header line. */
  readonly headers: readonly Header[]
}

/** What may be a target without TLS although it should be secure. */
export type IsLocal = (url: string) => boolean

/** What a new endpoint starts from (docs/contracts/socotra.md, "Requests"); the URL is its owner's to say. */
export const BLANK: Endpoint = {
  url: '',
  hmacEnabled: false,
  secret: null,
  secureSsl: true,
  tag: null,
  headers: [],
}

/** Where in a request an endpoint stands, and which of its fields adds headers. */
interface EndpointPlace {
  readonly path: Issue['path']
  readonly headers: 'headers' | 'addHeaders'
}

/** A new endpoint as an update of a blank one: its headers are added. */
export function toAdditions<T extends CreateEndpoint>({ headers, ...others }: T) {
  return { ...others, addHeaders: headers }
}

/** The endpoint after a request: removals first, then additions. Throws `invalid` for what cannot be. */
export function nextEndpoint(
  current: Endpoint,
  request: UpdateEndpoint,
  place: EndpointPlace,
  isLocal: IsLocal,
): Endpoint {
  const { url, hmacEnabled, secureSsl, addHeaders, removeHeaders } = request
  const next = {
    url: url ?? current.url,
    hmacEnabled: hmacEnabled ?? current.hmacEnabled,
    secret: nextText(current.secret, request.secret),
    secureSsl: secureSsl ?? current.secureSsl,
    tag: nextText(current.tag, request.tag),
    headers: nextHeaders(current.headers, addHeaders ?? {}, removeHeaders ?? [], place),
  }
  if (next.url === '') throw invalid([...place.path, 'url'], 'An endpoint requires a URL.')
  if (lacksSecret(next) && !lacksSecret(current)) {
    throw invalid([...place.path, 'secret'], 'hmacEnabled and tag require a secret.')
  }
  if (lacksTls(next, isLocal) && !lacksTls(current, isLocal)) {
    throw invalid([...place.path, 'url'], 'An endpoint with secureSsl requires an https URL.')
  }
  return next
}

function lacksSecret({ secret, hmacEnabled, tag }: Endpoint): boolean {
  return secret === null && (hmacEnabled || tag !== null)
}

function lacksTls({ url, secureSsl }: Endpoint, isLocal: IsLocal): boolean {
  return secureSsl && URL.parse(url)?.protocol === 'http:' && !isLocal(url)
}

/** Nothing said leaves it as it is, an empty text clears it. */
function nextText(current: string | null, text: string | null | undefined): string | null {
  return text === '' ? null : (text ?? current)
}

/** Header lines after a removal of names, in whatever case, and an addition of values. A line that is there stays one. */
function nextHeaders(
  current: readonly Header[],
  add: Readonly<Record<string, readonly string[]>>,
  remove: readonly string[],
  { path, headers: field }: EndpointPlace,
): readonly Header[] {
  const removed = new Set(remove.map((name) => name.toLowerCase()))
  const lines = current.filter(([name]) => !removed.has(name.toLowerCase()))
  const keyOf = ([name, value]: Header) => `${name.toLowerCase()}:${value}`
  const present = new Set(lines.map(keyOf))
  for (const [name, values] of Object.entries(add)) {
    for (const value of values) {
      const flaw = checkCustomHeader(name, value)
      if (flaw !== null) throw invalid([...path, field, name], flaw)
      const line = [name, value] as const
      if (!present.has(keyOf(line))) lines.push(line)
      present.add(keyOf(line))
    }
  }
  const flaw = checkHeaders(lines)
  if (flaw !== null) throw invalid([...path, field], flaw)
  return lines
}

function checkCustomHeader(name: string, value: string): string | null {
  if (name.toLowerCase().startsWith(SIGNATURE_HEADER)) {
    return `The header ${name} is reserved and cannot be set on a webhook.`
  }
  return checkHeader(name, value)
}

/** Values of headers are secrets as well. */
export function toEndpointResponse(endpoint: Endpoint, withSecrets: boolean): EndpointResponse {
  const { hmacEnabled, secret, secureSsl, tag, url, headers } = endpoint
  const values = valuesByName(headers).map(([name, values]): [string, string[]] => [
    name,
    withSecrets ? [...values] : values.map(() => MASK),
  ])
  return {
    hmacEnabled,
    secret: withSecrets ? secret : null,
    secureSsl,
    tag,
    url,
    headers: Object.fromEntries(values),
  }
}
