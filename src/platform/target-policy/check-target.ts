// Which URLs may be targets (docs/contracts/README.md, "Targets"). WHATWG parsing makes every spelling of an address
// canonical before a rule looks at it, and `fetch` parses with the same parser.

import { TARGET, WEBHOOK } from '../../limits.ts'
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
  /** Hosts that this service answers at, canonical as `URL` gives them: a webhook to one would feed the service itself. */
  readonly ownHosts: ReadonlySet<string>
}

const BAD_PORTS: ReadonlySet<string> = new Set(TARGET.badPorts.map(String))

/** Why `text` may not be a target, as a sentence naming the rule; null when it may. */
export function checkTarget(text: string, policy: TargetPolicy): string | null {
  if (text.length > WEBHOOK.urlChars) {
    return `A target URL may have at most ${WEBHOOK.urlChars} characters.`
  }
  // Half a surrogate pair would be stored, and requested, as another character.
  if (!text.isWellFormed()) return 'A target URL must be well-formed Unicode.'
  const url = URL.parse(text)
  if (url === null) return 'A target must be an absolute URL with a valid host.'
  if (!SCHEMES.has(url.protocol)) return 'A target URL must use http or https.'
  const authority = WRITTEN_PLAINLY.exec(text)?.groups?.authority
  if (authority === undefined || SPACE_OR_CONTROL.test(text)) {
    return 'A target URL must start with scheme://host and must not contain spaces or control characters.'
  }
  if (authority.includes('@')) return 'A target URL must not contain a user name or password.'
  const host = url.hostname
  if (!isIpv6(host) && !HOST_NAME.test(host)) {
    return 'The host of a target URL must be an IP address or a valid host name.'
  }
  if (BAD_PORTS.has(url.port)) {
    return `Port ${url.port} belongs to another protocol and cannot be used in a target URL.`
  }
  const flaw = findFlaw(host, policy)
  return flaw === null ? null : `The host ${host} is ${flaw} and cannot be a target.`
}

/** What makes a canonical host no target, as a noun phrase; null when nothing does. */
function findFlaw(host: string, { allowPrivate, ownHosts }: TargetPolicy): string | null {
  // One that only exists locally is a machine with other services, on which a receiver may be under development.
  if (ownHosts.has(withoutRoot(host)) && findPrivacy(host) === null) return 'this service itself'
  return allowPrivate ? null : findPrivacy(host)
}

/** The canonical form of a host that an administrator or a client wrote; null for what is none. */
export function toOwnHost(text: string): string | null {
  const url = URL.parse(`https://${text}`)
  return url === null ? null : withoutRoot(url.hostname)
}

/** The host at which a request was made is the service's own, whether OWN_HOSTS names it or not. */
export function withOwnHost(policy: TargetPolicy, calledAt: string | null): TargetPolicy {
  const host = calledAt === null ? null : toOwnHost(calledAt)
  return host === null ? policy : { ...policy, ownHosts: new Set([...policy.ownHosts, host]) }
}

/** A trailing dot is the root's, and names the same host. */
function withoutRoot(host: string): string {
  return host.replace(/\.$/, '')
}

/** Whether `text` is an http or https URL whose host only private targets may have. */
export function privateHost(text: string): boolean {
  const url = URL.parse(text)
  return url !== null && SCHEMES.has(url.protocol) && findPrivacy(url.hostname) !== null
}

function isIpv6(host: string): boolean {
  return host.startsWith('[')
}
