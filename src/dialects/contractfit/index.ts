// Contract.fit integrations of type "webhook" (docs/contracts/contractfit.md, "Source").

import type { Dialect } from '../dialect.ts'
import { policy } from './policy.ts'
import { id, routes } from './routes.ts'
import { wire } from './wire.ts'

export const contractfit = {
  id,
  title: 'Contract.fit',
  basePath: '/integrations',
  routes,
  wire,
  policy,
} satisfies Dialect
