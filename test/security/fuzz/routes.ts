// What there is to fuzz: every operation of every surface, with the schemas of its input.

import { z } from 'zod'
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

function toFuzzRoute({ surface, method, pattern, operation }: ListedRoute): FuzzRoute {
  const { access, input } = operation
  const { query = null, body } = input.described
  return {
    surface,
    method,
    path: pattern.replaceAll(/\{[^/]*\}/g, ''),
    access: typeof access === 'string' ? access : 'key',
    query,
    bodies: Object.entries(body?.content ?? {}).flatMap(([mediaType, content]) =>
      content?.schema instanceof z.ZodType ? [{ mediaType, schema: content.schema }] : [],
    ),
  }
}
