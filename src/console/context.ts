// What a page has at hand: whose session it is, and the API as that caller has it.

import type { Permission, Session, SignedIn } from '../engine/model/index.ts'
import type { SurfaceContext, SurfaceEnv } from '../http/surface.ts'
import type { V1 } from '../http/v1.ts'

export type ConsoleEnv = SurfaceEnv
export type ConsoleContext = SurfaceContext

/** A request of somebody who is signed in. */
interface Visit {
  readonly session: Session
  readonly signedIn: SignedIn
  /** What every form of this session carries, so that no other site can send it. */
  readonly formToken: string
  readonly v1: V1
}

/** By the request: what surfaces have at hand stays theirs. */
const visits = new WeakMap<Request, Visit>()

export function begin(c: ConsoleContext, visit: Visit): void {
  visits.set(c.req.raw, visit)
}

/** Null for somebody who is not signed in. */
export function findVisit(c: ConsoleContext): Visit | null {
  return visits.get(c.req.raw) ?? null
}

/** Behind `withSession` only. */
export function visitOf(c: ConsoleContext): Visit {
  const visit = findVisit(c)
  if (visit === null)
    throw new Error('A page of somebody who is signed in was asked for without a session.')
  return visit
}

/** Whether whoever is signed in has a permission: what takes it is not offered to others. */
export function may(c: ConsoleContext, permission: Permission): boolean {
  const { signedIn } = visitOf(c)
  return signedIn !== 'administrator' && signedIn.permissions.includes(permission)
}
