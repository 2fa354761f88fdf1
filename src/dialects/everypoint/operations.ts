// EveryPoint's operations (docs/contracts/everypoint.md, "Calls"). Which permission one needs is ours.

import { createSurface } from '../../http/create-surface.ts'
import { nothing, vendorJson } from '../../http/input.ts'
import { operation } from '../../http/operation.ts'
import { textParam } from '../../http/path-param.ts'
import type { SurfaceContext } from '../../http/surface.ts'
import { visibleWebhooks } from '../../http/visible-webhooks.ts'
import { ErrorBody, errors, fieldNames } from './errors.ts'
import { findWebhook, setUrl } from './instance-webhook.ts'
import { INSTANCE_NAME, UpdateWebhook, WebhookAnswer } from './schema.ts'
import { toAnswer } from './translate.ts'

export const id = 'everypoint'

const webhooksOf = (c: SurfaceContext) => visibleWebhooks(c, { dialect: id })

const path = '/instances/{name}/webhook'

const operations = [
  operation({
    id: 'getWebhook',
    method: 'get',
    path,
    summary: 'Get the webhook of an instance',
    access: ['webhooks:read'],
    input: nothing,
    status: 200,
    output: WebhookAnswer,
    handle: async ({ c, id }) => toAnswer(await findWebhook(webhooksOf(c), id('name'))),
  }),
  operation({
    id: 'updateWebhook',
    method: 'patch',
    path,
    summary: 'Update the webhook of an instance',
    description: 'A null `url` removes the webhook.',
    access: ['webhooks:write'],
    audit: ['webhook.created', 'webhook.updated', 'webhook.deleted'],
    input: vendorJson(UpdateWebhook),
    status: 200,
    output: WebhookAnswer,
    errors: ['conflict', 'limit_reached'],
    handle: async ({ c, id, input: { url } }) =>
      toAnswer(await setUrl(webhooksOf(c), id('name'), url)),
  }),
]

export const surface = createSurface({
  operations,
  params: {
    // A name that is not legal is a path that does not exist.
    name: textParam(INSTANCE_NAME, 'The name of the instance.'),
  },
  errors,
  errorBody: ErrorBody,
  fieldNames,
})
