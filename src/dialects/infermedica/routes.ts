// Infermedica's calls (docs/contracts/infermedica.md, "Calls"). Which permission a call needs is ours.

import { requirePermission } from '../../http/auth.ts'
import { readVendorBody } from '../../http/body.ts'
import { createSurface } from '../../http/create-surface.ts'
import { parseUuid } from '../../http/ids.ts'
import type { SurfaceContext } from '../../http/surface.ts'
import { visibleWebhooks } from '../../http/visible-webhooks.ts'
import { errors, fieldNames } from './errors.ts'
import { CreateWebhook, UpdateWebhook } from './schema.ts'
import { toChanges, toConfiguration, toCreated, toNewWebhook, toUpdated } from './translate.ts'

export const id = 'infermedica'

const webhooksOf = (c: SurfaceContext) => visibleWebhooks(c, { dialect: id })

export const routes = createSurface({
  errors,
  fieldNames,
  routes: (app) =>
    app
      .post('/', requirePermission('webhooks:write'), async (c) => {
        const body = await readVendorBody(c.req.raw, CreateWebhook)
        const webhook = await webhooksOf(c).create(toNewWebhook(body))
        return c.json(toCreated(webhook, body), 201)
      })
      .get('/', requirePermission('webhooks:read', 'webhooks:list'), async (c) => {
        const webhooks = await webhooksOf(c).allOutlines()
        return c.json(webhooks.map(toConfiguration))
      })
      .get('/:id', requirePermission('webhooks:read'), async (c) => {
        const webhook = await webhooksOf(c).get(parseUuid(c.req.param('id')))
        return c.json(toConfiguration(webhook))
      })
      .patch('/:id', requirePermission('webhooks:write'), async (c) => {
        const id = parseUuid(c.req.param('id'))
        const body = await readVendorBody(c.req.raw, UpdateWebhook)
        const webhook = await webhooksOf(c).update(id, (current) => toChanges(body, current))
        return c.json(toUpdated(webhook, body))
      })
      .delete('/:id', requirePermission('webhooks:write'), async (c) => {
        const webhook = await webhooksOf(c).delete(parseUuid(c.req.param('id')))
        return c.json(toConfiguration(webhook))
      }),
})
