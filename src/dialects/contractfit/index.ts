// Contract.fit integrations of type "webhook" (docs/contracts/contractfit.md, "Source").

import type { Dialect } from '../dialect.ts'
import { id, surface } from './operations.ts'
import { policy } from './policy.ts'
import { wire } from './wire.ts'

export const contractfit = {
  id,
  title: 'Contract.fit',
  basePath: '/integrations',
  surface,
  wire,
  policy,
} satisfies Dialect
