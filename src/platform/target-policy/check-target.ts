// Which URLs may be targets (contracts/README.md, rule 7). WHATWG parsing makes every spelling of an address canonical
// before a rule looks at it, and `fetch` parses with the same parser.

import { WEBHOOK } from '../../config.ts'
import { findPrivacy } from './private-host.ts'

const SCHEMES: ReadonlySet<string> = new Set(['http:', 'https:'])

/** What the parser would silently repair is refused instead, so that people and programs read the same host. */
const WRITTEN_PLAINLY = /^[a-z]+:\/\/(?<authority>[^/?#\\]+)(?:[/?#]|$)/i
const SPACE_OR_CONTROL = /[\s\p{Cc}]/u

/** RFC 1035, section 2.3.4, and underscores, which occur in practice. A trailing dot is the root's. */
const HOST_NAME = /^(?=.{1,253}\.?$)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*\.?$/

export interface TargetPolicy {
  /** `ALLOW_PRIVATE_TARGETS`: lifts the rule about private hosts and no other. */
  readonly allowPrivate: boolean
}

/** Why `text` may not be a target, as a sentence naming the rule; null when it may. */
export function checkTarget(text: string, { allowPrivate }: TargetPolicy): string | null {
  if (text.length > WEBHOOK.urlChars) {
    return `A target URL must have at most ${WEBHOOK.urlChars} characters.`
  }
  // Half a surrogate pair would be stored, and requested, as another character.
  if (!text.isWellFormed()) return 'A target URL must be well-formed Unicode.'
  const url = URL.parse(text)
  if (url === null) return 'A target must be an absolute URL with a legal host.'
  if (!SCHEMES.has(url.protocol)) return 'A target URL must use http or https.'
  const authority = WRITTEN_PLAINLY.exec(text)?.groups?.authority
  if (authority === undefined || SPACE_OR_CONTROL.test(text)) {
    return 'A target URL must be written scheme://host, without spaces or control characters.'
  }
  if (authority.includes('@')) return 'A target URL must not contain a user name or password.'
  const host = url.hostname
  if (!isIpv6(host) && !HOST_NAME.test(host)) {
    return 'The host of a target URL must be an address or a legal host name.'
  }
  const privacy = allowPrivate ? null : findPrivacy(host)
  return privacy === null ? null : `The host ${host} is ${privacy}, which cannot be a target.`
}

/** Whether `text` is an http or https URL whose host only private targets may have. */
export function privateHost(text: string): boolean {
  const url = URL.parse(text)
  return url !== null && SCHEMES.has(url.protocol) && findPrivacy(url.hostname) !== null
}

function isIpv6(host: string): boolean {
  return host.startsWith('[')
}
