// Infermedica Intake webhook configuration (https://developer.infermedica.com/docs/v3/webhooks).

import type { Dialect } from '../dialect.ts'
import { id, surface } from './operations.ts'
import { policy } from './policy.ts'
import { wire } from './wire.ts'

export const infermedica = {
  id,
  title: 'Infermedica',
  basePath: '/api/v2/config/webhook',
  surface,
  wire,
  policy,
} satisfies Dialect
