// The console and the portal: pages for people, made here from what the API answers to whoever is signed in. No page may more than its
// credential.

import { type Handler, Hono, type MiddlewareHandler } from 'hono'
import { csrf } from 'hono/csrf'
import { HTTPException } from 'hono/http-exception'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { STATUS } from '../errors.ts'
import { toEngineError } from '../http/errors.ts'
import { refuseExampleSecret } from '../http/example-secrets.ts'
import { serveAsset } from './assets/assets.ts'
import type { ConsoleEnv } from './context.ts'
import { pageHeaders } from './headers.ts'
import { customerPages, operatorPages, tenantPages } from './pages/index.ts'
import { askForLink, portalLinkPages, portalPages } from './pages/portal.tsx'
import { askToSignIn, refusalPage, sessionPages, signInPages } from './pages/sign-in.tsx'
import { presentAsPortal } from './presentation.ts'
import { withSession } from './session.ts'
import { type Api, Refusal } from './v1.ts'

/** To be mounted at `/console`. `api` serves `/v1`. */
export function createConsole(api: Api): Hono<ConsoleEnv> {
  const app = createPages()
  app.route('/', signInPages)
  app.use('*', withSession(api, askToSignIn))
  app.route('/', sessionPages)
  for (const pages of operatorPages) app.route('/', pages)
  for (const pages of tenantPages) app.route('/tenants/:tenant', pages)
  return app.all('*', noSuchPage)
}

/** The pages of customers, to be mounted at `/portal`. */
export function createPortal(api: Api): Hono<ConsoleEnv> {
  const app = createPages(async (c, next) => {
    presentAsPortal(c)
    await next()
  })
  app.route('/', portalLinkPages)
  app.use('*', withSession(api, askForLink))
  app.route('/', portalPages)
  for (const pages of customerPages) app.route('/', pages)
  return app.all('*', noSuchPage)
}

/** An app for pages, with what all of them have. */
function createPages(...before: readonly MiddlewareHandler<ConsoleEnv>[]): Hono<ConsoleEnv> {
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

const noSuchPage: Handler<ConsoleEnv> = (c) => {
  const problem = { status: 404, title: 'Not found', detail: 'There is no such page.' }
  return c.html(refusalPage(c, problem), 404)
}

function toStatus(status: number): ContentfulStatusCode {
  const known: ContentfulStatusCode[] = [400, 401, 403, 404, 405, 409, 413, 422, 429, 501, 503]
  return known.find((one) => one === status) ?? 500
}
