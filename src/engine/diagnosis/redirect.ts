// Where a redirect leads, seen from where the request went. In: both addresses; out: what kind of redirect that is.

/**
 * `same`: another form of the same address, which the webhook can have instead: https, another or no final slash, with or without
 * `www.`. `login`: a page on which people log in.
 */
export type RedirectKind = 'same' | 'login' | 'other'

const LOGIN_HOST = /(?:^|\.)(?:login|signin|sso|auth|accounts)\./
const LOGIN_PATH = /\/(?:log-?in|sign[-_]?in|sso|saml2?|oauth2?|authorize)(?:[/.]|$)/i

/** What kind of redirect leads from one address (origin and path) to another. */
export function redirectKindOf(from: string, to: string): RedirectKind {
  const [before, after] = [URL.parse(from), URL.parse(to)]
  if (before === null || after === null) return 'other'
  // Nobody is to send less safely than before; and the very same address leads in a circle.
  const isUnsafe = before.protocol === 'https:' && after.protocol === 'http:'
  if (!isUnsafe && before.href !== after.href && plain(before) === plain(after)) return 'same'
  const isLogin = LOGIN_HOST.test(after.hostname) || LOGIN_PATH.test(after.pathname)
  return isLogin ? 'login' : 'other'
}

function plain({ protocol, port, hostname, pathname }: URL): string {
  const host = hostname.replace(/^www\./, '')
  // A port that is named goes with its protocol.
  const place = port === '' ? host : `${protocol}${host}:${port}`
  return place + pathname.replace(/\/$/, '')
}
