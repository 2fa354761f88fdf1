// Mails by Cloudflare's `send_email` binding, where the deployment has it
// (https://developers.cloudflare.com/email-service/api/send-emails/workers-api/).

import type { Mail } from '../engine/ports/index.ts'
import type { Bindings } from './bindings.ts'
import { portalSettingsOf } from './portal-settings.ts'

const ADDRESS = /^[^\s@<>"]+@[^\s@<>"]+$/

/** Absent where any of the binding, the sender and the address of this deployment is. Throws for a sender that cannot be meant. */
export function createMail(env: Bindings): Mail | undefined {
  const { NOTICES: binding, NOTICE_FROM: from } = env
  if (from && !ADDRESS.test(from)) throw new Error('NOTICE_FROM must be an e-mail address.')
  const origin = portalSettingsOf(env).publicOrigin
  if (binding === undefined || !from || origin === null) return undefined
  return {
    origin,
    async send({ to, subject, text }) {
      await binding.send({ from, to, subject, text })
    },
  }
}
