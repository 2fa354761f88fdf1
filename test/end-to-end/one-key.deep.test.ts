// As many tenants as a product may have customers.

import { publishesWithOneKey } from './one-key.ts'

publishesWithOneKey(5_000)
