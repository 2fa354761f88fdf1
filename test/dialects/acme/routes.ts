import { requirePermission } from '../../../src/http/auth.ts'
import { readVendorBody } from '../../../src/http/body.ts'
import { createSurface } from '../../../src/http/create-surface.ts'
import { parseUuid } from '../../../src/http/ids.ts'
import type { SurfaceContext } from '../../../src/http/surface.ts'
import { visibleWebhooks } from '../../../src/http/visible-webhooks.ts'
import { errors, fieldNames } from './errors.ts'
import { CreateHook, UpdateHook } from './schema.ts'
import { toChanges, toHook, toNewWebhook } from './translate.ts'

export const id = 'acme'
const hooksOf = (c: SurfaceContext) => visibleWebhooks(c, { dialect: id })
export const routes = createSurface({
  errors,
  fieldNames,
  routes: (app) =>
    app
      .post('/hooks', requirePermission('webhooks:write'), async (c) => {
        const body = await readVendorBody(c.req.raw, CreateHook)
        return c.json(toHook(await hooksOf(c).create(toNewWebhook(body))), 201)
      })
      .get('/hooks', requirePermission('webhooks:read', 'webhooks:list'), async (c) => {
        const newestFirst = (await hooksOf(c).all()).toReversed()
        return c.json(newestFirst.map(toHook))
      })
      .get('/hooks/:id', requirePermission('webhooks:read'), async (c) =>
        c.json(toHook(await hooksOf(c).get(parseUuid(c.req.param('id'))))),
      )
      .patch('/hooks/:id', requirePermission('webhooks:write'), async (c) => {
        const id = parseUuid(c.req.param('id'))
        const body = await readVendorBody(c.req.raw, UpdateHook)
        return c.json(toHook(await hooksOf(c).update(id, () => toChanges(body))))
      })
      .delete('/hooks/:id', requirePermission('webhooks:write'), async (c) => {
        await hooksOf(c).delete(parseUuid(c.req.param('id')))
        return c.body(null, 204)
      }),
})
