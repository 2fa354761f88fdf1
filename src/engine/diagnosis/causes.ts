// Why an attempt failed, as a closed list, and what its owner reads about each: sentences, of which one that names a detail
// (`{by}`, `{url}`, …) is left out where the attempt does not tell that. docs/diagnosis.md shows them all.

/** What is said of a cause. */
interface CauseText {
  readonly explanation: readonly string[]
  readonly remedy: readonly string[]
}

const READ_LOG = 'Read `responseExcerpt`, and what the receiver logged at the time of the attempt.'
const ALLOW =
  'Let POST requests with the user agent Hookline through to this path, without a challenge; their signature tells that they are genuine.'
const RAW_BODY =
  'Verify the bytes of the body as they came, before anything parses them: JSON that is parsed and written again is another text.'

export const CAUSES = {
  target_refused: {
    explanation: ['The target policy of Hookline forbids the URL, so that no request was made.'],
    remedy: ['Give the webhook a public http or https URL; `error` names the rule.'],
  },
  request_not_created: {
    explanation: [
      'No request could be made of the event: a secret or header of the webhook is damaged.',
    ],
    remedy: ['Set the headers and the secret of the webhook anew.'],
  },
  dns_name_unknown: {
    explanation: ['The host name of the URL does not resolve to an address.'],
    remedy: ['Check the host name for a mistake, and that its DNS record is published.'],
  },
  connection_refused: {
    explanation: [
      'The host refused the connection: nothing listens at the port of the URL, or a firewall refuses.',
    ],
    remedy: [
      'Check that the receiver runs, and the port of the URL; let Cloudflare’s addresses through the firewall.',
    ],
  },
  connection_lost: {
    explanation: [
      'The connection was refused, reset, or closed before a response; the runtime does not tell which.',
    ],
    remedy: [
      'Check that the receiver runs, the port of the URL, and that it does not crash on the request.',
    ],
  },
  connection_closed: {
    explanation: ['The receiver accepted the connection and closed it without a valid response.'],
    remedy: [
      'Look for a crash of the receiver, or a proxy in front of it that cuts off; its response headers may also be too large.',
    ],
  },
  host_unreachable: {
    explanation: [
      'No connection to the host could be made in time, or there is no route to its address.',
    ],
    remedy: [
      'Check the address in DNS, that the host is up, and that its firewall does not drop Cloudflare’s addresses.',
    ],
  },
  dns_or_tls: {
    explanation: [
      'The connection failed before a response: the host name does not resolve, or its TLS certificate is not trusted. The runtime does not tell which.',
    ],
    remedy: [
      'Check the host name, and the certificate: `curl -v` from another machine names the cause.',
    ],
  },
  tls_failed: {
    explanation: [
      'The TLS handshake failed: the certificate is not trusted, or the port does not speak TLS.',
    ],
    remedy: [
      'Check that the certificate is valid, complete and of a public authority, and that the port of the URL speaks TLS.',
    ],
  },
  tls_certificate: {
    explanation: [
      'The TLS certificate of the receiver is invalid: expired, self-signed, incomplete, or for another name.',
    ],
    remedy: [
      'Install a certificate of a public authority for this host name, with its intermediate certificates.',
    ],
  },
  tls_expired: {
    explanation: ['The TLS certificate of the receiver has expired.'],
    remedy: ['Renew the certificate, and have the server load it.'],
  },
  tls_untrusted: {
    explanation: [
      'The TLS certificate of the receiver is self-signed, or its chain is incomplete.',
    ],
    remedy: ['Install a certificate of a public authority, with its intermediate certificates.'],
  },
  tls_wrong_name: {
    explanation: ['The TLS certificate of the receiver is for another host name.'],
    remedy: ['Use the host name of the certificate, or install one for the host name of the URL.'],
  },
  slow: {
    explanation: ['The receiver did not answer in time.'],
    remedy: [
      'Answer with a 2xx as soon as the event is stored, and work on it afterwards; or raise `timeoutMs`.',
    ],
  },
  gateway: {
    explanation: [
      'The receiver, or a proxy in front of it, got no valid answer in time from what is behind it ({status}).',
    ],
    remedy: [
      'Check that the application runs, and answers within the time of the proxies in front of it.',
    ],
  },
  unavailable: {
    explanation: [
      'The receiver says that it is unavailable for now ({status}).',
      'It asks to wait {seconds} s.',
    ],
    remedy: ['Check whether it is overloaded or under maintenance; Hookline tries again.'],
  },
  tunnel_offline: {
    explanation: ['The tunnel that the URL leads to is not connected ({by}).'],
    remedy: ['Start the tunnel’s agent, or give the webhook the URL that the tunnel has now.'],
  },
  redirect_to_url: {
    explanation: [
      'The receiver redirects to another form of the same address, and redirects are not followed.',
    ],
    remedy: ['Use this URL: {url} (with the query of the present one, if it has any).'],
  },
  redirect_to_login: {
    explanation: [
      'The receiver redirects to a login, as a page for people does.',
      'It leads to {url}.',
    ],
    remedy: ['Exempt the path from the login; the signature takes its place.'],
  },
  redirect: {
    explanation: ['The receiver redirects, and redirects are not followed.', 'It leads to {url}.'],
    remedy: ['Give the webhook the URL at which the receiver itself answers, if it is yours.'],
  },
  bot_protection: {
    explanation: [
      'The request did not reach the receiver: {by} in front of it took it for a bot and wants a challenge solved, as only browsers do.',
    ],
    remedy: [ALLOW],
  },
  firewall: {
    explanation: ['The request did not reach the receiver: {by} in front of it blocked it.'],
    remedy: [ALLOW],
  },
  deployment_protection: {
    explanation: [
      'The deployment is protected, and asks for a login before any request reaches it ({by}).',
    ],
    remedy: [
      'Use the URL of the production deployment, or the protection’s bypass for automation, whose secret can be a header of the webhook.',
    ],
  },
  csrf: {
    explanation: [
      'The receiver’s protection against cross-site requests ({by}) refuses a POST without its token.',
    ],
    remedy: ['Exempt the path of the webhook from it; the signature takes its place.'],
  },
  signature_parsed_body: {
    explanation: [
      'The receiver cannot verify the signature, because it verifies a body that was parsed already.',
    ],
    remedy: [RAW_BODY],
  },
  signature_timestamp: {
    explanation: ['The receiver finds the timestamp of the signature too old, or in the future.'],
    remedy: [
      'Set the clock of the receiver by NTP, and verify before the event waits in a queue of its own.',
    ],
  },
  signature_headers: {
    explanation: ['The receiver does not find the headers of the signature that it expects.'],
    remedy: [
      'Verify `webhook-id`, `webhook-timestamp` and `webhook-signature` (Standard Webhooks), and check that no proxy removes them.',
    ],
  },
  signature_secret: {
    explanation: [
      'The receiver cannot use the secret that it was given to verify signatures with.',
    ],
    remedy: [
      'Give it the secret of this webhook as it was shown, with its prefix, and without spaces or quotes.',
    ],
  },
  signature_mismatch: {
    explanation: ['The receiver says that the signature is wrong.'],
    remedy: ['Check that it has the secret of this webhook.', RAW_BODY],
  },
  credentials_missing: {
    explanation: [
      'The receiver asks for credentials ({status}), and the webhook sends no `authorization` header.',
      'It takes {scheme}.',
    ],
    remedy: [
      'Add the header to the webhook, or exempt the path; the signature can take its place.',
    ],
  },
  credentials_refused: {
    explanation: [
      'The receiver refuses the credentials in the `authorization` header of the webhook ({status}).',
      'It takes {scheme}.',
    ],
    remedy: ['Check the header of the webhook: the token or password may have expired or changed.'],
  },
  unauthorized: {
    explanation: ['The receiver does not accept who the request is from (401).'],
    remedy: ['Check which credentials or signature it wants.', READ_LOG],
  },
  forbidden: {
    explanation: ['The receiver refuses the request (403).'],
    remedy: [
      'Check its access rules, and those of proxies and firewalls in front of it.',
      READ_LOG,
    ],
  },
  path_not_found: {
    explanation: ['There is nothing at the path of the URL that takes a POST ({status}).'],
    remedy: ['Check the path of the URL, and that the receiver is deployed there.'],
  },
  gone: {
    explanation: ['The receiver says that it is gone for good (410).'],
    remedy: ['Delete the webhook, or give it another URL and resume it.'],
  },
  method_not_allowed: {
    explanation: ['The path of the URL takes no POST (405).', 'It takes {allow}.'],
    remedy: ['Check the path: it may be that of a page or of another call.'],
  },
  too_large: {
    explanation: [
      'The request is larger than the receiver, or a proxy in front of it, takes (413).',
    ],
    remedy: ['Raise the limit of the body’s size, at each proxy too, or publish less data.'],
  },
  media_type: {
    explanation: ['The receiver does not take the media type of the request (415).'],
    remedy: [
      'Have it take `application/json`, or what `content-type` the webhook is given as a header.',
    ],
  },
  too_many_requests: {
    explanation: [
      'The receiver, or a proxy in front of it, takes no more requests for now (429).',
      'It asks to wait {seconds} s.',
    ],
    remedy: [
      'Raise its limit for this path. With `Retry-After` in its answer, Hookline waits as long.',
    ],
  },
  web_page: {
    explanation: [
      'The receiver refuses the request with a web page ({status}), where a receiver of webhooks has no use for one.',
    ],
    remedy: ['Check that the URL is that of the receiver and not that of a website.', READ_LOG],
  },
  unknown: {
    explanation: [
      'The receiver answered with status {status}.',
      'Hookline does not know the cause.',
    ],
    remedy: [READ_LOG],
  },
} as const satisfies Readonly<Record<string, CauseText>>

export type Cause = keyof typeof CAUSES
