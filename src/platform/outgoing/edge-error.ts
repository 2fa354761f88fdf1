// What Cloudflare's network says in a receiver's place. A deployed Worker's `fetch` goes through it, and where it gets no response from
// the receiver it answers itself, with a status of its own: DNS and TLS failures come as these, not as exceptions.

/** https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-5xx-errors/ */
const MEANINGS: Readonly<Record<number, string>> = {
  520: 'an empty or invalid response',
  521: 'a refused connection',
  522: 'a connection that timed out',
  523: 'an address that cannot be reached',
  524: 'a response that timed out',
  525: 'a failed TLS handshake',
  526: 'an invalid TLS certificate',
}

/** Says more in its body: https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-1xxx-errors/ */
const MORE_IN_BODY = 530
const ERROR_CODE = /\berror(?: code)?:? (1\d{3})\b/i
const DNS_CODES: readonly string[] = ['1001', '1016']

/** What a status of Cloudflare's is for, in words that follow "Cloudflare's for"; null of any other status. */
export function edgeMeaning(statusCode: number, body: string): string | null {
  if (statusCode !== MORE_IN_BODY) return MEANINGS[statusCode] ?? null
  const code = ERROR_CODE.exec(body)?.[1]
  if (code === undefined) return null
  return DNS_CODES.includes(code)
    ? `a host name that does not resolve (error ${code})`
    : `its error ${code}`
}
