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
  readonly access: 'public' | 'administrator' | 'operator' | 'key'
  readonly bodies: readonly { readonly mediaType: string; readonly schema: z.core.$ZodType }[]
  readonly query: z.core.$ZodType | null
  /** Of an accepted answer. */
  readonly mediaType: string
}

/** Surfaces that know no administrator. */
const BY_KEYS_ALONE = new Set(['svix'])

export const fuzzRoutes: readonly FuzzRoute[] = allRoutes().map(toFuzzRoute)

/** Whose credential a good request has; the administrator's where an operator key would do as well. */
function accessOf(surface: string, access: Access): FuzzRoute['access'] {
  if (typeof access === 'string') return access
  if (isForTenant(access)) return 'key'
  return BY_KEYS_ALONE.has(surface) ? 'operator' : 'administrator'
}

function toFuzzRoute({ surface, method, pattern, operation }: ListedRoute): FuzzRoute {
  const { access, input, mediaType = 'application/json' } = operation
  const { query = null, body } = input.described
  return {
    surface,
    method,
    path: pattern.replaceAll(/\{[^/]*\}/g, ''),
    access: accessOf(surface, access),
    query,
    mediaType,
    bodies: Object.entries(body?.content ?? {}).flatMap(([mediaType, content]) =>
      content?.schema instanceof z.ZodType ? [{ mediaType, schema: content.schema }] : [],
    ),
  }
}
