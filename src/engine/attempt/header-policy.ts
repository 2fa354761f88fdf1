// Which custom headers a webhook may carry (docs/contracts/README.md, "Custom headers"): legal HTTP, and none that the
// sender, a proxy or the signature owns. What passes here never makes a request throw.

import { WEBHOOK } from '../../limits.ts'
import type { Header } from '../model/index.ts'

/** RFC 9110, section 5.6.2. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

/**
 * RFC 9110, section 5.5, without obs-text, which senders should not generate: workerd would send it as UTF-8 and warn with
 * the value, which may be a secret, in the log.
 */
const FIELD_VALUE = /^[\t\x20-\x7e]*$/

/** Hop-by-hop fields (RFC 9110, section 7.6.1; RFC 2616, section 13.5.1) and what the sender decides itself. */
const REFUSED_NAMES: ReadonlySet<string> = new Set([
  'connection',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'trailers',
  'transfer-encoding',
  'upgrade',
  'host',
  'content-length',
  'content-type',
])

const REFUSED_PREFIXES = ['webhook-', 'cf-'] as const

/** Why a header line cannot be sent, as a sentence that does not show the value; null when it can. */
export function checkHeader(name: string, value: string): string | null {
  const { headerNameChars, headerValueChars } = WEBHOOK
  if (name.length > headerNameChars) {
    return `A header name may have at most ${headerNameChars} characters.`
  }
  if (!TOKEN.test(name)) return `${JSON.stringify(name)} is not a valid header name.`
  const lower = name.toLowerCase()
  if (REFUSED_NAMES.has(lower) || REFUSED_PREFIXES.some((prefix) => lower.startsWith(prefix))) {
    return `The header ${name} is reserved and cannot be set on a webhook.`
  }
  if (value.length > headerValueChars) {
    return `The value of the header ${name} may have at most ${headerValueChars} characters.`
  }
  if (!FIELD_VALUE.test(value)) {
    return `The value of the header ${name} may contain only visible ASCII characters, spaces and tabs.`
  }
  return null
}

/** The first thing wrong with a webhook's header lines, as `checkHeader` says it; null when all can be sent. */
export function checkHeaders(headers: readonly Header[]): string | null {
  const { headers: most, headersChars } = WEBHOOK
  if (headers.length > most) return `A webhook may have at most ${most} custom headers.`
  for (const [name, value] of headers) {
    const flaw = checkHeader(name, value)
    if (flaw !== null) return flaw
  }
  const chars = headers.reduce((sum, [name, value]) => sum + name.length + value.length, 0)
  if (chars > headersChars) {
    return `The names and values of all custom headers may have at most ${headersChars} characters in total.`
  }
  return null
}
