// Which failure handling applies, whoever wrote it.

import { describe, expect, it } from 'vitest'
import { createDialectRuntimes } from '../../../src/compose.ts'
import {
  DEFAULT_FAILURE_HANDLING,
  failureHandlingOf,
} from '../../../src/engine/attempt/failure-handling.ts'

const dialectRuntimes = createDialectRuntimes()
const own = {
  ...DEFAULT_FAILURE_HANDLING,
  retry: null,
  suspend: { afterSeconds: 0, afterFailures: 1 },
} as const

describe('failure handling that was written through another surface', () => {
  it.each(['everypoint', 'crazygoldfish', 'infermedica', 'contractfit'])(
    'suspends no webhook of %s, where nobody would see it',
    (dialect) => {
      expect(failureHandlingOf({ dialect, failureHandling: own }, dialectRuntimes)).toEqual({
        ...own,
        triggers: [...own.triggers, 410],
        suspend: null,
      })
    },
  )

  it.each(['native', 'socotra'])('is what it is for %s', (dialect) => {
    expect(failureHandlingOf({ dialect, failureHandling: own }, dialectRuntimes)).toEqual(own)
  })
})
