// Every route of every surface, from the list of its operations, so that none can be forgotten.

import { createSurfaces } from '../../src/compose.ts'
import { permissionsOf } from '../../src/http/admission.ts'
import type { OperationDescription } from '../../src/http/operation.ts'
import type { Needs } from './access-table.ts'

export interface Route {
  /** As the table names it: method and pattern. */
  readonly name: string
  readonly method: string
  readonly pattern: string
}

export interface ListedRoute extends Route {
  /** `native` or the id of a dialect. */
  readonly surface: string
  readonly operation: OperationDescription
}

export function allRoutes(): readonly ListedRoute[] {
  return createSurfaces().flatMap(({ id, basePath, surface }) =>
    surface.routes.map(({ method, pattern: below, operation }) => {
      const pattern = `${basePath}${below}`.replace(/\/$/, '')
      const name = `${method} ${pattern}`
      return { name, method, pattern, surface: id, operation: operation.description }
    }),
  )
}

/** What an operation needs, in the words of the table. */
export function needsOf({ operation: { access } }: ListedRoute): Needs {
  if (typeof access === 'string') return access
  return 'operator' in access ? access : (permissionsOf(access) ?? [])
}

/** Whether an operator key may ask for it although its path names no tenant. */
export function isForEitherKind({ operation: { access } }: ListedRoute): boolean {
  return typeof access === 'object' && ('eitherKind' in access || 'everybody' in access)
}

/** Whether the administrator may ask for it as well as a key. */
export function isForEither({ operation: { access } }: ListedRoute): boolean {
  return typeof access === 'object' && ('either' in access || 'everybody' in access)
}

/** The names of the parameters in a pattern. */
export function parametersOf({ pattern }: Route): readonly string[] {
  return [...pattern.matchAll(/:(\w+)/g)].map(([, name = '']) => name)
}

/** The path with each parameter replaced. */
export function pathOf({ pattern }: Route, valueFor: (name: string) => string): string {
  return pattern.replaceAll(/:(\w+)(?:\{.*?\}+(?=\/|$))?/g, (_, name: string) => valueFor(name))
}
