// As many tenants as a product may have customers.

import { publishesWithOneKey } from './one-key.ts'

publishesWithOneKey(10_000)
