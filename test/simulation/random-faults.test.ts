// Some at each turn; random-faults.deep.test.ts has more.

import { itKeepsEveryPromise } from './random-faults.ts'

itKeepsEveryPromise(200)
