// Infermedica Intake webhook configuration (seed 002).

import type { Dialect } from '../dialect.ts'
import { policy } from './policy.ts'
import { id, routes } from './routes.ts'
import { wire } from './wire.ts'

export const infermedica = {
  id,
  title: 'Infermedica',
  basePath: '/api/v2/config/webhook',
  routes,
  wire,
  policy,
} satisfies Dialect
