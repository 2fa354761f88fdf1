// The contract of Mail: a mail is handed over as it is, and whoever could not hand it over says so.

import { describe, expect, it } from 'vitest'
import type { Mail, MailMessage } from '../../src/engine/ports/index.ts'

export interface MailSubject {
  readonly mail: Mail
  readonly sent: readonly MailMessage[]
  readonly fail: () => void
}

export function mailContract(make: () => MailSubject): void {
  describe('mail', () => {
    const message = { to: 'a@acme.example', subject: 'A webhook', text: 'It fails.\n' }

    it('is handed over', async () => {
      const { mail, sent } = make()
      await mail.send(message)
      expect(sent).toEqual([message])
      expect(mail.origin).toBe('https://hooks.example')
    })

    it('that cannot be handed over rejects', async () => {
      const { mail, fail } = make()
      fail()
      await expect(mail.send(message)).rejects.toThrow()
    })
  })
}
