// Notices by e-mail. In: operational events, and the cron; out: at most one mail an hour and webhook, that says what happened since.
// A mail that could not be sent is tried again by the cron, for a day.

import { describeError } from '../../errors.ts'
import type { OperationalEvent, Ports } from '../ports/index.ts'
import { toNoticeMail } from './notice-mail.ts'

/** Milliseconds between two mails about the same webhook, and for which one that could not be sent is tried again; ours. */
const HOUR_MS = 60 * 60 * 1_000
const KEPT_MS = 24 * HOUR_MS

/** Webhooks that one run of the cron mails about; ours. */
const MAILS_PER_SWEEP = 200

type NoticePorts = Pick<Ports, 'clock' | 'log' | 'tenants' | 'webhooks' | 'notices' | 'mail'>

/** Notes what is to be mailed of an operational event, and mails it unless that was done within the hour. Never rejects. */
export async function noteForMail(event: OperationalEvent, ports: NoticePorts): Promise<void> {
  if (ports.mail === undefined) return
  const { id, tenantId, webhookId, type: kind, at, cause = null, failing } = event
  const { failingSince = null, suspendsAt = null } = failing ?? {}
  try {
    const notice = { tenantId, webhookId, kind, at, cause, failingSince, suspendsAt }
    await ports.notices.add(id, notice)
    await mailNotices({ tenantId, webhookId }, ports)
  } catch (error) {
    ports.log({ event: 'notice.unsent', tenantId, webhookId, error: describeError(error) })
  }
}

/** Mails what waits, and gives up what has waited for a day. */
export async function mailWaitingNotices(ports: NoticePorts): Promise<void> {
  const now = ports.clock()
  if (ports.mail !== undefined) {
    const due = await ports.notices.listDue(now - HOUR_MS, MAILS_PER_SWEEP)
    for (const owner of due) {
      try {
        await mailNotices(owner, ports)
      } catch (error) {
        ports.log({ event: 'notice.unsent', ...owner, error: describeError(error) })
      }
    }
  }
  const notices = await ports.notices.prune(now - KEPT_MS)
  if (notices > 0) ports.log({ event: 'notices.given_up', notices })
}

async function mailNotices(
  owner: { readonly tenantId: string; readonly webhookId: string },
  ports: NoticePorts,
): Promise<void> {
  const { tenantId, webhookId } = owner
  const now = ports.clock()
  const waiting = await ports.notices.claim(owner, now, now - HOUR_MS)
  if (waiting.length === 0 || ports.mail === undefined) return
  const to = (await ports.notices.addressesOf([tenantId])).get(tenantId)
  const webhook = await ports.webhooks.find({ tenantId, id: webhookId })
  const tenant = await ports.tenants.find(tenantId)
  if (to?.isConfirmed && webhook !== null && tenant !== null) {
    const about = { webhook, tenantName: tenant.name, to: to.address, origin: ports.mail.origin }
    await ports.mail.send(toNoticeMail(waiting, about))
  }
  await ports.notices.markSent(waiting)
}
