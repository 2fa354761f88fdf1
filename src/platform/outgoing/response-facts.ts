// What is kept of a response that refuses, beside its status and the begin of its body: a few headers, and where it redirects to.
// `set-cookie` and whatever else no diagnosis reads is not kept.

import { DIAGNOSTIC_HEADERS, type ResponseFacts } from '../../engine/model/index.ts'
import type { OutgoingRequest } from '../../engine/ports/index.ts'
import { DELIVERY } from '../../tuning.ts'
import { maskExcerpt } from './mask-excerpt.ts'

type Name = (typeof DIAGNOSTIC_HEADERS)[number]

const CONTROLS = /\p{Cc}+/gu

/** What of a value is kept where that is not all of it: a media type without parameters, a scheme without its challenge. */
const PART: Readonly<Partial<Record<Name, RegExp>>> = {
  'content-type': /^[^;,\s]+/,
  'www-authenticate': /^[^,\s]+/,
}

/** The facts of a response to a request (`ResponseFacts`). */
export function toResponseFacts(
  { headers, status }: Pick<Response, 'headers' | 'status'>,
  request: Pick<OutgoingRequest, 'url' | 'headers' | 'secretValues'>,
): ResponseFacts {
  const kept = DIAGNOSTIC_HEADERS.flatMap((name) => {
    const value = headers.get(name)?.replace(CONTROLS, ' ').trim()
    const part = value && (PART[name] ? PART[name].exec(value)?.[0] : value)
    if (!part) return []
    return [[name, maskExcerpt(part.slice(0, DELIVERY.headerChars), request)] as const]
  })
  const isRedirect = status >= 300 && status < 400
  const redirect = isRedirect ? toRedirect(headers.get('location'), request) : null
  const sentCredentials = request.headers.some(([name]) => name.toLowerCase() === 'authorization')
  return {
    headers: Object.fromEntries(kept),
    ...(redirect && { redirect }),
    ...(sentCredentials && { sentCredentials }),
  }
}

function toRedirect(
  location: string | null,
  request: Pick<OutgoingRequest, 'url' | 'headers' | 'secretValues'>,
): ResponseFacts['redirect'] | null {
  const { url } = request
  const target = location === null ? null : URL.parse(location, url)
  const [from, to] = [URL.parse(url), target].map((parsed) =>
    parsed === null ? null : `${parsed.origin}${parsed.pathname}`,
  )
  if (!from || !to || !/^https?:/.test(to)) return null
  if (Math.max(from.length, to.length) > DELIVERY.addressChars) return null
  return [from, to].some((address) => repeatsSecret(address, request)) ? null : { from, to }
}

/** Whether an address has the value of a header of the request in it, as it is or percent-encoded. */
function repeatsSecret(
  address: string,
  request: Pick<OutgoingRequest, 'headers' | 'secretValues'>,
): boolean {
  return [address, decoded(address)].some((text) => maskExcerpt(text, request) !== text)
}

function decoded(address: string): string {
  try {
    return decodeURIComponent(address)
  } catch {
    // A percent sign that encodes nothing.
    return address
  }
}
