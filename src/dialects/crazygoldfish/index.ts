// CrazyGoldFish webhooks v1 (https://docs.crazygoldfish.com/api-reference/endpoint/webhook/v1-list-webhook).

import type { Dialect } from '../dialect.ts'
import { id, surface } from './operations.ts'
import { policy } from './policy.ts'
import { wire } from './wire.ts'

export const crazygoldfish = {
  id,
  title: 'CrazyGoldFish',
  basePath: '/webhooks/v1',
  surface,
  wire,
  policy,
} satisfies Dialect
