// A hundred updates at once, where update.test.ts has twenty: those that lose wait up to a second and try again, which
// no twenty do for long.

import { updatesAtOnce } from './updates-at-once.ts'

updatesAtOnce(100)
