// Some at each turn; history.deep.test.ts has more.

import { itKeepsItsPromises } from './histories.ts'

itKeepsItsPromises(500)
