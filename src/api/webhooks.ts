// Webhooks of a tenant, whatever surface they were made on: making, reading, changing, deleting and resuming them.

import type { Webhook } from '../engine/model/index.ts'
import type { DialectRuntimes } from '../engine/ports/index.ts'
import { invalid } from '../errors.ts'
import { json, nothing, query } from '../http/input.ts'
import { type Operation, operation } from '../http/operation.ts'
import { readIdPage } from '../http/pagination.ts'
import { seen } from '../http/seen.ts'
import { CURSORS } from '../primitives/cursor.ts'
import { listOf } from './schema/fields.ts'
import {
  CreatedWebhookResponse,
  CreateWebhook,
  PatchWebhook,
  toWebhookResponse,
  WebhookResponse,
} from './schema/webhook.ts'
import { WebhookQueryInput } from './schema/webhook-query.ts'
import { chooseSecret } from './signing.ts'
import {
  checkPatch,
  checkUcpAgent,
  handlingBy,
  toPatched,
  toWebhookDraft,
} from './webhook-draft.ts'

/** `dialectRuntimes` knows the failure handling of webhooks that have none of their own. */
export function webhookOperations(dialectRuntimes: DialectRuntimes): readonly Operation[] {
  const handlingOf = handlingBy(dialectRuntimes)
  const present = (webhook: Webhook) => toWebhookResponse(webhook, handlingOf(webhook), Date.now())

  return [
    operation({
      id: 'createWebhook',
      method: 'post',
      path: '/webhooks',
      summary: 'Create a webhook',
      description:
        'The secret is returned in this response, and afterwards only to keys with the permission `webhook-secrets:read`.',
      access: ['webhooks:write'],
      audit: ['webhook.created'],
      input: json(CreateWebhook),
      status: 201,
      output: CreatedWebhookResponse,
      errors: ['limit_reached'],
      handle: async ({ c, input }) => {
        const { tenantId, subject } = c.get('principal')
        checkUcpAgent(c, input, null)
        const secret = await chooseSecret(input)
        const draft = toWebhookDraft(input, { secret, owner: subject }, handlingOf)
        const webhook = await seen(c).webhooks.create(tenantId, draft)
        return { ...(await present(webhook)), secret }
      },
    }),
    operation({
      id: 'listWebhooks',
      method: 'get',
      path: '/webhooks',
      summary: 'List webhooks',
      description: 'Returns webhooks in order of creation.',
      access: ['webhooks:read', 'webhooks:list'],
      input: query(WebhookQueryInput),
      status: 200,
      output: listOf(WebhookResponse),
      handle: async ({
        c,
        input: { dialect, status, eventType: eventTypes, search, limit, cursor: after },
      }) => {
        if (dialect !== undefined && dialectRuntimes(dialect) === null) {
          throw invalid(['dialect'], 'Unknown dialect.')
        }
        const { tenantId } = c.get('principal')
        const filter = { tenantId, dialect, status, eventTypes, search }
        const page = await readIdPage(CURSORS.webhooks, limit, (limit) =>
          seen(c).webhooks.list(filter, { limit, after }),
        )
        return { ...page, items: await Promise.all(page.items.map(present)) }
      },
    }),
    operation({
      id: 'getWebhook',
      method: 'get',
      path: '/webhooks/{webhookId}',
      summary: 'Get a webhook',
      access: ['webhooks:read'],
      input: nothing,
      status: 200,
      output: WebhookResponse,
      handle: async ({ c, id }) => {
        const { tenantId } = c.get('principal')
        return present(await seen(c).webhooks.get({ tenantId, id: id('webhookId') }))
      },
    }),
    operation({
      id: 'updateWebhook',
      method: 'patch',
      path: '/webhooks/{webhookId}',
      summary: 'Update a webhook',
      description:
        'Absent fields stay unchanged; `null` clears a field. `secret` and `signing` take the permission `webhook-secrets:write` as well.',
      access: ['webhooks:write'],
      audit: ['webhook.updated', 'webhook.enabled', 'webhook.disabled'],
      input: json(PatchWebhook),
      status: 200,
      output: WebhookResponse,
      errors: ['limit_reached'],
      handle: async ({ c, id, input }) => {
        const ref = { tenantId: c.get('principal').tenantId, id: id('webhookId') }
        checkPatch(c, input)
        const change = (current: Webhook) => {
          checkUcpAgent(c, input, current.httpSignature)
          return toPatched(input, current, handlingOf(current))
        }
        return present(await seen(c).webhooks.update(ref, change))
      },
    }),
    operation({
      id: 'deleteWebhook',
      method: 'delete',
      path: '/webhooks/{webhookId}',
      summary: 'Delete a webhook',
      description: 'Nothing more is sent to the webhook, pending retries included.',
      access: ['webhooks:write'],
      audit: ['webhook.deleted'],
      input: nothing,
      status: 204,
      handle: async ({ c, id }) => {
        const { tenantId } = c.get('principal')
        await seen(c).webhooks.delete({ tenantId, id: id('webhookId') })
      },
    }),
    operation({
      id: 'resumeWebhook',
      method: 'post',
      path: '/webhooks/{webhookId}/resume',
      summary: 'Resume a suspended webhook',
      access: ['webhooks:write'],
      audit: ['webhook.resumed'],
      input: nothing,
      status: 204,
      errors: ['conflict'],
      handle: ({ c, id }) => {
        const { tenantId } = c.get('principal')
        return seen(c).webhooks.resume({ tenantId, id: id('webhookId') })
      },
    }),
    operation({
      id: 'verifyWebhook',
      method: 'post',
      path: '/webhooks/{webhookId}/verify',
      summary: 'Ask the receiver of a webhook again',
      description:
        'Asks the receiver whether it wants to be sent to, as `verification` says how, and waits up to 10 seconds for its answer, which ' +
        'counts from then on. 409 for a webhook without `verification`.',
      access: ['webhooks:write'],
      audit: ['webhook.verification_asked'],
      input: nothing,
      status: 200,
      output: WebhookResponse,
      errors: ['conflict'],
      handle: async ({ c, id }) => {
        const { tenantId } = c.get('principal')
        return present(await seen(c).webhooks.verify({ tenantId, id: id('webhookId') }))
      },
    }),
    operation({
      id: 'skipBlockedKey',
      method: 'post',
      path: '/webhooks/{webhookId}/order/{key}/skip',
      summary: 'Go on with a blocked key',
      description:
        'Of a webhook whose events come in order: the next event of the key is sent, though the one before was given up.',
      access: ['webhooks:write'],
      audit: ['webhook.key_skipped'],
      input: nothing,
      status: 204,
      handle: ({ c, id }) => {
        const { tenantId } = c.get('principal')
        return seen(c).webhooks.skipBlocked({ tenantId, id: id('webhookId') }, id('key'))
      },
    }),
  ]
}
