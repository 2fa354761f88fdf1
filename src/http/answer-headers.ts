// Headers of every answer, whichever surface gives it: a browser neither guesses its type nor keeps it.

import type { MiddlewareHandler } from 'hono'
import type { SurfaceEnv } from './surface.ts'

/** Answers hold payloads and configurations (OWASP REST Security Cheat Sheet, "Security Headers"). */
export const answerHeaders: MiddlewareHandler<SurfaceEnv> = async (c, next) => {
  await next()
  // On the answer there is: Hono's own `header` would make another one of it. Every surface makes its answers itself, so
  // that their headers can be set; those of a fetched one could not.
  c.res.headers.set('x-content-type-options', 'nosniff')
  if (!c.res.headers.has('cache-control')) c.res.headers.set('cache-control', 'no-store')
}
