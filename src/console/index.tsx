// The console and the portal: pages for people, made here from what the API answers to whoever is signed in. No page may more than its
// credential. And the reference of the API, for which nobody signs in.

import type { Hono } from 'hono'
import type { Api } from '../http/v1.ts'
import type { ConsoleEnv } from './context.ts'
import { createPages, noSuchPage } from './create-pages.ts'
import { customerPages, operatorPages, tenantPages } from './pages/index.ts'
import { askForLink, portalLinkPages, portalPages } from './pages/portal.tsx'
import { referencePages } from './pages/reference.tsx'
import { askToSignIn, sessionPages, signInPages } from './pages/sign-in.tsx'
import { presentAsPortal } from './presentation.ts'
import { withSession } from './session.ts'

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

/** The reference of the API, for everybody, to be mounted at `/docs`. */
export function createReference(api: Api): Hono<ConsoleEnv> {
  return createPages().route('/', referencePages(api))
}
