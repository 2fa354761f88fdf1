// Socotra's operations on webhooks (docs/contracts/socotra.md, "Calls").

import type { Webhook } from '../../engine/model/index.ts'
import { nothing, queryAs, vendorJson } from '../../http/input.ts'
import { operation } from '../../http/operation.ts'
import { seen } from '../../http/seen.ts'
import type { SurfaceContext } from '../../http/surface.ts'
import { type VisibleWebhooks, visibleWebhooks } from '../../http/visible-webhooks.ts'
import type { IsLocal } from './endpoint.ts'
import { readWebhookQuery, WebhookQuery } from './query.ts'
import { WebhookList, WebhookResponse } from './responses.ts'
import { CreateWebhook, UpdateWebhook } from './schema.ts'
import { toChanges, toNewWebhook, toWebhookResponse } from './translate.ts'

export const id = 'socotra'

export const webhooksOf = (c: SurfaceContext): VisibleWebhooks =>
  visibleWebhooks(c, { dialect: id })

const isLocalFor =
  (c: SurfaceContext): IsLocal =>
  (url) =>
    c.env.privateTargetsAllowed && c.env.isPrivateTarget(url)

export const webhookOperations = [
  operation({
    id: 'createWebhook',
    method: 'post',
    path: '/{tenantLocator}/webhooks',
    summary: 'Create a webhook',
    access: ['webhooks:write'],
    audit: ['webhook.created'],
    input: vendorJson(CreateWebhook),
    status: 200,
    output: WebhookResponse,
    errors: ['limit_reached'],
    handle: async ({ c, input }) => {
      const webhook = await webhooksOf(c).create(toNewWebhook(input, isLocalFor(c)))
      return toWebhookResponse(webhook, c.get('principal'))
    },
  }),
  operation({
    id: 'listWebhooks',
    method: 'get',
    path: '/{tenantLocator}/webhooks/list',
    summary: 'List webhooks',
    access: ['webhooks:read', 'webhooks:list'],
    input: queryAs(WebhookQuery, readWebhookQuery),
    status: 200,
    output: WebhookList,
    handle: async ({ c, input: { filter, offset, count } }) => {
      const found = await webhooksOf(c).list(filter, { limit: count + 1, offset })
      const shown = found.slice(0, count)
      const items = shown.map((webhook) => toWebhookResponse(webhook, c.get('principal')))
      return { listCompleted: found.length <= count, items }
    },
  }),
  operation({
    id: 'getWebhook',
    method: 'get',
    path: '/{tenantLocator}/webhooks/{webhookLocator}',
    summary: 'Get a webhook',
    access: ['webhooks:read'],
    input: nothing,
    status: 200,
    output: WebhookResponse,
    handle: async ({ c, id }) =>
      toWebhookResponse(await webhooksOf(c).get(id('webhookLocator')), c.get('principal')),
  }),
  operation({
    id: 'updateWebhook',
    method: 'patch',
    path: '/{tenantLocator}/webhooks/{webhookLocator}',
    summary: 'Update a webhook',
    description: 'Every field is optional. Removals happen first, followed by additions.',
    access: ['webhooks:write'],
    audit: ['webhook.updated', 'webhook.enabled', 'webhook.disabled'],
    input: vendorJson(UpdateWebhook),
    status: 200,
    output: WebhookResponse,
    handle: async ({ c, id, input }) => {
      const change = (current: Webhook) => toChanges(input, current, isLocalFor(c))
      const webhook = await webhooksOf(c).update(id('webhookLocator'), change)
      return toWebhookResponse(webhook, c.get('principal'))
    },
  }),
  operation({
    id: 'unsuspendWebhook',
    method: 'patch',
    path: '/{tenantLocator}/webhooks/{webhookLocator}/unsuspend',
    summary: 'Resume a suspended webhook',
    access: ['webhooks:write'],
    audit: ['webhook.resumed'],
    input: nothing,
    status: 204,
    handle: async ({ c, id }) => {
      const webhook = await webhooksOf(c).get(id('webhookLocator'))
      await seen(c).webhooks.resume(webhook)
    },
  }),
  operation({
    id: 'deleteWebhook',
    method: 'delete',
    path: '/{tenantLocator}/webhooks/{webhookLocator}',
    summary: 'Delete a webhook',
    access: ['webhooks:write'],
    audit: ['webhook.deleted'],
    input: nothing,
    status: 204,
    handle: ({ c, id }) => webhooksOf(c).delete(id('webhookLocator')),
  }),
]
