// Enough to meet what is rare.

import { itKeepsItsPromises } from './histories.ts'

itKeepsItsPromises(3_000)
