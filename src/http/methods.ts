// Unknown paths and wrong methods. A mounted sub-app's `notFound` is never asked (Hono), so each surface has handlers for
// them behind its own; order of registration decides.

import type { Hono } from 'hono'
import { EngineError, notImplemented } from '../errors.ts'
import { refuseExampleSecret } from './example-secrets.ts'
import type { SurfaceEnv } from './surface.ts'

/** Answers `path` with `method_not_allowed` and `Allow`, for methods that have no handler yet. */
export function refuseOtherMethods(
  app: Hono<SurfaceEnv>,
  path: string,
  methods: readonly string[],
): void {
  const allow = [...methods, ...(methods.includes('GET') ? ['HEAD'] : [])].sort().join(', ')
  app.all(path, (c) => {
    refuseExampleSecret(c)
    c.header('allow', allow)
    throw new EngineError(
      'method_not_allowed',
      `The method ${c.req.method} is not allowed for this path. Allowed: ${allow}.`,
    )
  })
}

/** Answers `path` with `not_implemented`, whatever the method. */
export function refuseVendorPath(app: Hono<SurfaceEnv>, path: string): void {
  app.all(path, (c) => {
    refuseExampleSecret(c)
    throw notImplemented('This operation')
  })
}

/** Answers every path that has no handler yet with `not_found`. */
export function refuseOtherPaths(app: Hono<SurfaceEnv>): void {
  app.all('*', (c) => {
    refuseExampleSecret(c)
    throw new EngineError('not_found', 'No such path.')
  })
}
