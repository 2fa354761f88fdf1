// Socotra Insurance Suite webhooks (https://docs.socotra.com/api/configuration-and-development/webhooks/), with its events
// and diverted events.

import type { Dialect } from '../dialect.ts'
import { surface } from './operations.ts'
import { policy } from './policy.ts'
import { id } from './webhooks.ts'
import { wire } from './wire.ts'

export const socotra = {
  id,
  title: 'Socotra',
  basePath: '/event',
  surface,
  wire,
  policy,
  // Whoever waits for an alert is told of what a suspension keeps, too (docs/contracts/socotra.md, "Failure handling").
  alertsWhileSuspended: true,
} satisfies Dialect
