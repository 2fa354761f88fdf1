// What all pages for people have: their headers, their files, and a page for what was refused.

import { type Handler, Hono, type MiddlewareHandler } from 'hono'
import { csrf } from 'hono/csrf'
import { HTTPException } from 'hono/http-exception'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { STATUS } from '../errors.ts'
import { toEngineError } from '../http/errors.ts'
import { refuseExampleSecret } from '../http/example-secrets.ts'
import { Refusal } from '../http/v1.ts'
import { serveAsset } from './assets/assets.ts'
import type { ConsoleEnv } from './context.ts'
import { pageHeaders } from './headers.ts'
import { refusalPage } from './pages/sign-in.tsx'

/** An app for pages, with what all of them have. */
export function createPages(...before: readonly MiddlewareHandler<ConsoleEnv>[]): Hono<ConsoleEnv> {
  const app = new Hono<ConsoleEnv>({ strict: false })
  app.onError((thrown, c) => {
    if (thrown instanceof Refusal) {
      return c.html(refusalPage(c, thrown.problem), toStatus(thrown.problem.status))
    }
    // Hono's, of a form that another site's page sent.
    if (thrown instanceof HTTPException && thrown.status === 403) {
      const detail = 'Another site sent this form. Nothing was done.'
      return c.html(refusalPage(c, { status: 403, title: 'Refused', detail }), 403)
    }
    const { code, message } = toEngineError(thrown, c)
    const status = STATUS[code]
    const problem = { status, title: 'This did not work', detail: message }
    return c.html(refusalPage(c, problem), toStatus(status))
  })
  for (const middleware of before) app.use('*', middleware)
  app.get('/assets/:name', serveAsset)
  app.use('*', pageHeaders, csrf(), async (c, next) => {
    refuseExampleSecret(c)
    await next()
  })
  return app
}

/** The answer of a path that has no page. */
export const noSuchPage: Handler<ConsoleEnv> = (c) => {
  const problem = { status: 404, title: 'Not found', detail: 'There is no such page.' }
  return c.html(refusalPage(c, problem), 404)
}

function toStatus(status: number): ContentfulStatusCode {
  const known: ContentfulStatusCode[] = [400, 401, 403, 404, 405, 409, 413, 422, 429, 501, 503]
  return known.find((one) => one === status) ?? 500
}
