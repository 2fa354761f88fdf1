// Contract.fit's calls (docs/contracts/contractfit.md, "Calls"): paths, methods and statuses of its OpenAPI 1.0. Which
// permission a call needs is ours.

import { requirePermission } from '../../http/auth.ts'
import { readVendorBody } from '../../http/body.ts'
import { createSurface } from '../../http/create-surface.ts'
import { parseUuid } from '../../http/ids.ts'
import { readQuery } from '../../http/query.ts'
import type { SurfaceContext } from '../../http/surface.ts'
import { visibleWebhooks } from '../../http/visible-webhooks.ts'
import { errors, fieldNames } from './errors.ts'
import { CreateIntegration, ListQuery, UpdateIntegration } from './schema.ts'
import { toChanges, toIntegration, toNewWebhook } from './translate.ts'

export const id = 'contractfit'

const webhooksOf = (c: SurfaceContext) => visibleWebhooks(c, { dialect: id })

export const routes = createSurface({
  errors,
  fieldNames,
  routes: (app) =>
    app
      .get('/', requirePermission('webhooks:read', 'webhooks:list'), async (c) => {
        const { type = 'webhook' } = readQuery(c.req.url, ListQuery)
        const webhooks = type === 'webhook' ? await webhooksOf(c).all() : []
        return c.json(webhooks.map((webhook) => toIntegration(webhook, c.get('principal'))))
      })
      .post('/', requirePermission('webhooks:write'), async (c) => {
        const body = await readVendorBody(c.req.raw, CreateIntegration)
        const webhook = await webhooksOf(c).create(toNewWebhook(body))
        return c.json(toIntegration(webhook, c.get('principal')))
      })
      .get('/:id', requirePermission('webhooks:read'), async (c) => {
        const webhook = await webhooksOf(c).get(parseUuid(c.req.param('id')))
        return c.json(toIntegration(webhook, c.get('principal')))
      })
      .patch('/:id', requirePermission('webhooks:write'), async (c) => {
        const id = parseUuid(c.req.param('id'))
        const body = await readVendorBody(c.req.raw, UpdateIntegration)
        const webhook = await webhooksOf(c).update(id, (current) => toChanges(body, current))
        return c.json(toIntegration(webhook, c.get('principal')))
      })
      .delete('/:id', requirePermission('webhooks:write'), async (c) => {
        await webhooksOf(c).delete(parseUuid(c.req.param('id')))
        return c.body(null, 204)
      }),
})
