// CrazyGoldFish's operations (docs/contracts/crazygoldfish.md, "Calls"). Which permission one needs is ours.

import type { Template, Webhook } from '../../engine/model/index.ts'
import { invalid } from '../../errors.ts'
import { createSurface } from '../../http/create-surface.ts'
import { nothing, query, vendorJson } from '../../http/input.ts'
import { operation } from '../../http/operation.ts'
import { uuidParam } from '../../http/path-param.ts'
import type { SurfaceContext } from '../../http/surface.ts'
import { visibleWebhooks } from '../../http/visible-webhooks.ts'
import { ErrorBody, errors, fieldNames } from './errors.ts'
import { toPage, toRange } from './page.ts'
import {
  CreateWebhook,
  PageQuery,
  pageOf,
  TemplateResponse,
  UpdateWebhook,
  WebhookResponse,
} from './schema.ts'
import { toChanges, toNewWebhook, toTemplate, toWebhook } from './translate.ts'

export const id = 'crazygoldfish'

/** "Only webhooks created by the authenticated user" (docs/contracts/crazygoldfish.md, "Authentication"). */
const webhooksOf = (c: SurfaceContext) =>
  visibleWebhooks(c, { dialect: id, owner: c.get('principal').subject })

async function getTemplate(c: SurfaceContext, templateId: string): Promise<Template> {
  const template = await c.env.engine.administration.findTemplate(templateId)
  // The catalogue also looks among names, and a name may look like an id.
  if (template?.id !== templateId) throw invalid(['api_template'], 'No such template.')
  return template
}

const operations = [
  operation({
    id: 'createWebhook',
    method: 'post',
    path: '/webhook',
    summary: 'Create a webhook',
    description: 'A user has one webhook for each API template.',
    access: ['webhooks:write'],
    audit: ['webhook.created'],
    input: vendorJson(CreateWebhook),
    status: 201,
    output: WebhookResponse,
    errors: ['conflict', 'limit_reached'],
    handle: async ({ c, input }) => {
      const template = await getTemplate(c, input.api_template)
      const webhook = toNewWebhook(input, template, c.get('principal'))
      return toWebhook(await webhooksOf(c).create(webhook))
    },
  }),
  operation({
    id: 'listWebhooks',
    method: 'get',
    path: '/webhook',
    summary: 'List webhooks',
    description: 'Returns the webhooks of the authenticated user in order of creation.',
    access: ['webhooks:read', 'webhooks:list'],
    input: query(PageQuery),
    status: 200,
    output: pageOf(WebhookResponse),
    errors: ['not_found'],
    handle: async ({ c, input }) => {
      const webhooks = webhooksOf(c)
      const [count, found] = await Promise.all([
        webhooks.count(),
        webhooks.outlines({}, toRange(input)),
      ])
      return toPage(c.req.url, input, { count, results: found.map(toWebhook) })
    },
  }),
  operation({
    id: 'getWebhook',
    method: 'get',
    path: '/webhook/{id}',
    summary: 'Get a webhook',
    access: ['webhooks:read'],
    input: nothing,
    status: 200,
    output: WebhookResponse,
    handle: async ({ c, id }) => toWebhook(await webhooksOf(c).get(id('id'))),
  }),
  operation({
    id: 'updateWebhook',
    method: 'patch',
    path: '/webhook/{id}',
    summary: 'Update a webhook',
    description: 'Absent fields stay unchanged.',
    access: ['webhooks:write'],
    audit: ['webhook.updated', 'webhook.enabled', 'webhook.disabled'],
    input: vendorJson(UpdateWebhook),
    status: 200,
    output: WebhookResponse,
    handle: async ({ c, id, input }) => {
      const change = (current: Webhook) => toChanges(input, current)
      return toWebhook(await webhooksOf(c).update(id('id'), change))
    },
  }),
  operation({
    id: 'deleteWebhook',
    method: 'delete',
    path: '/webhook/{id}',
    summary: 'Delete a webhook',
    access: ['webhooks:write'],
    audit: ['webhook.deleted'],
    input: nothing,
    status: 204,
    handle: ({ c, id }) => webhooksOf(c).delete(id('id')),
  }),
  operation({
    id: 'listTemplates',
    method: 'get',
    path: '/webhook-templates',
    summary: 'List API templates',
    description: 'Returns the catalogue in order of name.',
    access: ['webhooks:read', 'webhooks:list'],
    input: query(PageQuery),
    status: 200,
    output: pageOf(TemplateResponse),
    errors: ['not_found'],
    handle: async ({ c, input }) => {
      const { items, count } = await c.env.engine.administration.listTemplates(toRange(input))
      return toPage(c.req.url, input, { count, results: items.map(toTemplate) })
    },
  }),
]

export const surface = createSurface({
  operations,
  params: { id: uuidParam('webhook') },
  errors,
  errorBody: ErrorBody,
  fieldNames,
})
