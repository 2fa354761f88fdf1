// Every route of the app, called with every kind of credential that should not do.

import { describeAccess } from './access-matrix.ts'

describeAccess({ share: 1 })
