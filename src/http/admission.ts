// Who may ask for an operation, and when a surface finds out who is asking.

import type { MiddlewareHandler } from 'hono'
import type { Permission } from '../engine/model/index.ts'
import {
  authenticate,
  authenticateKey,
  checkPermissions,
  isAdmin,
  requireAdmin,
  requireOperatorKey,
  requireTenantKey,
} from './auth.ts'
import { refuseExampleSecret } from './example-secrets.ts'
import type { SurfaceContext, SurfaceEnv } from './surface.ts'

/**
 * Who may ask: anybody, the administrator, or a key with all of these permissions: that of the tenant, and where the path names the
 * tenant an operator key as well. `either`: such a key, or the administrator, about different things. `eitherKind`: a key of whichever
 * kind, although the path names no tenant. `operator`: an operator key, or the administrator. `everybody`: a key of whichever kind, or
 * the administrator, about what all tenants share.
 */
export type Access =
  | 'public'
  | 'administrator'
  | readonly Permission[]
  | { readonly either: readonly Permission[] }
  | { readonly eitherKind: readonly Permission[] }
  | { readonly operator: readonly Permission[] }
  | { readonly everybody: readonly Permission[] }

/** The permissions that a key needs; null where no key may ask. */
export function permissionsOf(access: Access): readonly Permission[] | null {
  if (typeof access === 'string') return null
  if ('either' in access) return access.either
  if ('eitherKind' in access) return access.eitherKind
  if ('everybody' in access) return access.everybody
  return 'operator' in access ? access.operator : access
}

/** Whether the administrator may ask. */
export function isForAdministrator(access: Access): boolean {
  if (typeof access === 'string') return access === 'administrator'
  return 'either' in access || 'operator' in access || 'everybody' in access
}

/** Whether the key of a tenant may ask. */
export function isForTenant(access: Access): boolean {
  return typeof access !== 'string' && !('operator' in access)
}

/** Whether it is about what belongs to a tenant. */
export function isAboutTenant(access: Access): boolean {
  return isForTenant(access) && !(typeof access === 'object' && 'everybody' in access)
}

/** Throws `forbidden` for a key of the wrong kind. */
function checkKind(access: Access, namesTenant: boolean, c: SurfaceContext): void {
  if (typeof access === 'object' && 'operator' in access) requireOperatorKey(c)
  else if (!namesTenant && !isForEveryKey(access)) requireTenantKey(c)
}

function isForEveryKey(access: Access): boolean {
  return typeof access === 'object' && ('eitherKind' in access || 'everybody' in access)
}

type Admit = (c: SurfaceContext) => Promise<void>

export interface Admission {
  /** Asked before anything else on the surface, unknown paths and wrong methods included. */
  readonly before: readonly MiddlewareHandler<SurfaceEnv>[]
  /** Asked first within an operation, whose path may name the tenant; rejects unless the caller may ask for it. */
  readonly within: (access: Access, namesTenant: boolean) => Admit
}

/** A surface on which every request must carry a key, whatever it asks for. */
export const keyFirst: Admission = {
  before: [authenticate],
  within: (access, namesTenant) => {
    const permissions = permissionsOf(access)
    if (permissions === null) throw new Error('On this surface every request carries a key.')
    return async (c) => {
      checkKind(access, namesTenant, c)
      checkPermissions(c, permissions)
    }
  },
}

/** A surface on which each operation says whose credential it wants, if any. */
export const byOperation: Admission = {
  before: [],
  within: (access, namesTenant) => {
    // What is public says it in its own way.
    if (access === 'public') return async () => {}
    const admit = access === 'administrator' ? requireAdmin : admitKey(access, namesTenant)
    return async (c) => {
      refuseExampleSecret(c)
      await admit(c)
    }
  },
}

function admitKey(access: Exclude<Access, string>, namesTenant: boolean): Admit {
  const permissions = permissionsOf(access) ?? []
  const mayBeAdmin = isForAdministrator(access)
  return async (c) => {
    if (mayBeAdmin && (await isAdmin(c))) return
    await authenticateKey(c)
    checkKind(access, namesTenant, c)
    checkPermissions(c, permissions)
  }
}
