import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import type { MailMessage } from '../../src/engine/ports/index.ts'
import type { Bindings } from '../../src/platform/bindings.ts'
import { createMail } from '../../src/platform/mail.ts'
import { mailContract } from '../contracts/mail.ts'

const FROM = 'hooks@example.com'

function open() {
  const sent: MailMessage[] = []
  let isDown = false
  const NOTICES = {
    async send({ from, ...message }: MailMessage & { readonly from: string }) {
      if (isDown) throw new Error('E_SENDER_NOT_VERIFIED')
      expect(from).toBe(FROM)
      sent.push(message)
      return { messageId: '1' }
    },
  } as unknown as SendEmail
  const bindings: Bindings = {
    ...env,
    NOTICES,
    NOTICE_FROM: FROM,
    PUBLIC_URL: 'https://hooks.example',
  }
  const fail = () => {
    isDown = true
  }
  return { bindings, sent, fail }
}

mailContract(() => {
  const { bindings, sent, fail } = open()
  const mail = createMail(bindings)
  if (mail === undefined) throw new Error('There is no mail.')
  return { mail, sent, fail }
})

it('is taken by the binding of the local runtime', async () => {
  const { bindings, sent } = open()
  const mail = createMail({ ...bindings, ...(env.NOTICES && { NOTICES: env.NOTICES }) })
  await mail?.send({ to: 'a@acme.example', subject: 'A webhook', text: 'It fails.\n' })
  expect([env.NOTICES, sent]).toEqual([expect.anything(), []])
})

describe('a deployment', () => {
  it.each(['NOTICES', 'NOTICE_FROM', 'PUBLIC_URL'])('without %s sends no e-mail', (name) => {
    expect(createMail({ ...open().bindings, [name]: undefined })).toBeUndefined()
  })

  it.each(['hooks', 'a@b@c', 'A <a@b.example>', 'a@b.example\r\nbcc: c@d.example'])(
    'does not start with the sender %j',
    (NOTICE_FROM) => {
      expect(() => createMail({ ...open().bindings, NOTICE_FROM })).toThrow('NOTICE_FROM')
    },
  )
})
