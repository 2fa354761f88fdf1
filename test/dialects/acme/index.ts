import type { Dialect } from '../../../src/dialects/dialect.ts'
import { id, surface } from './operations.ts'
import { policy } from './policy.ts'
import { wire } from './wire.ts'

export const acme = {
  id,
  title: 'Acme',
  basePath: '/acme/v1',
  surface,
  wire,
  policy,
} satisfies Dialect
