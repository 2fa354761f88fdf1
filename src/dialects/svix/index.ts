// Svix's API (docs/contracts/svix.md): applications, endpoints, messages and attempts, as its SDKs ask for them.

import type { Dialect } from '../dialect.ts'
import { operatorEvent } from './operational-events.ts'
import { surface } from './operations.ts'
import { id } from './params.ts'
import { policy } from './policy.ts'
import { wire } from './wire.ts'

export const svix = {
  id,
  title: 'Svix',
  basePath: '/api/v1',
  requestHeaders: ['Svix-Req-Id', 'Svix-Retry-Count', 'User-Agent'],
  surface,
  wire,
  policy,
  operatorEvent,
} satisfies Dialect
