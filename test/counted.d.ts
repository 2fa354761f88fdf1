// What a test counted, shown at the end of a run by scripts/counts-reporter.ts.

import 'vitest'

declare module 'vitest' {
  interface TaskMeta {
    counted?: string
  }
}
