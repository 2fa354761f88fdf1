// CrazyGoldFish's calls (docs/contracts/crazygoldfish.md, "Calls"). Which permission a call needs is ours.

import type { Template } from '../../engine/model/index.ts'
import { invalid } from '../../errors.ts'
import { requirePermission } from '../../http/auth.ts'
import { readVendorBody } from '../../http/body.ts'
import { createSurface } from '../../http/create-surface.ts'
import { parseUuid } from '../../http/ids.ts'
import { readQuery } from '../../http/query.ts'
import type { SurfaceContext } from '../../http/surface.ts'
import { visibleWebhooks } from '../../http/visible-webhooks.ts'
import { errors, fieldNames } from './errors.ts'
import { toPage, toRange } from './page.ts'
import { CreateWebhook, PageQuery, UpdateWebhook } from './schema.ts'
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

export const routes = createSurface({
  errors,
  fieldNames,
  routes: (app) =>
    app
      .post('/webhook', requirePermission('webhooks:write'), async (c) => {
        const body = await readVendorBody(c.req.raw, CreateWebhook)
        const template = await getTemplate(c, body.api_template)
        const webhook = await webhooksOf(c).create(toNewWebhook(body, template, c.get('principal')))
        return c.json(toWebhook(webhook), 201)
      })
      .get('/webhook', requirePermission('webhooks:read', 'webhooks:list'), async (c) => {
        const query = readQuery(c.req.url, PageQuery)
        const webhooks = webhooksOf(c)
        const [count, found] = await Promise.all([
          webhooks.count(),
          webhooks.outlines({}, toRange(query)),
        ])
        return c.json(toPage(c.req.url, query, { count, results: found.map(toWebhook) }))
      })
      .get('/webhook/:id', requirePermission('webhooks:read'), async (c) => {
        const webhook = await webhooksOf(c).get(parseUuid(c.req.param('id')))
        return c.json(toWebhook(webhook))
      })
      .patch('/webhook/:id', requirePermission('webhooks:write'), async (c) => {
        const webhookId = parseUuid(c.req.param('id'))
        const body = await readVendorBody(c.req.raw, UpdateWebhook)
        const webhook = await webhooksOf(c).update(webhookId, (current) => toChanges(body, current))
        return c.json(toWebhook(webhook))
      })
      .delete('/webhook/:id', requirePermission('webhooks:write'), async (c) => {
        await webhooksOf(c).delete(parseUuid(c.req.param('id')))
        return c.body(null, 204)
      })
      .get('/webhook-templates', requirePermission('webhooks:read', 'webhooks:list'), async (c) => {
        const query = readQuery(c.req.url, PageQuery)
        const { items, count } = await c.env.engine.administration.listTemplates(toRange(query))
        return c.json(toPage(c.req.url, query, { count, results: items.map(toTemplate) }))
      }),
})
