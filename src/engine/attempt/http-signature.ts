// The HTTP signature of a request to a webhook, where the webhook has one. In: a request with all of its other headers; out: its
// headers. Next: the sender, which sends exactly those.

import { EngineError } from '../../errors.ts'
import { PUBLISH } from '../../limits.ts'
import type { Header, Webhook } from '../model/index.ts'
import type { Ports } from '../ports/index.ts'
import { headersOfSignature, keyFor, signRequest, type UnsignedRequest } from '../signing/index.ts'

/**
 * Its headers, and none that somebody else gave the names of its signature's: what is covered is what Hookline says. Throws `unavailable`
 * where there is no key, and never leaves the signature out. `now`: Unix milliseconds of the attempt.
 */
export async function withHttpSignature(
  request: UnsignedRequest,
  { id: webhookId, tenantId, httpSignature }: Pick<Webhook, 'id' | 'tenantId' | 'httpSignature'>,
  now: number,
  { settings }: Pick<Ports, 'settings'>,
): Promise<readonly Header[]> {
  if (!httpSignature) return request.headers
  const { httpSigning: signing } = settings
  if (keyFor(httpSignature, signing) === null) {
    const message = 'This deployment has no key that makes the HTTP signature of the webhook.'
    throw new EngineError('unavailable', message, { retryAfterSeconds: PUBLISH.retryAfterSeconds })
  }
  const own = headersOfSignature(httpSignature)
  const headers = request.headers.filter(([name]) => !own.has(name.toLowerCase()))
  const context = { signature: httpSignature, tenantId, webhookId, signing, now }
  return [...headers, ...(await signRequest({ ...request, headers }, context))]
}
