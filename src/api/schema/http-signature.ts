// The HTTP signature of a webhook's requests, on the wire.

import { z } from 'zod'
import { WEBHOOK } from '../../limits.ts'

export const HTTP_SIGNATURE_MEANING =
  'An HTTP message signature (RFC 9421) of each request, by a key of the deployment, beside that of Standard Webhooks. It covers ' +
  '`Hookline-Tenant`, which names the tenant. Null: none.'
const PROFILE =
  '`standard`: Ed25519, for whoever has the keys of `/.well-known/http-message-signatures-directory`, bot protection among them. `ucp`: ES256, ' +
  'for order webhooks of the Universal Commerce Protocol.'
const UCP_AGENT =
  'Only with `ucp`: the https URL of the profile of your business, ending in `/.well-known/ucp`, whose `signing_keys` have the keys of ' +
  '`/.well-known/jwks.json`. It is sent as `UCP-Agent`. Setting it takes the permission `ucp-agent:write`, which has to be named when a key is made.'

/** ucp.dev, "Message Signatures", "UCP-Agent parsing rules". */
const UcpAgent = z
  .string()
  .max(WEBHOOK.urlChars)
  .refine((text) => {
    const url = URL.parse(text)
    return url?.protocol === 'https:' && url.href === `${url.origin}/.well-known/ucp`
  }, 'Expected an https URL of a host and the path /.well-known/ucp.')
  .transform((text) => new URL(text).href)
  .meta({ description: UCP_AGENT })

export const HttpSignatureInput = z.discriminatedUnion('profile', [
  z.strictObject({ profile: z.literal('standard').meta({ description: PROFILE }) }),
  z.strictObject({
    profile: z.literal('ucp').meta({ description: PROFILE }),
    ucpAgent: UcpAgent,
  }),
])

export const HttpSignatureResponse = z.discriminatedUnion('profile', [
  z.object({ profile: z.literal('standard').meta({ description: PROFILE }) }),
  z.object({
    profile: z.literal('ucp').meta({ description: PROFILE }),
    ucpAgent: z.string().meta({ description: UCP_AGENT }),
  }),
])
