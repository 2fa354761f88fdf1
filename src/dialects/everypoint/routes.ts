// EveryPoint's calls (docs/contracts/everypoint.md, "Calls"). Which permission a call needs is ours.

import { requirePermission } from '../../http/auth.ts'
import { readVendorBody } from '../../http/body.ts'
import { createSurface } from '../../http/create-surface.ts'
import type { SurfaceContext } from '../../http/surface.ts'
import { visibleWebhooks } from '../../http/visible-webhooks.ts'
import { errors } from './errors.ts'
import { findWebhook, setUrl } from './instance-webhook.ts'
import { INSTANCE_NAME, UpdateWebhook } from './schema.ts'
import { toAnswer } from './translate.ts'

export const id = 'everypoint'

const webhooksOf = (c: SurfaceContext) => visibleWebhooks(c, { dialect: id })

/** A name that is not legal is a path that does not exist. */
const PATH = `/instances/:name{${INSTANCE_NAME}}/webhook` as const

export const routes = createSurface({
  errors,
  routes: (app) =>
    app
      .get(PATH, requirePermission('webhooks:read'), async (c) =>
        c.json(toAnswer(await findWebhook(webhooksOf(c), c.req.param('name')))),
      )
      .patch(PATH, requirePermission('webhooks:write'), async (c) => {
        const { url } = await readVendorBody(c.req.raw, UpdateWebhook)
        return c.json(toAnswer(await setUrl(webhooksOf(c), c.req.param('name'), url)))
      }),
})
