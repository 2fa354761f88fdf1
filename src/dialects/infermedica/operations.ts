// Infermedica's operations (docs/contracts/infermedica.md, "Calls"). Which permission one needs is ours.

import { z } from 'zod'
import type { Webhook } from '../../engine/model/index.ts'
import { createSurface } from '../../http/create-surface.ts'
import { nothing, vendorJson } from '../../http/input.ts'
import { operation } from '../../http/operation.ts'
import { uuidParam } from '../../http/path-param.ts'
import type { SurfaceContext } from '../../http/surface.ts'
import { visibleWebhooks } from '../../http/visible-webhooks.ts'
import { ErrorBody, errors, fieldNames } from './errors.ts'
import {
  Configuration,
  CreatedConfiguration,
  CreateWebhook,
  UpdatedConfiguration,
  UpdateWebhook,
} from './schema.ts'
import { toChanges, toConfiguration, toCreated, toNewWebhook, toUpdated } from './translate.ts'

export const id = 'infermedica'

const webhooksOf = (c: SurfaceContext) => visibleWebhooks(c, { dialect: id })

const operations = [
  operation({
    id: 'createWebhook',
    method: 'post',
    path: '/',
    summary: 'Create a webhook',
    access: ['webhooks:write'],
    audit: ['webhook.created'],
    input: vendorJson(CreateWebhook),
    status: 201,
    output: CreatedConfiguration,
    errors: ['limit_reached'],
    handle: async ({ c, input }) =>
      toCreated(await webhooksOf(c).create(toNewWebhook(input)), input),
  }),
  operation({
    id: 'listWebhooks',
    method: 'get',
    path: '/',
    summary: 'List webhooks',
    description: 'Returns all webhooks in order of creation.',
    access: ['webhooks:read', 'webhooks:list'],
    input: nothing,
    status: 200,
    output: z.array(Configuration),
    handle: async ({ c }) => (await webhooksOf(c).allOutlines()).map(toConfiguration),
  }),
  operation({
    id: 'getWebhook',
    method: 'get',
    path: '/{id}',
    summary: 'Get a webhook',
    access: ['webhooks:read'],
    input: nothing,
    status: 200,
    output: Configuration,
    handle: async ({ c, id }) => toConfiguration(await webhooksOf(c).get(id('id'))),
  }),
  operation({
    id: 'updateWebhook',
    method: 'patch',
    path: '/{id}',
    summary: 'Update a webhook',
    description: 'The token is in the response only if it is in the request.',
    access: ['webhooks:write'],
    audit: ['webhook.updated', 'webhook.enabled', 'webhook.disabled'],
    input: vendorJson(UpdateWebhook),
    status: 200,
    output: UpdatedConfiguration,
    handle: async ({ c, id, input }) => {
      const change = (current: Webhook) => toChanges(input, current)
      return toUpdated(await webhooksOf(c).update(id('id'), change), input)
    },
  }),
  operation({
    id: 'deleteWebhook',
    method: 'delete',
    path: '/{id}',
    summary: 'Delete a webhook',
    description: 'Returns what was deleted.',
    access: ['webhooks:write'],
    audit: ['webhook.deleted'],
    input: nothing,
    status: 200,
    output: Configuration,
    handle: async ({ c, id }) => toConfiguration(await webhooksOf(c).delete(id('id'))),
  }),
]

export const surface = createSurface({
  operations,
  params: { id: uuidParam('webhook') },
  errors,
  errorBody: ErrorBody,
  fieldNames,
})
