// An object whose table lacks any one column in every version works after opening.

import { describeMissingColumns } from './missing-columns.ts'

describeMissingColumns({ every: true })
