// Where a tenant's notices go: an address, which whoever reads it confirms by a link that is mailed there.

import { validate } from 'uuid'
import { describeError, EngineError } from '../../errors.ts'
import { CONFIRMATION_MAILS } from '../../limits.ts'
import { sha256Hex } from '../../primitives/digest.ts'
import { oneLine } from '../../primitives/one-line.ts'
import type { Notices } from '../api/notices.ts'
import type { MailMessage, Ports } from '../ports/index.ts'
import { newSecret } from './keys.ts'

/** Milliseconds for which the link confirms an address; ours. */
const CONFIRM_MS = 7 * 24 * 60 * 60 * 1_000

type NoticePorts = Pick<Ports, 'clock' | 'log' | 'tenants' | 'notices' | 'mail'>

/** The calls about addresses. */
export function createNotices(ports: NoticePorts): Notices {
  const { notices, mail, clock } = ports

  const requireMail = () => {
    if (mail !== undefined) return mail
    throw new EngineError(
      'conflict',
      'This deployment sends no e-mail: that takes the binding NOTICES, and the variables NOTICE_FROM and PUBLIC_URL.',
    )
  }

  const isConfirmed = async (tenantId: string, address: string) => {
    const present = (await notices.addressesOf([tenantId])).get(tenantId)
    return present?.address === address && present.isConfirmed
  }

  return {
    addressesOf: (tenantIds) => notices.addressesOf(tenantIds),
    async admit(tenantId, address) {
      requireMail()
      if (tenantId !== null && (await isConfirmed(tenantId, address))) return
      const at = clock()
      const addressHash = await sha256Hex(address.toLowerCase())
      const mail = { tenantId, addressHash, at }
      const fullUntil = await notices.admitConfirmation(mail, CONFIRMATION_MAILS)
      if (fullUntil === null) return
      throw new EngineError(
        'rate_limited',
        'Too many mails were sent lately that ask to confirm an address. The link in the latest one is good for 7 days.',
        { retryAfterSeconds: Math.ceil((fullUntil - at) / 1_000) },
      )
    },
    async setAddress(tenantId, address) {
      if (address === null) return notices.setAddress(tenantId, null)
      const { origin, send } = requireMail()
      if (await isConfirmed(tenantId, address)) return
      const secret = newSecret()
      const codeHash = await sha256Hex(secret)
      const expiresAt = clock() + CONFIRM_MS
      await notices.setAddress(tenantId, { address, codeHash, expiresAt })
      const tenant = await ports.tenants.find(tenantId)
      const mailed = toConfirmationMail(
        address,
        tenant?.name ?? '',
        origin,
        `${tenantId}.${secret}`,
      )
      try {
        await send(mailed)
      } catch (error) {
        ports.log({
          event: 'notice.unsent',
          tenantId,
          webhookId: null,
          error: describeError(error),
        })
      }
    },
    look: (code) => withCode(code, (...known) => notices.look(...known, clock()), null),
    confirm: (code) => withCode(code, (...known) => notices.confirm(...known, clock()), false),
  }
}

async function withCode<Found>(
  code: string,
  find: (tenantId: string, codeHash: string) => Promise<Found>,
  otherwise: Found,
): Promise<Found> {
  const [tenantId = '', secret = ''] = code.split('.')
  return validate(tenantId) ? find(tenantId, await sha256Hex(secret)) : otherwise
}

/** The mail that asks whoever reads an address whether it may get notices. */
function toConfirmationMail(
  to: string,
  tenantName: string,
  origin: string,
  code: string,
): MailMessage {
  const text = [
    `Somebody asked that notices about the webhooks of ${oneLine(tenantName)} be sent to this address.`,
    'To get them, open this page and confirm it, within 7 days:',
    '',
    `${origin}/portal/notices/${code}`,
    '',
    'If you did not expect this, do nothing: no more mail will come.',
    '',
  ]
  return { to, subject: 'Confirm this address for notices about webhooks', text: text.join('\n') }
}
