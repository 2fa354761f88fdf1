import { z } from 'zod'
import { createSurface } from '../../../src/http/create-surface.ts'
import { nothing, vendorJson } from '../../../src/http/input.ts'
import { operation } from '../../../src/http/operation.ts'
import { uuidParam } from '../../../src/http/path-param.ts'
import type { SurfaceContext } from '../../../src/http/surface.ts'
import { visibleWebhooks } from '../../../src/http/visible-webhooks.ts'
import { ErrorBody, errors, fieldNames } from './errors.ts'
import { CreateHook, Hook, UpdateHook } from './schema.ts'
import { toChanges, toHook, toNewWebhook } from './translate.ts'

export const id = 'acme'
const hooksOf = (c: SurfaceContext) => visibleWebhooks(c, { dialect: id })
const operations = [
  operation({
    id: 'createHook',
    method: 'post',
    path: '/hooks',
    summary: 'Create a hook',
    access: ['webhooks:write'],
    audit: ['webhook.created'],
    input: vendorJson(CreateHook),
    status: 201,
    output: Hook,
    errors: ['limit_reached'],
    handle: async ({ c, input }) => toHook(await hooksOf(c).create(toNewWebhook(input))),
  }),
  operation({
    id: 'listHooks',
    method: 'get',
    path: '/hooks',
    summary: 'List hooks',
    description: 'Returns all hooks, newest first.',
    access: ['webhooks:read', 'webhooks:list'],
    input: nothing,
    status: 200,
    output: z.array(Hook),
    handle: async ({ c }) => (await hooksOf(c).all()).toReversed().map(toHook),
  }),
  operation({
    id: 'getHook',
    method: 'get',
    path: '/hooks/{id}',
    summary: 'Get a hook',
    access: ['webhooks:read'],
    input: nothing,
    status: 200,
    output: Hook,
    handle: async ({ c, id }) => toHook(await hooksOf(c).get(id('id'))),
  }),
  operation({
    id: 'updateHook',
    method: 'patch',
    path: '/hooks/{id}',
    summary: 'Update a hook',
    access: ['webhooks:write'],
    audit: ['webhook.updated', 'webhook.enabled', 'webhook.disabled'],
    input: vendorJson(UpdateHook),
    status: 200,
    output: Hook,
    handle: async ({ c, id, input }) =>
      toHook(await hooksOf(c).update(id('id'), () => toChanges(input))),
  }),
  operation({
    id: 'deleteHook',
    method: 'delete',
    path: '/hooks/{id}',
    summary: 'Delete a hook',
    access: ['webhooks:write'],
    audit: ['webhook.deleted'],
    input: nothing,
    status: 204,
    handle: ({ c, id }) => hooksOf(c).delete(id('id')),
  }),
]

export const surface = createSurface({
  operations,
  params: { id: uuidParam('webhook') },
  errors,
  errorBody: ErrorBody,
  fieldNames,
})
