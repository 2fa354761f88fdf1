// A hundred that ask for one webhook at once, where routes.test.ts has twenty.

import { existsOnce } from './once.ts'

existsOnce(100)
