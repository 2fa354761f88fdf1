// Endpoints of an application: its webhooks that were made here.

import type { Webhook } from '../../engine/model/index.ts'
import { checkPermissions } from '../../http/auth.ts'
import { nothing, query, vendorJson } from '../../http/input.ts'
import { InOtherStatus, operation } from '../../http/operation.ts'
import { repeatable } from '../../http/repeatable.ts'
import { seen } from '../../http/seen.ts'
import type { SurfaceContext } from '../../http/surface.ts'
import { toSvixId } from './ids.ts'
import { checkTypes } from './known-types.ts'
import { OrderedQuery, pageOf, pageOfAll } from './pages.ts'
import { endpointId, endpointsOf, findEndpointId, toUid } from './params.ts'
import {
  EndpointIn,
  EndpointOut,
  EndpointPatch,
  EndpointUpsert,
  toChanges,
  toEndpointOut,
  toNewWebhook,
  toReplacing,
} from './schema/endpoint.ts'

/** Lifts a suspension where an endpoint is switched on: Svix has one switch for both. */
async function switchedOn(c: SurfaceContext, webhook: Webhook, asked: unknown): Promise<Webhook> {
  if (asked !== false || webhook.suspendedAt === null) return webhook
  await seen(c).webhooks.resume(webhook)
  return { ...webhook, suspendedAt: null }
}

export const endpointCalls = [
  operation({
    id: 'listEndpoints',
    method: 'get',
    path: '/app/{app_id}/endpoint',
    summary: 'List endpoints',
    access: ['webhooks:read', 'webhooks:list'],
    input: query(OrderedQuery),
    status: 200,
    output: pageOf(EndpointOut).meta({ id: 'SvixListEndpointOut' }),
    handle: async ({ c, input: { order, ...asked } }) => {
      const all = await endpointsOf(c).allOutlines()
      const isAscending = order === 'ascending'
      const page = pageOfAll(
        isAscending ? all : all.toReversed(),
        asked,
        ({ id }) => toSvixId('ep', id),
        (key, other) => (isAscending ? key > other : key < other),
      )
      return { ...page, data: page.data.map(toEndpointOut) }
    },
  }),
  repeatable(
    operation({
      id: 'createEndpoint',
      method: 'post',
      path: '/app/{app_id}/endpoint',
      summary: 'Create an endpoint',
      access: ['webhooks:write'],
      audit: ['webhook.created'],
      input: vendorJson(EndpointIn),
      status: 201,
      output: EndpointOut,
      errors: ['limit_reached', 'conflict'],
      handle: async ({ c, input }) => {
        await checkTypes(c, input)
        return toEndpointOut(await endpointsOf(c).create(await toNewWebhook(input)))
      },
    }),
  ),
  operation({
    id: 'getEndpoint',
    method: 'get',
    path: '/app/{app_id}/endpoint/{endpoint_id}',
    summary: 'Get an endpoint',
    access: ['webhooks:read'],
    input: nothing,
    status: 200,
    output: EndpointOut,
    handle: async ({ c, id }) =>
      toEndpointOut(await endpointsOf(c).get(await endpointId(c, id('endpoint_id')))),
  }),
  operation({
    id: 'upsertEndpoint',
    method: 'put',
    path: '/app/{app_id}/endpoint/{endpoint_id}',
    summary: 'Create or replace an endpoint',
    description:
      'Where there is none, one is created, whose `uid` is that of the path unless the body has one. The secret and the headers stay.',
    access: ['webhooks:write'],
    audit: ['webhook.created', 'webhook.updated', 'webhook.enabled', 'webhook.disabled'],
    input: vendorJson(EndpointUpsert),
    status: 200,
    otherStatus: 201,
    output: EndpointOut,
    errors: ['limit_reached', 'conflict'],
    handle: async ({ c, id, input }) => {
      await checkTypes(c, input)
      const endpoints = endpointsOf(c)
      const name = id('endpoint_id')
      const replacing = toReplacing(input)
      const known = await findEndpointId(c, name)
      if (known !== null) {
        const updated = await endpoints.update(known, () => replacing)
        return toEndpointOut(await switchedOn(c, updated, input.disabled ?? false))
      }
      const made = await toNewWebhook({ ...input, uid: input.uid ?? toUid(name) })
      return new InOtherStatus(toEndpointOut(await endpoints.create(made)))
    },
  }),
  operation({
    id: 'patchEndpoint',
    method: 'patch',
    path: '/app/{app_id}/endpoint/{endpoint_id}',
    summary: 'Change an endpoint',
    access: ['webhooks:write'],
    audit: ['webhook.updated', 'webhook.enabled', 'webhook.disabled'],
    input: vendorJson(EndpointPatch),
    status: 200,
    output: EndpointOut,
    errors: ['conflict'],
    handle: async ({ c, id, input }) => {
      await checkTypes(c, input)
      if (typeof input.secret === 'string') checkPermissions(c, ['webhook-secrets:write'])
      const change = (current: Webhook) => toChanges(input, current)
      const updated = await endpointsOf(c).update(await endpointId(c, id('endpoint_id')), change)
      return toEndpointOut(await switchedOn(c, updated, input.disabled))
    },
  }),
  operation({
    id: 'deleteEndpoint',
    method: 'delete',
    path: '/app/{app_id}/endpoint/{endpoint_id}',
    summary: 'Delete an endpoint',
    access: ['webhooks:write'],
    audit: ['webhook.deleted'],
    input: nothing,
    status: 204,
    handle: async ({ c, id }) => {
      await endpointsOf(c).delete(await endpointId(c, id('endpoint_id')))
    },
  }),
]
