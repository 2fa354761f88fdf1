// What a receiver of CrazyGoldFish's webhooks gets. The vendor documents none of it (docs/contracts/crazygoldfish.md,
// "Notifications").

import type { Event, SigningSecret, Webhook } from '../../engine/model/index.ts'
import { plainAlert } from '../../engine/notifications/alert.ts'
import type { Wire } from '../../engine/ports/index.ts'
import { hmacSha256Hex, kindOf } from '../../engine/signing/index.ts'
import { PROCESSED } from './translate.ts'

const SIGNATURE_HEADER = 'x-webhook-signature'

export const wire: Wire = {
  // The body is put together as text: `data` reaches the receiver as the producer wrote it.
  encode: async (event, webhook) => {
    if (!isOfTemplate(event, webhook)) return null
    const template = JSON.stringify(webhook.attributes.api_template ?? null)
    const body = `{"event":${JSON.stringify(event.type)},"api_template":${template},"data":${event.data}}`
    const secret = currentSecret(webhook.secrets.signing)
    if (secret === null) return { headers: [], body }
    const signature = `sha256=${await hmacSha256Hex(secret, body)}`
    return { headers: [[SIGNATURE_HEADER, signature]], body }
  },
  signatureHeaders: [SIGNATURE_HEADER],
  // An event that names no template is everybody's, and nobody can be told of it.
  accepts: (event, webhook) => !event.scope.template || isOfTemplate(event, webhook),
  alert: plainAlert,
}

/** A processed document is its template's, named by id or by name; other events, wanted through `/v1`, have none. */
function isOfTemplate({ type, scope }: Event, { attributes }: Webhook): boolean {
  if (type !== PROCESSED) return true
  const { template } = scope
  if (template === undefined) return false
  return template === attributes.template_name || template.toLowerCase() === attributes.api_template
}

/** The newest one. A `whsk_` key, which `/v1` can set, is no secret between two and makes no HMAC. */
function currentSecret(signing: readonly SigningSecret[]): string | null {
  const secret = signing.find(({ expiresAt }) => expiresAt === null)?.secret
  return secret !== undefined && kindOf(secret) === 'hmac' ? secret : null
}
