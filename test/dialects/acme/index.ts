import type { Dialect } from '../../../src/dialects/dialect.ts'
import { policy } from './policy.ts'
import { id, routes } from './routes.ts'
import { wire } from './wire.ts'

export const acme = {
  id,
  title: 'Acme',
  basePath: '/acme/v1',
  routes,
  wire,
  policy,
} satisfies Dialect
