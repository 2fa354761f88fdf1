// What `fetch` threw, as a sentence for the attempt log: short, on one line, without URLs.

const MAX_CHARS = 200

/** Scheme, host, path and query of any URL: the query may hold a secret. */
const URLS = /\b[a-z][a-z0-9+.-]{0,30}:\/\/\S*/gi
const CONTROLS = /\p{Cc}+/gu

/**
 * workerd says so of a name that does not resolve and of a TLS failure alike (seen in workerd 1.20261117); its
 * reference means nothing to anybody outside of Cloudflare.
 */
const INTERNAL = /^internal error(?:; reference = .*)?$/i

/** `The connection failed: …` for whatever was thrown. */
export function toConnectionError(error: unknown): string {
  const message = error instanceof Error ? error.message : ''
  const reason = message.replace(URLS, '(URL)').replace(CONTROLS, ' ').trim()
  if (reason === '' || INTERNAL.test(reason)) {
    return 'The connection failed: DNS, TCP or TLS (the runtime does not report which).'
  }
  return `The connection failed: ${truncate(reason)}`
}

function truncate(text: string): string {
  const characters = [...text]
  return characters.length <= MAX_CHARS ? text : `${characters.slice(0, MAX_CHARS).join('')}…`
}
