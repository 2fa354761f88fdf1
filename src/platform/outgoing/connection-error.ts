// What `fetch` threw, as a sentence for the attempt log: short, on one line, without URLs.

const MAX_CHARS = 200

/** Scheme, host, path and query of any URL: the query may hold a secret. */
const URLS = /\b[a-z][a-z0-9+.-]{0,30}:\/\/\S*/gi
const CONTROLS = /\p{Cc}+/gu

/**
 * workerd says so of a name that does not resolve, of a certificate that is not trusted and of a failed handshake alike (seen of all
 * three in workerd 1.20261117; what needs no certificate, test/platform/outgoing/broken-receivers.test.ts repeats). Its reference means
 * nothing to anybody outside of Cloudflare.
 */
const INTERNAL = /^internal error(?:; reference = .*)?$/i

/** … and this of connections that are refused, reset, or closed before a response. */
const LOST = 'Network connection lost.'

/** `The connection failed: …` for whatever was thrown by a request to `url`. */
export function toConnectionError(error: unknown, url: string): string {
  const message = error instanceof Error ? error.message : ''
  const reason = message.replace(URLS, '(URL)').replace(CONTROLS, ' ').trim()
  if (reason === '' || INTERNAL.test(reason)) {
    const steps = stepsOf(url)
    const which = steps.length > 1 ? ' (the runtime does not report which)' : ''
    return `The connection failed: ${LISTS.format(steps)}${which}.`
  }
  if (reason === LOST) {
    return 'The connection failed: it was refused, reset, or closed before a response.'
  }
  return `The connection failed: ${truncate(reason)}`
}

const LISTS = new Intl.ListFormat('en-GB', { type: 'disjunction' })

/** What a connection to `url` takes: an IP address is not looked up, and only https has a handshake. */
function stepsOf(url: string): readonly string[] {
  const { protocol, hostname } = URL.parse(url) ?? { protocol: '', hostname: '' }
  const isAddress = /^[\d.]+$|^\[/.test(hostname)
  return [...(isAddress ? [] : ['DNS']), 'TCP', ...(protocol === 'http:' ? [] : ['TLS'])]
}

function truncate(text: string): string {
  const characters = [...text]
  return characters.length <= MAX_CHARS ? text : `${characters.slice(0, MAX_CHARS).join('')}…`
}
