// The console: pages for people, made here from what the API answers to whoever is signed in. No page may more than its credential.

import { Hono } from 'hono'
import { csrf } from 'hono/csrf'
import { HTTPException } from 'hono/http-exception'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { STATUS } from '../errors.ts'
import { toEngineError } from '../http/errors.ts'
import { refuseExampleSecret } from '../http/example-secrets.ts'
import { serveAsset } from './assets/assets.ts'
import type { ConsoleEnv } from './context.ts'
import { pageHeaders } from './headers.ts'
import { consolePages } from './pages/index.ts'
import { refusalPage, sessionPages, signInPages } from './pages/sign-in.tsx'
import { withSession } from './session.ts'
import { type Api, Refusal } from './v1.ts'

/** To be mounted at `/console`. `api` serves `/v1`. */
export function createConsole(api: Api): Hono<ConsoleEnv> {
  const app = new Hono<ConsoleEnv>({ strict: false })
  app.onError((thrown, c) => {
    if (thrown instanceof Refusal) {
      const { title, detail, status } = thrown.problem
      return c.html(refusalPage(c, title, detail), toStatus(status))
    }
    // Hono's, of a form that another site's page sent.
    if (thrown instanceof HTTPException && thrown.status === 403) {
      const why = 'Another site sent this form. Nothing was done.'
      return c.html(refusalPage(c, 'Refused', why), 403)
    }
    const { code, message } = toEngineError(thrown, c)
    return c.html(refusalPage(c, 'This did not work', message), toStatus(STATUS[code]))
  })
  app.get('/assets/:name', serveAsset)
  app.use('*', pageHeaders, csrf(), async (c, next) => {
    refuseExampleSecret(c)
    await next()
  })
  app.route('/', signInPages)
  app.use('*', withSession(api))
  app.route('/', sessionPages)
  for (const pages of consolePages) app.route('/', pages)
  app.all('*', (c) => c.html(refusalPage(c, 'Not found', 'There is no such page.'), 404))
  return app
}

function toStatus(status: number): ContentfulStatusCode {
  const known: ContentfulStatusCode[] = [400, 401, 403, 404, 405, 409, 413, 422, 429, 501, 503]
  return known.find((one) => one === status) ?? 500
}
