// The secret that signs the requests of a webhook: reading it, and making another one.

import { currentSecret } from '../engine/signing/index.ts'
import { notFound } from '../errors.ts'
import { nothing, optionalJson } from '../http/input.ts'
import { operation } from '../http/operation.ts'
import { seen } from '../http/seen.ts'
import { RotateSecret, SecretResponse } from './schema/webhook-secret.ts'
import { checkSecret } from './signing.ts'

export const webhookSecretOperations = [
  operation({
    id: 'getSecret',
    method: 'get',
    path: '/webhooks/{webhookId}/secret',
    summary: 'Get the secret of a webhook',
    description:
      'The one that requests are signed with now. A webhook without signatures has none: 404.',
    access: ['webhook-secrets:read'],
    input: nothing,
    status: 200,
    output: SecretResponse,
    handle: async ({ c, id }) => {
      const { tenantId } = c.get('principal')
      const { secrets } = await seen(c).webhooks.get({ tenantId, id: id('webhookId') })
      const secret = currentSecret(secrets.signing, Date.now())
      if (secret === null) throw notFound('secret')
      return { secret }
    },
  }),
  operation({
    id: 'rotateSecret',
    method: 'post',
    path: '/webhooks/{webhookId}/rotate-secret',
    summary: 'Rotate the secret of a webhook',
    description:
      'Until the grace period ends, requests are signed with both the new and the previous secret.',
    access: ['webhook-secrets:write'],
    audit: ['webhook.secret_rotated'],
    input: optionalJson(RotateSecret),
    status: 200,
    output: SecretResponse,
    errors: ['limit_reached'],
    handle: async ({ c, id, input: { secret: given = null, gracePeriodSeconds } }) => {
      const { webhooks } = seen(c)
      const ref = { tenantId: c.get('principal').tenantId, id: id('webhookId') }
      if (given !== null) checkSecret(given, (await webhooks.get(ref)).dialect)
      const options = { secret: given, gracePeriodSeconds }
      const { secret } = await webhooks.rotateSecret(ref, options)
      return { secret }
    },
  }),
]
