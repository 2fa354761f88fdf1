// Socotra Insurance Suite webhooks (seed 004), with its events and diverted events.

import type { Dialect } from '../dialect.ts'
import { policy } from './policy.ts'
import { id, routes } from './routes.ts'
import { wire } from './wire.ts'

export const socotra = {
  id,
  title: 'Socotra',
  basePath: '/event',
  routes,
  wire,
  policy,
  // contracts/socotra.md: whoever waits for an alert is told of what a suspension keeps, too.
  alertsWhileSuspended: true,
} satisfies Dialect
