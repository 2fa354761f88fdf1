// Who may ask for an operation, and when a surface finds out who is asking.

import type { MiddlewareHandler } from 'hono'
import type { Permission } from '../engine/model/index.ts'
import { authenticate, authenticateKey, checkPermissions, isAdmin, requireAdmin } from './auth.ts'
import { refuseExampleSecret } from './example-secrets.ts'
import type { SurfaceContext, SurfaceEnv } from './surface.ts'

/**
 * Who may ask: anybody, the administrator, or a key with all of these permissions; `either`: such a key, or the
 * administrator, about different things.
 */
export type Access =
  | 'public'
  | 'administrator'
  | readonly Permission[]
  | { readonly either: readonly Permission[] }

/** The permissions that a key needs; null where no key may ask. */
export function permissionsOf(access: Access): readonly Permission[] | null {
  if (typeof access === 'string') return null
  return 'either' in access ? access.either : access
}

type Admit = (c: SurfaceContext) => Promise<void>

export interface Admission {
  /** Asked before anything else on the surface, unknown paths and wrong methods included. */
  readonly before: readonly MiddlewareHandler<SurfaceEnv>[]
  /** Asked first within an operation; rejects unless the caller may ask for it. */
  readonly within: (access: Access) => Admit
}

/** A surface on which every request must carry a key, whatever it asks for. */
export const keyFirst: Admission = {
  before: [authenticate],
  within: (access) => {
    const permissions = permissionsOf(access)
    if (permissions === null) throw new Error('On this surface every request carries a key.')
    return async (c) => checkPermissions(c, permissions)
  },
}

/** A surface on which each operation says whose credential it wants, if any. */
export const byOperation: Admission = {
  before: [],
  within: (access) => {
    // What is public says it in its own way.
    if (access === 'public') return async () => {}
    const admit = access === 'administrator' ? requireAdmin : admitKey(access)
    return async (c) => {
      refuseExampleSecret(c)
      await admit(c)
    }
  },
}

function admitKey(access: Exclude<Access, string>): Admit {
  const permissions = permissionsOf(access) ?? []
  const isEither = 'either' in access
  return async (c) => {
    if (isEither && (await isAdmin(c))) return
    await authenticateKey(c)
    checkPermissions(c, permissions)
  }
}
