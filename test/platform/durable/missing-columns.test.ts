// An object whose table lacks any one column in the version of today works after opening.

import { describeMissingColumns } from './missing-columns.ts'

describeMissingColumns({ every: false })
