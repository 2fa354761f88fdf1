// Contract.fit's operations (docs/contracts/contractfit.md, "Calls"): paths, methods and statuses of its OpenAPI 1.0. Which
// permission one needs is ours.

import { z } from 'zod'
import type { Webhook } from '../../engine/model/index.ts'
import { createSurface } from '../../http/create-surface.ts'
import { nothing, query, vendorJson } from '../../http/input.ts'
import { operation } from '../../http/operation.ts'
import { uuidParam } from '../../http/path-param.ts'
import type { SurfaceContext } from '../../http/surface.ts'
import { visibleWebhooks } from '../../http/visible-webhooks.ts'
import { ErrorBody, errors, fieldNames } from './errors.ts'
import { CreateIntegration, Integration, ListQuery, UpdateIntegration } from './schema.ts'
import { toChanges, toIntegration, toNewWebhook } from './translate.ts'

export const id = 'contractfit'

const webhooksOf = (c: SurfaceContext) => visibleWebhooks(c, { dialect: id })

const operations = [
  operation({
    id: 'listIntegrations',
    method: 'get',
    path: '/',
    summary: 'List integrations',
    description: 'Returns all integrations in order of creation.',
    access: ['webhooks:read', 'webhooks:list'],
    input: query(ListQuery),
    status: 200,
    output: z.array(Integration),
    handle: async ({ c, input: { type = 'webhook' } }) => {
      const webhooks = type === 'webhook' ? await webhooksOf(c).all() : []
      return webhooks.map((webhook) => toIntegration(webhook, c.get('principal')))
    },
  }),
  operation({
    id: 'createIntegration',
    method: 'post',
    path: '/',
    summary: 'Create an integration',
    access: ['webhooks:write'],
    audit: ['webhook.created'],
    input: vendorJson(CreateIntegration),
    status: 200,
    output: Integration,
    errors: ['limit_reached'],
    handle: async ({ c, input }) =>
      toIntegration(await webhooksOf(c).create(toNewWebhook(input)), c.get('principal')),
  }),
  operation({
    id: 'getIntegration',
    method: 'get',
    path: '/{id}',
    summary: 'Get an integration',
    access: ['webhooks:read'],
    input: nothing,
    status: 200,
    output: Integration,
    handle: async ({ c, id }) =>
      toIntegration(await webhooksOf(c).get(id('id')), c.get('principal')),
  }),
  operation({
    id: 'updateIntegration',
    method: 'patch',
    path: '/{id}',
    summary: 'Update an integration',
    description: 'Absent fields stay unchanged; null clears `headers`, `inbox` or `project`.',
    access: ['webhooks:write'],
    audit: ['webhook.updated', 'webhook.enabled', 'webhook.disabled'],
    input: vendorJson(UpdateIntegration),
    status: 200,
    output: Integration,
    handle: async ({ c, id, input }) => {
      const change = (current: Webhook) => toChanges(input, current)
      return toIntegration(await webhooksOf(c).update(id('id'), change), c.get('principal'))
    },
  }),
  operation({
    id: 'deleteIntegration',
    method: 'delete',
    path: '/{id}',
    summary: 'Delete an integration',
    access: ['webhooks:write'],
    audit: ['webhook.deleted'],
    input: nothing,
    status: 204,
    handle: ({ c, id }) => webhooksOf(c).delete(id('id')),
  }),
]

export const surface = createSurface({
  operations,
  params: { id: uuidParam('webhook') },
  errors,
  errorBody: ErrorBody,
  fieldNames,
})
