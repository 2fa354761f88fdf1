// Which hosts are, or name, something that is not on the public internet. A name that merely resolves to a private
// address cannot be told from its spelling: check-addresses.ts can ask a resolver (SECURITY.md says what that is worth).

import ipaddr from 'ipaddr.js'

/**
 * What ipaddr.js calls a range, in words. Every range but `unicast` is refused, those of the IPv6 forms that carry an IPv4
 * address whatever address it is: nothing on the public internet needs them.
 */
const RANGE_WORDS: ReadonlyMap<string, string> = new Map([
  ['unspecified', 'an unspecified address'],
  ['broadcast', 'a broadcast address'],
  ['multicast', 'a multicast address'],
  ['linkLocal', 'a link-local address'],
  ['loopback', 'a loopback address'],
  ['carrierGradeNat', 'a carrier-grade NAT address'],
  ['private', 'a private address'],
  ['uniqueLocal', 'a private address'],
  ['deprecatedSiteLocal', 'a private address'],
  ['ipv4Mapped', 'an IPv4 address embedded in IPv6'],
  ['rfc6145', 'an IPv4 address embedded in IPv6'],
  ['rfc6052', 'an IPv4 address embedded in IPv6'],
  ['6to4', 'an IPv4 address embedded in IPv6'],
  ['teredo', 'an IPv4 address embedded in IPv6'],
])
const OTHER_RANGE = 'a reserved address'

/** All of IPv6 that is handed out to the public; `::127.0.0.1` is outside (RFC 4291, section 2.4; IANA registry). */
const PUBLIC_IPV6 = ipaddr.IPv6.parseCIDR('2000::/3')

/** Metadata services at addresses of public ranges: Azure's WireServer. Others are link-local, private or reserved. */
const METADATA_ADDRESSES: ReadonlySet<string> = new Set(['168.63.129.16'])

/**
 * Public names of metadata services, as the documentation of their clouds has them: Google, Tencent, IBM, Equinix
 * Metal. Those of others are addresses, or names that are internal anyway.
 */
const METADATA_NAMES: ReadonlySet<string> = new Set([
  'metadata.goog',
  'metadata.tencentyun.com',
  'api.metadata.cloud.ibm.com',
  'metadata.packet.net',
  'metadata.platformequinix.com',
])

/** A name equal to one of these, or below it. */
const PRIVATE_SUFFIXES: ReadonlyMap<string, string> = new Map([
  // RFC 6761, RFC 6762, RFC 8375, and what Linux distributions write into /etc/hosts.
  ['localhost', 'a loopback name'],
  ['localdomain', 'a loopback name'],
  ['ip6-localhost', 'a loopback name'],
  ['ip6-loopback', 'a loopback name'],
  ['localdomain4', 'a loopback name'],
  ['localdomain6', 'a loopback name'],
  ['local', 'a local network name'],
  ['home.arpa', 'a local network name'],
  // RFC 6762, appendix G, names that must not become public; `internal` holds Google's metadata service.
  ['internal', 'an internal name'],
  ['intranet', 'an internal name'],
  ['private', 'an internal name'],
  ['corp', 'an internal name'],
  ['home', 'an internal name'],
  ['lan', 'an internal name'],
  // Clusters: Kubernetes' services, Consul's.
  ['svc', 'an internal name'],
  ['consul', 'an internal name'],
  // RFC 3172 (infrastructure; `ipv4only.arpa` has addresses of NAT64), RFC 6761, RFC 7686, RFC 9476.
  ['arpa', 'a special-use name'],
  ['invalid', 'a special-use name'],
  ['onion', 'a special-use name'],
  ['alt', 'a special-use name'],
])

/** What makes `host` private, as a noun phrase; null for a public one. `host` is canonical, as `URL` gives it. */
export function findPrivacy(host: string): string | null {
  if (host.startsWith('[')) return findIpv6Privacy(host.slice(1, -1))
  if (ipaddr.IPv4.isValidFourPartDecimal(host)) return findIpv4Privacy(host)
  return findNamePrivacy(host)
}

function findIpv4Privacy(host: string): string | null {
  if (METADATA_ADDRESSES.has(host)) return 'a metadata address'
  return inWords(ipaddr.IPv4.parse(host).range())
}

function findIpv6Privacy(host: string): string | null {
  const address = ipaddr.IPv6.parse(host)
  const words = inWords(address.range())
  return words === null && !address.match(PUBLIC_IPV6) ? OTHER_RANGE : words
}

function inWords(range: string): string | null {
  return range === 'unicast' ? null : (RANGE_WORDS.get(range) ?? OTHER_RANGE)
}

function findNamePrivacy(host: string): string | null {
  const name = host.replace(/\.$/, '')
  if (METADATA_NAMES.has(name)) return 'a metadata service'
  const labels = name.split('.')
  for (const start of labels.keys()) {
    const words = PRIVATE_SUFFIXES.get(labels.slice(start).join('.'))
    if (words !== undefined) return words
  }
  // Only a search list of a local resolver makes an address of it, as of `metadata` or `kubernetes`.
  return labels.length === 1 ? 'a local network name' : null
}
