// What there is to fuzz: every operation of every surface, with the schemas of its input.

import { z } from 'zod'
import { type Access, isForTenant } from '../../../src/http/admission.ts'
import { allRoutes, type ListedRoute } from '../routes.ts'

export interface FuzzRoute {
  /** `native` or the id of a dialect. */
  readonly surface: string
  readonly method: string
  /** With `:name` for each parameter. */
  readonly path: string
  readonly access: 'public' | 'administrator' | 'key'
  readonly bodies: readonly { readonly mediaType: string; readonly schema: z.core.$ZodType }[]
  readonly query: z.core.$ZodType | null
}

export const fuzzRoutes: readonly FuzzRoute[] = allRoutes().map(toFuzzRoute)

/** Whose credential a good request has; the administrator's where an operator key would do. */
function accessOf(access: Access): FuzzRoute['access'] {
  if (typeof access === 'string') return access
  return isForTenant(access) ? 'key' : 'administrator'
}

function toFuzzRoute({ surface, method, pattern, operation }: ListedRoute): FuzzRoute {
  const { access, input } = operation
  const { query = null, body } = input.described
  return {
    surface,
    method,
    path: pattern.replaceAll(/\{[^/]*\}/g, ''),
    access: accessOf(access),
    query,
    bodies: Object.entries(body?.content ?? {}).flatMap(([mediaType, content]) =>
      content?.schema instanceof z.ZodType ? [{ mediaType, schema: content.schema }] : [],
    ),
  }
}
