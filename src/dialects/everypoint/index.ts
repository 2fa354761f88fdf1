// EveryPoint API v3, the webhook of an instance
// (https://developer.everypoint.io/doc/api-documentation/endpoints/webhook).

import type { Dialect } from '../dialect.ts'
import { id, surface } from './operations.ts'
import { policy } from './policy.ts'
import { wire } from './wire.ts'

export const everypoint = {
  id,
  title: 'EveryPoint',
  basePath: '/v3',
  surface,
  wire,
  policy,
} satisfies Dialect
