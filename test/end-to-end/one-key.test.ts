// A share of what the deep lane does (one-key.deep.test.ts).

import { publishesWithOneKey } from './one-key.ts'

publishesWithOneKey(1_000)
