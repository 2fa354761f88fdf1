// What can be asked of messages. Where a path has a word in place of a message's id, it comes first.

import { expungingOperations } from './expunging.ts'
import { ofMessages } from './messages.ts'
import { precheckOperations } from './precheck.ts'
import { testAttemptOperations } from './test-attempt.ts'

export const messageOperations = [
  ...precheckOperations,
  ...expungingOperations,
  ...testAttemptOperations,
  ...ofMessages,
]
