// Every route of the app, called with a quarter of the credentials that should not do; another quarter for the next route.

import { describeAccess } from './access-matrix.ts'

describeAccess({ share: 4 })
