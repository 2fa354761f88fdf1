// A mailbox in memory.

import type { MailMessage } from '../../src/engine/ports/index.ts'
import type { MailSubject } from '../contracts/mail.ts'

export function createMemoryMail(): MailSubject & {
  readonly mend: () => void
  readonly clear: () => void
} {
  const sent: MailMessage[] = []
  let isDown = false
  return {
    sent,
    fail() {
      isDown = true
    },
    mend() {
      isDown = false
    },
    clear() {
      sent.length = 0
    },
    mail: {
      origin: 'https://hooks.example',
      async send(message) {
        if (isDown) throw new Error('The mail server is down.')
        sent.push(message)
      },
    },
  }
}
