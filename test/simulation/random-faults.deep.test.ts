// Enough to meet what is rare.

import { itKeepsEveryPromise } from './random-faults.ts'

itKeepsEveryPromise(1_000)
